//! What the identify function works with, and what each source is asked.

use std::collections::BTreeSet;
use std::sync::Arc;

use shared::domain::ids::TrackId;
use shared::platform::config::{CreditSources, Variable, variables};
use shared::platform::db::Pool;
use shared::upstreams::Clients;
use shared::upstreams::discogs::Discogs;
use shared::upstreams::genius::Genius;
use shared::upstreams::musicbrainz::MusicBrainz;
use shared::upstreams::spotify::Spotify;
use shared::work::bootstrap::Bootstrap;
use shared::work::budgets::{Budgets, MessageBudgets};
use shared::work::queue::Queues;

use crate::album_state::AlbumState;
use crate::own_tables::StoredFindings;

/// The settings that the function reads.
pub const SETTINGS: &[Variable] = &[
    variables::DATABASE_URL,
    variables::DATABASE_STATEMENTS,
    variables::SPOTIFY_CLIENT_ID,
    variables::SPOTIFY_CLIENT_SECRET,
    variables::SPOTIFY_MARKET,
    variables::SPOTIFY_URL,
    variables::SPOTIFY_TOKEN_URL,
    variables::SPOTIFY_PER_SECOND,
    variables::MUSICBRAINZ_URL,
    variables::MUSICBRAINZ_PER_SECOND,
    variables::DISCOGS_TOKEN,
    variables::DISCOGS_URL,
    variables::DISCOGS_PER_SECOND,
    variables::GENIUS_TOKEN,
    variables::GENIUS_URL,
    variables::GENIUS_PER_SECOND,
    variables::CREDIT_SOURCES,
    variables::CONTACT,
    variables::IDENTIFICATION_QUEUE_URL,
    variables::IDENTIFICATION_DEAD_LETTER_QUEUE_URL,
    variables::ENRICHMENT_QUEUE_URL,
    variables::ENRICHMENT_DEAD_LETTER_QUEUE_URL,
    variables::AWS_ENDPOINT_URL,
    variables::LOG,
    variables::LOG_FORMAT,
];

/// The database, the queues, and a client for each source that is switched on.
pub struct Context {
    /// The database.
    pub(crate) pool: Pool,
    /// The queues that receive follow-up messages.
    pub(crate) queues: Queues,
    /// The rate limits of the sources.
    pub(crate) budgets: Budgets,
    /// Whether one source that names producers is enough.
    pub(crate) credit_sources: CreditSources,
    /// Spotify, for ISRCs of tracks whose album no source knows.
    pub(crate) spotify: Option<Arc<Spotify>>,
    /// MusicBrainz.
    pub(crate) musicbrainz: Option<Arc<MusicBrainz>>,
    /// Discogs.
    pub(crate) discogs: Option<Arc<Discogs>>,
    /// Genius.
    pub(crate) genius: Option<Arc<Genius>>,
}

impl Context {
    /// The context with these clients, which the functions of one process share.
    #[must_use]
    pub fn new(bootstrap: &Bootstrap, clients: &Clients) -> Self {
        Self {
            pool: bootstrap.pool.clone(),
            queues: bootstrap.queues.clone(),
            budgets: bootstrap.budgets(),
            credit_sources: bootstrap.config.credit_sources,
            spotify: clients.spotify.clone(),
            musicbrainz: clients.musicbrainz.clone(),
            discogs: clients.discogs.clone(),
            genius: clients.genius.clone(),
        }
    }
}

/// A query about an album to one source.
#[derive(Clone, Copy)]
pub(crate) struct AlbumQuery<'a> {
    pub(crate) state: &'a AlbumState,
    pub(crate) stored: &'a StoredFindings,
    /// The tracks that the source may be asked about.
    pub(crate) wanted: &'a BTreeSet<TrackId>,
    pub(crate) budgets: MessageBudgets<'a>,
    pub(crate) spotify: Option<&'a Spotify>,
}
