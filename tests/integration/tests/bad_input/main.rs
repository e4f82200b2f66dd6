//! Odd input: each message gets an outcome and a reason that says what to do, and no message is lost.
#![expect(clippy::unwrap_used, reason = "a failing test panics")]

mod names;

use integration::records::{UPC, album, artist, single, spotify_id, track, with_upc};
use integration::scene::{Scene, ingest_album, ingest_artist, outcomes_of};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::domain::ids::{AlbumId, RequestedItem};
use shared::domain::messages::{Message, QueueName};

fn resolve(what: &str) -> Message {
    Message::Resolve {
        what: what.parse().unwrap(),
        appears_on: false,
    }
}

#[tokio::test]
async fn unknown_spotify_ids_fail_and_say_what_to_do() {
    let scene = Scene::new().await;
    let id = spotify_id("x");
    let cases = [
        (
            ingest_artist(&id),
            format!(
                "ingest_artist failed Spotify has no artist {id}: copy the link of the artist's page again"
            ),
        ),
        (
            ingest_album(&id),
            format!(
                "ingest_album failed Spotify has no album {id} in this market: check the link or \
                    SPOTIFY_MARKET"
            ),
        ),
        (
            resolve(&format!("spotify:track:{id}")),
            format!("resolve failed Spotify has no track {id}: copy the link of the track again"),
        ),
        (
            resolve("isrc:ZZAAA0000001"),
            "resolve failed Spotify has no recording ZZAAA0000001: give the link of the track or its album"
                .to_owned(),
        ),
        (
            resolve("upc:200000000011"),
            "resolve failed Spotify has no album 200000000011: give the link of the album".to_owned(),
        ),
        (
            resolve("name:Nobody"),
            "resolve failed Spotify has no artist named Nobody: give the link of the artist's page"
                .to_owned(),
        ),
    ];
    for (message, ends) in cases {
        assert_eq!(outcomes_of(&scene, message).await, [ends]);
    }
    assert_eq!(
        scene.database.count("SELECT count(*) FROM queue_messages").await,
        0
    );
    // The miss is stored, and reported again without a call.
    scene.upstream.forget_calls();
    let again = outcomes_of(&scene, ingest_album(&id)).await;
    assert!(
        again[0].starts_with("ingest_album failed Spotify has no album"),
        "{again:?}"
    );
    assert_eq!(scene.upstream.calls("/v1/"), 0);
}

#[tokio::test]
async fn an_unreadable_body_becomes_a_dead_letter_and_affects_no_other_message() {
    let scene = Scene::new().await;
    scene.upstream.give_album(&single("x"));
    let bodies = [
        r#"{"type":"ingest_album","spotify_album_id":"too short"}"#.to_owned(),
        "{".to_owned(),
        format!(
            r#"{{"type":"ingest_album","spotify_album_id":"{}"}}"#,
            spotify_id("x")
        ),
        r#"{"type":"identify_album","album_id":1}"#.to_owned(),
    ];
    scene
        .machine
        .queues
        .send(QueueName::Catalog, &bodies)
        .await
        .unwrap();
    assert_eq!(scene.machine.work_once(QueueName::Catalog).await, 4);
    assert_eq!(
        scene
            .texts("SELECT body FROM dead_messages ORDER BY id")
            .await
            .len(),
        3
    );
    assert_eq!(
        scene
            .database
            .count("SELECT count(*) FROM queue_messages WHERE queue = 'catalog'")
            .await,
        0
    );
    assert_eq!(scene.database.count("SELECT count(*) FROM albums").await, 1);
    let issues = scene.texts("SELECT message FROM worker_issues ORDER BY id").await;
    assert!(
        !issues.is_empty()
            && issues
                .iter()
                .all(|issue| issue.contains("discarded") && issue.contains("dead letters")),
        "{issues:?}"
    );
}

#[tokio::test]
async fn an_ambiguous_name_is_left_to_the_person() {
    assert!("  ".parse::<RequestedItem>().is_err() && "name:".parse::<RequestedItem>().is_err());
    let scene = Scene::new().await;
    let mut named = [
        artist("b", "The Same"),
        artist("c", "same"),
        artist("d", "Sametime"),
    ];
    named[0]["genres"] = json!(["genre"]);
    scene
        .upstream
        .give("/v1/search?q=Same&", json!({"artists": {"items": named}}));
    let ends = outcomes_of(&scene, resolve("Same")).await;
    assert_eq!(
        ends,
        ["resolve ambiguous 2 artists are named Same: give the id or link of the one you mean"]
    );
    let candidates = scene
        .texts("SELECT (detail -> 'candidates')::text FROM ingestion_tasks")
        .await;
    let candidates: Value = serde_json::from_str(&candidates[0]).unwrap();
    assert_eq!(
        candidates[0],
        json!({
            "spotify_artist_id": spotify_id("b"), "name": "The Same", "genres": ["genre"],
            "url": format!("https://open.spotify.com/artist/{}", spotify_id("b")),
        })
    );
    assert_eq!(candidates.as_array().unwrap().len(), 2);
    // If no name matches, the reason lists the nearest names, and none of them is ingested.
    scene
        .upstream
        .give("/v1/search?q=Sam&", json!({"artists": {"items": named}}));
    let ends = outcomes_of(&scene, resolve("Sam")).await;
    assert_eq!(
        ends,
        [
            "resolve failed Spotify has no artist named Sam (nearest: The Same, same, Sametime): \
                        give the link of the artist's page"
        ]
    );
    assert_eq!(
        scene.database.count("SELECT count(*) FROM queue_messages").await,
        0
    );
}

#[tokio::test]
async fn an_artist_without_albums_and_albums_with_no_or_300_tracks_are_ingested() {
    let scene = Scene::new().await;
    let who = artist("a", "A");
    scene.upstream.give_artist(&who, &[]);
    assert_eq!(
        outcomes_of(&scene, ingest_artist(&spotify_id("a"))).await,
        ["ingest_artist done"]
    );

    scene
        .ingest(&with_upc(album("empty", "Empty", &[&who], vec![]), UPC))
        .await;
    let many = (1..=300)
        .map(|number| track(&format!("t{number}x"), number, &format!("Song {number}"), &[&who]))
        .collect();
    scene.ingest(&album("many", "Many", &[&who], many)).await;
    let tracks = "SELECT a.name || ' ' || count(t.id) || ' ' || count(DISTINCT t.track_number) FROM albums a
        LEFT JOIN tracks t ON t.album_id = a.id GROUP BY a.id ORDER BY 1";
    assert_eq!(scene.texts(tracks).await, ["Empty 0 0", "Many 300 300"]);
    assert_eq!(
        scene
            .upstream
            .calls(&format!("/v1/albums/{}", spotify_id("many"))),
        6
    );
    scene.identify(AlbumId(1)).await;
}

#[tokio::test]
async fn nulls_floats_and_missing_artists_are_read() {
    let scene = Scene::new().await;
    let who = artist("a", "A");
    let mut odd = single("x");
    odd["total_tracks"] = json!(3.0);
    odd["artists"] = json!([null, who, {"name": "Without id"}]);
    odd["genres"] = json!([null, "genre"]);
    let mut floats = track("t1", 1, "Floats", &[&who]);
    floats["duration_ms"] = json!(204_053.0);
    floats["track_number"] = json!(1.0);
    let mut bare = track("t2", 2, "Bare", &[]);
    for field in ["artists", "disc_number", "duration_ms"] {
        bare[field] = Value::Null;
    }
    odd["tracks"] = json!({"items": [null, floats, bare, {"id": null, "name": "Withdrawn"}], "total": 4.0});
    scene.ingest(&odd).await;
    let tracks = "SELECT t.name || ' ' || t.disc_number || '.' || t.track_number || ' ' ||
        COALESCE(t.duration_ms::text, 'null') || ' ' || count(ta.artist_id) || ' ' || a.name
                  FROM tracks t LEFT JOIN track_artists ta ON ta.track_id = t.id LEFT
                  JOIN normalized_tracks n ON n.id = t.normalized_track_id LEFT
                  JOIN artists a ON a.id = n.artist_id GROUP BY t.id, a.id ORDER BY t.id";
    assert_eq!(
        scene.texts(tracks).await,
        ["Floats 1.1 204053 1 A", "Bare 1.2 null 0 A"],
        "a track without artists is by the artist of its album"
    );
    assert_eq!(scene.database.count("SELECT count(*) FROM artists").await, 1);
}
