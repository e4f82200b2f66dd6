//! `linernotes migrate` and `linernotes fingerprint`: the database's tables as a whole.
//! What is in them is the other commands' matter.

use std::path::PathBuf;
use std::process::ExitCode;

use shared::platform::config::Config;
use shared::store::catalog::fingerprint;

use crate::database::{Database, Purpose};
use crate::output;

pub(super) async fn migrate(config: &Config, data_dir: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    // Opening a private Postgres migrates it; it is asked again for what to print.
    let database = Database::open(config, data_dir, Purpose::Read).await?;
    let migrated = migrate::handle(&database.settings).await?;
    database.close().await?;
    for name in &migrated.applied {
        output::print(format!("applied {name}"))?;
    }
    let version = migrated.version;
    output::print(if migrated.is_newer {
        format!(
            "the tables are of a later linernotes than this one, at version {version}, and were left as they are"
        )
    } else {
        format!("the tables are up to date, at version {version}")
    })?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn fingerprint(
    config: &Config,
    data_dir: Option<PathBuf>,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let database = Database::open(config, data_dir, Purpose::Read).await?;
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
