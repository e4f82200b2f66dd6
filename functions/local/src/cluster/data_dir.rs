//! The data directory: choosing it, locking it and starting Postgres on it. For the files in it see
//! [`super`].

use std::fs::{self, File};
use std::io::Write;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::account::{self, Account};
use super::files::{make_dir, remove_if_exists, try_lock};
use super::installation::{self, Installation};
use super::machine_paths::MachinePaths;
use super::server::{self, Server};
use crate::cluster::cluster_directory::{self, ClusterKind, ClusterSite};

/// How long another process may take to start or stop Postgres.
const START_TIME_OUT: Duration = Duration::from_secs(60);
/// Longer than the watch process takes to give up.
const STOP_TIME_OUT: Duration = Duration::from_secs(180);
/// Between two tries to lock a file.
const PAUSE: Duration = Duration::from_millis(50);

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

    /// Locks the directory for the process that runs the workers; `None` if another process has locked it.
    pub(super) fn lock(&self) -> anyhow::Result<Option<File>> {
        let _start_lock = self.lock_start()?;
        let path = self.path.join("lock");
        let Some(mut lock) = try_lock(&path)? else {
            return Ok(None);
        };
        let written = lock
            .set_len(0)
            .and_then(|()| write!(lock, "{}", std::process::id()));
        written.with_context(|| format!("write {}", path.display()))?;
        Ok(Some(lock))
    }

    /// Whether a process has locked the directory.
    pub(super) fn is_locked(&self) -> anyhow::Result<bool> {
        // Whoever wants the lock at this moment waits instead of finding it taken.
        let _start_lock = self.lock_start()?;
        Ok(try_lock(&self.path.join("lock"))?.is_none())
    }

    /// Waits until no other process starts, joins or stops Postgres here, and keeps others from it.
    pub(super) fn lock_start(&self) -> anyhow::Result<File> {
        self.wait_for_lock("start.lock", START_TIME_OUT)?
            .with_context(|| {
                format!(
                    "another process does not finish starting Postgres on {}",
                    self.path.display()
                )
            })
    }

    /// The id of the process that has locked the directory, for messages.
    pub(super) fn holder(&self) -> String {
        let id = fs::read_to_string(self.path.join("lock")).unwrap_or_default();
        if id.is_empty() { "unknown".to_owned() } else { id }
    }

    /// Starts Postgres, which runs until the pipe `users` has no writer. `postgres_lock` is the locked
    /// `postgres.lock`.
    pub(super) fn start(&self, postgres_lock: &File, users: &OwnedFd) -> anyhow::Result<Server> {
        remove_if_exists(&self.url_file())?;
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
            site.create_cluster(postgres_lock)?
        };
        Server::start(site, postgres_lock, users, password)
    }

    /// Waits for the Postgres of killed processes, which takes a moment to stop, and locks `postgres.lock`.
    pub(super) fn wait_for_earlier_postgres(&self) -> anyhow::Result<File> {
        self.wait_for_lock("postgres.lock", START_TIME_OUT)?
            .with_context(|| format!("an earlier Postgres on {} does not stop", self.path.display()))
    }

    /// Waits until the watch process of another process has stopped Postgres.
    pub(super) fn wait_for_stop(&self) -> anyhow::Result<()> {
        let lock = self.wait_for_lock("postgres.lock", STOP_TIME_OUT)?;
        if lock.is_none() || server::is_running(&self.path.join("cluster")) {
            bail!("Postgres on {} did not stop", self.path.display());
        }
        Ok(())
    }

    fn wait_for_lock(&self, name: &str, time_out: Duration) -> anyhow::Result<Option<File>> {
        let deadline = Instant::now() + time_out;
        loop {
            let lock = try_lock(&self.path.join(name))?;
            if lock.is_some() || Instant::now() > deadline {
                return Ok(lock);
            }
            std::thread::sleep(PAUSE);
        }
    }
}

/// The data directory of a user who names none: `/var/lib/linernotes` for root, and
/// `$XDG_DATA_HOME/linernotes` or `~/.local/share/linernotes` for others.
///
/// # Errors
/// If there is no home directory.
pub fn default_data_dir() -> anyhow::Result<PathBuf> {
    MachinePaths::from_env().default_data_dir(account::is_root()?)
}

/// Creates a data directory (that of [`default_data_dir`] if none is named) if it is missing, and returns its
/// path. It need not hold a database.
///
/// # Errors
/// If there is no home directory, or the directory cannot be created.
pub fn make_data_dir(path: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    let path = path.map_or_else(default_data_dir, Ok)?;
    make_dir(&path, account::is_root()?)?;
    Ok(path)
}

/// Whether a process runs the workers of a data directory, by default that of [`default_data_dir`]. It starts
/// and creates nothing.
#[must_use]
pub fn is_worked_on(data_dir: Option<&Path>) -> bool {
    let path = match data_dir {
        Some(path) => Ok(path.to_owned()),
        None => default_data_dir(),
    };
    let lock = path.ok().and_then(|path| File::open(path.join("lock")).ok());
    lock.is_some_and(|lock| lock.try_lock_shared().is_err())
}

/// Whether a directory holds a database.
#[must_use]
pub fn has_cluster(data_dir: &Path) -> bool {
    cluster_directory::cluster_version(data_dir).is_some()
}
