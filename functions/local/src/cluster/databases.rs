//! The databases of a cluster that this process started: connecting, checking extensions and creating ours.

use anyhow::{Context, bail};

use super::installation::Installation;

/// The role that owns everything, and the name of our database.
pub(super) const NAME: &str = "linernotes";
/// The extensions that the migrations create. Some systems package them separately.
const EXTENSIONS: [&str; 3] = ["fuzzystrmatch", "pg_trgm", "unaccent"];

/// Checks that the extensions are available, and creates our database if it is missing. `url` is that of the
/// database `postgres`.
pub(super) async fn prepare(url: &str, installation: &Installation) -> anyhow::Result<()> {
    let client = connect(url).await?;
    let rows = client
        .query("SELECT name::text AS name FROM pg_available_extensions", &[])
        .await?;
    let available: Vec<String> = rows.iter().map(|row| row.get("name")).collect();
    let missing: Vec<&str> = EXTENSIONS
        .into_iter()
        .filter(|name| !available.iter().any(|extension| extension == name))
        .collect();
    if !missing.is_empty() {
        bail!(
            "PostgreSQL {} in {} has no {}: install its contrib package (Fedora: dnf install \
             postgresql-contrib)",
            installation.major,
            installation.bin.display(),
            missing.join(", ")
        );
    }
    let exists = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1) AS exists";
    if !client.query_one(exists, &[&NAME]).await?.get::<_, bool>("exists") {
        client
            .batch_execute(&format!("CREATE DATABASE {NAME}"))
            .await
            .context("create our database")?;
    }
    Ok(())
}

/// Connects to a server that was just started. The connection closes when the client is dropped.
pub(super) async fn connect(url: &str) -> anyhow::Result<tokio_postgres::Client> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
        .await
        .context("connect to the Postgres just started")?;
    // The client reports an error of the connection to its caller.
    tokio::spawn(connection);
    Ok(client)
}
