//! Carries out the outcome of a message: deletes it, delays it, snoozes it or gives it up. Measures the
//! batch.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use rand::Rng as _;
use tokio::time::Instant;

use super::Worker;
use crate::domain::messages::{Delivery, Envelope, Outcome, SnoozeHistory};
use crate::store::work::queue_metrics::{self, BatchMetrics};
use crate::store::work::worker_issues::{self, WorkerIssue};
use crate::store::work::{ingestions, outgoing_messages};
use crate::work::outbox::FinishedStep;

/// The delay of the first retry; it doubles for each further one.
const FIRST_RETRY_SECONDS: u32 = 2;
const MAX_BACKOFF_SECONDS: u32 = 15 * 60;
/// An issue is raised for messages that have been snoozed for longer than this.
const LONG_SNOOZE: chrono::Duration = chrono::Duration::days(7);
/// The part of the time reserved for reporting that a hanging database or queue may take.
pub(super) const TIME_TO_SETTLE: Duration = Duration::from_secs(2);

impl Worker {
    /// Carries out an outcome. Returns whether the message is off the queue.
    pub(super) async fn settle(
        &self,
        delivery: &Delivery,
        envelope: Option<Envelope>,
        outcome: Outcome,
    ) -> anyhow::Result<bool> {
        let key = envelope
            .as_ref()
            .map_or_else(|| "unreadable".to_owned(), |envelope| envelope.message.key());
        match outcome {
            Outcome::Done => tracing::info!(message.key = key, "done"),
            Outcome::Retry { cause, after_seconds } => {
                self.retry(delivery, envelope.as_ref(), &cause, after_seconds)
                    .await
                    .context("delay the retry")?;
                if delivery.receive_count < self.max_receive_count {
                    return Ok(false);
                }
                self.queues
                    .move_to_dead_letters(self.queue, delivery, &cause)
                    .await
                    .context("move to the dead letters")?;
            }
            Outcome::Snooze {
                until,
                bucket,
                reason,
            } => {
                tracing::info!(message.key = key, until = %until, bucket, reason, "snoozed");
                let envelope = envelope.context("only a readable message can be snoozed")?;
                self.snooze(envelope, until, bucket, &reason)
                    .await
                    .context("snooze")?;
            }
            Outcome::Discard { reason } => {
                tracing::error!(message.key = key, reason, "discarded");
                self.queues
                    .move_to_dead_letters(self.queue, delivery, &reason)
                    .await
                    .context("move to the dead letters")?;
                let message = format!(
                    "{key} was discarded: {reason}; it is in the dead letters of the {} queue",
                    self.queue
                );
                self.give_up(envelope.as_ref(), "discarded", &message, &reason)
                    .await?;
            }
        }
        self.queues
            .acknowledge(&[delivery])
            .await
            .context("acknowledge")?;
        Ok(true)
    }

    async fn retry(
        &self,
        delivery: &Delivery,
        envelope: Option<&Envelope>,
        cause: &str,
        after_seconds: Option<u32>,
    ) -> anyhow::Result<()> {
        let seconds = after_seconds.unwrap_or_else(|| backoff_seconds(delivery.receive_count));
        let key = envelope.map_or_else(|| "unreadable".to_owned(), |envelope| envelope.message.key());
        tracing::warn!(
            message.key = key,
            cause,
            attempt = delivery.receive_count,
            again_in_seconds = seconds,
            "failed"
        );
        if delivery.receive_count >= self.max_receive_count {
            let message = format!(
                "{key} failed {} times, the last time because: {cause}; it is in the dead letters of the \
                 {} queue",
                delivery.receive_count, self.queue
            );
            self.give_up(envelope, "gave_up", &message, cause).await?;
        }
        self.queues
            .retry_after(self.queue, &delivery.receipt, seconds)
            .await
    }

    /// Raises an issue and marks the step as failed for the ingestions that wait for it. Messages of one kind
    /// share an issue, since one cause can fail thousands of them.
    async fn give_up(
        &self,
        envelope: Option<&Envelope>,
        issue_type: &str,
        message: &str,
        reason: &str,
    ) -> anyhow::Result<()> {
        let mut client = self.pool.client().await?;
        let transaction = client.transaction().await?;
        if let Some(envelope) = envelope {
            let failed = FinishedStep::failed(Utc::now(), reason);
            ingestions::settle(
                &transaction,
                &envelope.message,
                failed.outcome,
                &failed.detail,
                failed.looked_up_at,
                &[],
            )
            .await?;
        }
        let issue = WorkerIssue {
            worker_name: self.name,
            issue_type,
            fingerprint: envelope.map_or("unreadable", |envelope| envelope.message.kind()),
            message,
            details: serde_json::json!({
                "queue": self.queue,
                "message_key": envelope.map(|envelope| envelope.message.key()),
            }),
        };
        worker_issues::raise(&transaction, &issue).await?;
        Ok(transaction.commit().await?)
    }

    async fn snooze(
        &self,
        mut envelope: Envelope,
        until: DateTime<Utc>,
        bucket: &str,
        reason: &str,
    ) -> anyhow::Result<()> {
        let now = Utc::now();
        let snoozed = envelope
            .snoozed
            .map_or(SnoozeHistory { since: now, count: 1 }, |before| SnoozeHistory {
                count: before.count.saturating_add(1),
                ..before
            });
        envelope.snoozed = Some(snoozed);
        let mut client = self.pool.client().await?;
        let transaction = client.transaction().await?;
        outgoing_messages::snooze(&transaction, &envelope, until, bucket, reason).await?;
        if now - snoozed.since > LONG_SNOOZE {
            let message = format!(
                "messages have waited for {bucket} for over {} days: {reason}",
                LONG_SNOOZE.num_days()
            );
            let issue = WorkerIssue {
                worker_name: self.name,
                issue_type: "long_snooze",
                fingerprint: bucket,
                message: &message,
                details: serde_json::json!({ "since": snoozed.since }),
            };
            worker_issues::raise(&transaction, &issue).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Stores a row that counts the outcomes of a batch.
    pub(super) async fn store_metrics(
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

/// The result of settling a message: the name of its outcome, and whether it is off the queue.
pub(super) struct SettledMessage {
    pub(super) outcome: String,
    pub(super) is_acknowledged: bool,
}

/// Runs `work` that must finish shortly after the deadline.
pub(super) async fn in_time<T>(
    deadline: Instant,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    tokio::time::timeout_at(deadline + TIME_TO_SETTLE, work)
        .await
        .context("there was no time left")?
}

/// An exponential delay, reduced by up to half at random, so that messages that failed together are not
/// retried together.
pub(super) fn backoff_seconds(attempt: i32) -> u32 {
    let longest = FIRST_RETRY_SECONDS
        .saturating_mul(2_u32.saturating_pow(u32::try_from(attempt - 1).unwrap_or(0)))
        .min(MAX_BACKOFF_SECONDS);
    rand::rng().random_range(longest.div_ceil(2)..=longest)
}
