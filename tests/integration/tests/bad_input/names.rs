//! Odd names, and the placeholder artist Various Artists.

use integration::records::UPC;
use integration::records::{album, artist, person, produced_by, recording, release, track, with_upc};
use integration::scene::Scene;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::domain::ids::AlbumId;

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

    let stored: Vec<String> = names
        .iter()
        .map(|name| name.replace('\0', "").trim().to_owned())
        .collect();
    assert_eq!(
        scene.texts("SELECT name FROM tracks ORDER BY track_number").await,
        stored
    );
    assert_eq!(
        scene
            .texts(
                "SELECT a.name FROM artists a JOIN track_artists ta ON ta.artist_id = a.id
        JOIN tracks t ON t.id = ta.track_id ORDER BY t.track_number"
            )
            .await,
        stored
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
    // Ingesting and identifying the same album again changes nothing.
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

    let various_at_musicbrainz =
        json!({"id": "89ad4ac3-39f7-470e-963a-56509c546377", "name": "Various Artists"});
    let songs = ["One", "Two", "Three"].map(|title| {
        recording(
            title.len() as u64 * 10 + u64::from(title.as_bytes()[1]),
            title,
            &various_at_musicbrainz,
            vec![produced_by(&person(2, "P"))],
        )
    });
    scene.upstream.give_releases(
        UPC,
        &[&release(
            21,
            "Hits",
            &various_at_musicbrainz,
            &songs.iter().collect::<Vec<_>>(),
        )],
    );
    scene.identify(AlbumId(1)).await;
    sweep::compute_statistics(&scene.machine.pool).await.unwrap();
    let counts = "SELECT producer_name || ' ' || track_count || ' ' || artist_count FROM producer_popularity";
    assert_eq!(scene.texts(counts).await, ["P 3 1"]);
    let linked = "SELECT count(*) FROM artist_identities WHERE source = 'musicbrainz'";
    assert_eq!(scene.database.count(linked).await, 0);
}
