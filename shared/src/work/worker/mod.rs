//! A batch of messages, handled: each alone, so that one that fails, panics or cannot be read takes no other along.
//! What a message asks for is done by the function's handler; this room carries out what came of it.
//!
//! ```text
//! received ─► done ──────► acknowledged; what comes next was written with the data
//!    ▲   ├──► retry ─────► invisible for a while, then received again (an attempt; after the last one, as a discard)
//!    │   ├──► snooze ────► a row in outgoing_messages until its time (no attempt), acknowledged ──► sweep sends it ─┐
//!    │   └──► discard ───► dead letters, with an issue; acknowledged                                               │
//!    └─────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```

mod outcomes;
mod settling;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use futures::StreamExt as _;
use tokio::time::Instant;

use self::outcomes::outcome_of;
use self::settling::in_time;
use crate::domain::messages::Delivery;
use crate::domain::messages::{Envelope, Outcome, QueueName};
use crate::platform::db::Pool;
use crate::store::work::queue_metrics::{self, BatchMetrics};
use crate::work::queue::Queues;

/// What is left of an invocation to report what was not done.
const TIME_TO_REPORT: Duration = Duration::from_secs(3);
/// For an emulator that does not say when an invocation ends.
const UNSTATED_TIME: Duration = Duration::from_secs(60);

/// Until when the messages of an invocation that ends at `end` may be worked on.
#[must_use]
pub fn deadline(end: SystemTime) -> Instant {
    let left = end.duration_since(SystemTime::now()).unwrap_or(UNSTATED_TIME);
    Instant::now() + left.saturating_sub(TIME_TO_REPORT)
}

/// What a batch is handled with.
#[derive(Clone)]
pub struct Worker {
    /// The database.
    pub pool: Pool,
    /// The queues.
    pub queues: Queues,
    /// The queue whose messages these are.
    pub queue: QueueName,
    /// What the worker is called in issues and metrics.
    pub name: &'static str,
    /// A message received so often is on its last attempt; received more often, it is given up unread.
    pub max_receive_count: i32,
    /// How many messages are worked on at once.
    pub concurrency: usize,
}

impl Worker {
    /// Handles messages until `deadline` and gives the ids of those that are to be received again. The others are
    /// settled, and acknowledged where that is ours to do. Equal messages are handled one after the other, so that the
    /// later ones find done what the first one did.
    pub async fn handle<F, Fut>(
        &self,
        deliveries: Vec<Delivery>,
        deadline: Instant,
        handler: F,
    ) -> Vec<String>
    where
        F: Fn(Envelope, Instant) -> Fut,
        Fut: Future<Output = anyhow::Result<Outcome>>,
    {
        let started_at = Utc::now();
        // Collected first: a stream that maps borrowed deliveries cannot be spawned.
        let work: Vec<_> = by_key(&deliveries)
            .into_iter()
            .map(|equal| {
                let handler = &handler;
                async move {
                    let mut settled = Vec::new();
                    for delivery in equal {
                        settled.push((delivery, self.handle_one(delivery, deadline, handler).await));
                    }
                    settled
                }
            })
            .collect();
        let settled: Vec<Vec<_>> = futures::stream::iter(work)
            .buffer_unordered(self.concurrency.max(1))
            .collect()
            .await;
        let settled: Vec<_> = settled.into_iter().flatten().collect();
        let measured = in_time(deadline, self.measure(started_at, &settled)).await;
        if let Err(error) = measured {
            tracing::warn!(error = format!("{error:#}"), "the batch could not be measured");
        }
        settled
            .iter()
            .filter(|(_, settled)| !settled.is_acknowledged)
            .map(|(delivery, _)| delivery.message_id.clone())
            .collect()
    }

    async fn handle_one<F, Fut>(&self, delivery: &Delivery, deadline: Instant, handler: &F) -> Settled
    where
        F: Fn(Envelope, Instant) -> Fut,
        Fut: Future<Output = anyhow::Result<Outcome>>,
    {
        let envelope = serde_json::from_str::<Envelope>(&delivery.body);
        let outcome = match &envelope {
            // Its workers were killed: nobody was left to say that the last attempt had failed.
            _ if delivery.receive_count > self.max_receive_count => Outcome::Discard {
                reason: format!(
                    "it was received {} times without being done",
                    delivery.receive_count - 1
                ),
            },
            // The cause can quote the body, and nobody knows what is in that.
            Err(error) => Outcome::Discard {
                reason: format!(
                    "the body is no message: {:?} at column {}",
                    error.classify(),
                    error.column()
                ),
            },
            Ok(envelope) if envelope.message.queue() != self.queue => Outcome::Discard {
                reason: format!("{} came on the {} queue", envelope.message.kind(), self.queue),
            },
            Ok(_) if Instant::now() >= deadline => Outcome::Retry {
                cause: "there was no time left".to_owned(),
                after_seconds: Some(0),
            },
            Ok(envelope) => {
                // Called inside, so that a panic before its first wait is caught as well.
                let handled = async { handler(envelope.clone(), deadline).await };
                outcome_of(deadline, handled).await
            }
        };
        let word = outcome.to_string();
        match in_time(deadline, self.settle(delivery, envelope.ok(), outcome)).await {
            Ok(is_acknowledged) => Settled {
                outcome: word,
                is_acknowledged,
            },
            Err(error) => {
                tracing::error!(
                    message.id = delivery.message_id,
                    error = format!("{error:#}"),
                    "the message could not be settled; it will be received again"
                );
                Settled {
                    outcome: "unsettled".to_owned(),
                    is_acknowledged: false,
                }
            }
        }
    }

    async fn measure(
        &self,
        started_at: DateTime<Utc>,
        settled: &[(&Delivery, Settled)],
    ) -> anyhow::Result<()> {
        if settled.is_empty() {
            return Ok(());
        }
        let mut outcomes = BTreeMap::<&str, usize>::new();
        for (_, settled) in settled {
            *outcomes.entry(&settled.outcome).or_default() += 1;
        }
        let count = |words: &[&str]| words.iter().filter_map(|word| outcomes.get(word)).sum::<usize>() as i32;
        let batch = BatchMetrics {
            queue_name: self.queue.as_str(),
            operation: self.name,
            started_at,
            finished_at: Utc::now(),
            processed_count: settled.len() as i32,
            success_count: count(&["done", "snooze"]),
            error_count: count(&["retry", "discard", "unsettled"]),
            details: serde_json::to_value(&outcomes)?,
        };
        let client = self.pool.client().await?;
        Ok(queue_metrics::insert(&client, &batch).await?)
    }
}

/// Deliveries of equal messages together, in the order of the first of each; what cannot be read is equal to nothing.
fn by_key(deliveries: &[Delivery]) -> Vec<Vec<&Delivery>> {
    let mut places = HashMap::new();
    let mut groups = Vec::<Vec<&Delivery>>::new();
    for delivery in deliveries {
        let key = serde_json::from_str::<Envelope>(&delivery.body)
            .map_or_else(|_| delivery.message_id.clone(), |envelope| envelope.message.key());
        let place = *places.entry(key).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Vec::new());
        }
        groups[place].push(delivery);
    }
    groups
}

struct Settled {
    outcome: String,
    is_acknowledged: bool,
}
