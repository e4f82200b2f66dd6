//! Statistics brought up to date before a result is printed.
//! What is counted is sweep's matter.

use std::time::Duration;

use shared::db::Pool;
use shared::queue::Queues;
use shared::store::totals;
use tokio::time::Instant;

use super::up::SWEEP_EVERY;

/// Printing something slightly out of date is better than not printing.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(100);

/// Has the statistics recomputed that no longer hold. A sweep that runs already is waited for.
///
/// # Errors
/// The database's.
pub(super) async fn refresh(pool: &Pool, queues: &Queues) -> anyhow::Result<()> {
    let context = sweep::Context {
        pool: pool.clone(),
        queues: queues.clone(),
    };
    let deadline = Instant::now() + PATIENCE;
    while totals::count_stale(&pool.client().await?).await? > 0 && Instant::now() < deadline {
        if sweep::handle(&context, SWEEP_EVERY).await?.statistics == 0 {
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok(())
}
