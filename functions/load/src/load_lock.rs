//! Allows only one load at a time on a database.

use shared::platform::db::Pool;
use shared::store::loads;

/// Runs `load`, or fails at once if another load is running on this database.
pub(crate) async fn run_exclusively<T>(
    pool: &Pool,
    load: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    let client = pool.client().await?;
    if !loads::try_lock(&client).await? {
        anyhow::bail!("another load is running on this database: wait until it has ended");
    }
    let outcome = load.await;
    let unlocked = loads::unlock(&client).await;
    let outcome = outcome?;
    unlocked?;
    Ok(outcome)
}
