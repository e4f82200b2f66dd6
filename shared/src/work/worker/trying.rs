//! Tries a message: runs the handler, and distinguishes failures of the work from interruptions, which are no
//! attempts.

use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;

use chrono::{DateTime, Utc};
use futures::FutureExt as _;
use tokio::time::{Instant, timeout_at};

use super::{FIRST_COUNTED_CANCELLATION, FIRST_RECORDED_RECEIPT, MAX_OPEN_STARTS, Worker};
use crate::domain::messages::{Delivery, Envelope, Outcome};
use crate::platform::db::{is_deadlock, is_interruption, is_timed_out, retry_conflicts};
use crate::platform::error_text::error_text;
use crate::store::work::message_attempts;
use crate::work::budgets::BudgetError;

/// A message, or why its body is none.
pub(super) type ParsedBody = Result<Envelope, serde_json::Error>;

/// How often a message is tried at once whose transaction was ended by a deadlock.
const DEADLOCK_TRIES: u32 = 3;

/// How the try of a message ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TryResult {
    /// With an outcome.
    Outcome(Outcome),
    /// It could not go on, which is no attempt.
    Interrupted(Interruption),
}

/// Why a try could not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interruption {
    /// The database is away or too busy, or another transaction was in the way.
    Database,
    /// The batch had no time left for it.
    EndOfBatch,
}

impl fmt::Display for TryResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TryResult::Outcome(outcome) => outcome.fmt(f),
            TryResult::Interrupted(_) => f.write_str("interrupted"),
        }
    }
}

impl Worker {
    /// Runs the handler on a message, unless the message cannot be handled, ends its workers, or waits
    /// because a load has locked the catalog.
    pub(super) async fn try_message<F, Fut>(
        &self,
        delivery: &Delivery,
        body: &ParsedBody,
        deadline: Instant,
        locked_until: Option<DateTime<Utc>>,
        handler: &F,
    ) -> TryResult
    where
        F: Fn(Envelope, Instant) -> Fut,
        Fut: Future<Output = anyhow::Result<Outcome>>,
    {
        let envelope = match body {
            Ok(envelope) if envelope.message.queue() == self.queue => envelope,
            Ok(envelope) => {
                let kind = envelope.message.kind();
                return discard(format!("{kind} was sent on the {} queue", self.queue));
            }
            // The parser's message is dropped: it could quote the body, whose content is unknown.
            Err(error) => {
                let (what, column) = (error.classify(), error.column());
                return discard(format!("the body is not a message: {what:?} at column {column}"));
            }
        };
        if Instant::now() >= deadline {
            return TryResult::Interrupted(Interruption::EndOfBatch);
        }
        if let Some(until) = locked_until {
            return TryResult::Outcome(Outcome::Snooze {
                until,
                bucket: "load",
                reason: "a load is filling the catalog".to_owned(),
            });
        }
        if delivery.receive_count >= FIRST_RECORDED_RECEIPT
            && let Some(result) = self
                .record_start(envelope, delivery.receive_count, deadline)
                .await
        {
            return result;
        }
        // The handler is called inside the future, so that a panic before its first await is caught as well.
        // Handlers are idempotent, so one whose transaction lost a deadlock simply runs again.
        let handled = async {
            let lost = |error: &anyhow::Error| is_deadlock(&**error);
            retry_conflicts(DEADLOCK_TRIES, lost, || handler(envelope.clone(), deadline)).await
        };
        result_of(deadline, delivery.receive_count, handled).await
    }

    /// Records that the try of a message begins. Returns how the try ends if it must not begin.
    async fn record_start(
        &self,
        envelope: &Envelope,
        receive_count: i32,
        deadline: Instant,
    ) -> Option<TryResult> {
        let key = envelope.message.key();
        let record = async {
            let client = self.pool.client().await?;
            let open_starts = message_attempts::record_start(&client, self.queue, &key).await?;
            anyhow::Ok(open_starts)
        };
        match timeout_at(deadline, record).await {
            Ok(Ok(open_starts)) if open_starts < MAX_OPEN_STARTS => None,
            Ok(Ok(open_starts)) => Some(discard(format!(
                "it ends its worker: the last {open_starts} tries began and did not end"
            ))),
            Ok(Err(error)) => Some(result_of_error(error, receive_count)),
            Err(_) => Some(TryResult::Interrupted(Interruption::Database)),
        }
    }
}

fn discard(reason: String) -> TryResult {
    TryResult::Outcome(Outcome::Discard { reason })
}

/// Runs a handler. An error, a panic or a missed deadline is a retry of this message alone.
pub(super) async fn result_of(
    deadline: Instant,
    receive_count: i32,
    handler: impl Future<Output = anyhow::Result<Outcome>>,
) -> TryResult {
    let (cause, after_seconds) = match timeout_at(deadline, AssertUnwindSafe(handler).catch_unwind()).await {
        Ok(Ok(Ok(outcome))) => return TryResult::Outcome(outcome),
        Ok(Ok(Err(error))) => return result_of_error(error, receive_count),
        Ok(Err(panic)) => {
            let cause = panic
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or_else(|| panic.downcast_ref::<String>().cloned());
            tracing::error!(cause, "a handler panicked");
            ("a handler panicked; see the log", None)
        }
        Err(_) => ("it exceeded the time limit", Some(0)),
    };
    TryResult::Outcome(Outcome::Retry {
        cause: cause.to_owned(),
        after_seconds,
    })
}

/// The end of a try for an error. The cause is shown to the person who requested the work; database errors
/// appear only in the log.
pub(super) fn result_of_error(error: anyhow::Error, receive_count: i32) -> TryResult {
    let was_too_busy = is_timed_out(&*error) && receive_count < FIRST_COUNTED_CANCELLATION;
    if was_too_busy || is_interruption(&*error) {
        tracing::warn!(error = error_text(&*error), "the database interrupted a message");
        return TryResult::Interrupted(Interruption::Database);
    }
    let retry = |cause: String| Outcome::Retry {
        cause,
        after_seconds: None,
    };
    if error.chain().any(|cause| cause.is::<tokio_postgres::Error>()) {
        tracing::error!(error = error_text(&*error), "the database failed");
        return TryResult::Outcome(retry("the database failed; see the log".to_owned()));
    }
    let outcome = match error.downcast::<BudgetError>() {
        Ok(error) => error.into_outcome(),
        Err(error) => Err(error),
    };
    TryResult::Outcome(outcome.unwrap_or_else(|error| retry(error_text(&*error))))
}
