//! The Postgres of a measurement, with the settings of a private one: its commits are durable.

use anyhow::Context as _;
use linernotes::cluster;
use shared::platform::db::{self, DatabaseSettings, Statements};

/// Measures on a Postgres of its own, whose URL `measure` is given. It is stopped and removed at the end.
///
/// # Errors
/// If Postgres cannot be started or stopped, and those of `measure`.
pub(crate) async fn on_own_postgres<T>(
    measure: impl AsyncFnOnce(&str) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let directory = std::env::temp_dir().join(format!("linernotes-bench-{}", std::process::id()));
    let cluster = cluster::open(Some(directory.clone())).await?;
    let measured = measure(&cluster.url).await;
    cluster.stop().await?;
    tokio::fs::remove_dir_all(&directory)
        .await
        .with_context(|| format!("remove {}", directory.display()))?;
    measured
}

/// Creates and migrates a database in the Postgres at `url`.
///
/// # Errors
/// If the database exists or a statement fails.
pub(crate) async fn create_database(url: &str, name: &str) -> anyhow::Result<DatabaseSettings> {
    let parse = |url: &str| DatabaseSettings::parse(url, Statements::Prepared);
    parse(url)?
        .connect()
        .await?
        .batch_execute(&format!("CREATE DATABASE {name}"))
        .await?;
    let mut url = url::Url::parse(url)?;
    url.set_path(name);
    let settings = parse(url.as_str())?;
    db::migrate(&settings).await?;
    Ok(settings)
}
