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

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use futures::{FutureExt as _, StreamExt as _};
use rand::Rng as _;
use tokio::time::Instant;

use crate::budgets;
use crate::db::{Pool, PoolError};
use crate::messages::{Envelope, Outcome, QueueName, Snoozed};
use crate::outgoing::Finished;
use crate::queue::{Delivery, Queues};
use crate::store::queue_metrics::{self, Batch};
use crate::store::worker_issues::{self, Issue};
use crate::store::{ingestions, outgoing_messages};

/// After so long of being put off, a person should know.
const LONG_SNOOZE: chrono::Duration = chrono::Duration::days(7);
/// The first retry's delay; each further one doubles it.
const FIRST_RETRY_SECONDS: u32 = 2;
const LONGEST_BACKOFF_SECONDS: u32 = 15 * 60;
/// A database that cannot be connected to is changing machines or starting up: all attempts must not be used up by then.
const DATABASE_AWAY_SECONDS: u32 = 120;

/// What is left of an invocation to report what was not done.
const TIME_TO_REPORT: Duration = Duration::from_secs(3);
/// How much of that a database or queue that hangs may take from it.
const TIME_TO_SETTLE: Duration = Duration::from_secs(2);
/// For an emulator that does not say when an invocation ends.
const UNSTATED_TIME: Duration = Duration::from_secs(60);

/// Until when the messages of an invocation that ends at `end` may be worked on.
#[must_use]
pub fn deadline(end: SystemTime) -> Instant {
    let left = end
        .duration_since(SystemTime::now())
        .unwrap_or(UNSTATED_TIME);
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
                        settled
                            .push((delivery, self.handle_one(delivery, deadline, handler).await));
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
            tracing::warn!(
                error = format!("{error:#}"),
                "the batch could not be measured"
            );
        }
        settled
            .iter()
            .filter(|(_, settled)| !settled.is_acknowledged)
            .map(|(delivery, _)| delivery.message_id.clone())
            .collect()
    }

    async fn handle_one<F, Fut>(
        &self,
        delivery: &Delivery,
        deadline: Instant,
        handler: &F,
    ) -> Settled
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
                reason: format!(
                    "{} came on the {} queue",
                    envelope.message.kind(),
                    self.queue
                ),
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

    /// Carries out an outcome; says whether the message is off the queue.
    async fn settle(
        &self,
        delivery: &Delivery,
        envelope: Option<Envelope>,
        outcome: Outcome,
    ) -> anyhow::Result<bool> {
        let key = envelope.as_ref().map_or_else(
            || "unreadable".to_owned(),
            |envelope| envelope.message.key(),
        );
        match outcome {
            Outcome::Done => tracing::info!(message.key = key, "done"),
            Outcome::Retry {
                cause,
                after_seconds,
            } => {
                self.retry(delivery, envelope.as_ref(), &cause, after_seconds)
                    .await
                    .context("putting off a retry")?;
                if delivery.receive_count < self.max_receive_count {
                    return Ok(false);
                }
                self.queues
                    .bury(self.queue, delivery, &cause)
                    .await
                    .context("burying")?;
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
                    .context("snoozing")?;
            }
            Outcome::Discard { reason } => {
                tracing::error!(message.key = key, reason, "discarded");
                self.queues
                    .bury(self.queue, delivery, &reason)
                    .await
                    .context("burying")?;
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
            .context("acknowledging")?;
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
        let key = envelope.map_or_else(
            || "unreadable".to_owned(),
            |envelope| envelope.message.key(),
        );
        tracing::warn!(
            message.key = key,
            cause,
            attempt = delivery.receive_count,
            again_in_seconds = seconds,
            "failed"
        );
        if delivery.receive_count >= self.max_receive_count {
            let message = format!(
                "{key} failed {} times, the last time because: {cause}; it is in the dead letters of the {} queue",
                delivery.receive_count, self.queue
            );
            self.give_up(envelope, "gave_up", &message, cause).await?;
        }
        self.queues
            .retry_after(self.queue, &delivery.receipt, seconds)
            .await
    }

    /// Raises an issue and lets those who wait know that it will not be tried again. Messages of one kind share an issue:
    /// what fails one of them in a bad night fails thousands.
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
            let failed = Finished::failed(Utc::now(), reason);
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
        let issue = Issue {
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
        let snoozed = envelope.snoozed.map_or(
            Snoozed {
                since: now,
                count: 1,
            },
            |before| Snoozed {
                count: before.count.saturating_add(1),
                ..before
            },
        );
        envelope.snoozed = Some(snoozed);
        let mut client = self.pool.client().await?;
        let transaction = client.transaction().await?;
        outgoing_messages::snooze(&transaction, &envelope, until, bucket, reason).await?;
        if now - snoozed.since > LONG_SNOOZE {
            let message = format!(
                "messages have waited for {bucket} for over {} days: {reason}",
                LONG_SNOOZE.num_days()
            );
            let issue = Issue {
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
        let count = |words: &[&str]| {
            words
                .iter()
                .filter_map(|word| outcomes.get(word))
                .sum::<usize>() as i32
        };
        let batch = Batch {
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

/// What is to be done when there may be no time left for messages.
async fn in_time<T>(
    deadline: Instant,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    tokio::time::timeout_at(deadline + TIME_TO_SETTLE, work)
        .await
        .context("there was no time left")?
}

/// Deliveries of equal messages together, in the order of the first of each; what cannot be read is equal to nothing.
fn by_key(deliveries: &[Delivery]) -> Vec<Vec<&Delivery>> {
    let mut places = HashMap::new();
    let mut groups = Vec::<Vec<&Delivery>>::new();
    for delivery in deliveries {
        let key = serde_json::from_str::<Envelope>(&delivery.body).map_or_else(
            |_| delivery.message_id.clone(),
            |envelope| envelope.message.key(),
        );
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

/// Runs a handler to its outcome: an error, a panic or the deadline is a retry of this message alone.
async fn outcome_of(
    deadline: Instant,
    handler: impl Future<Output = anyhow::Result<Outcome>>,
) -> Outcome {
    match tokio::time::timeout_at(deadline, AssertUnwindSafe(handler).catch_unwind()).await {
        Err(_) => Outcome::Retry {
            cause: "it took longer than there was time".to_owned(),
            after_seconds: Some(0),
        },
        Ok(Err(panic)) => {
            let cause = panic
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or_else(|| panic.downcast_ref::<String>().cloned());
            tracing::error!(cause, "a handler panicked");
            Outcome::Retry {
                cause: "a handler panicked; the log says where".to_owned(),
                after_seconds: None,
            }
        }
        Ok(Ok(Ok(outcome))) => outcome,
        Ok(Ok(Err(error))) => outcome_of_error(&error),
    }
}

/// The cause of a retry is shown to whoever asked for the work; what the database says is for the log alone.
fn outcome_of_error(error: &anyhow::Error) -> Outcome {
    let is_away = error.chain().any(|cause| cause.is::<PoolError>());
    if is_away
        || error
            .chain()
            .any(|cause| cause.is::<tokio_postgres::Error>())
    {
        tracing::error!(error = format!("{error:#}"), "the database failed");
        return Outcome::Retry {
            cause: "the database failed; the log says how".to_owned(),
            after_seconds: is_away.then_some(DATABASE_AWAY_SECONDS),
        };
    }
    match error.downcast_ref::<budgets::Error>() {
        Some(error) => error.outcome(),
        None => Outcome::Retry {
            cause: format!("{error:#}"),
            after_seconds: None,
        },
    }
}

/// Doubling, with up to half of it taken off at random so that those who failed together do not come back together.
fn backoff_seconds(attempt: i32) -> u32 {
    let longest = FIRST_RETRY_SECONDS
        .saturating_mul(2_u32.saturating_pow(u32::try_from(attempt - 1).unwrap_or(0)))
        .min(LONGEST_BACKOFF_SECONDS);
    rand::rng().random_range(longest.div_ceil(2)..=longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_come_later_and_later_but_not_never() {
        for (attempt, range) in [
            (1, 1..=2),
            (2, 2..=4),
            (5, 16..=32),
            (40, 450..=900),
            (i32::MAX, 450..=900),
            (0, 1..=2),
        ] {
            assert!(
                range.contains(&backoff_seconds(attempt)),
                "attempt {attempt}"
            );
        }
    }

    #[tokio::test]
    async fn a_panic_an_error_and_a_late_handler_are_retries() {
        let soon = Instant::now() + std::time::Duration::from_millis(20);
        let panic = outcome_of(soon, async { panic!("no such luck") }).await;
        assert!(
            matches!(panic, Outcome::Retry { cause, .. } if cause.starts_with("a handler panicked"))
        );
        let error = outcome_of(soon, async {
            Err(anyhow::anyhow!("cause").context("what"))
        })
        .await;
        assert!(matches!(error, Outcome::Retry { cause, .. } if cause == "what: cause"));
        let late = outcome_of(soon, futures::future::pending()).await;
        assert!(matches!(
            late,
            Outcome::Retry {
                after_seconds: Some(0),
                ..
            }
        ));
    }
}
