//! The database of a command: the one in DATABASE_URL, or the private Postgres of the data directory.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use shared::platform::config::Config;
use shared::platform::db::{self, Pool, PoolError};
use shared::store::loads::missing_keys;

use crate::cluster::{self, Cluster};
use crate::output;

/// What a command needs the database for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Reads and small writes.
    Read,
    /// Shows the state of the system. Like [`Purpose::Read`], but the command reports missing keys itself.
    Inspect,
    /// Imports. Like [`Purpose::Read`], but also migrates the database of DATABASE_URL.
    Write,
    /// Loads a dump. Like [`Purpose::Write`], but the load creates missing keys itself.
    Load,
    /// Migrates the database and creates missing keys.
    Migrate,
    /// Runs the system. Fails if another process does so on the same data directory.
    Serve,
}

/// More connections than workers and schedules need at once, and fewer than a small server allows.
const CONNECTIONS: usize = 16;

/// The connections of the API. Requests wait for one of these and never take those of the workers. More would
/// let slow requests take the processors of a small machine from the workers.
const API_CONNECTIONS: usize = 4;

/// An open database.
pub struct CommandDatabase {
    /// Its connections.
    pub pool: Pool,
    /// Its address and options.
    pub settings: db::DatabaseSettings,
    cluster: Option<Cluster>,
    /// The data directory that was named.
    data_dir: Option<PathBuf>,
}

impl CommandDatabase {
    /// Opens the database that the settings name.
    ///
    /// # Errors
    /// If Postgres is not installed or not reachable, another process runs the system on the data directory,
    /// or a migration fails.
    pub async fn open(config: &Config, data_dir: Option<PathBuf>, purpose: Purpose) -> anyhow::Result<Self> {
        if config.database_url.is_some() {
            let settings = config.database()?;
            if matches!(purpose, Purpose::Write | Purpose::Load | Purpose::Serve) {
                migrate::handle(&settings).await?;
            }
            let mut database = Self::new(settings, None)?;
            database.data_dir = data_dir;
            database.check_connection().await?;
            database.warn_of_missing_keys(purpose).await;
            return Ok(database);
        }
        let mut cluster = cluster::open(data_dir).await?;
        if purpose == Purpose::Serve && !cluster.claim_workers()? {
            bail!(cluster.busy_text());
        }
        let settings = db::DatabaseSettings::parse(&cluster.url, config.statements)
            .context("read the address of the private Postgres")?;
        migrate::handle(&settings).await?;
        let database = Self::new(settings, Some(cluster))?;
        database.warn_of_missing_keys(purpose).await;
        Ok(database)
    }

    /// Says what to run if a load has locked the catalog, unless the command creates its keys or says so
    /// itself.
    async fn warn_of_missing_keys(&self, purpose: Purpose) {
        if matches!(purpose, Purpose::Inspect | Purpose::Load | Purpose::Migrate) {
            return;
        }
        let Ok(client) = self.pool.client().await else {
            return;
        };
        // It fails on a database without our tables, as does what the command does next.
        if let Ok(Some(missing)) = missing_keys::find(&client).await {
            output::say(format!("warning: {missing}"));
        }
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
            data_dir: None,
        })
    }

    /// Connections for the API, apart from those of the workers. On a private Postgres, they have a role that
    /// cannot change the schema; elsewhere they have that of API_DATABASE_URL, if it is set.
    ///
    /// # Errors
    /// If the role cannot be made.
    pub async fn api_pool(&self, config: &Config) -> anyhow::Result<Pool> {
        let settings = match config.database_url {
            Some(_) => config.api_database()?,
            None => db::prepare_api_role(&self.settings).await?,
        };
        Ok(Pool::for_requests(&settings, API_CONNECTIONS)?)
    }

    /// The data directory of this machine, which is created where the database of DATABASE_URL needs none.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn data_dir(&self) -> anyhow::Result<PathBuf> {
        match &self.cluster {
            Some(cluster) => Ok(cluster.dir().to_owned()),
            None => cluster::make_data_dir(self.data_dir.clone()),
        }
    }

    /// Opens the first connection of the pool. An error names the hosts, which the pool's own does not.
    async fn check_connection(&self) -> Result<(), db::ConnectError> {
        match self.pool.client().await {
            Err(PoolError::Backend(cause)) => Err(db::ConnectError::Postgres {
                hosts: self.settings.hosts(),
                cause,
            }),
            _ => Ok(()),
        }
    }

    /// Claims the workers for this process. Returns false if another process runs those of the data
    /// directory. The workers of several processes can share the database of DATABASE_URL.
    ///
    /// # Errors
    /// If the data directory cannot be read or written.
    pub fn claim_workers(&mut self) -> anyhow::Result<bool> {
        self.cluster.as_mut().map_or(Ok(true), Cluster::claim_workers)
    }

    /// Whether another process runs the workers of the data directory.
    ///
    /// # Errors
    /// As [`CommandDatabase::claim_workers`].
    pub fn is_worked_on_elsewhere(&self) -> anyhow::Result<bool> {
        self.cluster
            .as_ref()
            .map_or(Ok(false), Cluster::is_worked_on_elsewhere)
    }

    /// Whether no other process can be working on the queues: this process claimed the workers of a data
    /// directory.
    #[must_use]
    pub fn is_ours_alone(&self) -> bool {
        self.cluster.as_ref().is_some_and(Cluster::runs_workers)
    }

    /// Waits until the private Postgres has ended, and returns the error. Never returns for the database of
    /// DATABASE_URL, which may come back.
    pub async fn failure(&self) -> anyhow::Error {
        match &self.cluster {
            Some(cluster) => cluster.failure().await,
            None => std::future::pending().await,
        }
    }

    /// Closes the connections, and stops a private Postgres that no other process uses.
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
