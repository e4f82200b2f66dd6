//! Runs every hour: sums up the queue metrics by hour and deletes the details that are no longer needed.

use shared::platform::config::{Variable, variables};
use shared::platform::db::Pool;
use shared::store::work::{message_attempts, queue_metrics, refreshes};
use shared::work::bootstrap::Bootstrap;

/// The settings that the function reads.
pub const SETTINGS: &[Variable] = &[
    variables::DATABASE_URL,
    variables::DATABASE_STATEMENTS,
    variables::AWS_ENDPOINT_URL,
    variables::LOG,
    variables::LOG_FORMAT,
];

/// What the rollup function works with.
pub struct Context {
    pool: Pool,
}

impl Context {
    /// The context of a function with these settings.
    #[must_use]
    pub fn new(bootstrap: &Bootstrap) -> Self {
        Self {
            pool: bootstrap.pool.clone(),
        }
    }
}

/// Sums up the last hours and returns how many sums changed. Does nothing if another instance is doing it
/// now.
pub async fn handle(context: &Context) -> anyhow::Result<u64> {
    let mut client = context.pool.client().await?;
    let transaction = client.transaction().await?;
    if !refreshes::try_lock_schedule(&transaction, "rollup").await? {
        return Ok(0);
    }
    let changed = queue_metrics::sum_hours(&transaction).await?;
    queue_metrics::delete_old(&transaction).await?;
    message_attempts::delete_old(&transaction).await?;
    transaction.commit().await?;
    Ok(changed)
}
