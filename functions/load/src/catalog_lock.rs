//! Locks an empty catalog and drops its keys and indexes before a load fills it. The DDL that recreates them
//! is saved in `loads` first, so that another process can recreate them if the load is killed.

use anyhow::Context as _;
use shared::platform::db::{Client, Pool};
use shared::store::loads;
use shared::store::loads::dropped_keys;
use shared::store::search::upkeep;

use crate::bulk::{self, RestoreScope};
use crate::progress::LoadLock;

/// Locks the empty catalog against other writers, drops the keys and indexes of the tables that a load fills,
/// and pauses the upkeep of search.
///
/// # Errors
/// Also if somebody wrote into the catalog meanwhile.
pub async fn drop_keys(client: &mut Client<'_>, load_id: i64) -> anyhow::Result<()> {
    let ddl = dropped_keys::list_ddl(client).await?;
    let transaction = client.transaction().await?;
    dropped_keys::set_pending(&transaction, load_id, &ddl).await?;
    // Nobody writes from here on, so this does not change any more.
    anyhow::ensure!(
        loads::is_empty(&transaction).await?,
        "another process wrote into the catalog as the load began: run the same command again"
    );
    // Committed before anything is dropped.
    transaction.commit().await?;
    let transaction = client.transaction().await?;
    upkeep::pause(&transaction).await?;
    for ddl in &ddl {
        transaction
            .run(&ddl.drop)
            .await
            .with_context(|| format!("drop {}", ddl.name))?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Recreates the keys and indexes that a killed load dropped, and unlocks the catalog. False if none are
/// missing.
///
/// # Errors
/// If a load is running, or a statement fails; then call it again.
pub async fn restore_keys(pool: &Pool) -> anyhow::Result<bool> {
    if dropped_keys::find_lock(&pool.client().await?).await?.is_none() {
        return Ok(false);
    }
    let lock = LoadLock::take(pool).await?;
    let restored = bulk::restore(pool, RestoreScope::All).await;
    lock.release().await?;
    restored.context("create the keys and indexes that a load dropped")?;
    Ok(true)
}
