//! One Postgres server: starting it, stopping it, and stopping what a killed process left running.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};

use super::account::command;
use super::databases::NAME;
use super::files::remove_if_exists;
use super::installation::Installation;
use crate::cluster::cluster_directory::{ClusterKind, ClusterSite};

/// The watch process. It runs Postgres until its standard input, a pipe, has no writer any more: every user
/// of the server is one, until it ends in any way. Its standard error is the file `postgres.lock`, so the
/// lock is free only after it has exited.
const WATCH: &str = r#"
trap '' HUP INT TERM PIPE
bin=$1 cluster=$2 options=$3 mode=$4 remove=$5
"$bin/pg_ctl" start -s -w -t 600 -D "$cluster" -l "$cluster/postgres.log" -o "$options" \
    </dev/null 2>/dev/null || exit 1
echo ready
read -r _
"$bin/pg_ctl" stop -s -w -t 120 -m "$mode" -D "$cluster" 2>/dev/null ||
    "$bin/pg_ctl" stop -s -w -t 30 -m immediate -D "$cluster" 2>/dev/null
status=$?
"$bin/pg_ctl" status -D "$cluster" >/dev/null 2>/dev/null
[ $? -ne 3 ] || status=0 # it had ended before
[ -z "$remove" ] || rm -rf -- "$remove"
exit $status
"#;
/// Errors after which another start may succeed: the port was taken in between, or processes of a killed
/// server are still exiting.
const TRANSIENT_ERRORS: [&str; 3] = [
    "could not bind",
    "could not create any TCP/IP sockets",
    "pre-existing shared memory block",
];
/// Postgres logs this, among misleading messages about corrupted data, if it cannot write.
const DISK_FULL: &str = "No space left on device";
const MAX_ATTEMPTS: u32 = 10;

/// A running server and its watch process.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) installation: Installation,
    watch: Child,
    port: u16,
    password: String,
}

impl Server {
    /// Starts the server, after stopping one that may still run on the cluster. `lock` is the locked
    /// `postgres.lock`. The server runs until the pipe `users` has no writer.
    pub(super) fn start(
        site: ClusterSite,
        lock: &File,
        users: &OwnedFd,
        password: String,
    ) -> anyhow::Result<Self> {
        stop_leftover(&site)?;
        let log_file = site.cluster().join("postgres.log");
        let mut attempt = 1;
        loop {
            remove_if_exists(&log_file)?;
            let port = free_port()?;
            let mut watch = spawn_watch(&site, port, lock, users)?;
            let mut line = String::new();
            if let Some(stdout) = watch.stdout.take() {
                BufReader::new(stdout)
                    .read_line(&mut line)
                    .context("wait for Postgres")?;
            }
            if line.trim() == "ready" {
                return Ok(Self {
                    installation: site.installation,
                    watch,
                    port,
                    password,
                });
            }
            watch.wait().context("wait for Postgres")?;
            let log = fs::read_to_string(&log_file).unwrap_or_default();
            if log.contains(DISK_FULL) {
                bail!(
                    "Postgres does not start in {}: the disk is full, free some space",
                    site.cluster().display()
                );
            }
            if attempt == MAX_ATTEMPTS || !TRANSIENT_ERRORS.iter().any(|error| log.contains(error)) {
                bail!(
                    "Postgres does not start in {}: {}",
                    site.cluster().display(),
                    failure_text(&log)
                );
            }
            attempt += 1;
            std::thread::sleep(Duration::from_millis(300));
        }
    }

    /// The URL of one of its databases.
    pub(super) fn url(&self, database: &str) -> String {
        format!(
            "postgres://{NAME}:{}@127.0.0.1:{}/{database}?sslmode=disable",
            self.password, self.port
        )
    }

    #[cfg(test)]
    pub(super) fn watch_id(&self) -> u32 {
        self.watch.id()
    }

    /// Waits until the server has stopped, which it does when its last user has ended.
    pub(super) fn wait(&mut self) -> anyhow::Result<()> {
        let status = self.watch.wait().context("wait for Postgres to stop")?;
        if !status.success() {
            bail!("Postgres on port {} did not stop", self.port);
        }
        Ok(())
    }
}

fn spawn_watch(site: &ClusterSite, port: u16, lock: &File, users: &OwnedFd) -> anyhow::Result<Child> {
    let cluster = site.cluster();
    let mut watch = command("/bin/sh", site.account, &cluster);
    watch
        .args(["-c", WATCH, "linernotes-postgres"])
        .arg(&site.installation.bin)
        .arg(&cluster);
    watch.arg(site.kind.options(port)).arg(site.kind.stop_mode());
    watch.arg(match site.kind {
        ClusterKind::Durable => OsStr::new(""),
        ClusterKind::Scratch => site.dir.as_os_str(),
    });
    watch
        .stdin(users.try_clone().context("share the pipe of the users")?)
        .stdout(Stdio::piped())
        .stderr(lock.try_clone().context("share the lock")?);
    watch.spawn().context("start sh to run Postgres")
}

/// Stops a server that still runs on the cluster because its watch process was killed too.
pub(super) fn stop_leftover(site: &ClusterSite) -> anyhow::Result<()> {
    let cluster = site.cluster();
    let pid_file = cluster.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&pid_file) else {
        return Ok(());
    };
    let Some(running) = text.lines().next().and_then(command_line) else {
        return Ok(());
    };
    if !running.contains(&*cluster.to_string_lossy()) {
        // Another process got this id meanwhile. Postgres would take it for a server and refuse to start. If
        // it is a Postgres nevertheless, the file stays: that refusal keeps two servers off one cluster.
        let is_unrelated = !running.contains("postgres");
        return if is_unrelated {
            remove_if_exists(&pid_file)
        } else {
            Ok(())
        };
    }
    for mode in ["fast", "immediate"] {
        let mut stop = site.command("pg_ctl", &cluster);
        stop.args(["stop", "-s", "-w", "-t", "120", "-m", mode, "-D"])
            .arg(&cluster)
            .stderr(Stdio::null());
        if stop.status().context("run pg_ctl")?.success() {
            return Ok(());
        }
    }
    bail!(
        "an earlier Postgres still runs on {} and does not stop",
        cluster.display()
    )
}

/// Whether the server of a cluster runs.
pub(super) fn is_running(cluster: &Path) -> bool {
    let pid_file = fs::read_to_string(cluster.join("postmaster.pid")).unwrap_or_default();
    let command_line = pid_file.lines().next().and_then(command_line);
    command_line.is_some_and(|running| running.contains(&*cluster.to_string_lossy()))
}

/// The command line of a running process; `None` if there is no such process. Some small machines have no
/// `ps`, some systems no `/proc`.
pub(super) fn command_line(pid: &str) -> Option<String> {
    if Path::new("/proc/self/cmdline").exists() {
        return Some(
            fs::read_to_string(format!("/proc/{pid}/cmdline"))
                .ok()?
                .replace('\0', " "),
        );
    }
    let output = Command::new("ps")
        .args(["-o", "args=", "-p", pid])
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("find a free port")?;
    Ok(listener.local_addr().context("find a free port")?.port())
}

/// The severe lines of the log of a server that did not start, or its last three lines, joined into one.
fn failure_text(log: &str) -> String {
    let is_severe = |line: &&str| {
        ["FATAL:", "PANIC:", "HINT:"]
            .iter()
            .any(|level| line.contains(level))
    };
    let mut lines: Vec<&str> = log.lines().filter(is_severe).collect();
    if lines.is_empty() {
        lines = log.lines().collect();
        lines.drain(..lines.len().saturating_sub(3));
    }
    if lines.is_empty() {
        "its log is empty".to_owned()
    } else {
        lines.join("; ")
    }
}
