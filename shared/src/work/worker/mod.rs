//! Handles batches of messages. Each message is handled separately, so that one that fails, panics or cannot
//! be parsed does not affect the others. A function's handler does the work; the worker carries out its
//! outcome.
//!
//! ```text
//! received ─► done ────► deleted; follow-up messages were written with the data
//!    ▲   ├──► retry ───► invisible for a while, then received again (an attempt; the last one is a discard)
//!    │   ├──► snooze ──► a row in outgoing_messages until its time (no attempt); deleted ─► sent by sweep ┐
//!    │   └──► discard ─► dead letters, with an issue; deleted                                             │
//!    └────────────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```

pub mod handling;
mod settling;
#[cfg(test)]
mod tests;

use crate::domain::messages::QueueName;
use crate::platform::db::Pool;
use crate::work::bootstrap::Bootstrap;
use crate::work::queue::Queues;

/// Messages of a batch that are handled at once.
const CONCURRENCY: usize = 4;

/// A worker for the messages of one queue.
#[derive(Clone)]
pub struct Worker {
    /// The database.
    pub pool: Pool,
    /// The queues.
    pub queues: Queues,
    /// The queue of the messages.
    pub queue: QueueName,
    /// The name of the worker in issues and metrics: the function that handles the messages of its queue.
    pub name: &'static str,
    /// A message with this receive count is on its last attempt; with a higher one it is given up unread.
    pub max_receive_count: i32,
    /// The number of messages that are handled concurrently.
    pub concurrency: usize,
}

impl Worker {
    /// A worker for the messages of `queue`.
    #[must_use]
    pub fn new(bootstrap: &Bootstrap, queue: QueueName) -> Self {
        Self {
            pool: bootstrap.pool.clone(),
            queues: bootstrap.queues.clone(),
            queue,
            name: match queue {
                QueueName::Catalog => "ingest",
                QueueName::Identification => "identify",
                QueueName::Enrichment => "enrich",
            },
            max_receive_count: bootstrap.config.attempts,
            concurrency: CONCURRENCY,
        }
    }
}
