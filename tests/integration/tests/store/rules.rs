//! The other rules that SQL defines once: the artists and the song of a track, dates and ids.

use integration::{database, rows};
use pretty_assertions::assert_eq;
use shared::domain::ids::{ArtistId, TrackId};
use shared::platform::db::Client;
use shared::store::catalog::tracks;
use shared::store::credits::{manual_credits, track_credits};
use shared::store::producers::artist_summaries;

async fn name_artists(client: &Client<'_>, track: TrackId, artists: &[(i16, ArtistId, &str)]) {
    let sql = "INSERT INTO track_artists (track_id, position, artist_id, part)
        VALUES ($1, $2, $3, $4::text::artist_part)";
    for (position, artist, part) in artists {
        client
            .execute(sql, &[&track, position, artist, part])
            .await
            .unwrap();
    }
}

const ARTISTS: &str = "
    SELECT t.track_number || ': ' || string_agg(a.name || ' ' || ta.part, ', ' ORDER BY ta.position)
    FROM tracks t CROSS JOIN artists_of(t.id) ta JOIN artists a ON a.id = ta.artist_id
    GROUP BY t.track_number ORDER BY t.track_number";

const TRACKS_OF_ARTISTS: &str = "
    SELECT a.name || ': ' || string_agg(t.track_number::text, ' ' ORDER BY t.track_number)
    FROM artists a JOIN artists_of_tracks ta ON ta.artist_id = a.id JOIN tracks t ON t.id = ta.track_id
    GROUP BY a.name ORDER BY a.name";

#[tokio::test]
async fn a_track_has_its_artists_and_without_any_the_artist_of_its_album() {
    let database = database().await;
    let client = database.client().await;
    let band = rows::artist(&client, "Band").await;
    let album = rows::album(&client, band, "album", 1990).await;
    let named = rows::track(&client, album, 1, None).await;
    let unnamed = rows::track(&client, album, 2, None).await;
    let removed = rows::track(&client, album, 3, None).await;
    database
        .execute("UPDATE tracks SET removed_at = now() WHERE track_number = 3")
        .await;
    let guest = rows::artist(&client, "Guest").await;
    let singer = rows::artist(&client, "Singer").await;
    name_artists(&client, named, &[(2, guest, "featured"), (1, singer, "main")]).await;
    assert_eq!(
        database.texts(ARTISTS).await,
        ["1: Singer main, Guest featured", "2: Band main", "3: Band main"]
    );
    assert_eq!(
        database.texts(TRACKS_OF_ARTISTS).await,
        ["Band: 2 3", "Guest: 1", "Singer: 1"]
    );

    for (track, names, main) in [
        (named, vec!["Singer", "Guest"], singer),
        (unnamed, vec!["Band"], band),
        (removed, vec!["Band"], band),
    ] {
        let artists = track_credits::list_artists(&client, track).await.unwrap();
        let shown: Vec<&str> = artists.iter().map(|artist| artist.name.as_str()).collect();
        assert_eq!(shown, names);
        let found = manual_credits::find_main_artist(&client, track).await.unwrap();
        assert_eq!(found, Some(main));
    }
    let listed = tracks::list_by_album(&client, album).await.unwrap();
    let names: Vec<String> = listed.iter().map(|track| track.artist_names.join(", ")).collect();
    assert_eq!(names, ["Singer, Guest", "Band"]);
    let missing = manual_credits::find_main_artist(&client, TrackId(0))
        .await
        .unwrap();
    assert_eq!(missing, None);
}

#[tokio::test]
async fn the_versions_of_a_song_are_one_and_a_track_without_a_song_is_one_too() {
    let database = database().await;
    let client = database.client().await;
    let artist = rows::artist(&client, "Band").await;
    let album = rows::album(&client, artist, "album", 1990).await;
    let song = rows::song(&client, artist, "song").await;
    for (number, song) in (1..).zip([Some(song), Some(song), None, None]) {
        rows::track(&client, album, number, song).await;
    }
    let groups = "SELECT count(*)::text FROM tracks t GROUP BY song_of(t) ORDER BY count(*) DESC";
    assert_eq!(database.texts(groups).await, ["2", "1", "1"]);
    let found = artist_summaries::find(&client, artist).await.unwrap().unwrap();
    assert_eq!((found.track_count, found.without_producer_count), (3, 3));
}

#[tokio::test]
async fn a_release_date_is_shown_as_far_as_it_is_known() {
    let database = database().await;
    let client = database.client().await;
    let artist = rows::artist(&client, "Band").await;
    for name in ["year", "month", "day", "none"] {
        rows::album(&client, artist, name, 1997).await;
    }
    database
        .execute(
            "UPDATE albums SET release_date = '1997-05-21', release_date_precision = name::date_precision
             WHERE name <> 'none'",
        )
        .await;
    database
        .execute("UPDATE albums SET release_date = NULL, release_date_precision = NULL WHERE name = 'none'")
        .await;
    let dates = "SELECT COALESCE(release_date_text(al), 'unknown') FROM albums al ORDER BY id";
    assert_eq!(
        database.texts(dates).await,
        ["1997", "1997-05", "1997-05-21", "unknown"]
    );
}

#[tokio::test]
async fn an_identity_of_a_credit_without_an_id_has_no_id_of_its_source() {
    let database = database().await;
    let client = database.client().await;
    for source_id in ["p1", "unlinked:1:somebody"] {
        rows::producer(&client, source_id).await;
    }
    let sql = "SELECT source_id FROM producer_identities i WHERE has_source_id(i)";
    assert_eq!(database.texts(sql).await, ["p1"]);
}

#[tokio::test]
async fn every_rule_is_planned_as_part_of_the_statement_that_calls_it() {
    let database = database().await;
    let query = "EXPLAIN (VERBOSE, COSTS off) SELECT coverage(c, t), covers(c, t), song_of(t),
        release_date_text(al), has_source_id(i)
        FROM albums al JOIN tracks t ON t.album_id = al.id JOIN credits c ON c.album_id = al.id
        JOIN producer_identities i ON i.id = c.producer_identity_id
        CROSS JOIN artists_of(t.id)";
    let plan = database.texts(query).await.join("\n");
    for rule in [
        "coverage",
        "covers",
        "song_of",
        "release_date_text",
        "has_source_id",
        "artists_of",
    ] {
        assert!(!plan.contains(&format!("{rule}(")), "{rule} is called:\n{plan}");
    }
    assert!(plan.contains("COALESCE(t.normalized_track_id"), "{plan}");
}
