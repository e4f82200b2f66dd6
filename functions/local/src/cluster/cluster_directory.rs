//! A cluster on disk: its directory, programs, account and settings, and its creation with `initdb`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use uuid::Uuid;

use super::account::{Account, command};
use super::databases::NAME;
use super::files::write_private;
use super::installation::Installation;

/// Settings of every cluster. Sizes are for a small machine that has other work too.
const COMMON_SETTINGS: &[&str] = &[
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "timezone=UTC",
    "log_timezone=UTC",
    "log_min_messages=log", // a statement's error can quote a row; we log it without
    "jit=off",              // our statements are too short for compilation to pay off
    "random_page_cost=1.1",
    "wal_level=minimal",
    "max_wal_senders=0",
];
const DURABLE_SETTINGS: &[&str] = &[
    "shared_buffers=256MB",
    "max_connections=200", // several commands at once, each with connections of its own
    "max_wal_size=2GB",
    "wal_compression=on",
    "autovacuum_naptime=5s", // receivers step over the rows of messages that are done until then
];
const SCRATCH_SETTINGS: &[&str] = &[
    "shared_buffers=128MB",
    "max_connections=200",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_wal_size=1GB",
];

/// How long a cluster lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClusterKind {
    /// Kept on disk; every commit is durable.
    Durable,
    /// Removed together with its directory.
    Scratch,
}

impl ClusterKind {
    pub(super) fn options(self, port: u16) -> String {
        let sized = match self {
            Self::Durable => DURABLE_SETTINGS,
            Self::Scratch => SCRATCH_SETTINGS,
        };
        let settings = COMMON_SETTINGS
            .iter()
            .chain(sized)
            .map(|setting| format!("-c {setting} "));
        settings.chain([format!("-c port={port}")]).collect()
    }

    pub(super) fn stop_mode(self) -> &'static str {
        match self {
            Self::Durable => "fast",
            Self::Scratch => "immediate",
        }
    }
}

/// Where a cluster is, and which programs run it as whom.
#[derive(Debug)]
pub(super) struct ClusterSite {
    pub(super) installation: Installation,
    pub(super) account: Option<Account>,
    /// The directory that contains `cluster/`.
    pub(super) dir: PathBuf,
    pub(super) kind: ClusterKind,
}

impl ClusterSite {
    pub(super) fn cluster(&self) -> PathBuf {
        self.dir.join("cluster")
    }

    pub(super) fn command(&self, program: &str, dir: &Path) -> Command {
        command(self.installation.bin.join(program), self.account, dir)
    }

    fn give(&self, path: &Path) -> anyhow::Result<()> {
        self.account.map_or(Ok(()), |account| account.give(path))
    }

    /// Creates a cluster and returns its password, which is also in the file `password`. The cluster gets its
    /// final name only when it is complete; an interrupted creation starts over. `lock` is the locked
    /// `postgres.lock`; `initdb` inherits it, in case it outlives this process.
    pub(super) fn create_cluster(&self, lock: &File) -> anyhow::Result<String> {
        let password = Uuid::new_v4().simple().to_string();
        let (password_file, unfinished) = (self.dir.join("password"), self.dir.join("cluster.unfinished"));
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).with_context(|| format!("remove {}", unfinished.display()))?;
        }
        write_private(&password_file, &password)?;
        fs::create_dir(&unfinished).with_context(|| format!("create {}", unfinished.display()))?;
        self.give(&password_file)?;
        self.give(&unfinished)?;

        let mut initdb = self.initdb(&unfinished, &password_file);
        initdb.stdin(lock.try_clone().context("share the lock")?);
        let output = initdb.output().context("run initdb")?;
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr);
            bail!(
                "initdb could not create a cluster in {}: {}",
                self.dir.display(),
                stderr.trim().replace('\n', "; ")
            );
        }
        fs::rename(&unfinished, self.cluster())
            .with_context(|| format!("rename the cluster in {}", self.dir.display()))?;
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
        // macOS has no C.UTF-8.
        initdb.args(if cfg!(target_os = "macos") {
            ["C", "--lc-ctype=en_US.UTF-8"].as_slice()
        } else {
            &["C.UTF-8"]
        });
        if self.kind == ClusterKind::Scratch {
            initdb.arg("--no-sync");
        }
        initdb
    }
}

/// The major version that created the cluster in `dir`; `None` if there is no cluster yet.
pub(super) fn cluster_version(dir: &Path) -> Option<u32> {
    fs::read_to_string(dir.join("cluster/PG_VERSION"))
        .ok()?
        .trim()
        .parse()
        .ok()
}
