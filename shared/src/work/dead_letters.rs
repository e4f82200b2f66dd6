//! Lists dead letters, retries them and drops them, on SQS and in Postgres.
//!
//! SQS shows a dead letter only by receiving it, which hides it from others for a while. Letters that are not
//! retried or dropped are therefore released.

mod letter;
mod sqs;

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::messages::QueueName;
use crate::platform::db::Pool;
use crate::store::work::dead_messages;
use crate::store::work::message_attempts;
use crate::store::work::operator_decisions::{self, Decision, OperatorAction};
use crate::store::work::queue_messages;
use crate::work::queue::Queues;

pub use letter::DeadLetter;

/// Which dead letters are meant. What is empty selects all.
#[derive(Debug, Clone, Default)]
pub struct DeadLetterSelection {
    /// Those with these ids.
    pub ids: Vec<String>,
    /// Those of this queue.
    pub queue: Option<QueueName>,
    /// Those whose reason contains this text, in upper or lower case.
    pub cause: Option<String>,
    /// Those that have been dead for this long.
    pub older_than: Option<Duration>,
    /// Those that have been dead for less than this.
    pub newer_than: Option<Duration>,
}

impl DeadLetterSelection {
    /// `now` is the time of the database.
    fn selects(&self, letter: &DeadLetter, now: DateTime<Utc>) -> bool {
        let age = (now - letter.died_at).to_std().unwrap_or_default();
        let is_cause = |cause: &String| letter.reason.to_lowercase().contains(&cause.to_lowercase());
        (self.ids.is_empty() || self.ids.iter().any(|id| letter.has_id(id)))
            && self.queue.is_none_or(|queue| letter.queue == queue.as_str())
            && self.cause.as_ref().is_none_or(is_cause)
            && self.older_than.is_none_or(|least| age >= least)
            && self.newer_than.is_none_or(|most| age < most)
    }
}

/// Dead letters that were selected, the oldest first.
pub struct DeadLetters {
    /// The letters.
    pub letters: Vec<DeadLetter>,
    queues: Queues,
    pool: Pool,
}

impl DeadLetters {
    /// Selects dead letters of the queues, in Postgres or on SQS.
    ///
    /// # Errors
    /// If the database or SQS does not answer.
    pub async fn select(
        queues: &Queues,
        pool: &Pool,
        selection: &DeadLetterSelection,
    ) -> anyhow::Result<Self> {
        let all = match queues {
            Queues::Sqs { client, urls } => sqs::receive_all(client, urls, selection.queue).await?,
            Queues::Postgres { pool, .. } => {
                let queue = selection.queue.map(QueueName::as_str);
                let rows = dead_messages::list(&pool.client().await?, queue).await?;
                rows.into_iter().map(DeadLetter::from_row).collect()
            }
        };
        let now = pool.client().await?.read_clock().await?;
        let (mut letters, others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|letter| selection.selects(letter, now));
        sqs::release(queues, &others).await;
        letters.sort_by_key(|letter| letter.died_at);
        Ok(Self {
            letters,
            queues: queues.clone(),
            pool: pool.clone(),
        })
    }

    /// Leaves the letters where they are, visible to others.
    pub async fn release(self) -> Vec<DeadLetter> {
        sqs::release(&self.queues, &self.letters).await;
        self.letters
    }

    /// Sends the letters to their queues again, with as many attempts as a new message. Returns how many were
    /// sent. One that somebody else retried or dropped meanwhile is skipped.
    ///
    /// # Errors
    /// If the database or SQS fails. On SQS, letters may then have been sent and still be among the dead
    /// ones, and retrying them again does no harm.
    pub async fn retry(self) -> anyhow::Result<u64> {
        let retried = self.retry_all().await;
        self.released_if_failed(retried).await
    }

    async fn retry_all(&self) -> anyhow::Result<u64> {
        self.forget_attempts().await?;
        if let Queues::Sqs { client, urls } = &self.queues {
            return sqs::retry(&self.queues, client, urls, &self.letters).await;
        }
        let mut client = self.pool.client().await?;
        let transaction = client.transaction().await?;
        let (queues, bodies) = dead_messages::delete(&transaction, &self.row_ids()).await?;
        let queues: Vec<&str> = queues.iter().map(String::as_str).collect();
        let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
        queue_messages::send(&transaction, &queues, &bodies).await?;
        transaction.commit().await?;
        Ok(bodies.len() as u64)
    }

    /// Deletes the letters, and records the decision with their bodies. Returns how many were deleted.
    ///
    /// # Errors
    /// If the database or SQS fails.
    pub async fn drop_all(self, decision: Decision<'_>) -> anyhow::Result<u64> {
        let dropped = self.delete_all(decision).await;
        self.released_if_failed(dropped).await
    }

    async fn delete_all(&self, decision: Decision<'_>) -> anyhow::Result<u64> {
        let mut client = self.pool.client().await?;
        let transaction = client.transaction().await?;
        let subjects: Vec<_> = self.letters.iter().map(subject_of_drop).collect();
        operator_decisions::insert(&transaction, OperatorAction::DropDeadLetter, decision, &subjects).await?;
        let dropped = match &self.queues {
            Queues::Sqs { client, urls } => sqs::delete(client, urls, &self.letters).await?,
            Queues::Postgres { .. } => dead_messages::delete(&transaction, &self.row_ids())
                .await?
                .1
                .len() as u64,
        };
        transaction.commit().await?;
        Ok(dropped)
    }

    /// Makes the letters visible again if something failed, so that the next command finds them.
    async fn released_if_failed(&self, result: anyhow::Result<u64>) -> anyhow::Result<u64> {
        if result.is_err() {
            sqs::release(&self.queues, &self.letters).await;
        }
        result
    }

    /// Forgets how often the messages failed.
    async fn forget_attempts(&self) -> anyhow::Result<()> {
        let keys = self.letters.iter().filter_map(|letter| {
            let queue: QueueName = letter.queue.parse().ok()?;
            Some((queue, letter.message_key()?))
        });
        let keys: Vec<_> = keys.collect();
        let keys: Vec<_> = keys.iter().map(|(queue, key)| (*queue, key.as_str())).collect();
        message_attempts::delete(&self.pool.client().await?, &keys).await?;
        Ok(())
    }

    fn row_ids(&self) -> Vec<i64> {
        self.letters
            .iter()
            .filter_map(|letter| letter.id.parse().ok())
            .collect()
    }
}

fn subject_of_drop(letter: &DeadLetter) -> (String, serde_json::Value) {
    let key = letter.message_key().unwrap_or_else(|| "unreadable".to_owned());
    let details = serde_json::json!({
        "id": letter.id, "queue": letter.queue, "body": letter.body, "reason": letter.reason,
        "died_at": letter.died_at,
    });
    (format!("{} {key}", letter.queue), details)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_selected_by_id_queue_cause_and_age() {
        let now = DateTime::from_timestamp(1_000_000, 0).unwrap();
        let letter = DeadLetter {
            id: "7".to_owned(),
            queue: "catalog".to_owned(),
            body: "{}".to_owned(),
            reason: "Spotify answered 500".to_owned(),
            receive_count: 5,
            died_at: now - chrono::Duration::hours(2),
            receipt: None,
        };
        let all = DeadLetterSelection::default();
        let hours = |hours: u64| Some(Duration::from_secs(hours * 3600));
        for (selection, expected) in [
            (all.clone(), true),
            (
                DeadLetterSelection {
                    ids: vec!["7".to_owned()],
                    ..all.clone()
                },
                true,
            ),
            (
                DeadLetterSelection {
                    ids: vec!["70".to_owned()],
                    ..all.clone()
                },
                false,
            ),
            (
                DeadLetterSelection {
                    queue: Some(QueueName::Catalog),
                    ..all.clone()
                },
                true,
            ),
            (
                DeadLetterSelection {
                    queue: Some(QueueName::Enrichment),
                    ..all.clone()
                },
                false,
            ),
            (
                DeadLetterSelection {
                    cause: Some("spotify ANSWERED".to_owned()),
                    ..all.clone()
                },
                true,
            ),
            (
                DeadLetterSelection {
                    cause: Some("Discogs".to_owned()),
                    ..all.clone()
                },
                false,
            ),
            (
                DeadLetterSelection {
                    older_than: hours(2),
                    ..all.clone()
                },
                true,
            ),
            (
                DeadLetterSelection {
                    older_than: hours(3),
                    ..all.clone()
                },
                false,
            ),
            (
                DeadLetterSelection {
                    newer_than: hours(3),
                    ..all.clone()
                },
                true,
            ),
            (
                DeadLetterSelection {
                    newer_than: hours(2),
                    ..all.clone()
                },
                false,
            ),
        ] {
            assert_eq!(selection.selects(&letter, now), expected, "{selection:?}");
        }
    }
}
