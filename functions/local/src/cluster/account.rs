//! The account that Postgres runs as: this user, or `postgres` if this user is root, since Postgres
//! refuses to run as root.

use std::ffi::OsStr;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context;

/// The account `postgres`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Account {
    uid: u32,
    gid: u32,
}

impl Account {
    /// The account to run Postgres as; `None` if this user is not root and runs it directly.
    pub(super) fn for_postgres() -> anyhow::Result<Option<Self>> {
        if !is_root()? {
            return Ok(None);
        }
        let account = id(&["-u", "postgres"])?
            .zip(id(&["-g", "postgres"])?)
            .map(|(uid, gid)| Self { uid, gid });
        let missing = "Postgres cannot run as root, and there is no user postgres to run it: create one \
                       (useradd --system --user-group postgres), or run this as another user";
        account.context(missing).map(Some)
    }

    /// Makes this account the owner of a file or directory.
    pub(super) fn give(self, path: &Path) -> anyhow::Result<()> {
        chown(path, Some(self.uid), Some(self.gid))
            .with_context(|| format!("give {} to the user postgres", path.display()))
    }

    pub(super) fn can_reach(self, dir: &Path) -> bool {
        let mut command = command("/bin/sh", Some(self), Path::new("/"));
        command
            .args(["-c", "cd -- \"$1\"", "sh"])
            .arg(dir)
            .stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }
}

/// Whether this user is root.
pub(super) fn is_root() -> anyhow::Result<bool> {
    Ok(id(&["-u"])? == Some(0))
}

/// Whether `uid` is this user or the account that Postgres runs as.
pub(super) fn is_ours(account: Option<Account>, uid: u32) -> anyhow::Result<bool> {
    Ok(id(&["-u"])? == Some(uid) || account.is_some_and(|account| account.uid == uid))
}

/// A command that runs as `account` in `dir`. Its own process group keeps it from receiving our terminal's
/// Ctrl-C. It inherits no environment: that of this process may contain secrets, and options meant for other
/// clusters.
pub(super) fn command(program: impl AsRef<OsStr>, account: Option<Account>, dir: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
        .env("LC_ALL", "C")
        .current_dir(dir);
    command
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    if let Some(Account { uid, gid }) = account {
        command.uid(uid).gid(gid);
    }
    command
}

/// The number that the program `id` prints; `None` if there is no such user.
fn id(args: &[&str]) -> anyhow::Result<Option<u32>> {
    let output = Command::new("id").args(args).output().context("run id")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse().ok())
}
