//! The database of a command: the one that DATABASE_URL names, or the private Postgres of the data directory.
//! How that is found, started and stopped is the cluster's matter.

use std::path::PathBuf;

use anyhow::Context as _;
use shared::platform::config::Config;
use shared::platform::db::{self, Pool};

use crate::cluster::{self, Cluster};

/// What a command is going to do with the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Read; a private Postgres that runs already is joined.
    Read,
    /// Bring in music; as reading, and the tables are brought up to date wherever they are.
    Write,
    /// Be the system: no other process may have the data directory.
    Serve,
}

/// More connections than the workers, the schedules and a few requests hold at once, fewer than a small server allows.
const CONNECTIONS: usize = 24;

/// An open database.
pub struct Database {
    /// Its connections.
    pub pool: Pool,
    /// Where it is.
    pub settings: db::DatabaseSettings,
    cluster: Option<Cluster>,
}

impl Database {
    /// Opens the database that the settings name.
    ///
    /// # Errors
    /// In one line: there is no Postgres, another process has the data directory, or the tables could not be brought
    /// up to date.
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
            .context("read where the private Postgres is")?;
        // Whoever started it may not have come to this yet.
        migrate::handle(&settings).await?;
        Self::new(settings, Some(cluster))
    }

    /// Opens a database by its URL and brings its tables up to date.
    ///
    /// # Errors
    /// Where it cannot be reached or migrated.
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

    /// Whether it is a private Postgres that another process runs, and will stop when it ends.
    #[must_use]
    pub fn is_run_elsewhere(&self) -> bool {
        self.cluster.as_ref().is_some_and(|cluster| !cluster.is_ours())
    }

    /// Whether no other process can be at work on it.
    #[must_use]
    pub fn is_ours_alone(&self) -> bool {
        self.cluster.as_ref().is_some_and(Cluster::is_ours)
    }

    /// Closes the connections, and stops Postgres where it was started for this.
    ///
    /// # Errors
    /// Where Postgres does not stop.
    pub async fn close(self) -> anyhow::Result<()> {
        self.pool.close();
        match self.cluster {
            Some(cluster) => cluster.stop().await,
            None => Ok(()),
        }
    }
}
