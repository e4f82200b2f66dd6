//! The database, queue and limits that a worker has.

use crate::domain::messages::QueueName;
use crate::platform::db::Pool;
use crate::work::queue::Queues;

/// A worker for the messages of one queue.
#[derive(Clone)]
pub struct Worker {
    /// The database.
    pub pool: Pool,
    /// The queues.
    pub queues: Queues,
    /// The queue of the messages.
    pub queue: QueueName,
    /// The name of the worker in issues and metrics.
    pub name: &'static str,
    /// A message with this receive count is on its last attempt; with a higher one it is given up unread.
    pub max_receive_count: i32,
    /// The number of messages that are handled concurrently.
    pub concurrency: usize,
}
