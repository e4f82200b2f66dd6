//! A pgbouncer that hands out a server connection per transaction, before the test's Postgres and gone with the test.
//! What is sent through it is the tests' matter.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::time::Instant;
use url::Url;

/// Where one is looked for: the PATH, where the package puts it, and where `scripts/prepare test` does.
const PROGRAMS: [&str; 3] = [
    "pgbouncer",
    "/usr/sbin/pgbouncer",
    concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../target/pgbouncer/usr/sbin/pgbouncer"
    ),
];
/// Since this version it can keep the names of statements apart, and does from 1.24 on unless told not to.
const KEEPS_NAMES_APART: (u32, u32) = (1, 21);
/// Runs it for as long as our end of standard input is open, which it is while we live, however we end.
const WATCH: &str = r#"
trap '' HUP INT TERM
"$1" "$2/pgbouncer.ini" </dev/null >"$2/log" 2>&1 &
read -r _
kill -KILL "$!"
wait
rm -rf -- "$2"
"#;
const ATTEMPTS: u32 = 5;

/// A running pgbouncer.
pub(crate) struct Pooler {
    /// The database, by way of it.
    pub(crate) url: String,
    watch: Child,
}

impl Pooler {
    /// Starts one that opens at most so many connections to the database.
    pub(crate) async fn before(database_url: &str, connections: usize) -> Self {
        let (program, version) = installed();
        for attempt in 1.. {
            let mut url = Url::parse(database_url).unwrap();
            let port = free_port();
            let dir = make_dir();
            write_private(
                &dir.join("pgbouncer.ini"),
                &settings(&dir, &url, port, connections, version),
            );
            let password = url.password().unwrap_or_default();
            write_private(
                &dir.join("users"),
                &format!("\"{}\" \"{password}\"\n", url.username()),
            );
            url.set_port(Some(port)).unwrap();
            let mut watch = Command::new("/bin/sh");
            watch.args(["-c", WATCH, "pgbouncer-watch", program]).arg(&dir);
            let watch = watch.stdin(Stdio::piped()).spawn().unwrap();
            let pooler = Self {
                url: url.into(),
                watch,
            };
            match wait_until_up(&dir).await {
                Ok(()) => return pooler,
                // Somebody else took the port in between.
                Err(said) => assert!(attempt < ATTEMPTS, "pgbouncer does not start: {said}"),
            }
        }
        unreachable!("the last attempt panics")
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        let _ = self.watch.wait();
    }
}

/// The program and its version.
fn installed() -> (&'static str, (u32, u32)) {
    for program in PROGRAMS {
        let Ok(output) = Command::new(program).arg("--version").output() else {
            continue;
        };
        let said = String::from_utf8_lossy(&output.stdout);
        if let Some(version) = version(&said) {
            return (program, version);
        }
    }
    panic!(
        "no pgbouncer, which these tests run: scripts/prepare test installs one (Fedora: dnf install pgbouncer; macOS: brew install pgbouncer)"
    );
}

/// From `PgBouncer 1.18.0`.
fn version(said: &str) -> Option<(u32, u32)> {
    let mut numbers = said.lines().next()?.strip_prefix("PgBouncer ")?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn settings(dir: &Path, server: &Url, port: u16, connections: usize, version: (u32, u32)) -> String {
    let mut settings = format!(
        "[databases]
* = host=127.0.0.1 port={}
[pgbouncer]
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 200
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {}/users
",
        server.port().unwrap(),
        dir.display()
    );
    if version >= KEEPS_NAMES_APART {
        settings.push_str("max_prepared_statements = 0\n");
    }
    // It does not run as root; whom Postgres runs as will do.
    if is_root() {
        settings.push_str("user = postgres\n");
    }
    settings
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout == b"0\n"
}

/// For us alone, since it holds the password: pgbouncer reads it before it becomes somebody else.
fn make_dir() -> PathBuf {
    let name = format!("linernotes-pgbouncer-{}", uuid::Uuid::new_v4().simple());
    let dir = std::env::temp_dir().join(name);
    DirBuilder::new().mode(0o700).create(&dir).unwrap();
    dir
}

fn write_private(path: &Path, text: &str) {
    let mut file = OpenOptions::new();
    let file = file.write(true).create_new(true).mode(0o600).open(path);
    file.unwrap().write_all(text.as_bytes()).unwrap();
}

async fn wait_until_up(dir: &Path) -> Result<(), String> {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        let said = fs::read_to_string(dir.join("log")).unwrap_or_default();
        if said.contains("process up") {
            return Ok(());
        }
        if said.contains("FATAL") || Instant::now() > until {
            return Err(said);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
