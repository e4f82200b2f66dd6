//! Odd input: each message ends with an outcome and a reason that says what to do, and nothing is lost.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use integration::records::{
    album, artist, person, produced_by, recording, release, spotify_id, track, with_upc,
};
use integration::scene::{Scene, ingest_album, ingest_artist};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::domain::ids::{AlbumId, RequestedItem};
use shared::domain::messages::{Message, QueueName};

const UPC: &str = "200000000011";

/// Asks for something and works on the catalog queue once; gives how each step ended and why.
async fn ask(scene: &Scene, message: Message) -> Vec<String> {
    let id = scene.machine.request(&[message]).await;
    scene.machine.work_once(QueueName::Catalog).await;
    scene.steps(id).await
}

fn resolve(what: &str) -> Message {
    Message::Resolve {
        what: what.parse().unwrap(),
        appears_on: false,
    }
}

/// An album with one song.
fn single(key: &str) -> Value {
    let who = artist("a", "A");
    album(
        key,
        "Album",
        &[&who],
        vec![track(&format!("{key}t"), 1, "Song", &[&who])],
    )
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
        assert_eq!(ask(&scene, message).await, [ends]);
    }
    assert_eq!(
        scene.database.count("SELECT count(*) FROM queue_messages").await,
        0
    );
    // A miss is remembered, and told again without a call.
    scene.upstream.forget_calls();
    let again = ask(&scene, ingest_album(&id)).await;
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
    let ends = ask(&scene, resolve("Same")).await;
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
    // The nearest are told where none is right, and none of them is taken.
    scene
        .upstream
        .give("/v1/search?q=Sam&", json!({"artists": {"items": named}}));
    let ends = ask(&scene, resolve("Sam")).await;
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
        ask(&scene, ingest_artist(&spotify_id("a"))).await,
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
        "without artists it is the album's artist's"
    );
    assert_eq!(scene.database.count("SELECT count(*) FROM artists").await, 1);
}

#[tokio::test]
async fn names_of_every_script_and_length_are_stored() {
    let names = [
        "水平線",
        "ガンバ",
        "أم كلثوم",
        "שלום\u{200f} עולם",
        "Ólafur",
        "e\u{301}te\u{301}",
        "👩‍👩‍👧 🎸",
        "ไทย",
        "हिन्दी",
        "Ё",
        "!!!",
        "†",
        "Ⅷ",
        &"long ".repeat(1_000),
        &"語".repeat(5_000),
        "'; DROP TABLE artists; --",
        "a\u{0}b\nc\td",
        "\\",
        "%_",
    ];
    let scene = Scene::new().await;
    let artists: Vec<Value> = (10..)
        .zip(names)
        .map(|(number, name)| artist(&format!("a{number}x"), name))
        .collect();
    let tracks = (1..)
        .zip(names)
        .zip(&artists)
        .map(|((number, name), who)| track(&format!("t{number}x"), number, name, &[who]))
        .collect();
    let everything = with_upc(album("x", names[14], &[&artists[0]], tracks), UPC);
    scene.ingest(&everything).await;
    let (band, long) = (person(1, names[0]), person(2, names[13].trim()));
    let songs: Vec<Value> = (100..)
        .zip(names)
        .map(|(number, name)| recording(number, &name.replace('\0', ""), &band, vec![produced_by(&long)]))
        .collect();
    scene.upstream.give_releases(
        UPC,
        &[&release(21, names[14], &band, &songs.iter().collect::<Vec<_>>())],
    );
    scene.identify(AlbumId(1)).await;

    let kept: Vec<String> = names
        .iter()
        .map(|name| name.replace('\0', "").trim().to_owned())
        .collect();
    assert_eq!(
        scene.texts("SELECT name FROM tracks ORDER BY track_number").await,
        kept
    );
    assert_eq!(
        scene
            .texts(
                "SELECT a.name FROM artists a JOIN track_artists ta ON ta.artist_id = a.id
        JOIN tracks t ON t.id = ta.track_id ORDER BY t.track_number"
            )
            .await,
        kept
    );
    assert_eq!(
        scene
            .database
            .count("SELECT count(*) FROM normalized_tracks WHERE normalized_name <> ''")
            .await,
        names.len() as i64
    );
    assert_eq!(
        scene.database.count("SELECT count(*) FROM track_producers").await,
        names.len() as i64
    );
    // The same again finds them all.
    let fingerprint = scene.database.fingerprint().await;
    scene.ingest(&everything).await;
    scene.identify(AlbumId(1)).await;
    assert_eq!(scene.database.fingerprint().await, fingerprint);
}

#[tokio::test]
async fn various_artists_has_no_songs_and_counts_for_no_collaboration() {
    let scene = Scene::new().await;
    let various = json!({"id": "0LyfQWJT6nXafLPZqxe9Of", "name": "Various Artists"});
    let who = artist("a", "A");
    let songs = vec![
        track("t1", 1, "One", &[&who]),
        track("t2", 2, "Two", &[]),
        track("t3", 3, "Three", &[&various]),
    ];
    scene
        .ingest(&with_upc(album("x", "Hits", &[&various], songs), UPC))
        .await;
    let songs = "SELECT a.name || ' ' || n.normalized_name FROM normalized_tracks n
        JOIN artists a ON a.id = n.artist_id";
    assert_eq!(scene.texts(songs).await, ["A one"]);

    let theirs = json!({"id": "89ad4ac3-39f7-470e-963a-56509c546377", "name": "Various Artists"});
    let songs = ["One", "Two", "Three"].map(|title| {
        recording(
            title.len() as u64 * 10 + u64::from(title.as_bytes()[1]),
            title,
            &theirs,
            vec![produced_by(&person(2, "P"))],
        )
    });
    scene.upstream.give_releases(
        UPC,
        &[&release(21, "Hits", &theirs, &songs.iter().collect::<Vec<_>>())],
    );
    scene.identify(AlbumId(1)).await;
    sweep::compute_statistics(&scene.machine.sweep).await.unwrap();
    let counts = "SELECT producer_name || ' ' || track_count || ' ' || artist_count FROM producer_popularity";
    assert_eq!(scene.texts(counts).await, ["P 3 1"]);
    let linked = "SELECT count(*) FROM artist_identities WHERE source = 'musicbrainz'";
    assert_eq!(scene.database.count(linked).await, 0);
}
