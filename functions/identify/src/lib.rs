//! The identify function: the shape that its callers build on.
//! What it does is not in this room yet.

use std::sync::Arc;

use shared::budgets::Budgets;
use shared::db::Pool;
use shared::messages::{Envelope, Outcome};
use shared::queue::Queues;
use shared::upstreams::musicbrainz::MusicBrainz;
use shared::upstreams::spotify::Spotify;
use tokio::time::Instant;

/// What a message is handled with.
pub struct Context {
    /// The database.
    pub pool: Pool,
    /// The queues.
    pub queues: Queues,
    /// The budgets.
    pub budgets: Budgets,
    /// Spotify, where there are credentials.
    pub spotify: Option<Arc<Spotify>>,
    /// MusicBrainz, where there is a contact.
    pub musicbrainz: Option<Arc<MusicBrainz>>,
}

/// Handles a message.
///
/// # Errors
/// What failed.
pub async fn handle(_: &Context, _: Envelope, _: Instant) -> anyhow::Result<Outcome> {
    Ok(Outcome::Discard {
        reason: "nothing handles it".to_owned(),
    })
}
