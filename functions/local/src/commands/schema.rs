//! `linernotes migrate` and `linernotes fingerprint`: commands on the schema and all tables.

use std::path::PathBuf;
use std::process::ExitCode;

use shared::platform::config::Config;
use shared::store::catalog::fingerprint;

use crate::database::{CommandDatabase, Purpose};
use crate::output;

pub(super) async fn migrate(config: &Config, data_dir: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    // Opening a private Postgres already migrates it; the second call returns what to print.
    let database = CommandDatabase::open(config, data_dir, Purpose::Migrate).await?;
    let migrated = migrate::handle(&database.settings).await?;
    let has_restored_keys = load::restore_keys(&database.pool).await?;
    database.close().await?;
    for name in &migrated.applied {
        output::print(format!("applied {name}"))?;
    }
    let version = migrated.version;
    output::print(if migrated.is_newer {
        format!("the schema (version {version}) is newer than this linernotes; nothing was changed")
    } else {
        format!("the schema is up to date (version {version})")
    })?;
    if has_restored_keys {
        output::print("created the keys and indexes that a load had dropped")?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn fingerprint(
    config: &Config,
    data_dir: Option<PathBuf>,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let database = CommandDatabase::open(config, data_dir, Purpose::Read).await?;
    let fingerprint = {
        let mut client = database.pool.client().await?;
        let transaction = client.transaction().await?;
        fingerprint::disable_statement_timeout(&transaction).await?;
        fingerprint::compute(&transaction).await?
    };
    database.close().await?;
    if json {
        let parts = fingerprint
            .parts
            .iter()
            .map(|part| serde_json::json!({ "table": part.table, "rows": part.rows, "sum": part.sum }));
        let parts: Vec<_> = parts.collect();
        output::print_json(&serde_json::json!({ "hash": fingerprint.hash, "parts": parts }))?;
    } else {
        output::print(fingerprint.hash)?;
    }
    Ok(ExitCode::SUCCESS)
}
