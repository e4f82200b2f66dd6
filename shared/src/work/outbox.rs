//! What comes next is a row: the last part of every handler's transaction. Sending the rows is [`crate::work::queue::Queues::send_written`].

use chrono::{DateTime, Utc};

use crate::domain::messages::{Envelope, Message};
use crate::platform::db::Client;
use crate::store::work::ingestions::{self, TaskOutcome};
use crate::store::work::outgoing_messages::{self, OutgoingMessage};

/// How a step ended.
#[derive(Debug, Clone, PartialEq)]
pub struct FinishedStep {
    /// How, for the ingestions that wait for it.
    pub outcome: TaskOutcome,
    /// Why it failed, or the candidates.
    pub detail: serde_json::Value,
    /// When the sources were asked.
    pub looked_up_at: DateTime<Utc>,
    /// What comes next.
    pub follow_ups: Vec<Message>,
}

impl FinishedStep {
    /// A step that is done, with what comes next.
    #[must_use]
    pub fn done(looked_up_at: DateTime<Utc>, follow_ups: Vec<Message>) -> Self {
        Self {
            outcome: TaskOutcome::Done,
            detail: serde_json::json!({}),
            looked_up_at,
            follow_ups,
        }
    }

    /// A step that will not be tried again; `reason` says what a person can do.
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

/// Settles a step for the ingestions that wait for it and writes the messages that follow, in the transaction that
/// wrote its data. What is returned is to be sent after the commit.
///
/// # Errors
/// The database's.
pub async fn finish(
    transaction: &Client<'_>,
    envelope: &Envelope,
    finished: &FinishedStep,
) -> Result<Vec<OutgoingMessage>, tokio_postgres::Error> {
    ingestions::settle(
        transaction,
        &envelope.message,
        finished.outcome,
        &finished.detail,
        finished.looked_up_at,
        &finished.follow_ups,
    )
    .await?;
    write_follow_ups(transaction, envelope, &finished.follow_ups).await
}

/// Writes messages that follow from a step that is not finished yet.
///
/// # Errors
/// The database's.
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
