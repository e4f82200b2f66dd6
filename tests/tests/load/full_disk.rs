//! Loads that meet a full disk, and go on once there is room; and indexes that take longer than a statement may.

use integration::disk::{fill_at_indexes, fill_at_writing, make_room};
use integration::program::{self, Program};
use integration::{Database, database};
use pretty_assertions::assert_eq;
use rand::Rng as _;

use crate::dump::{dump, file, gzip, load};
use crate::stopped::{MANY, PENDING, expected, expected_of_many, goes_on, many};

const STOPPED: &str = "SELECT state || COALESCE(' ' || (stop_reason LIKE '%No space left on device%'), '') FROM loads ORDER BY id";

/// What the real program says.
async fn said(database: &Database, path: &std::path::Path) -> String {
    let arguments = ["load", "discogs", path.to_str().unwrap()];
    let ended = Program::start(database, &arguments).end().await;
    let error = ended.error();
    assert!(error.starts_with("error: the load stopped: "), "{error}");
    let next = "the disk of the database is full: make room on it; what was read before is kept: run the same command again to go on";
    assert!(error.ends_with(next), "{error}");
    error.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_and_with_room_the_load_goes_on() {
    let releases = many(MANY);
    let expected = expected_of_many().await;
    let path = file("full.xml.gz", &gzip(&dump(&releases)));
    for (table, into_tables_in_use) in [("credits", false), ("tracks", true), ("albums", false)] {
        let database = database().await;
        if into_tables_in_use {
            load(&database, "before_full.xml.gz", &releases[..1]).await;
        }
        let after = rand::rng().random_range(0..4);
        fill_at_writing(&database, table, after).await;
        let error = said(&database, &path).await;
        assert!(error.contains("full.xml.gz: write release"), "{error}");
        let stopped = database.texts(STOPPED).await;
        assert_eq!(stopped.last().map(String::as_str), Some("stopped true"));
        make_room(&database).await;
        goes_on(&database, "full.xml.gz", &releases, expected).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn indexes_without_room_stay_to_be_made() {
    let releases = many(600);
    let expected = expected(&releases).await;
    let path = file("indexes.xml.gz", &gzip(&dump(&releases)));
    let database = database().await;
    let after = rand::rng().random_range(0..6);
    fill_at_indexes(&database, after).await;
    let error = said(&database, &path).await;
    assert!(
        error.contains("indexes.xml.gz: make the indexes: make "),
        "{error}"
    );
    assert_eq!(database.texts(STOPPED).await, ["stopped true"]);
    assert_eq!(database.count(PENDING).await, 1);
    let error = said(&database, &path).await;
    assert!(
        error.contains("make the indexes that a load left to be made"),
        "{error}"
    );
    assert_eq!(database.count(PENDING).await, 1);
    make_room(&database).await;
    let went_on = program::load(&database, "discogs", &path).await;
    assert_eq!(went_on.rows_written(), 0);
    goes_on(&database, "indexes.xml.gz", &releases, &expected).await;
}

/// The role's statements end after a minute, here after five seconds.
#[tokio::test(flavor = "multi_thread")]
async fn indexes_take_the_time_they_need() {
    let database = database().await;
    let sql = "
        CREATE SEQUENCE made;
        CREATE FUNCTION slow() RETURNS event_trigger LANGUAGE plpgsql AS $$
            BEGIN IF nextval('made') = 1 THEN PERFORM pg_sleep(6); END IF; END $$;
        CREATE EVENT TRIGGER slow ON ddl_command_start WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION slow();
        DO $$ BEGIN
            EXECUTE format('ALTER ROLE %I IN DATABASE %I SET statement_timeout = ''5s''', current_user, current_database());
        END $$";
    database.client().await.run(sql).await.unwrap();
    let loaded = load(&database, "slow.xml.gz", &many(20)).await;
    assert!(loaded.is_complete);
    assert_eq!(database.count(PENDING).await, 0);
    assert!(database.count("SELECT last_value FROM made").await > 1);
}
