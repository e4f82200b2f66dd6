//! Loads that end before their file does, and the next one, which goes on.

use std::sync::Arc;
use std::time::Duration;

use integration::dumps::{Dump, file, load, load_file, pool};
use integration::records::{mbid, person, produced_by, recording, release};
use integration::{Database, database};
use pretty_assertions::assert_eq;
use rand::Rng as _;
use serde_json::{Value, json};
use shared::dumps::{LoadControl, input, musicbrainz};
use shared::store::fingerprint::TableFingerprint;
use tokio::sync::OnceCell;

/// Enough that what happens while they are loaded happens in the middle.
const MANY: u64 = 1_500;

/// More than are read at once, of which some are of one group and sing one another's songs.
pub(crate) fn many() -> Vec<Value> {
    (1..=MANY)
        .map(|number| {
            let band = person(10_000 + number % 17, &format!("Band {}", number % 17));
            let producer = person(20_000 + number % 31, &format!("Producer {}", number % 31));
            let song = number % 97;
            let song = recording(
                30_000 + song,
                &format!("Song {song}"),
                &band,
                vec![produced_by(&producer)],
            );
            let mut release = release(number, &format!("Album {number}"), &band, &[&song]);
            release["date"] = json!(format!("{}", 1970 + number * 7 % 40));
            release["release-group"] = json!({"id": mbid(40_000 + number % 1_000)});
            release
        })
        .collect()
}

/// What they come to where nothing stops the load.
pub(crate) async fn expected() -> &'static [TableFingerprint] {
    static EXPECTED: OnceCell<Vec<TableFingerprint>> = OnceCell::const_new();
    let load = || async {
        let database = database().await;
        load(&database, "whole.tar.xz", &many()).await;
        database.fingerprint().await.parts
    };
    EXPECTED.get_or_init(load).await
}

async fn goes_on(database: &Database, name: &str, expected: &[TableFingerprint]) {
    let went_on = load(database, name, &many()).await;
    assert!(went_on.is_complete);
    assert_eq!(database.fingerprint().await.parts, expected);
    let again = load(database, name, &many()).await;
    assert_eq!((again.rows, again.counts.loaded), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_asked_to_stop_goes_on_later() {
    let expected = expected().await;
    let database = database().await;
    let path = file("stopped.tar.xz", &Dump::of_releases(&many()).xz());
    let (control, pool) = (Arc::new(LoadControl::default()), pool(&database));
    let loading = {
        let (control, pool, input) = (Arc::clone(&control), pool.clone(), input::open(&path).unwrap());
        tokio::spawn(async move { musicbrainz::load_releases(&pool, input, false, &control).await })
    };
    while control.records() == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    control.stop();
    let stopped = loading.await.unwrap().unwrap();
    assert!(!stopped.is_complete);
    let read = stopped.counts.read;
    assert!((1..MANY).contains(&read), "{read}");
    let kept = "SELECT count(*) FROM loads WHERE state = 'stopped' AND position_bytes > 0";
    assert_eq!(database.count(kept).await, 1);
    goes_on(&database, "stopped.tar.xz", expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_cut_off_is_told_and_the_whole_one_goes_on() {
    let expected = expected().await;
    let dump = Dump::of_releases(&many());
    for (name, mut bytes) in [("cut.tar.xz", dump.xz()), ("cut.tar", dump.tar())] {
        let database = database().await;
        let length = rand::rng().random_range(bytes.len() / 3..bytes.len() * 9 / 10);
        bytes.truncate(length);
        let error = load_file(&database, &file(name, &bytes), false).await;
        let said = format!("{:#}", error.unwrap_err());
        assert!(said.contains(name) && said.contains("cut off"), "{said}");
        let stopped = "SELECT count(*) FROM loads WHERE state = 'done'";
        assert_eq!(database.count(stopped).await, 0);
        goes_on(&database, "cut_whole.tar.xz", expected).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_whose_connection_is_lost_goes_on() {
    let expected = expected().await;
    let database = database().await;
    let path = file("lost.tar.xz", &Dump::of_releases(&many()).xz());
    let wait = Duration::from_millis(rand::rng().random_range(50..600));
    let load = load_file(&database, &path, false);
    let end = async {
        tokio::time::sleep(wait).await;
        let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        database.count(end).await
    };
    let (lost, _) = tokio::join!(load, end);
    // Wherever it was: even when all was done but the last word.
    assert!(lost.is_err() || lost.unwrap().is_complete, "after {wait:?}");
    goes_on(&database, "lost.tar.xz", expected).await;
}
