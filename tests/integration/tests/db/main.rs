//! The connection to Postgres: both ways to send statements, transactions, connections that break, and the schema's
//! migrations. What the statements say is tested in `store`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod connections;
mod migrations;
mod statements;

use shared::platform::db::{DatabaseSettings, Pool, Statements};

fn pool(url: &str, statements: Statements, connections: usize) -> Pool {
    Pool::new(&DatabaseSettings::parse(url, statements).unwrap(), connections).unwrap()
}
