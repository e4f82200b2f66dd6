//! A load writes the same rows for a release as online ingestion, and loaded releases are not looked up
//! again.

use integration::dumps::{MusicBrainzDump, file, load, load_file};
use integration::records::{
    album, artist, mbid, person, produced_by, recording, relation, release, track, with_upc,
};
use integration::scene::{PRODUCERS, Scene, ingest_release};
use integration::{Database, database};
use load::SkipReason;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::domain::messages::Outcome;

/// One release of every kind.
pub(crate) fn releases() -> Vec<Value> {
    let (band, guest) = (person(1, "The Band"), person(2, "A Guest"));
    let (ann, bob) = (person(11, "Ann Producer"), person(12, "Bob Other"));
    let mut credited = produced_by(&bob);
    credited["target-credit"] = json!("B. Other");
    let mut first = recording(101, "First Song", &band, vec![produced_by(&ann), credited]);
    first["isrcs"] = json!(["USAAA2300002", "USAAA2300001"]);
    let second = recording(
        102,
        "Second Song (Remix)",
        &band,
        vec![relation("mix", &[], &bob)],
    );
    let mut live = recording(103, "First Song (live)", &band, vec![produced_by(&bob)]);
    live["artist-credit"] = json!([
        {"name": "The Band", "joinphrase": " feat. ", "artist": band},
        {"name": "Guest", "joinphrase": "", "artist": guest},
    ]);
    let silent = recording(104, "Nobody Knows", &guest, Vec::new());
    let mut video = recording(105, "A Film", &band, vec![produced_by(&ann)]);
    video["video"] = json!(true);

    let mut one = release(21, "An Album", &band, &[&first, &second]);
    one["barcode"] = json!("0200000000011");
    one["date"] = json!("1999-03");
    one["release-group"] =
        json!({"id": mbid(31), "primary-type": "Album", "first-release-date": "1998-11-02"});
    one["relations"] = json!([relation("producer", &["executive"], &ann)]);
    one["label-info"] = json!([{"label": {"name": "A Label"}}]);
    let mut two = release(22, "Various", &person(0, ""), &[&live, &video, &first]);
    let various = json!({"id": "89ad4ac3-39f7-470e-963a-56509c546377", "name": "Various Artists"});
    two["artist-credit"] = json!([{"name": "Various Artists", "joinphrase": "", "artist": various}]);
    two["release-group"] =
        json!({"id": mbid(32), "primary-type": "Album", "secondary-types": ["Compilation"]});
    // No release group.
    let mut three = release(23, "", &guest, &[&silent, &live]);
    three["release-group"] = Value::Null;
    three["status"] = Value::Null;
    let mut unproduced = release(24, "Unproduced", &guest, &[&silent]);
    unproduced["release-group"] = json!({"id": mbid(34)});
    let mut films = release(25, "Films", &band, &[&video]);
    films["relations"] = json!([produced_by(&ann)]);
    vec![one, two, three, unproduced, films]
}

async fn ingest_online(releases: &[Value]) -> Database {
    let scene = Scene::new().await;
    for release in releases {
        scene.upstream.give_release(release);
        let id = release["id"].as_str().unwrap();
        let outcome = scene.machine.outcome(ingest_release(id)).await;
        assert_eq!(outcome, Outcome::Done);
    }
    scene.database
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_writes_the_same_rows_as_online_ingestion() {
    let (loaded, produced) = (database().await, database().await);
    let all = releases();
    let path = file("online.tar.xz", &MusicBrainzDump::of_releases(&all).xz());
    let load_outcome = load_file(&loaded, &path, true).await.unwrap();
    assert_eq!((load_outcome.counts.read, load_outcome.counts.loaded), (5, 4));
    let films = &load_outcome.counts.skipped[&SkipReason::NotHeard];
    assert_eq!(films.ids, [mbid(25)]);
    assert!(load_outcome.is_complete);
    let online = ingest_online(&all[..4]).await;
    let expected = online.fingerprint().await.parts;
    assert_eq!(loaded.fingerprint().await.parts, expected);
    assert_eq!(loaded.texts(PRODUCERS).await.len(), 6);

    // Releases without a production credit are left out.
    let load_outcome = load_file(&produced, &path, false).await.unwrap();
    assert_eq!(load_outcome.counts.loaded, 3);
    assert_eq!(load_outcome.counts.skipped(SkipReason::NoProduction), 1);
    let online = ingest_online(&all[..3]).await;
    let expected = online.fingerprint().await.parts;
    assert_eq!(produced.fingerprint().await.parts, expected);
    let kept = "SELECT source || ' ' || dump_date || ' ' || state || ' ' || everything FROM loads";
    assert_eq!(produced.texts(kept).await, ["musicbrainz 2026-08-01 done false"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_uncompressed_archive_gives_the_same_rows() {
    let (packed, plain) = (database().await, database().await);
    load(&packed, "packed.tar.xz", &releases()).await;
    let path = file("plain.tar", &MusicBrainzDump::of_releases(&releases()).tar());
    load_file(&plain, &path, false).await.unwrap();
    let expected = packed.fingerprint().await.parts;
    assert_eq!(plain.fingerprint().await.parts, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spotify_album_that_was_loaded_is_recognised_without_a_request() {
    let scene = Scene::new().await;
    load(&scene.database, "known.tar.xz", &releases()[..1]).await;
    let producers = scene.texts(PRODUCERS).await;
    assert_eq!(producers.len(), 2, "{producers:?}");
    let band = artist("band", "The Band");
    let tracks = vec![
        track("t1", 1, "First Song", &[&band]),
        track("t2", 2, "Second Song (Remix)", &[&band]),
    ];
    let album = with_upc(album("a", "An Album", &[&band], tracks), "200000000011");
    let ours = scene.ingest(&album).await;
    scene.upstream.forget_calls();
    let message = shared::domain::messages::Message::IdentifyAlbum { album_id: ours };
    let envelope = shared::domain::messages::Envelope::requested(message, None);
    let outcome = scene.machine.handle(envelope).await.unwrap();
    assert_eq!(outcome, Outcome::Done);
    assert_eq!(scene.upstream.calls("release"), 0);
    assert_eq!(scene.texts(PRODUCERS).await, producers);
    for table in ["albums", "artists"] {
        let count = format!("SELECT count(*) FROM {table}");
        assert_eq!(scene.database.count(&count).await, 1, "{table}");
    }
}
