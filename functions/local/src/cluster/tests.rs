//! Starts, refuses, stops and kills real clusters. Each test uses its own directory and kills only its own
//! processes.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::data_dir::DataDir;
use super::databases::connect;
use super::files::write_private;
use super::*;

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

/// Kills through the shell, which has it built in: some small machines lack the program `kill`.
fn kill(pid: &str) {
    let status = Command::new("sh")
        .args(["-c", "kill -9 \"$1\"", "sh", pid])
        .status();
    assert!(status.unwrap().success());
}

/// Another process that runs one of the ignored tests below until it is killed.
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

#[tokio::test]
#[ignore = "the tests on kills run this in another process"]
async fn hold_a_cluster() {
    let _cluster = start(Some(hold_in())).await.unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test]
#[ignore = "the tests on kills run this in another process"]
async fn hold_a_scratch() {
    let scratch = ScratchCluster::start().await.unwrap();
    write_private(&hold_in().join("url"), &scratch.url()).unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_cluster_keeps_its_rows_and_rejects_a_wrong_password() {
    let dir = TestDir::new();
    let cluster = start(dir.path()).await.unwrap();
    assert!(cluster.is_ours());
    assert_eq!(query_text(&cluster.url, "SELECT 1::text").await, "1");
    assert_eq!(
        query_text(&cluster.url, "SHOW listen_addresses").await,
        "127.0.0.1"
    );
    assert_eq!(query_text(&cluster.url, "SHOW unix_socket_directories").await, "");
    assert_eq!(query_text(&cluster.url, "SHOW fsync").await, "on");
    assert_eq!(query_text(&cluster.url, "SELECT lower('ÄÖŁ')").await, "äöł");
    let trusting = "SELECT count(*)::text FROM pg_hba_file_rules WHERE auth_method <> 'scram-sha-256'";
    assert_eq!(query_text(&cluster.url, trusting).await, "0");
    for private in ["password", "url", "lock", "postgres.lock"] {
        let mode = fs::metadata(dir.0.join(private)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{private}");
    }

    let password = fs::read_to_string(dir.0.join("password")).unwrap();
    let stranger = cluster.url.replace(&password, "guess");
    let error = tokio_postgres::connect(&stranger, tokio_postgres::NoTls)
        .await
        .err()
        .unwrap();
    assert_eq!(
        error.code(),
        Some(&tokio_postgres::error::SqlState::INVALID_PASSWORD)
    );

    run_sql(&cluster.url, "CREATE TABLE kept AS SELECT 'yes' AS it").await;
    let pid = postmaster(&dir.0);
    cluster.stop().await.unwrap();
    assert!(!runs(&pid) && !dir.0.join("url").exists());

    let again = start(dir.path()).await.unwrap();
    assert_eq!(query_text(&again.url, "SELECT it FROM kept").await, "yes");
}

#[tokio::test]
async fn a_second_start_fails_and_a_reader_joins() {
    let dir = TestDir::new();
    let cluster = start(dir.path()).await.unwrap();
    let error = start(dir.path()).await.unwrap_err().to_string();
    let expected = format!(
        "linernotes already runs on {} (process {})",
        dir.0.display(),
        std::process::id()
    );
    assert!(error.starts_with(&expected), "{error}");

    let reader = find_or_start(dir.path()).await.unwrap();
    assert!(!reader.is_ours());
    assert_eq!(reader.url, cluster.url);
    reader.stop().await.unwrap();
    assert_eq!(query_text(&cluster.url, "SELECT 1::text").await, "1");

    drop(cluster);
    assert!(find_or_start(dir.path()).await.unwrap().is_ours());
}

#[tokio::test]
async fn postgres_stops_with_a_killed_process_and_keeps_the_rows() {
    let dir = TestDir::new();
    let mut killed = holder("cluster::tests::hold_a_cluster", &dir.0);
    until("the other process's cluster", || dir.0.join("url").exists()).await;
    let reader = find_or_start(dir.path()).await.unwrap();
    assert!(!reader.is_ours());
    run_sql(&reader.url, "CREATE TABLE kept AS SELECT 'yes' AS it").await;
    let pid = postmaster(&dir.0);
    killed.kill().unwrap();
    killed.wait().unwrap();

    let cluster = start(dir.path()).await.unwrap();
    assert!(!runs(&pid));
    assert_eq!(query_text(&cluster.url, "SELECT it FROM kept").await, "yes");
}

#[tokio::test]
async fn the_next_start_stops_a_server_whose_watch_was_killed() {
    let dir = TestDir::new();
    let cluster = start(dir.path()).await.unwrap();
    run_sql(&cluster.url, "CREATE TABLE kept AS SELECT 'yes' AS it").await;
    let pid = postmaster(&dir.0);
    kill(&cluster.own.as_ref().unwrap().server.watch_id().to_string());
    assert!(cluster.stop().await.is_err());
    assert!(runs(&pid));

    let again = start(dir.path()).await.unwrap();
    assert!(!runs(&pid));
    assert_eq!(query_text(&again.url, "SELECT it FROM kept").await, "yes");
}

#[tokio::test]
async fn a_server_is_found_through_another_path_of_its_directory() {
    let dir = TestDir::new();
    let cluster = start(dir.path()).await.unwrap();
    let pid = postmaster(&dir.0);
    kill(&cluster.own.as_ref().unwrap().server.watch_id().to_string());
    assert!(cluster.stop().await.is_err() && runs(&pid));

    let other_name = TestDir::new();
    std::os::unix::fs::symlink(&dir.0, &other_name.0).unwrap();
    let again = start(other_name.path()).await.unwrap();
    assert!(!runs(&pid));
    assert_eq!(query_text(&again.url, "SELECT 1::text").await, "1");
    drop(again);
    fs::remove_file(&other_name.0).unwrap();
}

#[tokio::test]
async fn a_killed_server_recovers() {
    let dir = TestDir::new();
    let cluster = start(dir.path()).await.unwrap();
    run_sql(&cluster.url, "CREATE TABLE kept AS SELECT 'yes' AS it").await;
    kill(&postmaster(&dir.0));
    drop(cluster);
    assert!(dir.0.join("cluster/postmaster.pid").exists());

    let again = start(dir.path()).await.unwrap();
    assert_eq!(query_text(&again.url, "SELECT it FROM kept").await, "yes");
}

#[tokio::test]
async fn a_reused_process_id_is_not_taken_for_a_server() {
    let dir = TestDir::new();
    start(dir.path()).await.unwrap().stop().await.unwrap();
    let mut other = Command::new("sleep").arg("600").spawn().unwrap();
    fs::write(dir.0.join("cluster/postmaster.pid"), format!("{}\n", other.id())).unwrap();

    let cluster = start(dir.path()).await.unwrap();
    assert_eq!(query_text(&cluster.url, "SELECT 1::text").await, "1");
    assert!(
        other.try_wait().unwrap().is_none(),
        "the other process was stopped"
    );
    other.kill().unwrap();
    other.wait().unwrap();
}

#[tokio::test]
async fn an_unfinished_cluster_is_created_again() {
    let dir = TestDir::new();
    drop(DataDir::open(dir.path()).unwrap());
    fs::create_dir(dir.0.join("cluster.unfinished")).unwrap();
    fs::write(dir.0.join("cluster.unfinished/PG_VERSION"), "15\n").unwrap();
    fs::write(dir.0.join("password"), "of the unfinished cluster").unwrap();
    let cluster = start(dir.path()).await.unwrap();
    assert_eq!(query_text(&cluster.url, "SELECT 1::text").await, "1");
}

#[tokio::test]
async fn the_reason_of_a_failed_start_is_reported() {
    let dir = TestDir::new();
    start(dir.path()).await.unwrap().stop().await.unwrap();
    fs::remove_file(dir.0.join("cluster/global/pg_control")).unwrap();
    let error = start(dir.path()).await.unwrap_err().to_string();
    assert!(
        error.starts_with("Postgres does not start in ") && error.contains("pg_control"),
        "{error}"
    );
    assert!(!error.contains('\n'), "{error}");
}

#[tokio::test]
async fn data_of_a_missing_version_is_not_touched() {
    let dir = TestDir::new();
    drop(DataDir::open(dir.path()).unwrap());
    fs::create_dir(dir.0.join("cluster")).unwrap();
    fs::write(dir.0.join("cluster/PG_VERSION"), "3\n").unwrap();
    let error = start(dir.path()).await.unwrap_err().to_string();
    assert!(
        error.starts_with("the data directory was created by PostgreSQL 3, which is not installed"),
        "{error}"
    );
    assert_eq!(fs::read_dir(dir.0.join("cluster")).unwrap().count(), 1);
}

#[test]
fn the_default_data_directory_depends_on_the_user() {
    let machine_paths = |home: Option<&str>, data_home: Option<&str>| MachinePaths {
        home: home.map(PathBuf::from),
        data_home: data_home.map(PathBuf::from),
        ..MachinePaths::default()
    };
    let cases = [
        (
            machine_paths(Some("/home/ann"), None),
            true,
            Some("/var/lib/linernotes"),
        ),
        (
            machine_paths(Some("/home/ann"), None),
            false,
            Some("/home/ann/.local/share/linernotes"),
        ),
        (
            machine_paths(Some("/home/ann"), Some("/data")),
            false,
            Some("/data/linernotes"),
        ),
        (machine_paths(None, None), false, None),
    ];
    for (paths, is_root, expected) in cases {
        assert_eq!(
            paths.default_data_dir(is_root).ok().as_deref(),
            expected.map(Path::new),
            "{paths:?}, {is_root}"
        );
    }
}

#[tokio::test]
async fn a_scratch_cluster_copies_databases_and_leaves_nothing() {
    let scratch = ScratchCluster::start().await.unwrap();
    let template = scratch.database("template_of_test", "template1").await.unwrap();
    run_sql(&template, "CREATE TABLE made AS SELECT 'once' AS it").await;
    for name in ["first", "seco\"nd"] {
        scratch.database(name, "template_of_test").await.unwrap();
    }
    let first = scratch.url().replace("/linernotes?", "/first?");
    assert_eq!(query_text(&first, "SELECT it FROM made").await, "once");
    assert!(scratch.database("first", "template1").await.is_err());

    let dir = PathBuf::from(query_text(&scratch.url(), "SHOW data_directory").await)
        .parent()
        .unwrap()
        .to_owned();
    assert!(
        dir.starts_with(std::env::temp_dir()) || dir.starts_with("/tmp"),
        "{}",
        dir.display()
    );
    let pid = postmaster(&dir);
    drop(scratch);
    assert!(!runs(&pid) && !dir.exists());
}

#[tokio::test]
async fn a_scratch_cluster_ends_with_a_killed_process() {
    let dir = TestDir::new();
    fs::create_dir(&dir.0).unwrap();
    let mut killed = holder("cluster::tests::hold_a_scratch", &dir.0);
    until("the other process's scratch", || dir.0.join("url").exists()).await;
    let url = fs::read_to_string(dir.0.join("url")).unwrap();
    let data = PathBuf::from(query_text(&url, "SHOW data_directory").await);
    let port: u16 = query_text(&url, "SHOW port").await.parse().unwrap();
    killed.kill().unwrap();
    killed.wait().unwrap();
    until("the end of the scratch", || !data.parent().unwrap().exists()).await;
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[tokio::test]
async fn the_tests_of_a_process_share_one_scratch_cluster() {
    let (one, other) = tokio::join!(shared_for_tests(), shared_for_tests());
    assert_eq!(one.unwrap().url(), other.unwrap().url());
}
