//! Runs at deploy, before new code receives traffic: brings the database schema up to date.

pub mod custom_resource;

use shared::platform::db::{DatabaseSettings, MigrateError, MigrationReport};

/// Applies the missing migrations over a connection of its own. If one fails, those before it stay applied.
pub async fn handle(settings: &DatabaseSettings) -> Result<MigrationReport, MigrateError> {
    shared::platform::db::migrate(settings).await
}
