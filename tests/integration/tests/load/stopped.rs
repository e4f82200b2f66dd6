//! Loads that end before the end of their file, and the next load, which resumes.

use std::path::Path;
use std::sync::Arc;

use integration::failpoints::HeldStatement;
use integration::program;
use integration::random::random;
use integration::{Database, database};
use load::{LoadControl, LoadOutcome, ReleaseOptions, discogs, input};
use pretty_assertions::assert_eq;
use rand::Rng as _;
use shared::store::catalog::fingerprint::TableFingerprint;
use tokio::sync::OnceCell;

use crate::dump::{Release, credits, dump, file, gzip, load, load_file, pool, track};

/// Enough releases for several batches.
pub(crate) const MANY: i64 = 4_000;

/// The number of loads that left keys and indexes to a later one.
pub(crate) const PENDING: &str = "SELECT count(*) FROM loads WHERE pending_ddl <> '[]'";

/// Releases of which some are pressings of one album and some share songs. Each has long notes, so that a
/// batch has few releases.
pub(crate) fn many(count: i64) -> Vec<String> {
    let notes = format!("<notes>{}</notes>", "Recorded at home. ".repeat(70));
    (1..=count)
        .map(|id| {
            Release {
                artists: credits("artists", &[(10_000 + id % 97, "One Of Many", "", "")]),
                credits: credits(
                    "extraartists",
                    &[(20_000 + id % 31, "A Producer", "Producer", "")],
                ) + &notes,
                tracks: vec![
                    track("A", &format!("Song {}", id % 200), ""),
                    track("B", &format!("Other Side {}", id % 50), ""),
                ],
                master: (id % 5 == 0).then_some(id % 300),
                barcode: (id % 7 == 0).then(|| format!("{}", 700_000_000 + id % 1_400)),
                released: format!("{}", 1970 + id % 40),
                ..Release::new(id)
            }
            .xml()
        })
        .collect()
}

/// The rows after an uninterrupted load of these releases.
pub(crate) async fn expected(releases: &[String]) -> Vec<TableFingerprint> {
    let database = database().await;
    load(&database, &format!("whole_{}.xml.gz", releases.len()), releases).await;
    database.fingerprint().await.parts
}

/// As [`expected`] for [`MANY`] releases. Computed once for all tests, because it takes long.
pub(crate) async fn expected_of_many() -> &'static [TableFingerprint] {
    static EXPECTED: OnceCell<Vec<TableFingerprint>> = OnceCell::const_new();
    EXPECTED
        .get_or_init(|| async { expected(&many(MANY)).await })
        .await
}

pub(crate) async fn resumes(
    database: &Database,
    name: &str,
    releases: &[String],
    expected: &[TableFingerprint],
) {
    let resumed = load(database, name, releases).await;
    assert!(resumed.is_complete);
    assert_eq!(database.fingerprint().await.parts, expected);
    let again = load(database, name, releases).await;
    assert_eq!((again.rows, again.counts.loaded), (0, 0));
    assert_eq!(database.count(PENDING).await, 0);
}

/// As [`resumes`], with the program.
pub(crate) async fn program_resumes(database: &Database, path: &Path, expected: &[TableFingerprint]) {
    let resumed = program::load(database, "discogs", path).await;
    // It may write no row, if only keys and indexes were missing.
    assert_eq!(resumed.code, Some(0), "{resumed:?}");
    assert_eq!(database.fingerprint().await.parts, expected);
    let again = program::load(database, "discogs", path).await;
    assert_eq!(again.rows_written(), 0);
    assert_eq!(database.count(PENDING).await, 0);
}

/// Loads a dump while `meanwhile` runs.
async fn load_while(
    database: &Database,
    name: &str,
    xml: &str,
    meanwhile: impl AsyncFnOnce(&LoadControl),
) -> anyhow::Result<LoadOutcome> {
    let path = file(name, &gzip(xml));
    let control = Arc::new(LoadControl::default());
    let pool = pool(database);
    let load = {
        let (control, pool) = (Arc::clone(&control), pool.clone());
        let input = input::open(&path).unwrap();
        tokio::spawn(async move {
            discogs::load_releases(&pool, input, ReleaseOptions::default(), &control).await
        })
    };
    meanwhile(&control).await;
    let result = load.await.unwrap();
    pool.close();
    result
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_that_is_asked_to_stop_finishes_its_batch_and_is_resumed() {
    let releases = many(MANY);
    let expected = expected_of_many().await;
    let database = database().await;
    let xml = dump(&releases);
    // Reading continues while the first batch is written, and waits before the third.
    let held = HeldStatement::write_into(&database, &["albums"], 1).await;
    let stopped = load_while(&database, "stopped.xml.gz", &xml, async |control| {
        held.wait().await;
        control.stop();
        held.release().await;
    })
    .await
    .unwrap();
    assert!(!stopped.is_complete);
    let read = stopped.counts.read;
    assert!((1..MANY as u64).contains(&read), "{read}");
    let stopped = "SELECT count(*) FROM loads WHERE state = 'stopped' AND position_bytes > 0
        AND (counts ->> 'loaded')::bigint > 0";
    assert_eq!(database.count(stopped).await, 1);
    resumes(&database, "stopped.xml.gz", &releases, expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_cut_off_is_reported_and_the_whole_file_resumes_the_load() {
    let releases = many(MANY);
    let expected = expected_of_many().await;
    let database = database().await;
    let mut bytes = gzip(&dump(&releases));
    let length = random().random_range(bytes.len() / 3..bytes.len() - 100);
    bytes.truncate(length);
    let path = file("cut.xml.gz", &bytes);
    let error = load_file(&database, &path, false).await.unwrap_err();
    let error = format!("{error:#}");
    assert!(
        error.contains("cut.xml.gz") && error.contains("cut off"),
        "{error}"
    );
    assert_eq!(
        database
            .count("SELECT count(*) FROM loads WHERE state = 'stopped' AND stop_reason LIKE '%cut off%'")
            .await,
        1
    );
    resumes(&database, "cut.xml.gz", &releases, expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_that_loses_its_connections_is_resumed() {
    let releases = many(MANY);
    let expected = expected_of_many().await;
    let mut random = random();
    for into_tables_in_use in [false, true] {
        let database = database().await;
        if into_tables_in_use {
            load(&database, "before.xml.gz", &releases[..1]).await;
        }
        // In the second batch: the first one is committed.
        let held = HeldStatement::write_of_batch(&database, &mut random, 2).await;
        let xml = dump(&releases);
        let lost = load_while(&database, "lost.xml.gz", &xml, async |_| {
            held.wait().await;
            held.terminate_sessions().await;
        });
        lost.await.expect_err("a load without a connection fails");
        resumes(&database, "lost.xml.gz", &releases, expected).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_killed_is_resumed() {
    let releases = many(MANY);
    let expected = expected_of_many().await;
    let path = file("killed.xml.gz", &gzip(&dump(&releases)));
    let database = database().await;
    program::kill_loads(&database, "discogs", &path).await;
    program_resumes(&database, &path, expected).await;
}
