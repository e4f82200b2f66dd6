//! Albums without a common barcode that are one album because of their ISRCs.

use integration::records::{album, artist, spotify_id, track as track_of_spotify, with_upc};
use integration::scene::{PRODUCERS, Scene};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::domain::messages::{Envelope, Message, Outcome};

use crate::dump::{Release, dump, file, load_file, track};

/// The release in the dump. Its barcode is that of the vinyl.
fn release() -> Release {
    Release {
        barcode: Some("200000000099".to_owned()),
        isrcs: vec![("A1", "ZZ0000000001"), ("Track A2", "ZZ-000-00-00002")],
        ..Release::new(1)
    }
}

/// The same album at Spotify, with another barcode.
fn spotify_album(id: &str) -> Value {
    let band = artist("a", "The Band");
    let tracks = vec![
        track_of_spotify(&format!("{id}1"), 1, "First Song", &[&band]),
        track_of_spotify(&format!("{id}2"), 2, "Second Song - Remix", &[&band]),
    ];
    with_upc(album(id, "Album 1", &[&band], tracks), "200000000011")
}

/// Makes Spotify return these ISRCs for the album's two tracks.
fn give_isrcs(scene: &Scene, id: &str, isrcs: [Option<&str>; 2]) {
    for (place, isrc) in isrcs.into_iter().enumerate() {
        let id = spotify_id(&format!("{id}{}", place + 1));
        let external_ids = isrc.map_or(json!({}), |isrc| json!({ "isrc": isrc }));
        let track =
            json!({"id": id, "name": "T", "artists": [], "external_ids": external_ids, "type": "track"});
        scene.upstream.give(&format!("/v1/tracks/{id}"), track);
    }
}

async fn load(scene: &Scene, name: &str, release: &Release) {
    let path = file(name, dump(&[release.xml()]).as_bytes());
    let loaded = load_file(&scene.database, &path, false).await.unwrap();
    assert_eq!(loaded.counts.loaded, 1);
}

async fn albums(scene: &Scene) -> i64 {
    scene.database.count("SELECT count(*) FROM albums").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spotify_album_is_recognised_by_its_isrcs_in_either_order() {
    let mut fingerprints = Vec::new();
    for dump_first in [true, false] {
        let scene = Scene::with_all_sources().await;
        give_isrcs(&scene, "x", [Some("ZZ0000000001"), Some("ZZ0000000002")]);
        if dump_first {
            load(&scene, "isrcs_first.xml", &release()).await;
        }
        let album_id = scene.ingest(&spotify_album("x")).await;
        if dump_first {
            assert_eq!(scene.upstream.calls("/v1/tracks/"), 2);
        } else {
            // MusicBrainz does not know the tracks, so Spotify is asked for their ISRCs.
            assert_eq!(scene.upstream.calls("/v1/tracks/"), 0);
            scene.identify(album_id).await;
            load(&scene, "isrcs_then.xml", &release()).await;
        }
        for table in ["albums", "artists", "producers"] {
            let count = format!("SELECT count(*) FROM {table}");
            let count = scene.database.count(&count).await;
            assert_eq!(count, 1, "{table}, dump first: {dump_first}");
        }
        scene.upstream.forget_calls();
        let identify = Envelope::requested(Message::IdentifyAlbum { album_id }, None);
        assert_eq!(scene.machine.handle(identify).await.unwrap(), Outcome::Done);
        assert_eq!(scene.upstream.calls("/discogs"), 0);
        assert_eq!(scene.texts(PRODUCERS).await.len(), 2);
        fingerprints.push(scene.database.fingerprint().await.parts);
    }
    assert_eq!(fingerprints[0], fingerprints[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_recording_of_the_same_songs_is_another_album() {
    let other_songs = Release {
        tracks: vec![track("A1", "First Song", ""), track("A2", "Another", "")],
        ..release()
    };
    let half = Release {
        isrcs: vec![("A1", "ZZ0000000001")],
        ..release()
    };
    let none = Release {
        isrcs: Vec::new(),
        ..release()
    };
    let same = [Some("ZZ0000000001"), Some("ZZ0000000002")];
    for (case, release, isrcs, count, calls) in [
        (
            "remastered",
            release(),
            [Some("ZZ0000000008"), Some("ZZ0000000009")],
            2,
            1,
        ),
        (
            "in part",
            release(),
            [Some("ZZ0000000001"), Some("ZZ0000000009")],
            2,
            2,
        ),
        ("half", half, [Some("ZZ0000000001"), None], 1, 1),
        ("none known", release(), [None, None], 2, 2),
        ("one known", release(), [None, Some("ZZ0000000002")], 1, 2),
        ("nothing to compare", none, same, 2, 0),
        ("other songs", other_songs, same, 2, 0),
    ] {
        let scene = Scene::new().await;
        give_isrcs(&scene, "x", isrcs);
        load(&scene, &format!("isrcs {case}.xml"), &release).await;
        scene.ingest(&spotify_album("x")).await;
        assert_eq!(albums(&scene).await, count, "{case}");
        assert_eq!(scene.upstream.calls("/v1/tracks/"), calls, "{case}");
        // The album is stored now, so ingesting it again needs no ISRCs.
        scene.ingest(&spotify_album("x")).await;
        assert_eq!(scene.upstream.calls("/v1/tracks/"), calls, "{case}");
    }
}

/// Spotify can have one record under several ids.
#[tokio::test(flavor = "multi_thread")]
async fn every_spotify_id_with_the_isrcs_is_the_album() {
    let mut fingerprints = Vec::new();
    for ids in [["x", "y"], ["y", "x"]] {
        let scene = Scene::new().await;
        load(&scene, "isrcs_many.xml", &release()).await;
        for id in ids {
            give_isrcs(&scene, id, [Some("ZZ0000000001"), Some("ZZ0000000002")]);
            let mut spotify_album = spotify_album(id);
            spotify_album["external_ids"] = json!({});
            scene.ingest(&spotify_album).await;
        }
        assert_eq!(albums(&scene).await, 1);
        fingerprints.push(scene.database.fingerprint().await.parts);
    }
    assert_eq!(fingerprints[0], fingerprints[1]);
}
