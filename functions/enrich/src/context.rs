//! What the enrich function works with.

use std::sync::Arc;

use shared::platform::db::Pool;
use shared::upstreams::discogs::Discogs;
use shared::upstreams::genius::Genius;
use shared::upstreams::instagram::Instagram;
use shared::upstreams::musicbrainz::MusicBrainz;
use shared::work::budgets::Budgets;

/// The database and a client for each source that is switched on.
#[derive(Clone)]
pub struct Context {
    /// The database.
    pub pool: Pool,
    /// The rate limits of the sources.
    pub budgets: Budgets,
    /// MusicBrainz.
    pub musicbrainz: Option<Arc<MusicBrainz>>,
    /// Discogs.
    pub discogs: Option<Arc<Discogs>>,
    /// Genius.
    pub genius: Option<Arc<Genius>>,
    /// Instagram.
    pub instagram: Option<Arc<Instagram>>,
}
