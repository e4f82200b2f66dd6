//! Detects a pooler that gives each transaction another server connection. A load cannot run through one: its
//! lock and its time limits last as long as a connection.

use shared::platform::db::{Client, Pool};
use shared::store::loads;

/// How often the check is repeated. A pooler that other programs use too may give one connection twice by
/// chance.
const ROUNDS: usize = 3;

/// Checks that `client`, a connection of the pool, is a connection to the server itself. While another
/// connection is in a transaction, a pooler has to give one of the two another server connection than before.
///
/// # Errors
/// If it is not. The error says what to do.
pub(crate) async fn check(pool: &Pool, client: &Client<'_>) -> anyhow::Result<()> {
    let mut other = pool.client().await?;
    for _ in 0..ROUNDS {
        let before = loads::find_server_process(client).await?;
        let transaction = other.transaction().await?;
        let is_shared = loads::find_server_process(&transaction).await? == before
            || loads::find_server_process(client).await? != before;
        transaction.commit().await?;
        anyhow::ensure!(
            !is_shared,
            "the database is behind a pooler that shares connections between transactions, and a load needs \
             a direct connection: set DATABASE_URL to the address of Postgres itself"
        );
    }
    Ok(())
}
