//! At deploy, before new code takes traffic: brings the schema up to date, and nothing else.

pub mod custom_resource;

use shared::db::{DatabaseSettings, MigrateError, MigrationReport};

/// Brings the schema up to date over a connection of its own.
///
/// # Errors
/// Where the database cannot be reached, or a migration fails; those before it stay.
pub async fn handle(settings: &DatabaseSettings) -> Result<MigrationReport, MigrateError> {
    shared::db::migrate(settings).await
}
