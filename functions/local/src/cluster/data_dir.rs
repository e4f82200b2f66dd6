//! The data directory: choosing it, locking it and starting Postgres on it.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::account::Account;
use super::files::{make_dir, remove_if_exists, try_lock};
use super::installation::{self, Installation};
use super::machine_paths::MachinePaths;
use super::server::Server;
use crate::cluster::cluster_directory::{self, ClusterKind, ClusterSite};

/// How long another process may take to get its cluster ready, or the Postgres of a killed process to stop.
pub(super) const START_TIME_OUT: Duration = Duration::from_secs(60);
/// Between two looks at the state of another process.
pub(super) const PAUSE: Duration = Duration::from_millis(50);

/// An existing directory that the account Postgres runs as can reach.
#[derive(Debug)]
pub(super) struct DataDir {
    pub(super) path: PathBuf,
    account: Option<Account>,
    installed: Vec<Installation>,
}

impl DataDir {
    pub(super) fn open(path: Option<PathBuf>) -> anyhow::Result<Self> {
        let machine_paths = MachinePaths::from_env();
        let installed = installation::list(&machine_paths);
        // The first error to report: among other things, the user postgres comes with the installation.
        installation::choose(&installed)?;
        let account = Account::for_postgres()?;
        let path = match path {
            Some(path) => path,
            None => machine_paths.default_data_dir(account.is_some())?,
        };
        make_dir(&path, account.is_some())?;
        // A running server is recognized by the path it was started with.
        let path = path
            .canonicalize()
            .with_context(|| format!("resolve {}", path.display()))?;
        if account.is_some_and(|account| !account.can_reach(&path)) {
            bail!(
                "the user postgres, which runs Postgres for root, cannot reach {}: name another directory, \
                 for example --data-dir /var/lib/linernotes",
                path.display()
            );
        }
        Ok(Self {
            path,
            account,
            installed,
        })
    }

    pub(super) fn url_file(&self) -> PathBuf {
        self.path.join("url")
    }

    /// Locks the directory; `None` if another process has locked it.
    pub(super) fn lock(&self) -> anyhow::Result<Option<File>> {
        let path = self.path.join("lock");
        let Some(mut lock) = try_lock(&path)? else {
            return Ok(None);
        };
        let written = lock
            .set_len(0)
            .and_then(|()| write!(lock, "{}", std::process::id()));
        written.with_context(|| format!("write {}", path.display()))?;
        remove_if_exists(&self.url_file())?;
        Ok(Some(lock))
    }

    /// The id of the process that has locked the directory, for messages.
    pub(super) fn holder(&self) -> String {
        let id = fs::read_to_string(self.path.join("lock")).unwrap_or_default();
        if id.is_empty() { "unknown".to_owned() } else { id }
    }

    pub(super) fn start(&self) -> anyhow::Result<Server> {
        let postgres_lock = self.wait_for_earlier_postgres()?;
        let cluster_version = cluster_directory::cluster_version(&self.path);
        let installation = match cluster_version {
            Some(major) => installation::choose_version(&self.installed, major)?,
            None => installation::choose(&self.installed)?,
        };
        let site = ClusterSite {
            installation: installation.clone(),
            account: self.account,
            dir: self.path.clone(),
            kind: ClusterKind::Durable,
        };
        let password = if cluster_version.is_some() {
            let path = self.path.join("password");
            fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?
        } else {
            site.create_cluster(&postgres_lock)?
        };
        Server::start(site, postgres_lock, password)
    }

    /// Waits for the Postgres of a killed process, which takes a moment to stop, and locks `postgres.lock`.
    fn wait_for_earlier_postgres(&self) -> anyhow::Result<File> {
        let deadline = Instant::now() + START_TIME_OUT;
        loop {
            if let Some(lock) = try_lock(&self.path.join("postgres.lock"))? {
                return Ok(lock);
            }
            if Instant::now() > deadline {
                bail!("an earlier Postgres on {} does not stop", self.path.display());
            }
            std::thread::sleep(PAUSE);
        }
    }
}
