//! Handles batches of messages. Each message is handled separately, so that one that fails, panics or cannot
//! be parsed does not affect the others. A function's handler does the work; the worker carries out its
//! outcome.
//!
//! ```text
//! received ─► done ────► deleted; follow-up messages were written with the data
//!    ▲   ├──► retry ───► invisible for a while, then received again (an attempt; the fifth is a discard)
//!    │   ├──► snooze ──► a row in outgoing_messages until its time (no attempt); deleted ─► sent by sweep ┐
//!    │   └──► discard ─► dead letters, with an issue; deleted                                             │
//!    └────────────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! Attempts are counted in the table `message_attempts`, whatever the queue counts. A try that the database
//! or the end of the batch interrupts is no attempt: its message is received again. While the database is
//! away, the batch fails as a whole. Nothing is written before a try, except from the fifth receipt on: then
//! the start of each try is recorded, so that a message that ends its worker is found out. A worker that
//! survives an outage of the database records the end of its tries afterwards.
//!
//! A statement that was cancelled, as by its time-out, is no attempt either, because a busy database cancels
//! statements that are quick at other times. A statement that is never quick enough must end, so from the
//! twentieth receipt on, which comes after some three hours, it is one.

mod cancelled;
mod ending;
mod failure_words;
pub mod handling;
mod open_starts;
mod settling;
#[cfg(test)]
mod tests;
mod trying;

pub use self::open_starts::OpenStarts;
use crate::domain::messages::QueueName;
use crate::platform::db::Pool;
use crate::work::bootstrap::Bootstrap;
use crate::work::queue::Queues;

/// Messages of a batch that are handled at once.
const CONCURRENCY: usize = 4;
/// The failure that discards a message.
const MAX_FAILURES: i32 = 5;
/// The receipt from which on the starts of tries are recorded. Few messages are received that often, so that
/// the others cost no write.
const FIRST_RECORDED_RECEIPT: i32 = 5;
/// The receipt from which on a cancelled statement is a failure. The waits before it add up to three hours.
const FIRST_COUNTED_CANCELLATION: i32 = 20;
/// The number of recorded starts without an end after which a message is discarded.
const MAX_OPEN_STARTS: i32 = 3;

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
    /// The number of messages that are handled concurrently.
    pub concurrency: usize,
    /// The recorded starts that an outage of the database left open.
    pub open_starts: OpenStarts,
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
            concurrency: CONCURRENCY,
            open_starts: OpenStarts::default(),
        }
    }
}
