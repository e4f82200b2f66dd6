//! Who Postgres runs as: ourselves, or for root, as whom Postgres refuses to run, the account `postgres`.
//! Only who, and how a command is run as that; which commands is the server's matter.

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
    /// None where we are not root, and Postgres runs as ourselves.
    pub(super) fn for_postgres() -> anyhow::Result<Option<Self>> {
        if id(&["-u"])? != Some(0) {
            return Ok(None);
        }
        let account = id(&["-u", "postgres"])?
            .zip(id(&["-g", "postgres"])?)
            .map(|(uid, gid)| Self { uid, gid });
        let missing = "Postgres does not run as root, and there is no user postgres to run it as: add one \
                       (useradd --system --user-group postgres), or do not run as root";
        account.context(missing).map(Some)
    }

    /// Makes a file or directory this account's own.
    pub(super) fn give(self, path: &Path) -> anyhow::Result<()> {
        chown(path, Some(self.uid), Some(self.gid))
            .with_context(|| format!("give {} to the user postgres", path.display()))
    }

    pub(super) fn reaches(self, dir: &Path) -> bool {
        let mut command = command("/bin/sh", Some(self), Path::new("/"));
        command
            .args(["-c", "cd -- \"$1\"", "sh"])
            .arg(dir)
            .stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }
}

/// Whether what belongs to `uid` belongs to us or to the account our Postgres runs as.
pub(super) fn is_ours(account: Option<Account>, uid: u32) -> anyhow::Result<bool> {
    Ok(id(&["-u"])? == Some(uid) || account.is_some_and(|account| account.uid == uid))
}

/// A command that runs as `account` in `dir`, in a process group of its own, so that Ctrl-C in our terminal is for us
/// alone. It gets none of our environment, which may hold secrets of ours and options meant for other clusters.
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

/// What `id` says; None where it knows no such user.
fn id(args: &[&str]) -> anyhow::Result<Option<u32>> {
    let output = Command::new("id").args(args).output().context("run id")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse().ok())
}
