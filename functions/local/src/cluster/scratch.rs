//! A cluster to throw away, for the demo and for tests: fast, unsafe, and gone when we are.
//! What is migrated into its databases is up to whoever starts it.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::account::{self, Account};
use super::data_dir::{MachinePaths, make_dir, try_lock};
use super::installation::{self, Installation};
use super::server::{self, Server};
use super::site::{Kind, Site};
use super::{NAME, connect, make_ready};

const PREFIX: &str = "linernotes-scratch-";
/// A directory younger than this may not have been locked yet by the process that is making it.
const SETTLED: Duration = Duration::from_secs(60);

/// A throw-away cluster in the temporary directory. It is stopped and removed when this is dropped, and also when the
/// process ends without dropping it, in whatever way.
#[derive(Debug)]
pub struct ScratchCluster {
    server: Server,
}

impl ScratchCluster {
    /// Starts one, with an empty database named `linernotes`.
    ///
    /// # Errors
    /// As [`super::start`].
    pub async fn start() -> anyhow::Result<Self> {
        let server = tokio::task::spawn_blocking(start_server)
            .await
            .context("start Postgres")??;
        make_ready(&server).await?;
        Ok(Self { server })
    }

    /// Where to connect to the database `linernotes`.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url(NAME)
    }

    /// Creates a database as a copy of `template` (`template1` for an empty one), which nobody may be connected to,
    /// and returns where to connect.
    ///
    /// # Errors
    /// When a database of that name exists, or the template does not, or is in use.
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

/// The one cluster of this test process, started by whichever test comes first. It is never dropped, and ends with
/// the process: one per test binary under `cargo test`, one per test under a runner with a process for each.
///
/// # Errors
/// As [`super::start`].
pub async fn shared_for_tests() -> anyhow::Result<&'static ScratchCluster> {
    static SHARED: OnceCell<ScratchCluster> = OnceCell::const_new();
    SHARED.get_or_try_init(ScratchCluster::start).await
}

fn start_server() -> anyhow::Result<Server> {
    let installation = installation::choose(&installation::list(&MachinePaths::from_env()))?.clone();
    let account = Account::for_postgres()?;
    let temporary = temporary_dir(account)?;
    remove_leftovers(&installation, account, &temporary)?;

    let dir = temporary.join(format!("{PREFIX}{}", Uuid::new_v4().simple()));
    make_dir(&dir, account.is_some())?;
    let started = start_in(Site {
        installation,
        account,
        dir: dir.clone(),
        kind: Kind::Scratch,
    });
    if started.is_err() {
        // That it did not start is what is told.
        let _ = fs::remove_dir_all(dir);
    }
    started
}

fn start_in(site: Site) -> anyhow::Result<Server> {
    let lock =
        try_lock(&site.dir.join("postgres.lock"))?.context("another process locked a directory just made")?;
    let password = site.make_cluster(&lock)?;
    if let Some(account) = site.account {
        // Whoever watches over the server removes the directory, and runs as the server does.
        account.give(&site.dir)?;
    }
    Server::start(site, lock, password)
}

/// The user's, where the account Postgres runs as can reach it.
fn temporary_dir(account: Option<Account>) -> anyhow::Result<PathBuf> {
    let users = std::env::temp_dir();
    let reached = account.is_none_or(|account| account.reaches(&users));
    let chosen = if reached { users } else { PathBuf::from("/tmp") };
    // A running server is known by the path it was started with.
    chosen
        .canonicalize()
        .with_context(|| format!("resolve {}", chosen.display()))
}

/// Removes what is left of processes that were killed together with those that watched over their servers.
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
        let settled = metadata
            .modified()
            .is_ok_and(|made| made.elapsed().is_ok_and(|age| age > SETTLED));
        let named_so = entry.file_name().to_string_lossy().starts_with(PREFIX);
        // In a directory that everybody writes to, anybody can make one that is named so.
        if !(named_so && settled && metadata.is_dir() && account::is_ours(account, metadata.uid())?) {
            continue;
        }
        let dir = entry.path();
        let Ok(lock) = File::open(dir.join("postgres.lock")) else {
            continue;
        };
        if lock.try_lock().is_err() {
            continue;
        }
        let site = Site {
            installation: installation.clone(),
            account,
            dir: dir.clone(),
            kind: Kind::Scratch,
        };
        if server::stop_leftover(&site).is_ok() {
            // Perhaps somebody else is removing it, too.
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
    fn only_old_leftovers_that_nobody_holds_are_removed() {
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
        let old = SETTLED * 2;
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
