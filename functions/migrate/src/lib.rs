//! The migrate function: the schema brought up to date when a version is deployed.
//! The migrations themselves are files of the workspace.

use shared::db;

/// Brings the schema up to date.
///
/// # Errors
/// As [`db::migrate`].
pub async fn handle(settings: &db::Settings) -> Result<db::Migrated, db::MigrateError> {
    db::migrate(settings).await
}
