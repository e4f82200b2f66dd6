//! Loads that stop before the end of the file, and the next load, which resumes.

use std::sync::Arc;

use integration::dumps::{MusicBrainzDump, file, load, load_file, pool};
use integration::failpoints::HeldStatement;
use integration::random::random;
use integration::records::{mbid, person, produced_by, recording, release};
use integration::{Database, database};
use load::{LoadControl, ReleaseOptions, input, musicbrainz};
use pretty_assertions::assert_eq;
use rand::Rng as _;
use serde_json::{Value, json};
use shared::store::catalog::fingerprint::TableFingerprint;
use tokio::sync::OnceCell;

/// Enough releases for several batches.
const MANY: u64 = 1_500;

/// Releases, some in the same release group and some with the same songs.
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

/// The rows after an uninterrupted load of these releases.
pub(crate) async fn expected() -> &'static [TableFingerprint] {
    static EXPECTED: OnceCell<Vec<TableFingerprint>> = OnceCell::const_new();
    let load = || async {
        let database = database().await;
        load(&database, "whole.tar.xz", &many()).await;
        database.fingerprint().await.parts
    };
    EXPECTED.get_or_init(load).await
}

async fn resumes(database: &Database, name: &str, expected: &[TableFingerprint]) {
    let resumed = load(database, name, &many()).await;
    assert!(resumed.is_complete);
    assert_eq!(database.fingerprint().await.parts, expected);
    let again = load(database, name, &many()).await;
    assert_eq!((again.rows, again.counts.loaded), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_that_is_asked_to_stop_finishes_its_batch_and_is_resumed() {
    let expected = expected().await;
    let database = database().await;
    let path = file("stopped.tar.xz", &MusicBrainzDump::of_releases(&many()).xz());
    let (control, pool) = (Arc::new(LoadControl::default()), pool(&database));
    // In the second batch: the first one is committed.
    let held = HeldStatement::write_into(&database, &["albums"], 2).await;
    let loading = {
        let (control, pool, input) = (Arc::clone(&control), pool.clone(), input::open(&path).unwrap());
        tokio::spawn(async move {
            musicbrainz::load_releases(&pool, input, ReleaseOptions::default(), &control).await
        })
    };
    held.wait().await;
    control.stop();
    held.release().await;
    let stopped = loading.await.unwrap().unwrap();
    assert!(!stopped.is_complete);
    let read = stopped.counts.read;
    assert!((1..MANY).contains(&read), "{read}");
    let stopped = "SELECT count(*) FROM loads WHERE state = 'stopped' AND position_bytes > 0";
    assert_eq!(database.count(stopped).await, 1);
    resumes(&database, "stopped.tar.xz", expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_cut_off_is_reported_and_the_whole_file_resumes_the_load() {
    let expected = expected().await;
    let mut random = random();
    let dump = MusicBrainzDump::of_releases(&many());
    for (name, mut bytes) in [("cut.tar.xz", dump.xz()), ("cut.tar", dump.tar())] {
        let database = database().await;
        let length = random.random_range(bytes.len() / 3..bytes.len() * 9 / 10);
        bytes.truncate(length);
        let error = load_file(&database, &file(name, &bytes), false).await;
        let error = format!("{:#}", error.unwrap_err());
        assert!(error.contains(name) && error.contains("cut off"), "{error}");
        let stopped = "SELECT count(*) FROM loads WHERE state = 'done'";
        assert_eq!(database.count(stopped).await, 0);
        resumes(&database, "cut_whole.tar.xz", expected).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_that_loses_its_connections_is_resumed() {
    let expected = expected().await;
    let database = database().await;
    let path = file("lost.tar.xz", &MusicBrainzDump::of_releases(&many()).xz());
    // In the second batch: the first one is committed.
    let held = HeldStatement::write_of_batch(&database, &mut random(), 2).await;
    let terminate = async {
        held.wait().await;
        held.terminate_sessions().await;
    };
    let (lost, ()) = tokio::join!(load_file(&database, &path, false), terminate);
    lost.expect_err("a load without a connection fails");
    resumes(&database, "lost.tar.xz", expected).await;
}
