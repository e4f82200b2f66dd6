//! Runs a handler and determines the outcome of its message, and the delay before a retry.

use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;
use rand::Rng as _;
use tokio::time::Instant;

use crate::domain::messages::Outcome;
use crate::platform::db::PoolError;
use crate::work::budgets;

/// The delay of the first retry; it doubles for each further one.
const FIRST_RETRY_SECONDS: u32 = 2;
const MAX_BACKOFF_SECONDS: u32 = 15 * 60;
/// The delay if the database is unreachable because it restarts or fails over. It is long enough that the
/// attempts last until it is back.
const DATABASE_RETRY_SECONDS: u32 = 120;

/// Runs a handler. An error, a panic or a missed deadline is a retry of this message alone.
pub(super) async fn outcome_of(
    deadline: Instant,
    handler: impl Future<Output = anyhow::Result<Outcome>>,
) -> Outcome {
    match tokio::time::timeout_at(deadline, AssertUnwindSafe(handler).catch_unwind()).await {
        Err(_) => Outcome::Retry {
            cause: "it exceeded the time limit".to_owned(),
            after_seconds: Some(0),
        },
        Ok(Err(panic)) => {
            let cause = panic
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or_else(|| panic.downcast_ref::<String>().cloned());
            tracing::error!(cause, "a handler panicked");
            Outcome::Retry {
                cause: "a handler panicked; see the log".to_owned(),
                after_seconds: None,
            }
        }
        Ok(Ok(Ok(outcome))) => outcome,
        Ok(Ok(Err(error))) => outcome_of_error(&error),
    }
}

/// The outcome for an error. The cause is shown to the person who requested the work; database errors appear
/// only in the log.
fn outcome_of_error(error: &anyhow::Error) -> Outcome {
    let is_unreachable = error.chain().any(|cause| cause.is::<PoolError>());
    if is_unreachable || error.chain().any(|cause| cause.is::<tokio_postgres::Error>()) {
        tracing::error!(error = format!("{error:#}"), "the database failed");
        return Outcome::Retry {
            cause: "the database failed; see the log".to_owned(),
            after_seconds: is_unreachable.then_some(DATABASE_RETRY_SECONDS),
        };
    }
    match error.downcast_ref::<budgets::BudgetError>() {
        Some(error) => error.outcome(),
        None => Outcome::Retry {
            cause: format!("{error:#}"),
            after_seconds: None,
        },
    }
}

/// An exponential delay, reduced by up to half at random, so that messages that failed together are not
/// retried together.
pub(super) fn backoff_seconds(attempt: i32) -> u32 {
    let longest = FIRST_RETRY_SECONDS
        .saturating_mul(2_u32.saturating_pow(u32::try_from(attempt - 1).unwrap_or(0)))
        .min(MAX_BACKOFF_SECONDS);
    rand::rng().random_range(longest.div_ceil(2)..=longest)
}
