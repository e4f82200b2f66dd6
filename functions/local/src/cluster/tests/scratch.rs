//! Scratch clusters: what they hold, and that nothing of them stays.

use std::fs;
use std::net::TcpStream;
use std::path::PathBuf;

use super::super::files::write_private;
use super::super::{ScratchCluster, shared_for_tests};
use super::{TestDir, hold_in, holder, postmaster, query_text, run_sql, runs, until};

#[tokio::test]
#[ignore = "the tests on kills run this in another process"]
async fn hold_a_scratch() {
    let scratch = ScratchCluster::start().await.unwrap();
    write_private(&hold_in().join("url"), &scratch.url()).unwrap();
    std::future::pending::<()>().await;
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
    let mut killed = holder("cluster::tests::scratch::hold_a_scratch", &dir.0);
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
