//! What the identify function works with, and what each source is asked.

use std::collections::BTreeSet;
use std::sync::Arc;

use shared::domain::ids::TrackId;
use shared::platform::config::CreditSources;
use shared::platform::db::Pool;
use shared::upstreams::discogs::Discogs;
use shared::upstreams::genius::Genius;
use shared::upstreams::musicbrainz::MusicBrainz;
use shared::upstreams::spotify::Spotify;
use shared::work::budgets::{Budgets, MessageBudgets};
use shared::work::queue::Queues;

use crate::album_state::AlbumState;
use crate::own_tables::StoredFindings;

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
