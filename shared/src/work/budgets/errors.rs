//! Why a call was not made or failed, and what becomes of its message.

use chrono::{DateTime, Utc};

use crate::domain::buckets::Bucket;
use crate::domain::credits::Source;
use crate::domain::messages::Outcome;
use crate::platform::db::PoolError;
use crate::platform::http;

/// How long a message waits whose source is switched off.
const WAIT_FOR_SETTINGS: chrono::Duration = chrono::Duration::minutes(10);

/// Why a call returned no result.
#[derive(Debug, thiserror::Error)]
pub enum BudgetError {
    /// The call was not made or was rejected, and must not be made before a certain time.
    #[error("{bucket} cannot be called before {until}: {reason}")]
    NotNow {
        /// The bucket that it waits for.
        bucket: Bucket,
        /// The earliest time.
        until: DateTime<Utc>,
        /// The reason, shown to people.
        reason: String,
    },
    /// The upstream refuses our credentials. A person must correct the configuration; until then it is not
    /// called.
    #[error("{bucket} is not called until {until}: {reason}")]
    Refused {
        /// The refused bucket.
        bucket: Bucket,
        /// When the next call may be made.
        until: DateTime<Utc>,
        /// The upstream's reason.
        reason: String,
    },
    /// The source is switched off. The text names the missing setting.
    #[error("{0} is switched off: {1}")]
    SwitchedOff(Source, &'static str),
    /// The upstream failed.
    #[error("{0}")]
    Upstream(Source, #[source] http::Error),
    /// The budget could not be read.
    #[error("reading the budgets")]
    Pool(#[from] PoolError),
    /// The budget could not be read.
    #[error("reading the budgets")]
    Postgres(#[from] tokio_postgres::Error),
}

impl BudgetError {
    /// The outcome of the message whose work it stopped.
    ///
    /// # Errors
    /// The error itself if the database failed: the worker decides then.
    pub fn into_outcome(self) -> anyhow::Result<Outcome> {
        match self {
            BudgetError::NotNow {
                bucket,
                until,
                reason,
            }
            | BudgetError::Refused {
                bucket,
                until,
                reason,
            } => Ok(Outcome::Snooze {
                until,
                bucket: bucket.as_str(),
                reason,
            }),
            BudgetError::SwitchedOff(source, reason) => Ok(Outcome::Snooze {
                until: Utc::now() + WAIT_FOR_SETTINGS,
                bucket: source.as_str(),
                reason: reason.to_owned(),
            }),
            BudgetError::Upstream(source, cause) => Ok(Outcome::Retry {
                cause: format!("{source}: {cause}"),
                after_seconds: match cause {
                    http::Error::Unavailable {
                        retry_after_seconds, ..
                    } => retry_after_seconds,
                    _ => None,
                },
            }),
            BudgetError::Pool(_) | BudgetError::Postgres(_) => Err(self.into()),
        }
    }
}

/// The outcome of a message whose work these errors stopped; `None` without errors. A failure is retried
/// soon. A snooze lasts until the first source can be called again; calls to sources that are still blocked
/// then cost nothing.
///
/// # Errors
/// As [`BudgetError::into_outcome`].
pub fn outcome_of_errors(errors: Vec<BudgetError>) -> anyhow::Result<Option<Outcome>> {
    let soonest = |error: &BudgetError| match error {
        BudgetError::Pool(_) | BudgetError::Postgres(_) => (0, None),
        BudgetError::SwitchedOff(..) | BudgetError::Upstream(..) => (1, None),
        BudgetError::NotNow { until, .. } | BudgetError::Refused { until, .. } => (2, Some(*until)),
    };
    let error = errors.into_iter().min_by_key(soonest);
    error.map(BudgetError::into_outcome).transpose()
}
