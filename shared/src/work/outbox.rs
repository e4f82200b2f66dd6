//! The outbox: follow-up messages are rows that are written in the same transaction as a step's data.
//! [`crate::work::queue::Queues::send_written`] sends them after the commit.

use chrono::{DateTime, Utc};

use crate::domain::messages::{Envelope, Message};
use crate::platform::db::{Client, Pool};
use crate::store::work::ingestions::{self, TaskOutcome};
use crate::store::work::outgoing_messages::{self, OutgoingMessage};

/// The result of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct FinishedStep {
    /// The outcome, for the ingestions that wait for it.
    pub outcome: TaskOutcome,
    /// The reason for a failure, or the candidates.
    pub detail: serde_json::Value,
    /// When the sources were queried.
    pub looked_up_at: DateTime<Utc>,
    /// The follow-up messages.
    pub follow_ups: Vec<Message>,
}

impl FinishedStep {
    /// A successful step with its follow-up messages.
    #[must_use]
    pub fn done(looked_up_at: DateTime<Utc>, follow_ups: Vec<Message>) -> Self {
        Self {
            outcome: TaskOutcome::Done,
            detail: serde_json::json!({}),
            looked_up_at,
            follow_ups,
        }
    }

    /// A step that failed and is not retried. `reason` tells what a person can do.
    #[must_use]
    pub fn failed(looked_up_at: DateTime<Utc>, reason: &str) -> Self {
        Self {
            outcome: TaskOutcome::Failed,
            detail: serde_json::json!({ "reason": reason }),
            looked_up_at,
            follow_ups: Vec::new(),
        }
    }
}

/// Settles a step for the ingestions that wait for it, and writes its follow-up messages, which these
/// ingestions wait for as well, in the transaction that wrote its data. Send the returned messages after the
/// commit.
pub async fn finish(
    transaction: &Client<'_>,
    envelope: &Envelope,
    finished: &FinishedStep,
) -> Result<Vec<OutgoingMessage>, tokio_postgres::Error> {
    let settled = ingestions::settle(
        transaction,
        &envelope.message,
        finished.outcome,
        &finished.detail,
        finished.looked_up_at,
        &finished.follow_ups,
    )
    .await?;
    let envelope = envelope.clone().awaited_by(&settled);
    write_follow_ups(transaction, &envelope, &finished.follow_ups).await
}

/// Finishes a step that wrote nothing else, in a transaction of its own. Send the returned messages.
pub async fn finish_alone(
    pool: &Pool,
    envelope: &Envelope,
    finished: &FinishedStep,
) -> anyhow::Result<Vec<OutgoingMessage>> {
    let mut client = pool.client().await?;
    let transaction = client.transaction().await?;
    let written = finish(&transaction, envelope, finished).await?;
    transaction.commit().await?;
    Ok(written)
}

/// Writes the follow-up messages of a step that is not finished yet. Each work item is written once.
pub async fn write_follow_ups(
    transaction: &Client<'_>,
    envelope: &Envelope,
    follow_ups: &[Message],
) -> Result<Vec<OutgoingMessage>, tokio_postgres::Error> {
    let mut envelopes: Vec<_> = follow_ups
        .iter()
        .map(|message| envelope.follow_up(message.clone()))
        .collect();
    let mut keys = std::collections::HashSet::new();
    envelopes.retain(|envelope| keys.insert(envelope.message.key()));
    outgoing_messages::upsert(transaction, &envelopes).await
}
