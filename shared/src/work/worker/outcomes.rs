//! From how a handler ended to what comes of its message, and when one that failed is tried again. Carrying that out is in
//! [`super::settling`].

use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;
use rand::Rng as _;
use tokio::time::Instant;

use crate::domain::messages::Outcome;
use crate::platform::db::PoolError;
use crate::work::budgets;

/// The first retry's delay; each further one doubles it.
const FIRST_RETRY_SECONDS: u32 = 2;
const LONGEST_BACKOFF_SECONDS: u32 = 15 * 60;
/// A database that cannot be connected to is changing machines or starting up: all attempts must not be used up by then.
const DATABASE_AWAY_SECONDS: u32 = 120;

/// Runs a handler to its outcome: an error, a panic or the deadline is a retry of this message alone.
pub(super) async fn outcome_of(
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
    if is_away || error.chain().any(|cause| cause.is::<tokio_postgres::Error>()) {
        tracing::error!(error = format!("{error:#}"), "the database failed");
        return Outcome::Retry {
            cause: "the database failed; the log says how".to_owned(),
            after_seconds: is_away.then_some(DATABASE_AWAY_SECONDS),
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

/// Doubling, with up to half of it taken off at random so that those who failed together do not come back together.
pub(super) fn backoff_seconds(attempt: i32) -> u32 {
    let longest = FIRST_RETRY_SECONDS
        .saturating_mul(2_u32.saturating_pow(u32::try_from(attempt - 1).unwrap_or(0)))
        .min(LONGEST_BACKOFF_SECONDS);
    rand::rng().random_range(longest.div_ceil(2)..=longest)
}
