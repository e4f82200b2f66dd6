//! A cluster on disk: where it is, which programs and which account it has, its settings, and how it is made.
//! Running it is the server's matter.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use uuid::Uuid;

use super::NAME;
use super::account::{Account, command};
use super::data_dir::write_private;
use super::installation::Installation;

/// Sized for a small machine that does other things, too.
const ALWAYS: &[&str] = &[
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "timezone=UTC",
    "log_timezone=UTC",
    "jit=off", // our statements are short: compiling them costs more than it gives
    "random_page_cost=1.1",
    "wal_level=minimal",
    "max_wal_senders=0",
];
const LASTING: &[&str] = &[
    "shared_buffers=256MB",
    "max_connections=60",
    "max_wal_size=2GB",
    "wal_compression=on",
];
const SCRATCH: &[&str] = &[
    "shared_buffers=128MB",
    "max_connections=200",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_wal_size=1GB",
];

/// What becomes of a cluster after us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is kept, and every commit is safe.
    Lasting,
    /// It is removed with the directory it is in.
    Scratch,
}

impl Kind {
    pub(super) fn options(self, port: u16) -> String {
        let sized = match self {
            Self::Lasting => LASTING,
            Self::Scratch => SCRATCH,
        };
        let settings = ALWAYS.iter().chain(sized).map(|setting| format!("-c {setting} "));
        settings.chain([format!("-c port={port}")]).collect()
    }

    pub(super) fn stop_mode(self) -> &'static str {
        match self {
            Self::Lasting => "fast",
            Self::Scratch => "immediate",
        }
    }
}

/// Where a cluster is, and what runs it.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) installation: Installation,
    pub(super) account: Option<Account>,
    /// The directory that `cluster/` is in.
    pub(super) dir: PathBuf,
    pub(super) kind: Kind,
}

impl Site {
    pub(super) fn cluster(&self) -> PathBuf {
        self.dir.join("cluster")
    }

    pub(super) fn command(&self, program: &str, dir: &Path) -> Command {
        command(self.installation.bin.join(program), self.account, dir)
    }

    fn give(&self, path: &Path) -> anyhow::Result<()> {
        self.account.map_or(Ok(()), |account| account.give(path))
    }

    /// Makes a cluster and returns its password, which is then also in the file `password`.
    /// A cluster under its final name is whole: one broken off is begun anew.
    /// `lock` is `postgres.lock`, held, and then held by `initdb` too, should it survive us.
    pub(super) fn make_cluster(&self, lock: &File) -> anyhow::Result<String> {
        let password = Uuid::new_v4().simple().to_string();
        let (password_file, unfinished) = (self.dir.join("password"), self.dir.join("cluster.unfinished"));
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).with_context(|| format!("remove {}", unfinished.display()))?;
        }
        write_private(&password_file, &password)?;
        fs::create_dir(&unfinished).with_context(|| format!("make {}", unfinished.display()))?;
        self.give(&password_file)?;
        self.give(&unfinished)?;

        let mut initdb = self.initdb(&unfinished, &password_file);
        initdb.stdin(lock.try_clone().context("share the lock")?);
        let output = initdb.output().context("run initdb")?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!(
                "initdb could not make a cluster in {}: {}",
                self.dir.display(),
                said.trim().replace('\n', "; ")
            );
        }
        fs::rename(&unfinished, self.cluster())
            .with_context(|| format!("name the cluster in {}", self.dir.display()))?;
        Ok(password)
    }

    fn initdb(&self, cluster: &Path, password_file: &Path) -> Command {
        let mut initdb = self.command("initdb", &self.dir);
        initdb.arg("-D").arg(cluster).arg("--pwfile").arg(password_file);
        initdb.args([
            "--username",
            NAME,
            "--auth",
            "scram-sha-256",
            "--encoding",
            "UTF8",
            "--locale",
        ]);
        // macOS knows no C.UTF-8.
        initdb.args(if cfg!(target_os = "macos") {
            ["C", "--lc-ctype=en_US.UTF-8"].as_slice()
        } else {
            &["C.UTF-8"]
        });
        if self.kind == Kind::Scratch {
            initdb.arg("--no-sync");
        }
        initdb
    }
}

/// The version that made the cluster in `dir`; None where there is no cluster yet.
pub(super) fn version_of(dir: &Path) -> Option<u32> {
    fs::read_to_string(dir.join("cluster/PG_VERSION"))
        .ok()?
        .trim()
        .parse()
        .ok()
}
