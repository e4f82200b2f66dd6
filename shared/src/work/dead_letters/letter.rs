//! A dead letter, wherever it is stored.

use chrono::{DateTime, Utc};

use crate::domain::messages::Envelope;
use crate::store::work::dead_messages::DeadMessage;

/// How many characters of an id of SQS name a dead letter.
const LEAST_ID_CHARACTERS: usize = 8;

/// A message that is not handled any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its id: a number in Postgres, and the message id on SQS.
    pub id: String,
    /// The queue that it was received from, which an earlier version may have named otherwise.
    pub queue: String,
    /// Its body.
    pub body: String,
    /// Why it is dead.
    pub reason: String,
    /// How often it was received.
    pub receive_count: i32,
    /// When it died. On SQS, a message that SQS itself moved has the time at which it was sent.
    pub died_at: DateTime<Utc>,
    /// The receipt, on SQS.
    pub(super) receipt: Option<String>,
}

impl DeadLetter {
    /// Whether this is its id. On SQS, the first characters are enough.
    #[must_use]
    pub fn has_id(&self, id: &str) -> bool {
        self.id == id || self.receipt.is_some() && id.len() >= LEAST_ID_CHARACTERS && self.id.starts_with(id)
    }

    /// The id as people type it: on SQS its first characters.
    #[must_use]
    pub fn short_id(&self) -> &str {
        match self.receipt {
            Some(_) => self.id.get(..LEAST_ID_CHARACTERS).unwrap_or(&self.id),
            None => &self.id,
        }
    }

    /// The key of the message; `None` if this version cannot read the body.
    #[must_use]
    pub fn message_key(&self) -> Option<String> {
        let envelope: Envelope = serde_json::from_str(&self.body).ok()?;
        Some(envelope.message.key())
    }

    pub(super) fn from_row(row: DeadMessage) -> Self {
        Self {
            id: row.id.to_string(),
            queue: row.queue,
            body: row.body,
            reason: row.reason,
            receive_count: row.receive_count,
            died_at: row.died_at,
            receipt: None,
        }
    }
}
