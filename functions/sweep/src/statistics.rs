//! Recomputes outdated producer statistics.

use shared::platform::db::Pool;
use shared::store::producers::statistics;

/// Producers per transaction. A transaction locks the statistics of its producers while it runs.
const BATCH_SIZE: i64 = 500;

/// Computes all outdated statistics and returns of how many producers.
pub async fn compute_statistics(pool: &Pool) -> anyhow::Result<u64> {
    let mut client = pool.client().await?;
    let mut total = 0;
    loop {
        let transaction = client.transaction().await?;
        let computed = statistics::compute_stale(&transaction, BATCH_SIZE).await?;
        transaction.commit().await?;
        total += computed as u64;
        if computed < BATCH_SIZE as usize {
            return Ok(total);
        }
    }
}
