//! Postgres on one machine: finds the server that is installed and runs a private cluster in the data directory.
//! Which tables are in it, and a database that somebody else runs, are no matter of this room.
//!
//! A data directory holds `cluster/` (Postgres's own), `password`, `lock` (held by the process whose cluster it is),
//! `postgres.lock` (held until Postgres has stopped, even where that process was killed) and, while it runs, `url`.
//! The server listens on 127.0.0.1 alone and asks everybody for the password, which only the directory's owner can
//! read (and, where that is root, the account `postgres`, which the server then runs as).

mod account;
mod data_dir;
mod installation;
mod scratch;
mod server;
mod site;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

pub use self::data_dir::MachinePaths;
use self::data_dir::{DataDir, write_private};
pub use self::scratch::{ScratchCluster, shared_for_tests};
use self::server::Server;

/// The role that owns everything, and the database it works in.
const NAME: &str = "linernotes";
/// The extensions the migrations create; on some systems they are a package of their own.
const EXTENSIONS: [&str; 3] = ["fuzzystrmatch", "pg_trgm", "unaccent"];
/// How long another process may take to get its cluster ready, or what is left of a killed one to stop.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);

/// A running Postgres cluster: our own, or that of another Linernotes process on the same data directory.
#[derive(Debug)]
pub struct Cluster {
    /// Where to connect, with the password: `postgres://linernotes:…@127.0.0.1:PORT/linernotes`.
    pub url: String,
    ours: Option<Ours>,
}

/// The fields are dropped in this order: Postgres has stopped before another process may have the directory.
#[derive(Debug)]
struct Ours {
    server: Server,
    url_file: PathBuf,
    _lock: File,
}

impl Drop for Ours {
    fn drop(&mut self) {
        // What cannot be removed is removed by the next start.
        let _ = fs::remove_file(&self.url_file);
    }
}

impl Cluster {
    /// Whether this process started Postgres, which then stops with it.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.ours.is_some()
    }

    /// Stops Postgres and waits until it has; another process's is left alone. Dropping does the same without a word,
    /// and a process that is killed has its Postgres stopped by the one that watches over it.
    ///
    /// # Errors
    /// When Postgres did not stop in time, even when told to drop everything.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let Some(mut ours) = self.ours.take() else {
            return Ok(());
        };
        tokio::task::spawn_blocking(move || ours.server.stop())
            .await
            .context("stop Postgres")?
    }
}

/// Starts Postgres in `data_dir` (by default `/var/lib/linernotes` for root, `$XDG_DATA_HOME/linernotes` or
/// `~/.local/share/linernotes` for others), for a process that must be the only one there.
///
/// # Errors
/// In one line each: no PostgreSQL 15 or later or none of its extensions, a directory that cannot be made, written
/// or reached by the account Postgres runs as, another process on it, or Postgres's own reason not to start.
pub async fn start(data_dir: Option<PathBuf>) -> anyhow::Result<Cluster> {
    let dir = DataDir::open(data_dir)?;
    match dir.lock()? {
        Some(lock) => run(dir, lock).await,
        None => bail!(
            "linernotes already runs on {} (process {}): stop it first, or name another data directory with --data-dir",
            dir.path.display(),
            dir.holder()
        ),
    }
}

/// As [`start`], but where another Linernotes process has its Postgres running on `data_dir`, connects to that one.
///
/// # Errors
/// As [`start`], save that another process on the directory is one only when its Postgres is not ready in a minute.
pub async fn find_or_start(data_dir: Option<PathBuf>) -> anyhow::Result<Cluster> {
    let dir = DataDir::open(data_dir)?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(lock) = dir.lock()? {
            return run(dir, lock).await;
        }
        if let Ok(url) = fs::read_to_string(dir.url_file()) {
            return Ok(Cluster { url, ours: None });
        }
        if Instant::now() > deadline {
            bail!(
                "process {} holds {}, but its Postgres is not ready",
                dir.holder(),
                dir.path.display()
            );
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Starts Postgres on a directory we hold, and tells others where.
async fn run(dir: DataDir, lock: File) -> anyhow::Result<Cluster> {
    let (dir, server) = tokio::task::spawn_blocking(move || dir.start().map(|server| (dir, server)))
        .await
        .context("start Postgres")??;
    let url = server.url(NAME);
    let ours = Ours {
        server,
        url_file: dir.url_file(),
        _lock: lock,
    };
    make_ready(&ours.server).await?;
    write_private(&ours.url_file, &url)?;
    Ok(Cluster {
        url,
        ours: Some(ours),
    })
}

/// Sees that the extensions can be had and that our database is there.
async fn make_ready(server: &Server) -> anyhow::Result<()> {
    let client = connect(&server.url("postgres")).await?;
    let rows = client
        .query("SELECT name::text FROM pg_available_extensions", &[])
        .await?;
    let available: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let missing: Vec<&str> = EXTENSIONS
        .into_iter()
        .filter(|name| !available.iter().any(|has| has == name))
        .collect();
    if !missing.is_empty() {
        bail!(
            "PostgreSQL {} in {} has no {}: install its contrib package (Fedora: dnf install postgresql-contrib)",
            server.installation.major,
            server.installation.bin.display(),
            missing.join(", ")
        );
    }
    let ours = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)";
    if !client.query_one(ours, &[&NAME]).await?.get::<_, bool>(0) {
        client
            .batch_execute(&format!("CREATE DATABASE {NAME}"))
            .await
            .context("create our database")?;
    }
    Ok(())
}

/// A connection that closes when the client is dropped.
async fn connect(url: &str) -> anyhow::Result<tokio_postgres::Client> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
        .await
        .context("connect to the Postgres just started")?;
    // How a connection ended is told to whoever used the client.
    tokio::spawn(connection);
    Ok(client)
}
