//! The connection to Postgres: the settings, the pool, the client through which every statement is sent, the
//! retries after conflicts, the errors that are interruptions, and the migrations. The SQL itself is in
//! [`crate::store`].

mod api_role;
mod client;
mod clock;
mod database_checks;
mod errors;
mod hosts;
mod interruptions;
mod migrations;
mod parameters;
mod pool;
mod pooled_connection;
mod retries;
mod settings;
mod tls;
mod url;

pub use crate::domain::params::Param;
pub use api_role::{ApiRoleError, prepare_api_role};
pub use client::Client;
pub use database_checks::UnusableDatabase;
pub use deadpool_postgres::PoolError;
pub use errors::{ConnectError, InvalidUrl};
pub use interruptions::{is_catalog_locked, is_interruption, is_no_connection_free, is_timed_out};
pub use migrations::{MigrateError, MigrationReport, find_schema_version, migrate};
pub use pool::{Pool, REQUEST_STATEMENT_TIME_OUT};
pub use retries::{is_conflict, is_deadlock, retry_conflicts};
pub use settings::{DatabaseSettings, Statements};
