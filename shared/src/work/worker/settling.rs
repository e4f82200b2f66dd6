//! Carries out the outcome of a message: deletes it, delays it, snoozes it or discards it.

use std::future::Future;
use std::time::Duration;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use rand::Rng as _;
use tokio::time::Instant;

use super::failure_words::failure_words;
use super::trying::{Interruption, TryResult};
use super::{FIRST_RECORDED_RECEIPT, MAX_FAILURES, Worker};
use crate::domain::messages::{Delivery, Envelope, Outcome, SnoozeHistory};
use crate::store::work::worker_issues::{self, WorkerIssue};
use crate::store::work::{ingestions, message_attempts, outgoing_messages};

/// The delay of the first retry; it doubles for each further one.
const FIRST_RETRY_SECONDS: u32 = 2;
const MAX_BACKOFF_SECONDS: u32 = 15 * 60;
/// An issue is raised for messages that have been snoozed for longer than this.
const LONG_SNOOZE: chrono::Duration = chrono::Duration::days(7);
/// The time after the deadline in which outcomes are carried out, even if a database or queue hangs.
pub(super) const TIME_TO_SETTLE: Duration = Duration::from_millis(1500);

impl Worker {
    /// Carries out the end of a try. Returns whether the message is to be taken off the queue, which
    /// [`Worker::end_batch`] does.
    pub(super) async fn settle(
        &self,
        delivery: &Delivery,
        envelope: Option<Envelope>,
        result: TryResult,
    ) -> anyhow::Result<bool> {
        let key = envelope
            .as_ref()
            .map_or_else(|| "unreadable".to_owned(), |envelope| envelope.message.key());
        let outcome = match result {
            TryResult::Outcome(outcome) => outcome,
            TryResult::Interrupted(cause) => {
                // Without an end in sight, each receipt waits longer: the queue allows a thousand of them.
                let seconds = match cause {
                    Interruption::Database => backoff_seconds(delivery.receive_count),
                    Interruption::EndOfBatch => 0,
                };
                self.give_back(delivery, seconds).await.context("give back")?;
                return Ok(false);
            }
        };
        match outcome {
            Outcome::Done => tracing::info!(message.key = key, "done"),
            Outcome::Retry { cause, after_seconds } => {
                let envelope = envelope.context("only a readable message is tried")?;
                return self.fail(delivery, &envelope, &cause, after_seconds).await;
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
                let message = format!(
                    "{key} was discarded: {reason}; it is in the dead letters of the {} queue",
                    self.queue
                );
                self.discard(delivery, envelope.as_ref(), ("discarded", &message), &reason)
                    .await?;
            }
        }
        Ok(true)
    }

    /// Makes a message visible again that was not handled to its end, which is no attempt.
    ///
    /// # Errors
    /// If the queue or the database fails. The message then becomes visible after its time-out.
    pub async fn give_back(&self, delivery: &Delivery, after_seconds: u32) -> anyhow::Result<()> {
        self.queues
            .retry_after(self.queue, &delivery.receipt, after_seconds)
            .await?;
        if delivery.receive_count >= FIRST_RECORDED_RECEIPT
            && let Ok(envelope) = serde_json::from_str::<Envelope>(&delivery.body)
        {
            let client = self.pool.client().await?;
            message_attempts::record_ends(&client, self.queue, &[&envelope.message.key()]).await?;
        }
        Ok(())
    }

    /// Counts a failure and delays the message; the last failure discards it. Returns whether it is
    /// discarded.
    async fn fail(
        &self,
        delivery: &Delivery,
        envelope: &Envelope,
        cause: &str,
        after_seconds: Option<u32>,
    ) -> anyhow::Result<bool> {
        let key = envelope.message.key();
        let client = self.pool.client().await?;
        let failures = message_attempts::record_failure(&client, self.queue, &key, cause)
            .await
            .context("count the failure")?;
        drop(client);
        let seconds = after_seconds.unwrap_or_else(|| backoff_seconds(failures));
        tracing::warn!(
            message.key = key,
            cause,
            attempt = failures,
            again_in_seconds = seconds,
            "failed"
        );
        if failures < MAX_FAILURES {
            let delayed = self.queues.retry_after(self.queue, &delivery.receipt, seconds);
            delayed.await.context("delay the retry")?;
            return Ok(false);
        }
        let message = format!(
            "{key} failed {failures} times, the last time because: {cause}; it is in the dead letters of the \
             {} queue",
            self.queue
        );
        self.discard(delivery, Some(envelope), ("gave_up", &message), cause)
            .await?;
        Ok(true)
    }

    /// Moves a message to the dead letters, raises an issue of this type and message, and marks the step as
    /// failed for the ingestions that wait for this message. Messages of one kind share an issue, since one
    /// cause can fail thousands of them.
    async fn discard(
        &self,
        delivery: &Delivery,
        envelope: Option<&Envelope>,
        (issue_type, message): (&str, &str),
        reason: &str,
    ) -> anyhow::Result<()> {
        self.queues
            .move_to_dead_letters(self.queue, delivery, reason)
            .await
            .context("move to the dead letters")?;
        let key = envelope.map(|envelope| envelope.message.key());
        let mut client = self.pool.client().await?;
        let transaction = client.transaction().await?;
        if let Some(envelope) = envelope {
            let (step, ids) = (&envelope.message, &envelope.ingestions);
            let words = failure_words(reason);
            ingestions::fail_step(&transaction, step, ids, &words, reason).await?;
        }
        let issue = WorkerIssue {
            worker_name: self.name,
            issue_type,
            fingerprint: envelope.map_or("unreadable", |envelope| envelope.message.kind()),
            message,
            details: serde_json::json!({ "queue": self.queue, "message_key": key }),
        };
        worker_issues::raise(&transaction, &issue).await?;
        if let Some(key) = &key {
            message_attempts::delete(&transaction, &[(self.queue, key)]).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn snooze(
        &self,
        mut envelope: Envelope,
        until: DateTime<Utc>,
        bucket: &str,
        reason: &str,
    ) -> anyhow::Result<()> {
        let now = self.pool.now();
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
        message_attempts::record_ends(&transaction, self.queue, &[&envelope.message.key()]).await?;
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
}

/// Runs `work` that must end at a time.
pub(super) async fn in_time<T>(
    end: Instant,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    tokio::time::timeout_at(end, work)
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
