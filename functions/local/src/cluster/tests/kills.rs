//! What happens to a cluster, and what the next start does, after a process was killed.

use std::fs;
use std::process::{Child, Command};

use super::super::{Cluster, open};
use super::{TestDir, hold_in, holder, postmaster, query_text, run_sql, runs, until};

/// Kills through the shell, which has it built in: some small machines lack the program `kill`.
fn kill(pid: &str) {
    let status = Command::new("sh")
        .args(["-c", "kill -9 \"$1\"", "sh", pid])
        .status();
    assert!(status.unwrap().success());
}

fn watch_id(cluster: &Cluster) -> u32 {
    cluster.user.server.as_ref().unwrap().watch_id()
}

#[tokio::test]
#[ignore = "the tests on kills run this in another process"]
async fn hold_a_cluster() {
    let _cluster = open(Some(hold_in())).await.unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn postgres_outlives_a_killed_user_and_stops_with_the_last_one() {
    let dir = TestDir::new();
    let hold = || holder("cluster::tests::kills::hold_a_cluster", &dir.0);
    let kill = |mut process: Child| {
        process.kill().unwrap();
        process.wait().unwrap();
    };
    let first = hold();
    until("the other process's cluster", || dir.0.join("url").exists()).await;
    let joined = open(dir.path()).await.unwrap();
    let pid = postmaster(&dir.0);
    kill(first);
    run_sql(&joined.url, "CREATE TABLE kept AS SELECT 'yes' AS it").await;
    joined.stop().await.unwrap();
    assert!(!runs(&pid));

    let last = hold();
    until("the other process's cluster", || dir.0.join("url").exists()).await;
    let pid = postmaster(&dir.0);
    kill(last);
    let cluster = open(dir.path()).await.unwrap();
    assert!(!runs(&pid));
    assert_eq!(query_text(&cluster.url, "SELECT it FROM kept").await, "yes");
}

#[tokio::test]
async fn the_next_start_stops_a_server_whose_watch_was_killed() {
    let dir = TestDir::new();
    let cluster = open(dir.path()).await.unwrap();
    run_sql(&cluster.url, "CREATE TABLE kept AS SELECT 'yes' AS it").await;
    let pid = postmaster(&dir.0);
    kill(&watch_id(&cluster).to_string());
    assert!(cluster.stop().await.is_err());
    assert!(runs(&pid));

    let again = open(dir.path()).await.unwrap();
    assert!(!runs(&pid));
    assert_eq!(query_text(&again.url, "SELECT it FROM kept").await, "yes");
}

#[tokio::test]
async fn a_server_is_found_through_another_path_of_its_directory() {
    let dir = TestDir::new();
    let cluster = open(dir.path()).await.unwrap();
    let pid = postmaster(&dir.0);
    kill(&watch_id(&cluster).to_string());
    assert!(cluster.stop().await.is_err() && runs(&pid));

    let other_name = TestDir::new();
    std::os::unix::fs::symlink(&dir.0, &other_name.0).unwrap();
    let again = open(other_name.path()).await.unwrap();
    assert!(!runs(&pid));
    assert_eq!(query_text(&again.url, "SELECT 1::text").await, "1");
    drop(again);
    fs::remove_file(&other_name.0).unwrap();
}

#[tokio::test]
async fn a_killed_server_recovers() {
    let dir = TestDir::new();
    let cluster = open(dir.path()).await.unwrap();
    run_sql(&cluster.url, "CREATE TABLE kept AS SELECT 'yes' AS it").await;
    kill(&postmaster(&dir.0));
    drop(cluster);
    assert!(dir.0.join("cluster/postmaster.pid").exists());

    let again = open(dir.path()).await.unwrap();
    assert_eq!(query_text(&again.url, "SELECT it FROM kept").await, "yes");
}

#[tokio::test]
async fn a_reused_process_id_is_not_taken_for_a_server() {
    let dir = TestDir::new();
    open(dir.path()).await.unwrap().stop().await.unwrap();
    let mut other = Command::new("sleep").arg("600").spawn().unwrap();
    fs::write(dir.0.join("cluster/postmaster.pid"), format!("{}\n", other.id())).unwrap();

    let cluster = open(dir.path()).await.unwrap();
    assert_eq!(query_text(&cluster.url, "SELECT 1::text").await, "1");
    assert!(
        other.try_wait().unwrap().is_none(),
        "the other process was stopped"
    );
    other.kill().unwrap();
    other.wait().unwrap();
}
