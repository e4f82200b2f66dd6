//! Runs at deploy, before new code receives traffic: brings the database schema up to date.

pub mod custom_resource;

use shared::platform::config::{Variable, variables};
use shared::platform::db::{DatabaseSettings, MigrateError, MigrationReport};

/// The settings that the function reads.
pub const SETTINGS: &[Variable] = &[
    variables::DATABASE_URL,
    variables::DATABASE_STATEMENTS,
    variables::AWS_ENDPOINT_URL,
    variables::LOG,
    variables::LOG_FORMAT,
];

/// Applies the missing migrations over a connection of its own. If one fails, those before it stay applied.
pub async fn handle(settings: &DatabaseSettings) -> Result<MigrationReport, MigrateError> {
    shared::platform::db::migrate(settings).await
}
