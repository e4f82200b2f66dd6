//! Starts in a data directory that is new, used, shared, unfinished or damaged.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tokio::task::JoinSet;

use super::super::data_dir::DataDir;
use super::super::machine_paths::MachinePaths;
use super::super::{Cluster, open};
use super::{TestDir, postmaster, query_text, run_sql, runs};

#[tokio::test]
async fn a_cluster_keeps_its_rows_and_rejects_a_wrong_password() {
    let dir = TestDir::new();
    let cluster = open(dir.path()).await.unwrap();
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
    for private in [
        "password",
        "url",
        "users",
        "users.lock",
        "start.lock",
        "postgres.lock",
    ] {
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

    let again = open(dir.path()).await.unwrap();
    assert_eq!(query_text(&again.url, "SELECT it FROM kept").await, "yes");
}

#[tokio::test]
async fn users_share_a_server_and_the_last_one_stops_it() {
    let dir = TestDir::new();
    let joining: JoinSet<_> = (0..12).map(|_| open(dir.path())).collect();
    let mut users: Vec<Cluster> = joining.join_all().await.into_iter().map(Result::unwrap).collect();
    let pid = postmaster(&dir.0);
    // The one that started it is the first to end.
    users.sort_by_key(|user| user.user.server.is_none());
    for user in users.drain(..11) {
        user.stop().await.unwrap();
    }
    let last = users.pop().unwrap();
    assert_eq!(query_text(&last.url, "SELECT 1::text").await, "1");
    last.stop().await.unwrap();
    assert!(!runs(&pid) && !dir.0.join("url").exists());
}

#[tokio::test]
async fn users_that_come_and_go_never_meet_a_stopping_server() {
    let dir = TestDir::new();
    let visit = async |path: Option<PathBuf>| {
        for _ in 0..4 {
            let cluster = open(path.clone()).await.unwrap();
            assert_eq!(query_text(&cluster.url, "SELECT 1::text").await, "1");
            cluster.stop().await.unwrap();
        }
    };
    let visits: JoinSet<()> = (0..6).map(|_| visit(dir.path())).collect();
    visits.join_all().await;
    assert!(!dir.0.join("cluster/postmaster.pid").exists());
}

#[tokio::test]
async fn one_user_at_a_time_runs_the_workers() {
    let dir = TestDir::new();
    let mut first = open(dir.path()).await.unwrap();
    let mut second = open(dir.path()).await.unwrap();
    assert!(!second.is_worked_on_elsewhere().unwrap());
    assert!(first.claim_workers().unwrap() && first.claim_workers().unwrap());
    assert!(!first.is_worked_on_elsewhere().unwrap() && second.is_worked_on_elsewhere().unwrap());
    assert!(!second.claim_workers().unwrap());
    let expected = format!(
        "linernotes already runs on {} (process {})",
        dir.0.display(),
        std::process::id()
    );
    assert!(second.busy_text().starts_with(&expected));
    first.stop().await.unwrap();
    assert!(second.claim_workers().unwrap());
}

#[tokio::test]
async fn an_unfinished_cluster_is_created_again() {
    let dir = TestDir::new();
    drop(DataDir::open(dir.path()).unwrap());
    fs::create_dir(dir.0.join("cluster.unfinished")).unwrap();
    fs::write(dir.0.join("cluster.unfinished/PG_VERSION"), "15\n").unwrap();
    fs::write(dir.0.join("password"), "of the unfinished cluster").unwrap();
    let cluster = open(dir.path()).await.unwrap();
    assert_eq!(query_text(&cluster.url, "SELECT 1::text").await, "1");
}

#[tokio::test]
async fn the_reason_of_a_failed_start_is_reported() {
    let dir = TestDir::new();
    open(dir.path()).await.unwrap().stop().await.unwrap();
    fs::remove_file(dir.0.join("cluster/global/pg_control")).unwrap();
    let error = open(dir.path()).await.unwrap_err().to_string();
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
    let error = open(dir.path()).await.unwrap_err().to_string();
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
