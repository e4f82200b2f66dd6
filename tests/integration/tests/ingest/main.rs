//! Spotify albums: which of them are the same album, which tracks were removed, and which songs the tracks
//! are versions of.
#![expect(clippy::unwrap_used, reason = "a failing test panics")]

mod requests;

use integration::records::{
    UPC, album, artist, person, produced_by, recording, release, spotify_id, track, with_upc,
};
use integration::scene::Scene;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

/// An album of two songs. Their ids begin with `key`.
fn two_songs(key: &str, names: [&str; 2]) -> Value {
    let who = artist("a", "A");
    let tracks = vec![
        track(&format!("{key}1"), 1, names[0], &[&who]),
        track(&format!("{key}2"), 2, names[1], &[&who]),
    ];
    album(key, "Album", &[&who], tracks)
}

#[tokio::test]
async fn albums_with_one_barcode_and_the_same_tracks_are_one_album_in_either_order() {
    let first = with_upc(two_songs("x", ["One", "Two (feat. B)"]), UPC);
    let mut second = with_upc(two_songs("y", ["One", "Two"]), &format!("0{UPC}"));
    second["label"] = json!("Label");
    let mut fingerprints = Vec::new();
    for order in [[&first, &second], [&second, &first]] {
        let scene = Scene::new().await;
        for album in order {
            scene.ingest(album).await;
        }
        let ids = "SELECT a.spotify_id || ' ' || a.label || ' ' || string_agg(l.source_id, ' '
            ORDER BY l.source_id) FROM albums a JOIN album_links l ON l.album_id = a.id GROUP BY a.id";
        let [x, y] = ["x", "y"].map(spotify_id);
        assert_eq!(
            scene.texts(ids).await,
            [format!("{x} Label {x} {y}")],
            "the album with the smallest id leads, and the other fills its gaps"
        );
        let tracks = "SELECT t.name || ' ' || string_agg(left(l.source_id, 2), ' ' ORDER BY l.source_id)
            FROM tracks t JOIN track_links l ON l.track_id = t.id GROUP BY t.id ORDER BY t.track_number";
        assert_eq!(scene.texts(tracks).await, ["One x1 y1", "Two (feat. B) x2 y2"]);
        fingerprints.push(scene.database.fingerprint().await);
    }
    assert_eq!(fingerprints[0], fingerprints[1]);
}

#[tokio::test]
async fn albums_with_one_barcode_and_different_tracks_stay_separate() {
    let scene = Scene::new().await;
    let other = with_upc(two_songs("w", ["One", "Three"]), UPC);
    let longer = {
        let mut album = two_songs("z", ["One", "Two"]);
        let tracks = album["tracks"]["items"].as_array_mut().unwrap();
        tracks.push(track("z3", 3, "Three", &[]));
        album["total_tracks"] = json!(3);
        with_upc(album, UPC)
    };
    for album in [
        &other,
        &longer,
        &with_upc(two_songs("x", ["One", "Two"]), UPC),
        &with_upc(two_songs("y", ["One", "Two"]), UPC),
    ] {
        scene.ingest(album).await;
    }
    let albums = "SELECT string_agg(left(l.source_id, 1), '' ORDER BY l.source_id) FROM album_links l
        GROUP BY album_id ORDER BY 1";
    assert_eq!(scene.texts(albums).await, ["w", "xy", "z"]);
}

#[tokio::test]
async fn a_removed_track_keeps_its_row_and_credits_and_can_return() {
    let scene = Scene::new().await;
    let whole = with_upc(two_songs("x", ["One", "Two"]), UPC);
    let band = person(1, "A");
    let songs = ["One", "Two"].map(|title| {
        recording(
            title.len() as u64 + u64::from(title.as_bytes()[0]),
            title,
            &band,
            vec![produced_by(&person(2, "P"))],
        )
    });
    scene
        .upstream
        .give_releases(UPC, &[&release(21, "Album", &band, &[&songs[0], &songs[1]])]);
    let id = scene.ingest(&whole).await;
    scene.machine.drain(&scene.database).await;
    let mut cut = whole.clone();
    cut["tracks"] = json!({"items": [whole["tracks"]["items"][0]], "total": 1});
    cut["total_tracks"] = json!(1);
    let state = "SELECT t.name || ' ' || (t.removed_at IS NULL) || ' ' || count(c.id) || ' ' || (SELECT
        count(*) FROM track_producers tp WHERE tp.track_id = t.id)
                 FROM tracks t LEFT JOIN credits c ON c.track_id = t.id GROUP BY t.id
                 ORDER BY t.track_number";
    assert_eq!(scene.texts(state).await, ["One true 1 1", "Two true 1 1"]);

    scene.ingest(&cut).await;
    assert_eq!(scene.texts(state).await, ["One true 1 1", "Two false 1 1"]);
    scene.identify(id).await;
    assert_eq!(
        scene.texts(state).await,
        ["One true 1 1", "Two false 1 1"],
        "identifying the remaining tracks does not change the removed one"
    );
    let removed_at_before = scene
        .texts("SELECT removed_at::text FROM tracks WHERE removed_at IS NOT NULL")
        .await;
    scene.ingest(&cut).await;
    assert_eq!(
        scene
            .texts("SELECT removed_at::text FROM tracks WHERE removed_at IS NOT NULL")
            .await,
        removed_at_before
    );

    scene.ingest(&whole).await;
    assert_eq!(scene.texts(state).await, ["One true 1 1", "Two true 1 1"]);
}

#[tokio::test]
async fn only_the_leading_one_of_joined_albums_removes_tracks() {
    let scene = Scene::new().await;
    let [first, second] = ["x", "y"].map(|key| with_upc(two_songs(key, ["One", "Two"]), UPC));
    scene.ingest(&first).await;
    scene.ingest(&second).await;
    let cut = |album: &Value| {
        let mut cut = album.clone();
        cut["tracks"] = json!({"items": [album["tracks"]["items"][0]], "total": 1});
        cut
    };
    let removed_tracks = "SELECT count(*) FROM tracks WHERE removed_at IS NOT NULL";
    scene.ingest(&cut(&second)).await;
    assert_eq!(scene.database.count(removed_tracks).await, 0);
    scene.ingest(&cut(&first)).await;
    assert_eq!(scene.database.count(removed_tracks).await, 1);
    scene.ingest(&second).await;
    assert_eq!(scene.database.count(removed_tracks).await, 1);
    scene.ingest(&first).await;
    assert_eq!(scene.database.count(removed_tracks).await, 0);
    assert_eq!(scene.database.count("SELECT count(*) FROM tracks").await, 2);
}

#[tokio::test]
async fn fields_that_spotify_leaves_out_do_not_change() {
    let scene = Scene::new().await;
    let mut whole = with_upc(two_songs("x", ["One", "Two"]), UPC);
    whole["label"] = json!("Label");
    whole["genres"] = json!(["genre"]);
    whole["images"] = json!([{"url": "https://example.invalid/cover", "width": 640}]);
    whole["tracks"]["items"][0]["preview_url"] = json!("https://example.invalid/preview");
    scene.ingest(&whole).await;
    let fingerprint = scene.database.fingerprint().await;

    let mut bare = two_songs("x", ["One", "Two"]);
    for field in ["external_ids", "release_date", "album_type", "total_tracks"] {
        bare[field] = Value::Null;
    }
    for track in bare["tracks"]["items"].as_array_mut().unwrap() {
        track["duration_ms"] = Value::Null;
    }
    scene.ingest(&bare).await;
    assert_eq!(scene.database.fingerprint().await, fingerprint);
    let known = "SELECT upc || ' ' || release_date || ' ' || release_date_precision || ' ' || label || ' ' ||
        genres::text || ' ' || cover_url FROM albums";
    assert_eq!(
        scene.texts(known).await,
        [format!(
            "{UPC} 2001-05-17 day Label {{genre}} https://example.invalid/cover"
        )]
    );
}

#[tokio::test]
async fn a_renamed_track_moves_to_another_song_and_leaves_no_empty_song() {
    let scene = Scene::new().await;
    scene.ingest(&two_songs("x", ["One", "Two"])).await;
    scene.ingest(&two_songs("x", ["One", "Three - Live"])).await;
    let songs = "SELECT n.normalized_name || ' ' || t.name || COALESCE(' ' || t.version_kind, '')
        FROM normalized_tracks n JOIN tracks t ON t.id = n.representative_track_id ORDER BY 1";
    assert_eq!(scene.texts(songs).await, ["one One", "three Three - Live live"]);
}

#[tokio::test]
async fn versions_are_one_song_and_the_plain_one_represents_it() {
    let scene = Scene::new().await;
    let who = artist("a", "A");
    let mut remixes = album(
        "x",
        "Remixes",
        &[&who],
        vec![
            track("x1", 1, "Song - Radio Edit", &[&who]),
            track("x2", 2, "Song (Somebody Remix)", &[&who]),
            track("x3", 3, "SONG - Live at Home", &[&who]),
        ],
    );
    remixes["release_date"] = json!("1990");
    scene.ingest(&remixes).await;
    let represented = "SELECT t.name || ' of ' || (SELECT count(*) FROM tracks v
        WHERE v.normalized_track_id = n.id) FROM normalized_tracks n
        JOIN tracks t ON t.id = n.representative_track_id";
    assert_eq!(scene.texts(represented).await, ["Song - Radio Edit of 3"]);
    let mut late = album("y", "Late", &[&who], vec![track("y1", 1, "Song", &[&who])]);
    late["release_date"] = json!("2010-01");
    scene.ingest(&late).await;
    assert_eq!(scene.texts(represented).await, ["Song of 4"]);
    let mut early = album("z", "Early", &[&who], vec![track("z7", 7, "song", &[&who])]);
    early["release_date"] = json!("2009");
    scene.ingest(&early).await;
    assert_eq!(scene.texts(represented).await, ["song of 5"]);
    let kinds = "SELECT version_kind::text FROM tracks WHERE version_kind IS NOT NULL ORDER BY track_number";
    assert_eq!(scene.texts(kinds).await, ["radio_edit", "remix", "live"]);
}

#[tokio::test]
async fn a_track_listed_twice_or_played_from_another_album_is_one_track_of_its_album() {
    let scene = Scene::new().await;
    let who = artist("a", "A");
    let mut relinked = track("other", 2, "Two", &[&who]);
    relinked["linked_from"] = json!({"id": spotify_id("x2")});
    let one = track("x1", 1, "One", &[&who]);
    scene
        .ingest(&album("x", "Album", &[&who], vec![one.clone(), one, relinked]))
        .await;
    let ids = "SELECT left(spotify_id, 2) || ' ' || name FROM tracks ORDER BY 1";
    assert_eq!(scene.texts(ids).await, ["x1 One", "x2 Two"]);
}

#[tokio::test]
async fn a_track_id_on_two_albums_belongs_to_the_first_album_in_either_order() {
    let [first, mut second] = ["x", "y"].map(|key| two_songs(key, ["One", "Two"]));
    second["tracks"]["items"][0]["id"] = json!(spotify_id("x1"));
    let mut fingerprints = Vec::new();
    for order in [[&first, &second], [&second, &first], [&second, &first]] {
        let scene = Scene::new().await;
        for album in order {
            scene.ingest(album).await;
        }
        scene.ingest(order[0]).await;
        let ids = "SELECT left(al.spotify_id, 1) || ' ' || COALESCE(left(t.spotify_id, 2), 'none') || ' ' ||
            l.source_id FROM tracks t JOIN albums al ON al.id = t.album_id
            JOIN track_links l ON l.track_id = t.id WHERE t.track_number = 1 ORDER BY 1";
        assert_eq!(
            scene.texts(ids).await,
            [
                format!("x x1 {}", spotify_id("x1")),
                format!("y none {}", spotify_id("x1"))
            ]
        );
        fingerprints.push(scene.database.fingerprint().await);
    }
    assert_eq!(fingerprints[0], fingerprints[1]);
}

#[tokio::test]
async fn the_title_separates_guests_from_main_artists() {
    let scene = Scene::new().await;
    let (who, guest, equal) = (artist("a", "A"), artist("b", "Guest"), artist("c", "Equal"));
    let songs = vec![track("x1", 1, "Song (feat. Guest)", &[&who, &equal, &guest])];
    scene.ingest(&album("x", "Album", &[&who], songs)).await;
    let parts = "SELECT a.name || ' ' || ta.part FROM track_artists ta JOIN artists a ON a.id = ta.artist_id
        ORDER BY ta.position";
    assert_eq!(
        scene.texts(parts).await,
        ["A main", "Equal main", "Guest featured"]
    );
}
