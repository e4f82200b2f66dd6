//! The messages that nobody waits for any more, because their ingestions were cancelled.

use std::collections::HashSet;

use tokio::time::{Instant, timeout_at};

use super::Worker;
use super::trying::{ParsedBody, TryResult, result_of_error};
use crate::domain::ids::IngestionId;
use crate::domain::messages::{Envelope, Outcome};
use crate::platform::error_text::error_text;
use crate::store::work::{cancellations, ingestions};

/// The cancelled ingestions among those of a batch.
pub(super) struct CancelledIngestions(HashSet<IngestionId>);

impl CancelledIngestions {
    /// The message in `body`, if it is for ingestions and all of them are cancelled.
    pub(super) fn message<'a>(&self, body: &'a ParsedBody) -> Option<&'a Envelope> {
        let envelope = body.as_ref().ok()?;
        let is_cancelled = envelope.ingestions.iter().all(|id| self.0.contains(id));
        (is_cancelled && !envelope.ingestions.is_empty()).then_some(envelope)
    }
}

impl Worker {
    /// Reads which ingestions of these messages are cancelled. If that fails, the messages are handled: a
    /// database that is away is noticed there.
    pub(super) async fn list_cancelled<'a>(
        &self,
        bodies: impl Iterator<Item = &'a ParsedBody>,
        deadline: Instant,
    ) -> CancelledIngestions {
        let envelopes = bodies.filter_map(|body| body.as_ref().ok());
        let ids: HashSet<IngestionId> = envelopes
            .flat_map(|envelope| &envelope.ingestions)
            .copied()
            .collect();
        if ids.is_empty() {
            return CancelledIngestions(ids);
        }
        let ids: Vec<IngestionId> = ids.into_iter().collect();
        let read = async {
            let client = self.pool.client().await?;
            anyhow::Ok(cancellations::list_cancelled(&client, &ids).await?)
        };
        let cancelled = match timeout_at(deadline, read).await {
            Ok(Ok(cancelled)) => cancelled,
            Ok(Err(error)) => {
                let error = error_text(&*error);
                tracing::warn!(error, "could not read which ingestions are cancelled");
                Vec::new()
            }
            Err(_) => Vec::new(),
        };
        CancelledIngestions(cancelled.into_iter().collect())
    }

    /// Ends a message of cancelled ingestions without doing its work.
    pub(super) async fn skip(&self, envelope: &Envelope, receive_count: i32) -> TryResult {
        let skipped = async {
            let client = self.pool.client().await?;
            ingestions::cancel_step(&client, &envelope.message, &envelope.ingestions).await?;
            anyhow::Ok(Outcome::Done)
        };
        match skipped.await {
            Ok(outcome) => {
                tracing::info!(message.key = envelope.message.key(), "cancelled");
                TryResult::Outcome(outcome)
            }
            Err(error) => result_of_error(error, receive_count),
        }
    }
}
