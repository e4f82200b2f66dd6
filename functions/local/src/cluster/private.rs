//! Opens the private Postgres of a data directory, which this process may share with others.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;

use super::data_dir::DataDir;
use super::databases::{NAME, prepare};
use super::files::write_private;
use super::server;
use super::users::PostgresUser;

/// How often a process that works looks whether Postgres still runs.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A running Postgres cluster, of which this process is a user.
#[derive(Debug)]
pub struct Cluster {
    /// The address with the password: `postgres://linernotes:…@127.0.0.1:PORT/linernotes`.
    pub url: String,
    /// Held if this process runs the workers.
    work_lock: Option<File>,
    pub(super) user: PostgresUser,
}

impl Cluster {
    /// The data directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.user.dir.path
    }

    /// Claims the workers of this data directory for this process. Returns false if another process runs
    /// them.
    ///
    /// # Errors
    /// If the lock cannot be read or written.
    pub fn claim_workers(&mut self) -> anyhow::Result<bool> {
        if self.work_lock.is_none() {
            self.work_lock = self.user.dir.lock()?;
        }
        Ok(self.work_lock.is_some())
    }

    /// Whether this process has claimed the workers.
    #[must_use]
    pub fn runs_workers(&self) -> bool {
        self.work_lock.is_some()
    }

    /// Whether another process runs the workers of this data directory.
    ///
    /// # Errors
    /// As [`Cluster::claim_workers`].
    pub fn is_worked_on_elsewhere(&self) -> anyhow::Result<bool> {
        Ok(self.work_lock.is_none() && self.user.dir.is_locked()?)
    }

    /// Waits until Postgres has ended although this process uses it, and returns the error.
    pub async fn failure(&self) -> anyhow::Error {
        let cluster = self.user.dir.path.join("cluster");
        // A single look can come between the writing of `postmaster.pid` and that of its first line.
        let mut misses = 0;
        while misses < 2 {
            tokio::time::sleep(LOOK_EVERY).await;
            misses = if server::is_running(&cluster) {
                0
            } else {
                misses + 1
            };
        }
        anyhow::anyhow!(
            "Postgres has ended: {} says why; start linernotes again",
            cluster.join("postgres.log").display()
        )
    }

    /// The error for a process that must run the workers while another one does.
    #[must_use]
    pub fn busy_text(&self) -> String {
        let dir = &self.user.dir;
        format!(
            "linernotes already runs on {} (process {}): stop it first, or name another data directory with \
             --data-dir",
            dir.path.display(),
            dir.holder()
        )
    }

    /// Ends the use of Postgres. If no other process uses it, Postgres is stopped, and this waits until it
    /// has stopped. Dropping does the same but ignores errors. If the last user is killed, the watch process
    /// stops Postgres.
    ///
    /// # Errors
    /// If Postgres did not stop in time, not even in immediate mode.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.work_lock = None;
        tokio::task::spawn_blocking(move || self.user.end())
            .await
            .context("stop Postgres")?
    }
}

/// Opens Postgres in `data_dir` ([`super::default_data_dir`] if that is not given): joins the processes that
/// use it, or starts it.
///
/// # Errors
/// If PostgreSQL 15 or later or one of its extensions is not installed, the directory cannot be created,
/// written or reached by the account that Postgres runs as, another process does not finish starting or
/// stopping Postgres within a minute, or Postgres itself refuses to start. Each error is one line.
pub async fn open(data_dir: Option<PathBuf>) -> anyhow::Result<Cluster> {
    let dir = DataDir::open(data_dir)?;
    let joined = tokio::task::spawn_blocking(move || {
        let start_lock = dir.lock_start()?;
        PostgresUser::join(dir, &start_lock).map(|user| (user, start_lock))
    });
    let (mut user, start_lock) = joined.await.context("start Postgres")??;
    match address(&user).await {
        Ok(url) => Ok(Cluster {
            url,
            work_lock: None,
            user,
        }),
        Err(error) => {
            // Before another process can join. The error to report is the first one.
            let _ = user.end_locked(&start_lock);
            Err(error)
        }
    }
}

/// The address of the server. If this process started it, it is made ready and its address published.
async fn address(user: &PostgresUser) -> anyhow::Result<String> {
    let url_file = user.dir.url_file();
    let Some(server) = &user.server else {
        return fs::read_to_string(&url_file).with_context(|| format!("read {}", url_file.display()));
    };
    prepare(&server.url("postgres"), &server.installation).await?;
    let url = server.url(NAME);
    write_private(&url_file, &url)?;
    Ok(url)
}
