//! Handles the messages of a batch concurrently and measures the batch.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;

use chrono::{DateTime, Utc};
use futures::StreamExt as _;
use tokio::time::Instant;

use super::context::Worker;
use super::outcomes::outcome_of;
use super::settling::in_time;
use crate::domain::messages::{Delivery, Envelope, Outcome};
use crate::store::work::queue_metrics::{self, BatchMetrics};

impl Worker {
    /// Handles messages until `deadline` and returns the ids of those to receive again. The others are
    /// settled and, in Postgres, deleted. Messages that request the same work are handled one after the
    /// other, so that the later ones find the work of the first one done.
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
        // The futures are collected first: a stream that maps borrowed deliveries cannot be spawned.
        let work: Vec<_> = group_by_key(&deliveries)
            .into_iter()
            .map(|duplicates| {
                let handler = &handler;
                async move {
                    let mut settled = Vec::new();
                    for delivery in duplicates {
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
        if let Err(error) = in_time(deadline, self.store_metrics(started_at, &settled)).await {
            tracing::warn!(
                error = format!("{error:#}"),
                "could not store the metrics of the batch"
            );
        }
        settled
            .iter()
            .filter(|(_, settled)| !settled.is_acknowledged)
            .map(|(delivery, _)| delivery.message_id.clone())
            .collect()
    }

    async fn handle_one<F, Fut>(&self, delivery: &Delivery, deadline: Instant, handler: &F) -> SettledMessage
    where
        F: Fn(Envelope, Instant) -> Fut,
        Fut: Future<Output = anyhow::Result<Outcome>>,
    {
        let envelope = serde_json::from_str::<Envelope>(&delivery.body);
        let outcome = match &envelope {
            // The workers of the last attempt were killed and could not report the failure.
            _ if delivery.receive_count > self.max_receive_count => Outcome::Discard {
                reason: format!(
                    "it was received {} times without success",
                    delivery.receive_count - 1
                ),
            },
            // The parser's message is dropped: it could quote the body, whose content is unknown.
            Err(error) => Outcome::Discard {
                reason: format!(
                    "the body is not a message: {:?} at column {}",
                    error.classify(),
                    error.column()
                ),
            },
            Ok(envelope) if envelope.message.queue() != self.queue => Outcome::Discard {
                reason: format!("{} was sent on the {} queue", envelope.message.kind(), self.queue),
            },
            Ok(_) if Instant::now() >= deadline => Outcome::Retry {
                cause: "there was no time left".to_owned(),
                after_seconds: Some(0),
            },
            Ok(envelope) => {
                // The handler is called inside the future, so that a panic before its first await is caught
                // as well.
                let handled = async { handler(envelope.clone(), deadline).await };
                outcome_of(deadline, handled).await
            }
        };
        let name = outcome.to_string();
        match in_time(deadline, self.settle(delivery, envelope.ok(), outcome)).await {
            Ok(is_acknowledged) => SettledMessage {
                outcome: name,
                is_acknowledged,
            },
            Err(error) => {
                tracing::error!(
                    message.id = delivery.message_id,
                    error = format!("{error:#}"),
                    "the message could not be settled; it will be received again"
                );
                SettledMessage {
                    outcome: "unsettled".to_owned(),
                    is_acknowledged: false,
                }
            }
        }
    }

    async fn store_metrics(
        &self,
        started_at: DateTime<Utc>,
        settled: &[(&Delivery, SettledMessage)],
    ) -> anyhow::Result<()> {
        if settled.is_empty() {
            return Ok(());
        }
        let mut outcomes = BTreeMap::<&str, usize>::new();
        for (_, settled) in settled {
            *outcomes.entry(&settled.outcome).or_default() += 1;
        }
        let count = |names: &[&str]| names.iter().filter_map(|name| outcomes.get(name)).sum::<usize>() as i32;
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

/// Groups deliveries that request the same work, in the order of the first of each group. A body that cannot
/// be parsed forms a group of its own.
fn group_by_key(deliveries: &[Delivery]) -> Vec<Vec<&Delivery>> {
    let mut indexes = HashMap::new();
    let mut groups = Vec::<Vec<&Delivery>>::new();
    for delivery in deliveries {
        let key = serde_json::from_str::<Envelope>(&delivery.body)
            .map_or_else(|_| delivery.message_id.clone(), |envelope| envelope.message.key());
        let index = *indexes.entry(key).or_insert(groups.len());
        if index == groups.len() {
            groups.push(Vec::new());
        }
        groups[index].push(delivery);
    }
    groups
}

/// The result of settling a message: the name of its outcome, and whether it is off the queue.
struct SettledMessage {
    outcome: String,
    is_acknowledged: bool,
}
