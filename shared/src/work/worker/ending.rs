//! Ends a batch of messages whose tries have ended.

use std::collections::BTreeMap;

use anyhow::Context as _;
use chrono::{DateTime, Utc};

use super::{FIRST_RECORDED_RECEIPT, Worker};
use crate::domain::messages::Delivery;
use crate::platform::error_text::error_text;
use crate::store::work::message_attempts;
use crate::store::work::queue_metrics::{self, BatchMetrics};

/// A message whose try has ended.
pub(super) struct SettledMessage<'a> {
    pub(super) delivery: &'a Delivery,
    /// Its key, if it could be read.
    pub(super) key: Option<String>,
    /// The name of the end of its try, for the metrics.
    pub(super) result: String,
    /// Whether it is not received again.
    pub(super) is_off_queue: bool,
}

impl SettledMessage<'_> {
    /// The end of a try whose outcome could not be carried out.
    pub(super) const UNSETTLED: &'static str = "unsettled";

    /// Whether its outcome could not be carried out.
    pub(super) fn is_unsettled(&self) -> bool {
        self.result == Self::UNSETTLED
    }

    /// Whether its try was interrupted or its outcome could not be carried out.
    pub(super) fn is_left_open(&self) -> bool {
        self.is_unsettled() || self.result == "interrupted"
    }
}

impl Worker {
    /// Ends a batch: forgets the failures of the messages that are done, takes messages off the queue, and
    /// stores a row of metrics.
    pub(super) async fn end_batch(
        &self,
        started_at: DateTime<Utc>,
        settled: &[SettledMessage<'_>],
    ) -> anyhow::Result<()> {
        if settled.is_empty() {
            return Ok(());
        }
        let done = settled.iter().filter(|message| message.result == "done");
        let done: Vec<_> = done
            .filter_map(|message| Some((self.queue, message.key.as_deref()?)))
            .collect();
        let off_queue = settled.iter().filter(|message| message.is_off_queue);
        let off_queue: Vec<_> = off_queue.map(|message| message.delivery).collect();
        let batch = self.metrics(started_at, settled)?;
        let client = self.pool.client().await?;
        // The futures are polled together and in this order, which sends the statements in one round trip.
        futures::try_join!(
            async { Ok(message_attempts::delete(&client, &done).await?) },
            async {
                let acknowledged = self.queues.acknowledge(&client, &off_queue).await;
                acknowledged.context("acknowledge")
            },
            async { Ok(queue_metrics::insert(&client, &batch).await?) },
        )?;
        Ok(())
    }

    /// Remembers the recorded starts of messages whose ends may not be recorded.
    pub(super) fn remember_starts<'a>(&self, settled: impl Iterator<Item = &'a SettledMessage<'a>>) {
        let recorded = settled.filter(|message| message.delivery.receive_count >= FIRST_RECORDED_RECEIPT);
        self.open_starts
            .add(recorded.filter_map(|message| message.key.clone()));
    }

    /// Records the ends of earlier tries, so that an outage of the database does not look like messages that
    /// end their worker. If the database is still away, the next batch does it.
    pub(super) async fn end_open_starts(&self) {
        let open = self.open_starts.keys();
        if open.is_empty() {
            return;
        }
        let record = async {
            let keys: Vec<&str> = open.iter().map(String::as_str).collect();
            let client = self.pool.client().await?;
            anyhow::Ok(message_attempts::record_ends(&client, self.queue, &keys).await?)
        };
        match record.await {
            Ok(()) => self.open_starts.remove(&open),
            Err(error) => {
                tracing::warn!(
                    error = error_text(&*error),
                    "could not record that tries have ended"
                );
            }
        }
    }

    /// Counts the outcomes of a batch.
    fn metrics(
        &self,
        started_at: DateTime<Utc>,
        settled: &[SettledMessage<'_>],
    ) -> anyhow::Result<BatchMetrics<'_>> {
        let mut results = BTreeMap::<&str, usize>::new();
        for message in settled {
            *results.entry(&message.result).or_default() += 1;
        }
        let count = |names: &[&str]| names.iter().filter_map(|name| results.get(name)).sum::<usize>() as i32;
        let success_count = count(&["done", "snooze"]);
        Ok(BatchMetrics {
            queue_name: self.queue.as_str(),
            operation: self.name,
            started_at,
            finished_at: self.pool.now(),
            processed_count: settled.len() as i32,
            success_count,
            error_count: settled.len() as i32 - success_count,
            details: serde_json::to_value(&results)?,
        })
    }
}
