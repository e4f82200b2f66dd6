//! A temporary cluster for the demo and the tests: fast, not durable, and removed when this process exits.

use std::fs::{self, File};
use std::io::PipeWriter;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::account::{self, Account};
use super::databases::{NAME, connect, prepare};
use super::files::{make_dir, try_lock};
use super::installation::{self, Installation};
use super::machine_paths::MachinePaths;
use super::server::{self, Server};
use crate::cluster::cluster_directory::{ClusterKind, ClusterSite};

const PREFIX: &str = "linernotes-scratch-";
/// The process that creates a directory may not have locked it before this age.
const MIN_LEFTOVER_AGE: Duration = Duration::from_secs(60);

/// A temporary cluster in the directory for temporary files. It is stopped and removed when this is dropped,
/// and also if the process ends without dropping it, even by a kill.
#[derive(Debug)]
pub struct ScratchCluster {
    server: Server,
    dir: PathBuf,
    /// The server runs while this is open.
    user: Option<PipeWriter>,
    _lock: File,
}

impl Drop for ScratchCluster {
    fn drop(&mut self) {
        self.user = None;
        // An error cannot be reported here; a later start removes what is left.
        let _ = self.server.wait();
    }
}

impl ScratchCluster {
    /// Starts a cluster with an empty database named `linernotes`.
    ///
    /// # Errors
    /// If Postgres is not installed or does not start.
    pub async fn start() -> anyhow::Result<Self> {
        let cluster = tokio::task::spawn_blocking(start_cluster)
            .await
            .context("start Postgres")??;
        prepare(&cluster.server.url("postgres"), &cluster.server.installation).await?;
        Ok(cluster)
    }

    /// The directory, which is removed with the cluster.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The URL of the database `linernotes`.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url(NAME)
    }

    /// Creates a database as a copy of `template` (`template1` for an empty one) and returns its URL.
    ///
    /// # Errors
    /// If the database exists, the template does not exist, or somebody is connected to the template.
    pub async fn database(&self, name: &str, template: &str) -> anyhow::Result<String> {
        let client = connect(&self.server.url("postgres")).await?;
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let create = format!("CREATE DATABASE {} TEMPLATE {}", quoted(name), quoted(template));
        client
            .batch_execute(&create)
            .await
            .with_context(|| format!("create the database {name}"))?;
        Ok(self.server.url(name))
    }
}

/// The cluster that all tests of this process share; the first test starts it. It is never dropped and ends
/// with the process: one per test binary under `cargo test`, one per test under a runner with a process for
/// each.
///
/// # Errors
/// Like [`ScratchCluster::start`].
pub async fn shared_for_tests() -> anyhow::Result<&'static ScratchCluster> {
    static SHARED: OnceCell<ScratchCluster> = OnceCell::const_new();
    SHARED.get_or_try_init(ScratchCluster::start).await
}

fn start_cluster() -> anyhow::Result<ScratchCluster> {
    let installation = installation::choose(&installation::list(&MachinePaths::from_env()))?.clone();
    let account = Account::for_postgres()?;
    let temporary = temporary_dir(account)?;
    remove_leftovers(&installation, account, &temporary)?;

    let dir = temporary.join(format!("{PREFIX}{}", Uuid::new_v4().simple()));
    make_dir(&dir, account.is_some())?;
    let started = start_in(ClusterSite {
        installation,
        account,
        dir: dir.clone(),
        kind: ClusterKind::Scratch,
    });
    if started.is_err() {
        // The error of the start is the one to report.
        let _ = fs::remove_dir_all(dir);
    }
    started
}

fn start_in(site: ClusterSite) -> anyhow::Result<ScratchCluster> {
    let lock = try_lock(&site.dir.join("postgres.lock"))?
        .context("another process locked a directory that was just created")?;
    let password = site.create_cluster(&lock)?;
    if let Some(account) = site.account {
        // The watch process removes the directory, and runs as the same account as the server.
        account.give(&site.dir)?;
    }
    let (users, user) = std::io::pipe().context("make a pipe")?;
    let dir = site.dir.clone();
    let server = Server::start(site, &lock, &users.into(), password)?;
    Ok(ScratchCluster {
        server,
        dir,
        user: Some(user),
        _lock: lock,
    })
}

/// The user's directory for temporary files, or `/tmp` if the account that Postgres runs as cannot reach it.
fn temporary_dir(account: Option<Account>) -> anyhow::Result<PathBuf> {
    let user_dir = std::env::temp_dir();
    let is_reachable = account.is_none_or(|account| account.can_reach(&user_dir));
    let chosen = if is_reachable {
        user_dir
    } else {
        PathBuf::from("/tmp")
    };
    // A running server is recognized by the path it was started with.
    chosen
        .canonicalize()
        .with_context(|| format!("resolve {}", chosen.display()))
}

/// Removes the directories of processes that were killed together with their watch processes.
fn remove_leftovers(
    installation: &Installation,
    account: Option<Account>,
    temporary: &Path,
) -> anyhow::Result<()> {
    for entry in fs::read_dir(temporary)
        .with_context(|| format!("list {}", temporary.display()))?
        .flatten()
    {
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        let is_old = metadata
            .modified()
            .is_ok_and(|made| made.elapsed().is_ok_and(|age| age > MIN_LEFTOVER_AGE));
        let has_prefix = entry.file_name().to_string_lossy().starts_with(PREFIX);
        // Other users can create a directory of this name in a shared directory.
        if !(has_prefix && is_old && metadata.is_dir() && account::is_ours(account, metadata.uid())?) {
            continue;
        }
        let dir = entry.path();
        let Ok(lock) = File::open(dir.join("postgres.lock")) else {
            continue;
        };
        if lock.try_lock().is_err() {
            continue;
        }
        let site = ClusterSite {
            installation: installation.clone(),
            account,
            dir: dir.clone(),
            kind: ClusterKind::Scratch,
        };
        if server::stop_leftover(&site).is_ok() {
            // Another process may be removing it at the same time.
            let _ = fs::remove_dir_all(dir);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::FileTimes;
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn only_old_unlocked_leftovers_are_removed() {
        let account = Account::for_postgres().unwrap();
        let installation = installation::choose(&installation::list(&MachinePaths::from_env()))
            .unwrap()
            .clone();
        let temporary = std::env::temp_dir().join(format!("linernotes-test-{}", Uuid::new_v4().simple()));
        let made = |name: &str, age: Duration| {
            let dir = temporary.join(name);
            make_dir(&dir, false).unwrap();
            fs::write(dir.join("postgres.lock"), "").unwrap();
            let times = FileTimes::new().set_modified(SystemTime::now() - age);
            File::open(&dir).unwrap().set_times(times).unwrap();
            dir
        };
        let old = MIN_LEFTOVER_AGE * 2;
        let left = made("linernotes-scratch-left", old);
        let held = made("linernotes-scratch-held", old);
        let young = made("linernotes-scratch-young", Duration::ZERO);
        let other = made("somebody-elses", old);
        let lock = try_lock(&held.join("postgres.lock")).unwrap().unwrap();

        remove_leftovers(&installation, account, &temporary).unwrap();
        assert!(!left.exists());
        assert!(held.exists() && young.exists() && other.exists());
        drop(lock);
        remove_leftovers(&installation, account, &temporary).unwrap();
        assert!(!held.exists());
        fs::remove_dir_all(temporary).unwrap();
    }
}
