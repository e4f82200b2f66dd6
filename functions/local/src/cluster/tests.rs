//! Starts, refuses, stops and kills real clusters. Each test uses its own directory and kills only its own
//! processes.

mod kills;
mod scratch;
mod starts;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::databases::connect;
use super::server;

/// Environment variable that names the directory for a process that runs a cluster for a test.
const HOLD_IN: &str = "LINERNOTES_TEST_HOLD_IN";

struct TestDir(PathBuf);

impl TestDir {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("linernotes-test-{}", Uuid::new_v4().simple())))
    }

    fn path(&self) -> Option<PathBuf> {
        Some(self.0.clone())
    }
}

impl Drop for TestDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn query_text(url: &str, sql: &str) -> String {
    connect(url)
        .await
        .unwrap()
        .query_one(sql, &[])
        .await
        .unwrap()
        .get(0)
}

async fn run_sql(url: &str, sql: &str) {
    connect(url).await.unwrap().batch_execute(sql).await.unwrap();
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < deadline, "timed out waiting for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn postmaster(dir: &Path) -> String {
    let text = fs::read_to_string(dir.join("cluster/postmaster.pid")).unwrap();
    text.lines().next().unwrap().to_owned()
}

fn runs(pid: &str) -> bool {
    server::command_line(pid).is_some_and(|line| !line.is_empty())
}

/// Another process that runs one of the ignored tests, given by its path, until it is killed.
fn holder(test: &str, dir: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--ignored"])
        .env(HOLD_IN, dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "set by the test that started this process"
)]
fn hold_in() -> PathBuf {
    PathBuf::from(std::env::var_os(HOLD_IN).expect("started by another test"))
}
