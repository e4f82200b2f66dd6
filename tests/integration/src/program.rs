//! The program `linernotes` as people run it, on the database of a test: its input, its output, signals and
//! its end.
//!
//! Cargo builds it with the tests: see `[[bin]]` in `Cargo.toml`.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, Command};
use tokio::time::timeout;

use crate::database::Database;
use crate::failpoints::HeldStatement;
use crate::random::random;
use crate::waiting::{GIVE_UP_AFTER, must_end};

const PATH_VARIABLE: &str = "CARGO_BIN_EXE_linernotes-under-test";

/// The running program.
pub struct Program {
    child: Child,
    stdin: Option<ChildStdin>,
    stderr: BufReader<ChildStderr>,
    errors: String,
}

/// The exit status and the output of a program that ended.
#[derive(Debug)]
pub struct ProgramExit {
    /// The exit status; None if a signal ended it.
    pub code: Option<i32>,
    /// All of its standard output.
    pub stdout: String,
    /// All of its standard error.
    pub stderr: String,
}

impl Program {
    /// Starts it without the settings of the person who runs the tests.
    pub fn start(database: &Database, arguments: &[&str]) -> Self {
        let mut command = Command::new(path());
        for variable in shared::platform::config::VARIABLES {
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
            errors: String::new(),
        }
    }

    /// Writes to its standard input, as far as it reads.
    pub async fn write(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        // It may end without reading everything.
        let _ = must_end("the program reads its input", stdin.write_all(bytes)).await;
    }

    /// Sends it a signal, such as `INT`.
    pub async fn signal(&self, name: &str) {
        let id = self.child.id().unwrap().to_string();
        let mut kill = Command::new("kill");
        let status = kill.args([&format!("-{name}"), &id]).status().await;
        assert!(status.unwrap().success());
    }

    /// Kills it, so that it cannot clean up. It must still be running.
    pub async fn kill(mut self) {
        let status = self.child.try_wait().unwrap();
        assert_eq!(status, None, "the program ended before it was killed");
        self.child.kill().await.unwrap();
    }

    /// Waits until a text appears on its standard error.
    pub async fn wait_for_message(&mut self, text: &str) {
        while !self.errors.contains(text) {
            let line = timeout(GIVE_UP_AFTER, self.stderr.read_line(&mut self.errors)).await;
            let has_ended = matches!(line, Ok(Ok(0)));
            assert!(
                line.is_ok() && !has_ended,
                "no message {text:?}; has ended: {has_ended}; messages: {}",
                self.errors
            );
        }
    }

    /// Ends its standard input and waits for its exit.
    pub async fn exit(mut self) -> ProgramExit {
        drop(self.stdin.take());
        self.exit_with_open_input().await
    }

    /// Waits for its exit without ending its standard input.
    pub async fn exit_with_open_input(mut self) -> ProgramExit {
        let mut stdout = String::new();
        let mut out = self.child.stdout.take().unwrap();
        let exit = async {
            let read = out.read_to_string(&mut stdout);
            let errors = self.stderr.read_to_string(&mut self.errors);
            tokio::try_join!(read, errors).unwrap();
            self.child.wait().await.unwrap()
        };
        let status = must_end("the program ends", exit).await;
        ProgramExit {
            code: status.code(),
            stdout,
            stderr: self.errors,
        }
    }
}

impl ProgramExit {
    /// The error message of a program that must have failed with one line.
    pub fn error(&self) -> &str {
        assert_eq!(self.code, Some(1), "{self:?}");
        let line = self.stderr.trim_end();
        assert!(line.starts_with("error: ") && !line.contains('\n'), "{self:?}");
        line
    }

    /// The number of rows that a successful load with `--json` wrote.
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

/// Runs a load of a file until it ends.
pub async fn load(database: &Database, source: &str, path: &Path) -> ProgramExit {
    let arguments = ["load", source, path.to_str().unwrap(), "--json"];
    Program::start(database, &arguments).exit().await
}

/// Starts loads of a file and kills each: the first at its beginning, the second while it writes its second
/// batch, and two others while they write their first one.
pub async fn kill_loads(database: &Database, source: &str, path: &Path) {
    let mut random = random();
    for kill in 0..4 {
        let held = match kill {
            0 => HeldStatement::write_into(database, &["loads"], 1).await,
            1 => HeldStatement::write_of_batch(database, &mut random, 2).await,
            _ => HeldStatement::write_of_batch(database, &mut random, 1).await,
        };
        let program = Program::start(database, &["load", source, path.to_str().unwrap()]);
        held.wait().await;
        program.kill().await;
        held.release_after_kill().await;
    }
    let running = "SELECT count(*) FROM loads WHERE state = 'running'";
    let running = database.count(running).await;
    assert!(running > 0, "a killed load cannot record its end");
    let albums = database.count("SELECT count(*) FROM albums").await;
    assert!(albums > 0, "the batch before the kill is stored");
}

/// Waits until a load has saved its progress.
pub async fn wait_for_progress(database: &Database) {
    let in_progress = "SELECT count(*) FROM loads WHERE position_bytes > 0";
    database.wait_for(in_progress).await;
}

#[expect(
    clippy::disallowed_methods,
    reason = "cargo's variable for tests, not a setting"
)]
fn path() -> PathBuf {
    let path = std::env::var_os(PATH_VARIABLE);
    path.expect("cargo runs these tests and says where the program is")
        .into()
}
