//! One Postgres server: starting it, stopping it, and clearing up after a kill.
//! Who may start it, and what is in its databases, is decided outside.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};

use super::NAME;
use super::account::command;
use super::data_dir::remove_if_there;
use super::installation::Installation;
use super::site::{Kind, Site};

/// Runs Postgres for as long as its own standard input is open, which it is while we live, however we end.
/// Its standard error is the file `postgres.lock`: whoever waits for that lock waits for this to be through.
const WATCH: &str = r#"
trap '' HUP INT TERM PIPE
bin=$1 cluster=$2 options=$3 mode=$4 remove=$5
"$bin/pg_ctl" start -s -w -t 600 -D "$cluster" -l "$cluster/postgres.log" -o "$options" </dev/null 2>/dev/null || exit 1
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
/// What Postgres says when a start is worth another try: the port was taken in between, or what a killed server left
/// running has not noticed yet.
const PASSING: [&str; 3] = [
    "could not bind",
    "could not create any TCP/IP sockets",
    "pre-existing shared memory block",
];
/// What it says, under words about corrupted data, where it cannot write.
const NO_ROOM: &str = "No space left on device";
const ATTEMPTS: u32 = 10;

/// A running server and the process that watches over it.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) installation: Installation,
    watch: Child,
    /// Closing it stops the server.
    hold: Option<ChildStdin>,
    port: u16,
    password: String,
    _lock: File,
}

impl Server {
    /// Starts the cluster, after stopping what may still run of it. `lock` is `postgres.lock`, held.
    pub(super) fn start(site: Site, lock: File, password: String) -> anyhow::Result<Self> {
        stop_leftover(&site)?;
        let log_file = site.cluster().join("postgres.log");
        let mut attempt = 1;
        loop {
            remove_if_there(&log_file)?;
            let port = free_port()?;
            let mut watch = spawn_watch(&site, port, &lock)?;
            let mut said = String::new();
            if let Some(stdout) = watch.stdout.take() {
                BufReader::new(stdout)
                    .read_line(&mut said)
                    .context("wait for Postgres")?;
            }
            let hold = watch.stdin.take();
            if said.trim() == "ready" {
                return Ok(Self {
                    installation: site.installation,
                    watch,
                    hold,
                    port,
                    password,
                    _lock: lock,
                });
            }
            watch.wait().context("wait for Postgres")?;
            let log = fs::read_to_string(&log_file).unwrap_or_default();
            if log.contains(NO_ROOM) {
                bail!(
                    "Postgres does not start in {}, whose disk is full: make room on it",
                    site.cluster().display()
                );
            }
            if attempt == ATTEMPTS || !PASSING.iter().any(|passing| log.contains(passing)) {
                bail!(
                    "Postgres does not start in {}: {}",
                    site.cluster().display(),
                    last_words(&log)
                );
            }
            attempt += 1;
            std::thread::sleep(Duration::from_millis(300));
        }
    }

    /// Where to connect to one of its databases.
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

    /// Stops it and waits until it has.
    pub(super) fn stop(&mut self) -> anyhow::Result<()> {
        self.hold = None;
        let status = self.watch.wait().context("wait for Postgres to stop")?;
        if !status.success() {
            bail!("Postgres on port {} did not stop", self.port);
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // There is nobody left to tell; the next start stops what is left.
        let _ = self.stop();
    }
}

fn spawn_watch(site: &Site, port: u16, lock: &File) -> anyhow::Result<Child> {
    let cluster = site.cluster();
    let mut watch = command("/bin/sh", site.account, &cluster);
    watch
        .args(["-c", WATCH, "linernotes-postgres"])
        .arg(&site.installation.bin)
        .arg(&cluster);
    watch.arg(site.kind.options(port)).arg(site.kind.stop_mode());
    watch.arg(match site.kind {
        Kind::Lasting => OsStr::new(""),
        Kind::Scratch => site.dir.as_os_str(),
    });
    watch
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(lock.try_clone().context("share the lock")?);
    watch.spawn().context("start sh to run Postgres")
}

/// Stops a server that still runs on the cluster, its watch having been killed, too.
pub(super) fn stop_leftover(site: &Site) -> anyhow::Result<()> {
    let cluster = site.cluster();
    let pid_file = cluster.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&pid_file) else {
        return Ok(());
    };
    let Some(running) = text.lines().next().and_then(command_line) else {
        return Ok(());
    };
    if !running.contains(&*cluster.to_string_lossy()) {
        // Another process was given that number since, and Postgres would take it for a server and refuse to start.
        // Should it be a Postgres all the same, that refusal is what keeps two servers from one cluster.
        let other = !running.contains("postgres");
        return if other { remove_if_there(&pid_file) } else { Ok(()) };
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

/// The arguments of a running process; None where there is none. `ps` is not on every small machine, and `/proc` not
/// on every system.
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

/// What a server that ended said of any weight, else what it said last, in one line.
fn last_words(log: &str) -> String {
    let heavy = |line: &&str| {
        ["FATAL:", "PANIC:", "HINT:"]
            .iter()
            .any(|level| line.contains(level))
    };
    let mut lines: Vec<&str> = log.lines().filter(heavy).collect();
    if lines.is_empty() {
        lines = log.lines().collect();
        lines.drain(..lines.len().saturating_sub(3));
    }
    if lines.is_empty() {
        "it said nothing".to_owned()
    } else {
        lines.join("; ")
    }
}
