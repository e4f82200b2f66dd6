//! What the ingest function works with.

use std::sync::Arc;

use shared::platform::db::Pool;
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
    /// Spotify, if credentials are set.
    pub spotify: Option<Arc<Spotify>>,
    /// MusicBrainz, if a contact address is set.
    pub musicbrainz: Option<Arc<MusicBrainz>>,
}
