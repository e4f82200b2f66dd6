//! Runs the program: what it prints, its exit status, and that it cleans up after itself.

#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

mod credentials;
mod database;
mod decisions;
mod demo;
mod ingestion;
mod operators;
mod owner_key;
mod runner;
mod settings;
mod sharing;
mod up;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A data directory for one test.
struct TestDataDir(PathBuf);

impl TestDataDir {
    fn new() -> Self {
        let name = format!("linernotes-test-{}", uuid::Uuid::new_v4().simple());
        Self(std::env::temp_dir().join(name))
    }

    fn program(&self, arguments: &[&str]) -> Command {
        let mut command = program(&[]);
        command.arg("--data-dir").arg(&self.0).args(arguments);
        command
    }
}

impl Drop for TestDataDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The program, without our settings from the environment of the tests.
fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_linernotes"));
    for variable in shared::platform::config::VARIABLES {
        command.env_remove(variable.name);
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn assert_fails_in_one_line(output: &Output, expected: &str) {
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(text(&output.stdout), "");
    assert!(
        stderr.starts_with("error: ") && stderr.contains(expected) && stderr.lines().count() == 1,
        "{stderr}"
    );
}

fn postgres_is_gone(dir: &Path) -> bool {
    !dir.join("url").exists() && !dir.join("cluster/postmaster.pid").exists()
}
