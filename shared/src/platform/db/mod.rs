//! The connection to Postgres: the settings, the pool, the client through which every statement is sent, and
//! the migrations. The SQL itself is in [`crate::store`].

mod client;
mod errors;
mod migrations;
mod pool;
mod settings;
mod tls;

pub use crate::domain::params::Param;
pub use client::Client;
pub use deadpool_postgres::PoolError;
pub use errors::{ConnectError, InvalidUrl};
pub use migrations::{MigrateError, MigrationReport, migrate};
pub use pool::Pool;
pub use settings::{DatabaseSettings, Statements};
