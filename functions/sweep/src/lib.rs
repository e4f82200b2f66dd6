//! The sweep function: the shape that its callers build on.
//! What it does is not in this room yet.

use std::time::Duration;

use shared::db::Pool;
use shared::queue::Queues;

/// What it runs with.
pub struct Context {
    /// The database.
    pub pool: Pool,
    /// The queues.
    pub queues: Queues,
}

/// What one run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// Messages sent.
    pub sent: usize,
    /// Statistics recomputed.
    pub statistics: u64,
    /// Subjects put out for refreshing.
    pub refreshed: usize,
}

/// Runs once.
///
/// # Errors
/// What failed.
pub async fn handle(_: &Context, _: Duration) -> anyhow::Result<Swept> {
    Ok(Swept {
        sent: 0,
        statistics: 0,
        refreshed: 0,
    })
}
