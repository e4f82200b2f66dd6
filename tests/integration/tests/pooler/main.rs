//! The system through a pooler that assigns a server connection per transaction, and the known failures of
//! such poolers.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

mod leftovers;
mod loads;
mod pgbouncer;
mod statements;
mod system;

use shared::platform::db::Client;

/// The process id of the server connection that runs a statement.
async fn backend(client: &Client<'_>) -> Result<i32, tokio_postgres::Error> {
    let row = client.query_one("SELECT pg_backend_pid()", &[]).await?;
    Ok(row.get(0))
}
