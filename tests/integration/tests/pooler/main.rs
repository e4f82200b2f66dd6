//! Everything behind a pooler that hands out a server connection per transaction, and what does not work there.
//! That all of it works without one is the other tests' matter.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod leftovers;
mod pgbouncer;
mod statements;
mod system;

use shared::platform::db::{Client, DatabaseSettings, Pool, Statements};

fn pool(url: &str, statements: Statements, connections: usize) -> Pool {
    Pool::new(&DatabaseSettings::parse(url, statements).unwrap(), connections).unwrap()
}

/// Which server connection a statement ran on.
async fn backend(client: &Client<'_>) -> Result<i32, tokio_postgres::Error> {
    let row = client.query_one("SELECT pg_backend_pid()", &[]).await?;
    Ok(row.get(0))
}
