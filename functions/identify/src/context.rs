//! What the identify function works with.

use std::sync::Arc;

use shared::platform::config::CreditSources;
use shared::platform::db::Pool;
use shared::upstreams::discogs::Discogs;
use shared::upstreams::genius::Genius;
use shared::upstreams::musicbrainz::MusicBrainz;
use shared::upstreams::spotify::Spotify;
use shared::work::budgets::Budgets;
use shared::work::queue::Queues;

/// The database, the queues, and a client for each source that is switched on.
#[derive(Clone)]
pub struct Context {
    /// The database.
    pub pool: Pool,
    /// The queues that receive follow-up messages.
    pub queues: Queues,
    /// The rate limits of the sources.
    pub budgets: Budgets,
    /// Whether one source that names producers is enough.
    pub credit_sources: CreditSources,
    /// Spotify, for ISRCs of tracks whose album no source knows.
    pub spotify: Option<Arc<Spotify>>,
    /// MusicBrainz.
    pub musicbrainz: Option<Arc<MusicBrainz>>,
    /// Discogs.
    pub discogs: Option<Arc<Discogs>>,
    /// Genius.
    pub genius: Option<Arc<Genius>>,
}
