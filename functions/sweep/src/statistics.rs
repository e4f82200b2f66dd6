//! Recomputes outdated producer statistics, and the counts of artists' songs that search sorts by.

use shared::platform::db::Pool;
use shared::store::producers::statistics;
use shared::store::search::upkeep;

/// Producers per transaction. A transaction locks the statistics of its producers while it runs.
const BATCH_SIZE: i64 = 500;

/// Marks of artists per transaction.
const ARTIST_BATCH_SIZE: i32 = 500;

/// Computes all outdated statistics and returns of how many producers. Counts the songs of artists, too.
pub async fn compute_statistics(pool: &Pool) -> anyhow::Result<u64> {
    let mut client = pool.client().await?;
    while upkeep::count_stale_artists(&client, ARTIST_BATCH_SIZE).await? {}
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
