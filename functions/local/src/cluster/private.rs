//! Starts the private Postgres of a data directory, or joins the one that another process started.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, bail};

use super::data_dir::{DataDir, PAUSE, START_TIME_OUT};
use super::databases::{NAME, prepare};
use super::files::write_private;
use super::server::Server;

/// A running Postgres cluster, started by this process or by another one on the same data directory.
#[derive(Debug)]
pub struct Cluster {
    /// The address with the password: `postgres://linernotes:…@127.0.0.1:PORT/linernotes`.
    pub url: String,
    pub(super) own: Option<OwnCluster>,
}

/// A cluster that this process started. The fields are dropped in this order, so that Postgres has stopped
/// before another process can lock the directory.
#[derive(Debug)]
pub(super) struct OwnCluster {
    pub(super) server: Server,
    url_file: PathBuf,
    _lock: File,
}

impl Drop for OwnCluster {
    fn drop(&mut self) {
        // If this fails, the next start removes the file.
        let _ = fs::remove_file(&self.url_file);
    }
}

impl Cluster {
    /// Whether this process started Postgres and will stop it.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.own.is_some()
    }

    /// Stops Postgres, if this process started it, and waits until it has stopped. Dropping does the same but
    /// ignores errors. If the process is killed, its watch process stops Postgres.
    ///
    /// # Errors
    /// If Postgres did not stop in time, not even in immediate mode.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let Some(mut own) = self.own.take() else {
            return Ok(());
        };
        tokio::task::spawn_blocking(move || own.server.stop())
            .await
            .context("stop Postgres")?
    }
}

/// Starts Postgres in `data_dir` for a process that must be the only one there. The default directory is
/// `/var/lib/linernotes` for root, and `$XDG_DATA_HOME/linernotes` or `~/.local/share/linernotes` for other
/// users.
///
/// # Errors
/// If PostgreSQL 15 or later or one of its extensions is not installed, the directory cannot be created,
/// written or reached by the account that Postgres runs as, another process uses it, or Postgres itself
/// refuses to start. Each error is one line.
pub async fn start(data_dir: Option<PathBuf>) -> anyhow::Result<Cluster> {
    let dir = DataDir::open(data_dir)?;
    match dir.lock()? {
        Some(lock) => run(dir, lock).await,
        None => bail!(
            "linernotes already runs on {} (process {}): stop it first, or name another data directory with \
             --data-dir",
            dir.path.display(),
            dir.holder()
        ),
    }
}

/// Like [`start`], but joins the running Postgres if another Linernotes process uses `data_dir`.
///
/// # Errors
/// Like [`start`], except that another process on the directory is an error only if its Postgres is not ready
/// within a minute.
pub async fn find_or_start(data_dir: Option<PathBuf>) -> anyhow::Result<Cluster> {
    let dir = DataDir::open(data_dir)?;
    let deadline = Instant::now() + START_TIME_OUT;
    loop {
        if let Some(lock) = dir.lock()? {
            return run(dir, lock).await;
        }
        if let Ok(url) = fs::read_to_string(dir.url_file()) {
            return Ok(Cluster { url, own: None });
        }
        if Instant::now() > deadline {
            bail!(
                "process {} uses {}, but its Postgres is not ready",
                dir.holder(),
                dir.path.display()
            );
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Starts Postgres on a locked directory and publishes its address in the file `url`.
async fn run(dir: DataDir, lock: File) -> anyhow::Result<Cluster> {
    let (dir, server) = tokio::task::spawn_blocking(move || dir.start().map(|server| (dir, server)))
        .await
        .context("start Postgres")??;
    let url = server.url(NAME);
    let own = OwnCluster {
        server,
        url_file: dir.url_file(),
        _lock: lock,
    };
    prepare(&own.server.url("postgres"), &own.server.installation).await?;
    write_private(&own.url_file, &url)?;
    Ok(Cluster { url, own: Some(own) })
}
