//! What the enrich function works with.

use std::sync::Arc;

use shared::platform::config::{Variable, variables};
use shared::platform::db::Pool;
use shared::upstreams::Clients;
use shared::upstreams::discogs::Discogs;
use shared::upstreams::genius::Genius;
use shared::upstreams::instagram::Instagram;
use shared::upstreams::musicbrainz::MusicBrainz;
use shared::work::bootstrap::Bootstrap;
use shared::work::budgets::Budgets;

/// The settings that the function reads.
pub const SETTINGS: &[Variable] = &[
    variables::DATABASE_URL,
    variables::DATABASE_STATEMENTS,
    variables::MUSICBRAINZ_URL,
    variables::MUSICBRAINZ_PER_SECOND,
    variables::DISCOGS_TOKEN,
    variables::DISCOGS_URL,
    variables::DISCOGS_PER_SECOND,
    variables::GENIUS_TOKEN,
    variables::GENIUS_URL,
    variables::GENIUS_PER_SECOND,
    variables::INSTAGRAM_TOKEN,
    variables::INSTAGRAM_USER_ID,
    variables::INSTAGRAM_URL,
    variables::INSTAGRAM_PER_HOUR,
    variables::CONTACT,
    variables::ENRICHMENT_QUEUE_URL,
    variables::ENRICHMENT_DEAD_LETTER_QUEUE_URL,
    variables::AWS_ENDPOINT_URL,
    variables::LOG,
    variables::LOG_FORMAT,
];

/// The database and a client for each source that is switched on.
pub struct Context {
    /// The database.
    pub(crate) pool: Pool,
    /// The rate limits of the sources.
    pub(crate) budgets: Budgets,
    /// MusicBrainz.
    pub(crate) musicbrainz: Option<Arc<MusicBrainz>>,
    /// Discogs.
    pub(crate) discogs: Option<Arc<Discogs>>,
    /// Genius.
    pub(crate) genius: Option<Arc<Genius>>,
    /// Instagram.
    pub(crate) instagram: Option<Arc<Instagram>>,
}

impl Context {
    /// The context with these clients, which the functions of one process share.
    #[must_use]
    pub fn new(bootstrap: &Bootstrap, clients: &Clients) -> Self {
        Self {
            pool: bootstrap.pool.clone(),
            budgets: bootstrap.budgets(),
            musicbrainz: clients.musicbrainz.clone(),
            discogs: clients.discogs.clone(),
            genius: clients.genius.clone(),
            instagram: clients.instagram.clone(),
        }
    }
}
