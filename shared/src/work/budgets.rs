//! No call to an upstream without a reservation: the pace that all instances together keep, and the blocks that an
//! upstream imposes. Reserving is one statement outside any transaction, and no connection is held while waiting.
//!
//! A source has one pace (a row named as the source). Spotify counts its quota per group of endpoints, so a group can be
//! blocked while the others work; a plain 429 or a refusal stops the whole source.

use std::future::Future;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::domain::buckets::{Bucket, RequestRates};
use crate::domain::credits::Source;
use crate::domain::messages::Outcome;
use crate::platform::db::{Pool, PoolError};
use crate::platform::http;
use crate::store::work::upstream_budgets::{self, Reservation};
use crate::store::work::worker_issues::{self, WorkerIssue};

/// Why a call gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum BudgetError {
    /// It was not made, or not answered, and must not be made before a time.
    #[error("{bucket} has no room before {until}: {reason}")]
    NotNow {
        /// What it waits for.
        bucket: Bucket,
        /// The time.
        until: DateTime<Utc>,
        /// Why, as people are shown it.
        reason: String,
    },
    /// The upstream refuses our credentials: a person has to mend the configuration, and until then it is left alone.
    #[error("{bucket} is left alone until {until}: {reason}")]
    Refused {
        /// What is refused.
        bucket: Bucket,
        /// For how long.
        until: DateTime<Utc>,
        /// What it said.
        reason: String,
    },
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
    /// What it means for the message whose work it stopped.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
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
            } => Outcome::Snooze {
                until: *until,
                bucket: bucket.as_str(),
                reason: reason.clone(),
            },
            BudgetError::Upstream(source, cause) => Outcome::Retry {
                cause: format!("{source}: {cause}"),
                after_seconds: match cause {
                    http::Error::Unavailable {
                        retry_after_seconds, ..
                    } => *retry_after_seconds,
                    _ => None,
                },
            },
            BudgetError::Pool(_) | BudgetError::Postgres(_) => Outcome::Retry {
                cause: self.to_string(),
                after_seconds: None,
            },
        }
    }
}

/// What becomes of a message whose work these stopped; None where there are none. A failure is tried again soon, and a
/// snooze lasts until the first source has room: what is still blocked then costs nothing.
#[must_use]
pub fn outcome_of_errors(errors: Vec<BudgetError>) -> Option<Outcome> {
    let soonest = |error: &BudgetError| match error {
        BudgetError::NotNow { until, .. } | BudgetError::Refused { until, .. } => Some(*until),
        BudgetError::Upstream(..) | BudgetError::Pool(_) | BudgetError::Postgres(_) => None,
    };
    let error = errors.into_iter().min_by_key(soonest)?;
    Some(error.outcome())
}

/// The longest wait for a slot; beyond it a message is better off in Postgres.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// What is left of a message's time for the call itself and for writing what it found.
const TIME_FOR_THE_CALL: Duration = Duration::from_secs(5);
/// How long a source is left alone that turned us away without saying for how long.
const BLOCK: chrono::Duration = chrono::Duration::hours(1);
/// How often a call that met a pause is made again before its message waits instead.
const PAUSES: usize = 3;

/// The budgets of every upstream.
#[derive(Clone)]
pub struct Budgets {
    pool: Pool,
    paces: RequestRates,
}

impl Budgets {
    /// Budgets kept in the pool's database.
    #[must_use]
    pub fn new(pool: Pool, paces: RequestRates) -> Self {
        Self { pool, paces }
    }

    /// Makes one call of a bucket when its turn comes, and again after a short pause that the upstream asks for.
    ///
    /// # Errors
    /// [`BudgetError::NotNow`] where the turn would come too late for `deadline` or in over a minute; nothing was reserved
    /// then. What the upstream says of limits is kept, so that every instance stops at once.
    pub async fn spend<T, F>(
        &self,
        bucket: Bucket,
        deadline: Instant,
        mut call: impl FnMut() -> F,
    ) -> Result<T, BudgetError>
    where
        F: Future<Output = Result<T, http::Error>>,
    {
        let mut pauses = 0;
        loop {
            self.wait_for_slot(bucket, deadline).await?;
            match call().await {
                Ok(answer) => return Ok(answer),
                Err(cause) => {
                    let stopped = self.heed(bucket, cause).await?;
                    pauses += 1;
                    let soon = matches!(&stopped, BudgetError::NotNow { until, .. } if *until - Utc::now() < chrono::Duration::seconds(60));
                    if !soon || pauses >= PAUSES {
                        return Err(stopped);
                    }
                }
            }
        }
    }

    /// Waits for a slot, and for another where the upstream told somebody to stop in the meantime.
    async fn wait_for_slot(&self, bucket: Bucket, deadline: Instant) -> Result<(), BudgetError> {
        let (group, source) = (bucket.as_str(), bucket.source().as_str());
        loop {
            match self.reserve(bucket, deadline).await? {
                Reservation::Slot { in_seconds } if in_seconds > 0.0 => {
                    tokio::time::sleep(Duration::from_secs_f64(in_seconds)).await;
                    let client = self.pool.client().await?;
                    if !upstream_budgets::is_blocked(&client, group, source).await? {
                        return Ok(());
                    }
                }
                Reservation::Slot { .. } => return Ok(()),
                Reservation::NotBefore { until, reason } => {
                    return Err(BudgetError::NotNow {
                        bucket,
                        until,
                        reason: reason.unwrap_or_else(|| format!("waiting for a turn at {source}")),
                    });
                }
                Reservation::Refused { until, reason } => {
                    return Err(BudgetError::Refused {
                        bucket,
                        until,
                        reason,
                    });
                }
            }
        }
    }

    async fn reserve(&self, bucket: Bucket, deadline: Instant) -> Result<Reservation, BudgetError> {
        let within = deadline
            .saturating_duration_since(Instant::now())
            .saturating_sub(TIME_FOR_THE_CALL)
            .min(LONGEST_WAIT);
        let source = bucket.source();
        let client = self.pool.client().await?;
        let reservation = upstream_budgets::reserve(
            &client,
            bucket.as_str(),
            source.as_str(),
            self.paces.interval_ms(source),
            within.as_secs_f64(),
        );
        Ok(reservation.await?)
    }

    /// Keeps what an upstream's refusal says of when to call again.
    async fn heed(&self, bucket: Bucket, cause: http::Error) -> Result<BudgetError, BudgetError> {
        let source = bucket.source();
        let (blocked, until, reason) = match cause {
            http::Error::RateLimited { until, quota: true } => (
                bucket.as_str(),
                until,
                format!("the quota of {bucket} is used up"),
            ),
            http::Error::RateLimited { until, quota: false } => {
                (source.as_str(), until, format!("{source} asked for a pause"))
            }
            http::Error::Blocked(why) => (
                source.as_str(),
                Utc::now() + BLOCK,
                format!("{source} turned us away: {why}"),
            ),
            http::Error::Refused(why) => {
                return self.heed_refusal(bucket, &why).await;
            }
            cause @ (http::Error::Unavailable { .. } | http::Error::Decode(_)) => {
                return Ok(BudgetError::Upstream(source, cause));
            }
        };
        upstream_budgets::block(
            &self.pool.client().await?,
            blocked,
            source.as_str(),
            until,
            &reason,
        )
        .await?;
        Ok(BudgetError::NotNow {
            bucket,
            until,
            reason,
        })
    }

    /// Lets a person know that a source refuses our credentials.
    async fn heed_refusal(&self, bucket: Bucket, why: &str) -> Result<BudgetError, BudgetError> {
        let source = bucket.source().as_str();
        let reason = format!("{source} refuses our requests: {why}");
        let issue = WorkerIssue {
            worker_name: source,
            issue_type: "refused",
            fingerprint: "",
            message: &reason,
            details: serde_json::json!({ "bucket": bucket }),
        };
        let until = Utc::now() + BLOCK;
        let client = self.pool.client().await?;
        worker_issues::raise(&client, &issue).await?;
        upstream_budgets::block_refused(&client, source, until, &reason).await?;
        Ok(BudgetError::Refused {
            bucket,
            until,
            reason,
        })
    }
}
