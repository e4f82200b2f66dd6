//! The users of a private Postgres: the first one starts it, the others join, and the last one stops it. If
//! the last one is killed, the watch process stops it.

use std::fs::{self, File};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};

use super::data_dir::DataDir;
use super::files::{lock_if_free, open_private, remove_if_exists};
use super::server::Server;

/// This process as a user of the Postgres of a data directory. Dropping it ends the use.
#[derive(Debug)]
pub(super) struct PostgresUser {
    pub(super) dir: DataDir,
    /// The server, if this process started it.
    pub(super) server: Option<Server>,
    /// Locked together with the other users.
    users_lock: File,
    /// A writer of the pipe `users`; `None` after the end of the use.
    pipe: Option<File>,
}

impl PostgresUser {
    /// Joins the users, and starts Postgres if there are none. `start_lock` is the locked `start.lock`, which
    /// must be held until others may join. Blocks.
    pub(super) fn join(dir: DataDir, _start_lock: &File) -> anyhow::Result<Self> {
        let (lock_path, pipe_path) = (dir.path.join("users.lock"), dir.path.join("users"));
        let users_lock = open_private(&lock_path)?;
        make_pipe(&pipe_path)?;
        let mut pipe = open_pipe(&pipe_path)?;
        let mut server = None;
        if lock_if_free(&users_lock, &lock_path)? {
            // Postgres may still run for users that were killed. It must not take this process for a user.
            drop(pipe);
            let postgres_lock = dir.wait_for_earlier_postgres()?;
            pipe = open_pipe(&pipe_path)?;
            let reader = File::open(&pipe_path).with_context(|| format!("open {}", pipe_path.display()))?;
            server = Some(dir.start(&postgres_lock, &reader.into())?);
            users_lock.unlock().context("unlock the users")?;
        }
        let locked = users_lock.lock_shared();
        locked.with_context(|| format!("lock {}", lock_path.display()))?;
        Ok(Self {
            dir,
            server,
            users_lock,
            pipe: Some(pipe),
        })
    }

    /// Ends the use. The last user waits until Postgres has stopped. Blocks.
    pub(super) fn end(&mut self) -> anyhow::Result<()> {
        if self.pipe.is_none() {
            return Ok(());
        }
        let start_lock = self.dir.lock_start()?;
        self.end_locked(&start_lock)
    }

    /// Like [`PostgresUser::end`], for a process that has locked `start.lock`.
    pub(super) fn end_locked(&mut self, _start_lock: &File) -> anyhow::Result<()> {
        let Some(pipe) = self.pipe.take() else {
            return Ok(());
        };
        self.users_lock.unlock().context("unlock the users")?;
        if !lock_if_free(&self.users_lock, &self.dir.path.join("users.lock"))? {
            return Ok(());
        }
        remove_if_exists(&self.dir.url_file())?;
        drop(pipe);
        match &mut self.server {
            Some(server) => server.wait(),
            None => self.dir.wait_for_stop(),
        }
    }
}

impl Drop for PostgresUser {
    fn drop(&mut self) {
        // An error cannot be reported here; the next start stops a server that is left.
        let _ = self.end();
    }
}

/// Creates a named pipe for this user only.
fn make_pipe(path: &Path) -> anyhow::Result<()> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.file_type().is_fifo() => return Ok(()),
        Ok(_) => bail!("{} is in the way: it must be a named pipe", path.display()),
        Err(_) => {}
    }
    let status = Command::new("mkfifo").args(["-m", "600"]).arg(path).status();
    if !status.context("run mkfifo")?.success() {
        bail!("mkfifo could not create {}", path.display());
    }
    Ok(())
}

/// Opens a named pipe for writing. Opened for reading too, it does not wait for a reader.
fn open_pipe(path: &Path) -> anyhow::Result<File> {
    let opened = File::options().read(true).write(true).open(path);
    opened.with_context(|| format!("open {}", path.display()))
}
