//! `linernotes migrate` and `linernotes fingerprint`: the database's tables as a whole.
//! What is in them is the other commands' matter.

use std::path::PathBuf;
use std::process::ExitCode;

use shared::config::Config;
use shared::store::fingerprint;

use crate::database::{Database, Purpose};
use crate::output;

pub(super) async fn migrate(
    config: &Config,
    data_dir: Option<PathBuf>,
) -> anyhow::Result<ExitCode> {
    // Opening a private Postgres migrates it; it is asked again for what to print.
    let database = Database::open(config, data_dir, Purpose::Read).await?;
    let migrated = migrate::handle(&database.settings).await?;
    database.close().await?;
    for name in &migrated.applied {
        output::print(format!("applied {name}"))?;
    }
    output::print(format!(
        "the tables are up to date, at version {}",
        migrated.version
    ))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn fingerprint(
    config: &Config,
    data_dir: Option<PathBuf>,
) -> anyhow::Result<ExitCode> {
    let database = Database::open(config, data_dir, Purpose::Read).await?;
    let fingerprint = fingerprint::compute(&database.pool.client().await?).await?;
    output::print(fingerprint)?;
    database.close().await?;
    Ok(ExitCode::SUCCESS)
}
