//! The database of a command: the one in DATABASE_URL, or the private Postgres of the data directory.

use std::path::PathBuf;

use anyhow::Context as _;
use shared::platform::config::Config;
use shared::platform::db::{self, Pool};

use crate::cluster::{self, Cluster};

/// What a command needs the database for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Reads and small writes. Joins a private Postgres that is already running.
    Read,
    /// Imports. Like [`Purpose::Read`], but also migrates the database of DATABASE_URL.
    Write,
    /// Runs the system. Fails if another process uses the data directory.
    Serve,
}

/// More connections than workers, schedules and a few requests need at once, and fewer than a small server
/// allows.
const CONNECTIONS: usize = 24;

/// An open database.
pub struct CommandDatabase {
    /// Its connections.
    pub pool: Pool,
    /// Its address and options.
    pub settings: db::DatabaseSettings,
    cluster: Option<Cluster>,
}

impl CommandDatabase {
    /// Opens the database that the settings name.
    ///
    /// # Errors
    /// If Postgres is not installed or not reachable, another process uses the data directory, or a migration
    /// fails.
    pub async fn open(config: &Config, data_dir: Option<PathBuf>, purpose: Purpose) -> anyhow::Result<Self> {
        if config.database_url.is_some() {
            let settings = config.database()?;
            if purpose != Purpose::Read {
                migrate::handle(&settings).await?;
            }
            return Self::new(settings, None);
        }
        let cluster = match purpose {
            Purpose::Serve => cluster::start(data_dir).await?,
            Purpose::Read | Purpose::Write => cluster::find_or_start(data_dir).await?,
        };
        let settings = db::DatabaseSettings::parse(&cluster.url, config.statements)
            .context("read the address of the private Postgres")?;
        // The process that started the cluster may not have migrated it yet.
        migrate::handle(&settings).await?;
        Self::new(settings, Some(cluster))
    }

    /// Opens the database at a URL and migrates it.
    ///
    /// # Errors
    /// If it cannot be reached or migrated.
    pub async fn at(url: &str) -> anyhow::Result<Self> {
        let settings = db::DatabaseSettings::parse(url, db::Statements::default())?;
        migrate::handle(&settings).await?;
        Self::new(settings, None)
    }

    fn new(settings: db::DatabaseSettings, cluster: Option<Cluster>) -> anyhow::Result<Self> {
        Ok(Self {
            pool: Pool::new(&settings, CONNECTIONS)?,
            settings,
            cluster,
        })
    }

    /// Whether this is a private Postgres that another process started and will stop when it exits.
    #[must_use]
    pub fn is_run_elsewhere(&self) -> bool {
        self.cluster.as_ref().is_some_and(|cluster| !cluster.is_ours())
    }

    /// Whether no other process can be working on the queues: this process started the private Postgres.
    #[must_use]
    pub fn is_ours_alone(&self) -> bool {
        self.cluster.as_ref().is_some_and(Cluster::is_ours)
    }

    /// Closes the connections, and stops Postgres if this process started it.
    ///
    /// # Errors
    /// If Postgres does not stop.
    pub async fn close(self) -> anyhow::Result<()> {
        self.pool.close();
        match self.cluster {
            Some(cluster) => cluster.stop().await,
            None => Ok(()),
        }
    }
}
