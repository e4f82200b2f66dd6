//! Limits the calls to upstreams: the request rate that all instances share, and the blocks that an upstream
//! imposes. Every call needs a reservation. Reserving is one statement outside any transaction, and no
//! connection is held while waiting.
//!
//! Each source has one rate (a row named after the source). Spotify counts its quota per group of endpoints,
//! so one group can be blocked while the others work. A plain 429 stops the whole source. A refusal of
//! credentials stops the calls with those credentials, in a row of their own.

mod errors;

use std::future::Future;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::domain::buckets::{Bucket, RequestRates};
use crate::domain::credits::Source;
use crate::platform::config::CredentialHashes;
use crate::platform::db::Pool;
use crate::platform::http;
use crate::store::work::upstream_budgets::{self, Reservation};
use crate::store::work::worker_issues::{self, WorkerIssue};

pub use errors::{BudgetError, outcome_of_errors};

/// The longest wait for a slot. For longer ones the message is snoozed in Postgres.
const MAX_WAIT: Duration = Duration::from_secs(60);
/// The part of a message's time that is reserved for the call itself and for writing its result.
const TIME_FOR_CALL: Duration = Duration::from_secs(5);
/// How long a source is not called after it rejected us without stating a time.
const BLOCK_TIME: chrono::Duration = chrono::Duration::hours(1);
/// The longest block. No source asks for a longer one, but a broken proxy before it may.
const MAX_BLOCK: chrono::Duration = chrono::Duration::days(1);
/// How often a call is made if the upstream asks for short pauses, before its message waits instead.
const MAX_ATTEMPTS: usize = 3;

/// The budgets of every upstream.
#[derive(Clone)]
pub struct Budgets {
    pool: Pool,
    request_rates: RequestRates,
    credentials: CredentialHashes,
}

impl Budgets {
    /// Budgets in the pool's database, for calls without credentials.
    #[must_use]
    pub fn new(pool: Pool, request_rates: RequestRates) -> Self {
        let credentials = CredentialHashes::default();
        Self {
            pool,
            request_rates,
            credentials,
        }
    }

    /// The same budgets for calls with these credentials.
    #[must_use]
    pub fn with_credentials(self, credentials: CredentialHashes) -> Self {
        Self { credentials, ..self }
    }

    /// The row that holds whether our credentials are refused: that of the source itself without credentials.
    fn credentials_bucket(&self, source: Source) -> String {
        match self.credentials.find(source) {
            Some(hash) => format!("{source} {hash}"),
            None => source.as_str().to_owned(),
        }
    }

    /// Lets the work go on that waits because a source refused other credentials than these.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn forget_other_refusals(&self) -> anyhow::Result<()> {
        let client = self.pool.client().await?;
        for source in Source::ALL
            .iter()
            .filter(|source| self.credentials.find(**source).is_some())
        {
            let credentials = self.credentials_bucket(*source);
            upstream_budgets::forget_refusals(&client, source.as_str(), &credentials).await?;
        }
        Ok(())
    }

    /// The budgets for the calls of one message, which must be handled until `deadline`.
    #[must_use]
    pub fn until(&self, deadline: Instant) -> MessageBudgets<'_> {
        MessageBudgets {
            budgets: self,
            deadline,
            is_half: false,
        }
    }
}

/// The budgets for the calls of one message.
#[derive(Clone, Copy)]
pub struct MessageBudgets<'a> {
    budgets: &'a Budgets,
    deadline: Instant,
    /// Whether these calls leave half of the source's rate to others.
    is_half: bool,
}

impl MessageBudgets<'_> {
    /// The time by the clock of the database, for what is stored about a lookup.
    #[must_use]
    pub fn now(self) -> DateTime<Utc> {
        self.budgets.pool.now()
    }

    /// The same for calls of which a message makes very many. All such calls of all messages together take at
    /// most half of the rate of their source.
    #[must_use]
    pub fn of_half(self) -> Self {
        Self {
            is_half: true,
            ..self
        }
    }

    /// Makes one call of a bucket when its turn comes, and repeats it after a short pause that the upstream
    /// asks for. A limit that the upstream states is stored, so that every instance stops at once.
    ///
    /// # Errors
    /// [`BudgetError::NotNow`] if the turn would come too late for the deadline or in over a minute. Nothing
    /// is reserved then.
    pub async fn spend<T, F>(self, bucket: Bucket, mut call: impl FnMut() -> F) -> Result<T, BudgetError>
    where
        F: Future<Output = Result<T, http::Error>>,
    {
        let mut attempts = 0;
        loop {
            self.wait_for_slot(bucket).await?;
            match call().await {
                Ok(answer) => return Ok(answer),
                Err(cause) => {
                    let stopped = self.budgets.store_block(bucket, cause).await?;
                    attempts += 1;
                    let is_short = |until: DateTime<Utc>| until - self.now() < chrono::Duration::seconds(60);
                    let soon = matches!(&stopped, BudgetError::NotNow { until, .. } if is_short(*until));
                    if !soon || attempts >= MAX_ATTEMPTS {
                        return Err(stopped);
                    }
                }
            }
        }
    }

    /// Waits for a slot, and for another one if the upstream imposed a block in the meantime.
    async fn wait_for_slot(self, bucket: Bucket) -> Result<(), BudgetError> {
        let (group, source) = (bucket.as_str(), bucket.source().as_str());
        let credentials = self.budgets.credentials_bucket(bucket.source());
        if self.is_half {
            self.wait_for(bucket, self.reserve_of_half(bucket).await?).await?;
        }
        loop {
            let has_waited = self.wait_for(bucket, self.reserve(bucket).await?).await?;
            if !has_waited {
                return Ok(());
            }
            let client = self.budgets.pool.client().await?;
            if !upstream_budgets::is_blocked(&client, group, source, &credentials).await? {
                return Ok(());
            }
        }
    }

    /// Waits for a reserved slot. Returns whether there was anything to wait for.
    async fn wait_for(self, bucket: Bucket, reservation: Reservation) -> Result<bool, BudgetError> {
        match reservation {
            Reservation::Slot { in_seconds } => {
                tokio::time::sleep(Duration::from_secs_f64(in_seconds)).await;
                Ok(in_seconds > 0.0)
            }
            Reservation::NotBefore { until, reason } => Err(BudgetError::NotNow {
                bucket,
                until,
                reason: reason.unwrap_or_else(|| format!("waiting for a turn at {}", bucket.source())),
            }),
            Reservation::Refused { until, reason } => Err(BudgetError::Refused {
                bucket,
                until,
                reason,
            }),
        }
    }

    async fn reserve(self, bucket: Bucket) -> Result<Reservation, BudgetError> {
        let source = bucket.source();
        let credentials = self.budgets.credentials_bucket(source);
        let client = self.budgets.pool.client().await?;
        let reservation = upstream_budgets::reserve(
            &client,
            bucket.as_str(),
            source.as_str(),
            &credentials,
            self.budgets.request_rates.interval_ms(source),
            self.seconds_to_wait(),
        );
        Ok(reservation.await?)
    }

    async fn reserve_of_half(self, bucket: Bucket) -> Result<Reservation, BudgetError> {
        let source = bucket.source();
        let interval_ms = self.budgets.request_rates.interval_ms(source);
        let client = self.budgets.pool.client().await?;
        let seconds = self.seconds_to_wait();
        let reservation = upstream_budgets::reserve_of_half(&client, source.as_str(), interval_ms, seconds);
        Ok(reservation.await?)
    }

    /// How far away a slot may be, so that its call ends before the deadline.
    fn seconds_to_wait(self) -> f64 {
        let left = self.deadline.saturating_duration_since(Instant::now());
        left.saturating_sub(TIME_FOR_CALL).min(MAX_WAIT).as_secs_f64()
    }
}

impl Budgets {
    /// Stores when the upstream may be called again after an error, at most a day from now.
    async fn store_block(&self, bucket: Bucket, cause: http::Error) -> Result<BudgetError, BudgetError> {
        let source = bucket.source();
        let (blocked, until, reason) = match cause {
            http::Error::RateLimited { until, quota: true } => (
                bucket.as_str(),
                self.pool.database_time(until),
                format!("the quota of {bucket} is used up"),
            ),
            http::Error::RateLimited { until, quota: false } => {
                let until = self.pool.database_time(until);
                (source.as_str(), until, format!("{source} asked for a pause"))
            }
            http::Error::Blocked(why) => (
                source.as_str(),
                self.pool.now() + BLOCK_TIME,
                format!("{source} rejected our requests: {why}"),
            ),
            http::Error::Refused(why) => {
                return self.store_refusal(bucket, &why).await;
            }
            cause @ (http::Error::Unavailable { .. } | http::Error::Decode(_)) => {
                return Ok(BudgetError::Upstream(source, cause));
            }
        };
        let until = until.min(self.pool.now() + MAX_BLOCK);
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

    /// Raises an issue for a source that refuses our credentials, and blocks them.
    async fn store_refusal(&self, bucket: Bucket, why: &str) -> Result<BudgetError, BudgetError> {
        let source = bucket.source().as_str();
        let reason = format!("{source} refuses our requests: {why}");
        let issue = WorkerIssue {
            worker_name: source,
            issue_type: "refused",
            fingerprint: "",
            message: &reason,
            details: serde_json::json!({ "bucket": bucket }),
        };
        let until = self.pool.now() + BLOCK_TIME;
        let client = self.pool.client().await?;
        worker_issues::raise(&client, &issue).await?;
        let credentials = self.credentials_bucket(bucket.source());
        upstream_budgets::block_refused(&client, &credentials, source, until, &reason).await?;
        Ok(BudgetError::Refused {
            bucket,
            until,
            reason,
        })
    }
}
