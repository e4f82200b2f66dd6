//! A message that is being handled, with the client of the source that it needs.

use shared::domain::buckets::Bucket;
use shared::domain::messages::{Envelope, Message, Outcome};
use shared::platform::http;
use shared::work::budgets::BudgetError;
use shared::work::outbox::{self, FinishedStep};
use tokio::time::Instant;

use crate::context::Context;

/// A message with what its handler needs. `U` is the client of the source.
pub(crate) struct Job<'a, U> {
    pub(crate) context: &'a Context,
    pub(crate) upstream: &'a U,
    pub(crate) envelope: &'a Envelope,
    pub(crate) deadline: Instant,
}

impl<U> Job<'_, U> {
    /// Makes a request to the source within its rate limit.
    pub(crate) async fn request<T, F>(
        &self,
        bucket: Bucket,
        call: impl FnMut() -> F,
    ) -> Result<T, BudgetError>
    where
        F: Future<Output = Result<T, http::Error>>,
    {
        self.context.budgets.spend(bucket, self.deadline, call).await
    }

    /// Finishes a message that wrote nothing else.
    pub(crate) async fn finish(&self, step: &FinishedStep) -> anyhow::Result<Outcome> {
        let mut client = self.context.pool.client().await?;
        let transaction = client.transaction().await?;
        let written = outbox::finish(&transaction, self.envelope, step).await?;
        transaction.commit().await?;
        drop(client);
        self.context
            .queues
            .send_written(&self.context.pool, &written)
            .await?;
        Ok(Outcome::Done)
    }
}

/// Discards a message that belongs to another function.
pub(crate) fn discard(message: &Message) -> Outcome {
    Outcome::Discard {
        reason: format!("{} is not for the ingest function", message.kind()),
    }
}
