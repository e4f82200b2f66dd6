//! The program `linernotes` as it is run, on a test's database: started, fed, sent signals, and waited for.
//! What it should come to is each test's matter.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rand::Rng as _;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, Command};

use crate::Database;

/// How long anything that is waited for may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// The program, running.
pub struct Program {
    child: Child,
    stdin: Option<ChildStdin>,
    stderr: BufReader<ChildStderr>,
    said: String,
}

/// How it ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit status; None where a signal ended it.
    pub code: Option<i32>,
    /// What it wrote on standard output.
    pub stdout: String,
    /// What it wrote on standard error.
    pub stderr: String,
}

impl Program {
    /// Starts it with none of the settings of whoever runs the tests.
    pub fn start(database: &Database, arguments: &[&str]) -> Self {
        let mut command = Command::new(path());
        for variable in shared::config::VARIABLES {
            command.env_remove(variable.name);
        }
        command
            .args(arguments)
            .env("DATABASE_URL", &database.url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let stderr = child.stderr.take().unwrap();
        Self {
            stdin: child.stdin.take(),
            child,
            stderr: BufReader::new(stderr),
            said: String::new(),
        }
    }

    /// Writes into its standard input, as far as it reads.
    pub async fn write(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        // It may have seen enough.
        let _ = tokio::time::timeout(PATIENCE, stdin.write_all(bytes))
            .await
            .unwrap();
    }

    /// Sends it a signal, such as `INT`.
    pub async fn signal(&self, name: &str) {
        let id = self.child.id().unwrap().to_string();
        let mut kill = Command::new("kill");
        let status = kill.args([&format!("-{name}"), &id]).status().await;
        assert!(status.unwrap().success());
    }

    /// Ends it without a word; false where it had ended.
    pub async fn kill(mut self) -> bool {
        let is_running = self.child.try_wait().unwrap().is_none();
        self.child.kill().await.unwrap();
        is_running
    }

    /// Waits until it says something on standard error.
    pub async fn says(&mut self, words: &str) {
        while !self.said.contains(words) {
            let line = self.stderr.read_line(&mut self.said);
            let read = tokio::time::timeout(PATIENCE, line).await;
            let read = read.unwrap_or_else(|_| panic!("it said: {}", self.said));
            assert!(read.unwrap() > 0, "it said: {}", self.said);
        }
    }

    /// Waits until it ends, whose standard input ends now.
    pub async fn end(mut self) -> Ended {
        drop(self.stdin.take());
        self.end_by_itself().await
    }

    /// Waits until it ends, whose standard input stays open.
    pub async fn end_by_itself(mut self) -> Ended {
        let mut stdout = String::new();
        let mut out = self.child.stdout.take().unwrap();
        let ended = async {
            let read = out.read_to_string(&mut stdout);
            let said = self.stderr.read_to_string(&mut self.said);
            tokio::try_join!(read, said).unwrap();
            self.child.wait().await.unwrap()
        };
        let status = tokio::time::timeout(PATIENCE, ended).await.unwrap();
        Ended {
            code: status.code(),
            stdout,
            stderr: self.said,
        }
    }
}

impl Ended {
    /// The one line that it said, where it should have failed.
    pub fn error(&self) -> &str {
        assert_eq!(self.code, Some(1), "{self:?}");
        let line = self.stderr.trim_end();
        assert!(line.starts_with("error: ") && !line.contains('\n'), "{self:?}");
        line
    }

    /// How many rows it wrote, of a load that was asked for JSON and ended well.
    pub fn rows_written(&self) -> u64 {
        assert_eq!(self.code, Some(0), "{self:?}");
        let events = self.stdout.lines().map(|line| {
            let event: serde_json::Value = serde_json::from_str(line).unwrap();
            event
        });
        let loaded: Vec<_> = events.filter(|event| event["event"] == "loaded").collect();
        assert!(!loaded.is_empty(), "{self:?}");
        let rows = loaded.iter().map(|event| event["rows_written"].as_u64());
        rows.map(Option::unwrap).sum()
    }
}

/// Runs a load of a file to its end.
pub async fn load(database: &Database, source: &str, path: &Path) -> Ended {
    let arguments = ["load", source, path.to_str().unwrap(), "--json"];
    Program::start(database, &arguments).end().await
}

/// Runs loads of a file and ends each without a word: one as it starts, then some in the middle.
pub async fn kill_loads(database: &Database, source: &str, path: &Path) {
    let mut kills = 0;
    for in_the_middle in [false, true, true, true] {
        let before = last_load(database).await;
        let program = Program::start(database, &["load", source, path.to_str().unwrap()]);
        if in_the_middle {
            is_under_way_after(database, before).await;
        }
        let wait = Duration::from_millis(rand::rng().random_range(0..100));
        tokio::time::sleep(wait).await;
        kills += u32::from(program.kill().await);
    }
    assert!(kills > 1);
    let broken_off = "SELECT count(*) FROM loads WHERE state = 'running'";
    assert!(database.count(broken_off).await > 0);
}

/// The last load that began; 0 where there was none.
async fn last_load(database: &Database) -> i64 {
    let last = "SELECT COALESCE(max(id), 0) FROM loads";
    database.count(last).await
}

/// Waits until a load after that one has kept how far it is.
pub async fn is_under_way_after(database: &Database, load_id: i64) {
    let under_way = format!("SELECT count(*) FROM loads WHERE id > {load_id} AND position_bytes > 0");
    wait_until(database, &under_way).await;
}

/// Waits until a query counts something.
pub async fn wait_until(database: &Database, count: &str) {
    let counted = async {
        while database.count(count).await == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(PATIENCE, counted).await.unwrap();
}

/// The binary that this workspace builds, beside the tests.
fn path() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let folder = tests.parent().and_then(Path::parent).unwrap();
    let program = folder.join("linernotes");
    assert!(program.is_file(), "{} is not built", program.display());
    program
}
