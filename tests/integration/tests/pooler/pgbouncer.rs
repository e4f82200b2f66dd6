//! A pgbouncer with transaction pooling before the Postgres of a test. It ends with the test.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use integration::waiting::give_up_at;
use tokio::time::Instant;
use url::Url;

/// The places where pgbouncer may be: in the PATH, where the package installs it, and where `scripts/prepare
/// test` does.
const PROGRAMS: [&str; 3] = [
    "pgbouncer",
    "/usr/sbin/pgbouncer",
    concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../target/pgbouncer/usr/sbin/pgbouncer"
    ),
];
/// Since this version it can track prepared statements by name, and from 1.24 on it does so by default.
const TRACKS_STATEMENTS: (u32, u32) = (1, 21);
/// Runs pgbouncer until standard input ends, which happens when the test process ends in any way.
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
    /// The URL of the database through pgbouncer.
    pub(crate) url: String,
    watch: Child,
}

impl Pooler {
    /// Starts one that opens at most `connections` connections to the database.
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
                // Another process may have taken the port meanwhile.
                Err(output_text) => assert!(attempt < ATTEMPTS, "pgbouncer does not start: {output_text}"),
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
        let output_text = String::from_utf8_lossy(&output.stdout);
        if let Some(version) = version(&output_text) {
            return (program, version);
        }
    }
    panic!(
        "these tests need pgbouncer: scripts/prepare test installs it (Fedora: dnf install pgbouncer; macOS: \
            brew install pgbouncer)"
    );
}

/// The version in a text such as `PgBouncer 1.18.0`.
fn version(output_text: &str) -> Option<(u32, u32)> {
    let mut numbers = output_text.lines().next()?.strip_prefix("PgBouncer ")?.split('.');
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
    if version >= TRACKS_STATEMENTS {
        settings.push_str("max_prepared_statements = 0\n");
    }
    // It refuses to run as root, so it runs as the user of Postgres.
    if is_root() {
        settings.push_str("user = postgres\n");
    }
    settings
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout == b"0\n"
}

/// A folder that only its owner can read, because it holds the password. pgbouncer reads it before it changes
/// its user.
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
    let until = give_up_at();
    loop {
        let output_text = fs::read_to_string(dir.join("log")).unwrap_or_default();
        if output_text.contains("process up") {
            return Ok(());
        }
        if output_text.contains("FATAL") || Instant::now() > until {
            return Err(output_text);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
