//! The HTTP API: the shape that its callers build on.
//! What it answers is not in this room yet.

use shared::db::Pool;
use shared::queue::Queues;

/// What requests are answered with.
pub struct Context {
    /// The database.
    pub pool: Pool,
    /// The queues.
    pub queues: Queues,
}

/// The router.
pub fn router(_: Context) -> axum::Router {
    axum::Router::new()
}
