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

mod handling;
mod settling;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use tokio::time::Instant;

use crate::domain::messages::{Delivery, Envelope, Outcome, QueueName};
use crate::platform::db::Pool;
use crate::work::bootstrap::Bootstrap;
use crate::work::queue::Queues;

/// Messages of a batch that are handled at once.
const CONCURRENCY: usize = 4;
/// The time at the end of an invocation that is reserved for reporting unfinished messages.
const TIME_TO_REPORT: Duration = Duration::from_secs(3);
/// The part of it that a hanging database or queue may take.
const TIME_TO_SETTLE: Duration = Duration::from_secs(2);
const _: () = assert!(TIME_TO_SETTLE.as_millis() < TIME_TO_REPORT.as_millis());
/// The time of an invocation, for an emulator that does not state when it ends.
const UNSTATED_TIME: Duration = Duration::from_secs(60);

/// A worker for the messages of one queue.
#[derive(Clone)]
pub struct Worker {
    /// The database.
    pub pool: Pool,
    /// The queues.
    pub queues: Queues,
    /// The queue of the messages.
    pub queue: QueueName,
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
            max_receive_count: bootstrap.config.attempts,
            concurrency: CONCURRENCY,
        }
    }

    /// The name of the worker in issues and metrics: the function that handles the messages of its queue.
    fn name(&self) -> &'static str {
        match self.queue {
            QueueName::Catalog => "ingest",
            QueueName::Identification => "identify",
            QueueName::Enrichment => "enrich",
        }
    }

    /// Handles the messages with which Lambda invokes a function until `end`. SQS delivers those in the
    /// response again and deletes the others.
    ///
    /// # Errors
    /// If a message has no id or no receipt, so that it could not be reported or delayed. SQS then delivers
    /// all messages of the event again.
    pub async fn handle_event<F, Fut>(
        &self,
        event: SqsEvent,
        end: SystemTime,
        handler: F,
    ) -> anyhow::Result<SqsBatchResponse>
    where
        F: Fn(Envelope, Instant) -> Fut,
        Fut: Future<Output = anyhow::Result<Outcome>>,
    {
        let deliveries = event.records.into_iter().map(delivery);
        let deliveries = deliveries.collect::<anyhow::Result<Vec<_>>>()?;
        let mut response = SqsBatchResponse::default();
        response.set_failures(self.handle(deliveries, deadline(end), handler).await);
        Ok(response)
    }
}

/// The deadline for the messages of an invocation that ends at `end`.
#[must_use]
pub fn deadline(end: SystemTime) -> Instant {
    let left = end.duration_since(SystemTime::now()).unwrap_or(UNSTATED_TIME);
    Instant::now() + left.saturating_sub(TIME_TO_REPORT)
}

/// The delivery of an SQS message. Its first one if SQS does not state the receive count.
fn delivery(message: SqsMessage) -> anyhow::Result<Delivery> {
    let receive_count = message.attributes.get("ApproximateReceiveCount");
    Ok(Delivery {
        message_id: message.message_id.context("a message has no id")?,
        receipt: message.receipt_handle.context("a message has no receipt")?,
        body: message.body.unwrap_or_default(),
        receive_count: receive_count.and_then(|count| count.parse().ok()).unwrap_or(1),
    })
}
