//! The rollup function: the shape that its callers build on.
//! What it does is not in this room yet.

use shared::db::Pool;

/// What it runs with.
pub struct Context {
    /// The database.
    pub pool: Pool,
}

/// Runs once; gives how many sums changed.
///
/// # Errors
/// What failed.
pub async fn handle(context: &Context) -> anyhow::Result<u64> {
    Ok(shared::store::queue_metrics::sum_hours(&context.pool.client().await?).await?)
}
