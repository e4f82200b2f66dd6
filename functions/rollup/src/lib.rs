//! Every hour: sums up how the queues did and deletes what the sums keep. Statistics of producers are swept.

use shared::db::Pool;
use shared::store::{queue_metrics, refreshes};

/// What rolling up is done with.
#[derive(Clone)]
pub struct Context {
    /// The database.
    pub pool: Pool,
}

/// Sums up the last hours; gives how many sums changed. Does nothing where somebody else does it now.
///
/// # Errors
/// The database's.
pub async fn handle(context: &Context) -> anyhow::Result<u64> {
    let mut client = context.pool.client().await?;
    let transaction = client.transaction().await?;
    if !refreshes::try_lock_schedule(&transaction, "rollup").await? {
        return Ok(0);
    }
    let changed = queue_metrics::sum_hours(&transaction).await?;
    queue_metrics::delete_old(&transaction).await?;
    transaction.commit().await?;
    Ok(changed)
}
