//! Loads that fail because the disk is full and resume when there is space again; and indexes without a time
//! limit.

use integration::failpoints::{
    REFUSE_INDEXES_WITH_TIME_OUT, fill_disk_at_index, fill_disk_at_write, free_disk,
};
use integration::program::{self, Program};
use integration::random::random;
use integration::{Database, database};
use pretty_assertions::assert_eq;
use rand::Rng as _;

use crate::dump::{dump, file, gzip, load};
use crate::stopped::{MANY, PENDING, expected, expected_of_many, many, resumes};

const STOPPED: &str = "SELECT state || COALESCE(' ' || (stop_reason LIKE '%No space left on device%'), '')
    FROM loads ORDER BY id";

/// The error message of the program.
async fn error_of_load(database: &Database, path: &std::path::Path) -> String {
    let arguments = ["load", "discogs", path.to_str().unwrap()];
    let exit = Program::start(database, &arguments).exit().await;
    let error = exit.error();
    assert!(error.starts_with("error: the load stopped: "), "{error}");
    let next = "the database's disk is full: free some space; progress is saved: run the same command again \
        to resume";
    assert!(error.ends_with(next), "{error}");
    error.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_reported_and_the_load_resumes_when_there_is_space() {
    let releases = many(MANY);
    let expected = expected_of_many().await;
    let path = file("full.xml.gz", &gzip(&dump(&releases)));
    let mut random = random();
    for (table, into_tables_in_use) in [("credits", false), ("tracks", true), ("albums", false)] {
        let database = database().await;
        if into_tables_in_use {
            load(&database, "before_full.xml.gz", &releases[..1]).await;
        }
        let after = random.random_range(0..3);
        fill_disk_at_write(&database, table, after).await;
        let error = error_of_load(&database, &path).await;
        assert!(error.contains("full.xml.gz: write release"), "{error}");
        let stopped = database.texts(STOPPED).await;
        assert_eq!(stopped.last().map(String::as_str), Some("stopped true"));
        free_disk(&database).await;
        resumes(&database, "full.xml.gz", &releases, expected).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn indexes_that_the_disk_has_no_space_for_are_created_by_a_later_load() {
    let releases = many(600);
    let expected = expected(&releases).await;
    let path = file("indexes.xml.gz", &gzip(&dump(&releases)));
    let database = database().await;
    let after = random().random_range(0..6);
    fill_disk_at_index(&database, after).await;
    let error = error_of_load(&database, &path).await;
    assert!(
        error.contains("indexes.xml.gz: create the indexes: create "),
        "{error}"
    );
    assert_eq!(database.texts(STOPPED).await, ["stopped true"]);
    assert_eq!(database.count(PENDING).await, 1);
    let error = error_of_load(&database, &path).await;
    assert!(
        error.contains("create the indexes that an earlier load dropped"),
        "{error}"
    );
    assert_eq!(database.count(PENDING).await, 1);
    free_disk(&database).await;
    let exit = program::load(&database, "discogs", &path).await;
    assert_eq!(exit.rows_written(), 0);
    resumes(&database, "indexes.xml.gz", &releases, &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn indexes_are_created_without_a_statement_time_out() {
    let database = database().await;
    let client = database.client().await;
    client.run(REFUSE_INDEXES_WITH_TIME_OUT).await.unwrap();
    let loaded = load(&database, "slow.xml.gz", &many(20)).await;
    assert!(loaded.is_complete);
    assert_eq!(database.count(PENDING).await, 0);
    assert!(database.count("SELECT last_value FROM made").await > 1);
}
