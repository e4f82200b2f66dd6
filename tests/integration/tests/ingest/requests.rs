//! Requested items: a record, the albums that an artist appears on, and an artist by name.

use crate::two_songs;
use integration::records::{artist, spotify_id};
use integration::scene::{Scene, ingest_artist};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::domain::ids::RequestedItem;
use shared::domain::messages::{Message, Outcome, QueueName};

async fn resolve(scene: &Scene, what: &str) -> Vec<String> {
    let what: RequestedItem = what.parse().unwrap();
    let appears_on = false;
    scene
        .machine
        .request(&[Message::Resolve { what, appears_on }])
        .await;
    scene.machine.work_once(QueueName::Catalog).await;
    scene
        .texts("SELECT kind || ' ' || subject FROM ingestion_tasks WHERE kind <> 'resolve' ORDER BY 1")
        .await
}

#[tokio::test]
async fn an_item_whose_id_says_what_it_is_is_imported_without_a_call() {
    let id = "5b11f4ce-a62d-471e-81fc-a69a8278c7da";
    let cases = [
        (
            format!("spotify:album:{}", spotify_id("x")),
            format!("ingest_album {}", spotify_id("x")),
        ),
        (
            format!("spotify:artist:{}", spotify_id("a")),
            format!("ingest_artist {}:0", spotify_id("a")),
        ),
        (
            format!("https://musicbrainz.org/release/{id}"),
            format!("ingest_album {id}"),
        ),
        (
            format!("https://musicbrainz.org/artist/{id}"),
            format!("ingest_artist {id}:0"),
        ),
    ];
    for (item, step) in cases {
        let scene = Scene::new().await;
        assert_eq!(resolve(&scene, &item).await, [step]);
        assert_eq!(scene.upstream.calls("/"), 0, "{item}");
    }
}

#[tokio::test]
async fn a_record_is_found_by_its_isrc_its_barcode_and_its_track() {
    let simple = |key: &str, date: &str, kind: &str| {
        json!({"id": spotify_id(key), "name": key,
        "album_type": kind, "release_date": date})
    };
    let hit = |key: &str, isrc: &str, album: Value| {
        json!({"id": spotify_id(key), "name": "Song",
        "external_ids": {"isrc": isrc}, "album": album})
    };
    let scene = Scene::new().await;
    let found = json!({"tracks": {"items": [
        hit("t1", "ZZAAA0000001", simple("hits", "1980", "compilation")),
        hit("t2", "ZZAAA0000001", simple("late", "1999-01-01", "album")),
        hit("t3", "ZZAAA0000001", simple("early", "1998-12", "single")),
        hit("t4", "ZZAAA0000002", simple("other", "1970", "album")),
        null,
    ]}});
    scene.upstream.give("/v1/search?isrc:ZZAAA0000001", found);
    assert_eq!(
        resolve(&scene, "isrc:zz-aaa-00-00001").await,
        [format!("ingest_album {}", spotify_id("early"))]
    );

    let scene = Scene::new().await;
    scene.upstream.give(
        "/v1/search?upc:0200000000011&",
        json!({"albums": {"items": [simple("x", "2001", "album")]}}),
    );
    assert_eq!(
        resolve(&scene, "upc:200000000011").await,
        [format!("ingest_album {}", spotify_id("x"))]
    );

    let scene = Scene::new().await;
    scene.upstream.give(
        &format!("/v1/tracks/{}", spotify_id("t")),
        hit("t", "ZZAAA0000001", simple("x", "2001", "album")),
    );
    let link = format!("https://open.spotify.com/track/{}?si=abc", spotify_id("t"));
    assert_eq!(
        resolve(&scene, &link).await,
        [format!("ingest_album {}", spotify_id("x"))]
    );
}

#[tokio::test]
async fn albums_that_an_artist_only_appears_on_are_ingested_on_request() {
    for (appears_on, groups) in [
        (false, "&include_groups=album,single,compilation&"),
        (true, "&include_groups=album,single,compilation,appears_on&"),
    ] {
        let scene = Scene::new().await;
        let who = artist("a", "A");
        scene
            .upstream
            .give(&format!("/v1/artists/{}", spotify_id("a")), &who);
        let page = json!({"items": [two_songs("x", ["One", "Two"])], "total": 1});
        scene
            .upstream
            .give(&format!("/v1/artists/{}/albums?{groups}", spotify_id("a")), page);
        let message = Message::IngestArtist {
            spotify_artist_id: spotify_id("a").parse().unwrap(),
            offset: 0,
            appears_on,
        };
        assert_eq!(scene.machine.outcome(message).await, Outcome::Done);
        assert_eq!(
            scene
                .texts("SELECT body::json ->> 'spotify_album_id' FROM queue_messages")
                .await,
            [spotify_id("x")]
        );
    }
}

#[tokio::test]
async fn an_artist_has_the_details_of_spotify_and_is_found_by_name() {
    let scene = Scene::new().await;
    let mut who = artist("a", "Same");
    who["followers"] = json!({"total": 7.0});
    who["popularity"] = json!(50);
    who["genres"] = json!(["genre", null]);
    scene.upstream.give_artist(&who, &[]);
    let outcome = scene.machine.outcome(ingest_artist(&spotify_id("a"))).await;
    assert_eq!(outcome, Outcome::Done);
    let known = "SELECT name || ' ' || followers || ' ' || popularity || ' ' || metadata::text || ' ' ||
        (requested_at IS NOT NULL) FROM artists";
    assert_eq!(
        scene.texts(known).await,
        [r#"Same 7 50 {"genres": ["genre"]} true"#]
    );
    assert_eq!(
        resolve(&scene, "same").await,
        [format!("ingest_artist {}:0", spotify_id("a"))],
        "found in our own tables"
    );
    assert_eq!(scene.upstream.calls("/v1/search"), 0);
}
