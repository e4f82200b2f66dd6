//! The connection to Postgres: prepared and unnamed statements, transactions, connections that break, and
//! migrations. The statements of the store are tested in `store`.
#![expect(clippy::unwrap_used, reason = "a failing test panics")]

mod connections;
mod dropped;
mod error_texts;
mod migrations;
mod statements;
