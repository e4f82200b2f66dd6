//! Loads that end before their file does, and the next one, which goes on.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use integration::program;
use integration::{Database, database};
use pretty_assertions::assert_eq;
use rand::Rng as _;
use shared::dumps::{LoadControl, LoadOutcome, discogs, input};
use shared::store::fingerprint::TableFingerprint;
use tokio::sync::OnceCell;

use crate::dump::{Release, credits, dump, file, gzip, load, load_file, pool, track};

/// Enough that what happens while they are loaded happens in the middle.
pub(crate) const MANY: i64 = 4_000;

/// Loads that left keys and indexes to be made.
pub(crate) const PENDING: &str = "SELECT count(*) FROM loads WHERE pending_ddl <> '[]'";

/// More than are written at once, of which some are pressings of one another and sing one another's songs. Each has more to
/// read than to write, so that few are read at once.
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

/// What they come to where nothing stops the load.
pub(crate) async fn expected(releases: &[String]) -> Vec<TableFingerprint> {
    let database = database().await;
    load(&database, &format!("whole_{}.xml.gz", releases.len()), releases).await;
    database.fingerprint().await.parts
}

/// As [`expected`], of [`MANY`]: computed once, since that takes longer than to load them.
pub(crate) async fn expected_of_many() -> &'static [TableFingerprint] {
    static EXPECTED: OnceCell<Vec<TableFingerprint>> = OnceCell::const_new();
    EXPECTED
        .get_or_init(|| async { expected(&many(MANY)).await })
        .await
}

pub(crate) async fn goes_on(
    database: &Database,
    name: &str,
    releases: &[String],
    expected: &[TableFingerprint],
) {
    let went_on = load(database, name, releases).await;
    assert!(went_on.is_complete);
    assert_eq!(database.fingerprint().await.parts, expected);
    let again = load(database, name, releases).await;
    assert_eq!((again.rows, again.counts.loaded), (0, 0));
    assert_eq!(database.count(PENDING).await, 0);
}

/// As [`goes_on`], by the real program.
pub(crate) async fn program_goes_on(database: &Database, path: &Path, expected: &[TableFingerprint]) {
    let went_on = program::load(database, "discogs", path).await;
    // Perhaps only keys and indexes were left to be made.
    assert_eq!(went_on.code, Some(0), "{went_on:?}");
    assert_eq!(database.fingerprint().await.parts, expected);
    let again = program::load(database, "discogs", path).await;
    assert_eq!(again.rows_written(), 0);
    assert_eq!(database.count(PENDING).await, 0);
}

/// Loads until something happens to it.
async fn load_until(
    database: &Database,
    name: &str,
    xml: &str,
    happens: impl AsyncFnOnce(&LoadControl),
) -> anyhow::Result<LoadOutcome> {
    let path = file(name, &gzip(xml));
    let control = Arc::new(LoadControl::default());
    let pool = pool(database);
    let load = {
        let (control, pool) = (Arc::clone(&control), pool.clone());
        let input = input::open(&path).unwrap();
        tokio::spawn(async move { discogs::load_releases(&pool, input, false, &control).await })
    };
    happens(&control).await;
    let came_to = load.await.unwrap();
    pool.close();
    came_to
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_asked_to_stop_goes_on_later() {
    let releases = many(MANY);
    let expected = expected_of_many().await;
    let database = database().await;
    let xml = dump(&releases);
    let stopped = load_until(&database, "stopped.xml.gz", &xml, async |control| {
        while control.records() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        control.stop();
    })
    .await
    .unwrap();
    assert!(!stopped.is_complete);
    let read = stopped.counts.read;
    assert!((1..MANY as u64).contains(&read), "{read}");
    let kept = "SELECT count(*) FROM loads WHERE state = 'stopped' AND position_bytes > 0 AND (counts ->> 'loaded')::bigint > 0";
    assert_eq!(database.count(kept).await, 1);
    goes_on(&database, "stopped.xml.gz", &releases, expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_cut_off_is_told_and_the_whole_one_goes_on() {
    let releases = many(MANY);
    let expected = expected_of_many().await;
    let database = database().await;
    let mut bytes = gzip(&dump(&releases));
    let length = rand::rng().random_range(bytes.len() / 3..bytes.len() - 100);
    bytes.truncate(length);
    let path = file("cut.xml.gz", &bytes);
    let error = load_file(&database, &path, false).await.unwrap_err();
    let said = format!("{error:#}");
    assert!(said.contains("cut.xml.gz") && said.contains("cut off"), "{said}");
    assert_eq!(
        database
            .count("SELECT count(*) FROM loads WHERE state = 'stopped' AND stop_reason LIKE '%cut off%'")
            .await,
        1
    );
    goes_on(&database, "cut.xml.gz", &releases, expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_whose_connection_is_lost_goes_on() {
    let releases = many(MANY);
    let expected = expected_of_many().await;
    for into_tables_in_use in [false, true] {
        let database = database().await;
        if into_tables_in_use {
            load(&database, "before.xml.gz", &releases[..1]).await;
        }
        let wait = Duration::from_millis(rand::rng().random_range(50..600));
        let lost = load_until(&database, "lost.xml.gz", &dump(&releases), async |_| {
            tokio::time::sleep(wait).await;
            let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
            database.count(end).await;
        })
        .await;
        // Wherever it was: even when all was done but the last word.
        if let Ok(lost) = &lost {
            assert!(lost.is_complete, "after {wait:?}");
        }
        goes_on(&database, "lost.xml.gz", &releases, expected).await;
    }
}

/// The real program, killed without a word: as it starts, and in the middle.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_killed_goes_on() {
    let releases = many(MANY);
    let expected = expected_of_many().await;
    let path = file("killed.xml.gz", &gzip(&dump(&releases)));
    let database = database().await;
    program::kill_loads(&database, "discogs", &path).await;
    program_goes_on(&database, &path, expected).await;
}
