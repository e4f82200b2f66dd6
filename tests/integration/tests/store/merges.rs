//! Merging two artists.

use std::collections::BTreeMap;

use integration::{Database, database, rows};
use shared::domain::credits::{Role, Source};
use shared::domain::ids::{ArtistId, SpotifyArtistId};
use shared::platform::db::Client;
use shared::store::catalog::{artist_identities, artist_merges};
use shared::store::catalog::{artists, normalized_tracks};
use shared::store::credits::{self, track_producers};
use shared::store::producers::statistics;

async fn spotify_artist(client: &Client<'_>, number: u32, name: &str) -> ArtistId {
    let id: SpotifyArtistId = rows::spotify_id(number).parse().unwrap();
    let named = BTreeMap::from([(id.clone(), name.to_owned())]);
    artists::upsert_spotify(client, &named).await.unwrap()[&id]
}

#[tokio::test]
async fn a_link_is_stored_once() {
    let database = database().await;
    let client = database.client().await;
    let id = rows::artist(&client, "A").await;
    for _ in 0..2 {
        assert_eq!(
            artist_identities::link(&client, id, Source::MusicBrainz, "m1")
                .await
                .unwrap(),
            id
        );
    }
    assert_eq!(
        database.texts("SELECT source_id FROM artist_identities").await,
        ["m1"]
    );
}

#[tokio::test]
async fn artists_with_one_id_at_a_source_become_one_in_either_order() {
    for larger_first in [false, true] {
        let database = database().await;
        let client = database.client().await;
        let numbers = if larger_first { [2, 1] } else { [1, 2] };
        let mut ids = Vec::new();
        for number in numbers {
            let id = spotify_artist(&client, number, &format!("name {number}")).await;
            rows::album(&client, id, &format!("album {number}"), 1990).await;
            ids.push(id);
        }
        artist_identities::link(&client, ids[1], Source::MusicBrainz, "m1")
            .await
            .unwrap();
        let kept = artist_identities::link(&client, ids[0], Source::MusicBrainz, "m1")
            .await
            .unwrap();
        assert_eq!(kept, ids[0], "the lower id remains");
        assert_eq!(
            database
                .texts("SELECT name || ' ' || spotify_id FROM artists")
                .await,
            [format!("name 1 {}", rows::spotify_id(1))],
            "the smaller Spotify id leads"
        );
        assert_eq!(
            database
                .count("SELECT count(DISTINCT artist_id) FROM albums")
                .await,
            1
        );
        assert_eq!(database.count("SELECT count(*) FROM artist_identities").await, 3);
        spotify_artist(&client, 1, "name 1").await;
        spotify_artist(&client, 2, "name 2").await;
        assert_eq!(
            database.texts("SELECT name FROM artists").await,
            ["name 1"],
            "they stay merged"
        );
    }
}

#[tokio::test]
async fn gaps_of_the_leading_artist_are_filled_from_the_other() {
    let database = database().await;
    let client = database.client().await;
    let (kept, gone) = (
        spotify_artist(&client, 2, "late").await,
        spotify_artist(&client, 1, "early").await,
    );
    database
        .execute(
            "UPDATE artists SET followers = 5, image_url = 'old', metadata = '{\"a\": 1, \"b\": 1}',
            requested_at = '2020-01-01Z' WHERE name = 'late'",
        )
        .await;
    database
        .execute(
            "UPDATE artists SET popularity = 9, image_url = 'young', metadata = '{\"b\": 2}'
        WHERE name = 'early'",
        )
        .await;
    artist_merges::merge(&client, kept, gone).await.unwrap();
    assert_eq!(
        database
            .texts(
                "SELECT concat_ws(' ', name, followers, popularity, image_url, metadata, EXTRACT(year
                FROM requested_at)) FROM artists"
            )
            .await,
        ["early 5 9 young {\"a\": 1, \"b\": 2} 2020"]
    );
}

/// Two artists with a common song. The version of the second artist is older.
async fn with_a_song_in_common(database: &Database) -> (ArtistId, ArtistId) {
    let client = database.client().await;
    let mut ids = Vec::new();
    for (name, year, own) in [("A", 1999, "only a"), ("A.", 1990, "only b")] {
        let artist = rows::artist(&client, name).await;
        let album = rows::album(&client, artist, name, year).await;
        let both = rows::song(&client, artist, "both").await;
        let own = rows::song(&client, artist, own).await;
        rows::track(&client, album, 1, Some(both)).await;
        rows::track(&client, album, 2, Some(own)).await;
        normalized_tracks::refresh(&client, &[both, own]).await.unwrap();
        ids.push(artist);
    }
    (ids[0], ids[1])
}

#[tokio::test]
async fn equal_songs_of_both_artists_become_one_represented_by_the_older_track() {
    let database = database().await;
    let client = database.client().await;
    let (kept, gone) = with_a_song_in_common(&database).await;
    artist_merges::merge(&client, kept, gone).await.unwrap();
    assert_eq!(
        database
            .texts(
                "SELECT n.normalized_name || ' ' || count(*) || ' ' || min(r.release_date)
                    FROM normalized_tracks n
                 JOIN tracks t ON t.normalized_track_id = n.id
                 JOIN tracks representative ON representative.id = n.representative_track_id
                 JOIN albums r ON r.id = representative.album_id
                 GROUP BY n.id, n.normalized_name ORDER BY 1",
            )
            .await,
        ["both 2 1990-01-01", "only a 1 1999-01-01", "only b 1 1990-01-01"]
    );
}

#[tokio::test]
async fn a_verdict_is_kept_and_holds_for_the_joined_tracks() {
    let database = database().await;
    let client = database.client().await;
    let (kept, gone) = with_a_song_in_common(&database).await;
    let producer = rows::producer(&client, "p1").await;
    let rows = client
        .query(
            "SELECT id, album_id FROM tracks WHERE track_number = 1 ORDER BY id",
            &[],
        )
        .await
        .unwrap();
    let mut tracks = Vec::new();
    for row in rows {
        let (track, album) = (
            shared::domain::ids::TrackId(row.get(0)),
            shared::domain::ids::AlbumId(row.get(1)),
        );
        let claim = rows::claim(Some(track), &track.to_string(), producer, Role::Producer);
        credits::replace(
            &client,
            album,
            Source::MusicBrainz,
            &[track.to_string()],
            &[claim],
        )
        .await
        .unwrap();
        tracks.push(track);
    }
    database
        .execute(
            "INSERT INTO credit_overrides (normalized_track_id, producer_identity_id, verdict, decided_by,
                reason)
             SELECT t.normalized_track_id, i.id, 'rejected', 'somebody', 'a test'
             FROM tracks t, producer_identities i WHERE t.track_number = 1 ORDER BY t.id DESC LIMIT 1",
        )
        .await;
    track_producers::refresh(&client, &tracks).await.unwrap();
    assert_eq!(database.count("SELECT count(*) FROM track_producers").await, 1);
    artist_merges::merge(&client, kept, gone).await.unwrap();
    assert_eq!(database.count("SELECT count(*) FROM credit_overrides").await, 1);
    assert_eq!(database.count("SELECT count(*) FROM track_producers").await, 0);
    assert_eq!(
        database.count("SELECT count(*) FROM credits").await,
        2,
        "credits never change"
    );
}

#[tokio::test]
async fn a_track_of_both_artists_has_one_artist_and_stale_statistics() {
    let database = database().await;
    let client = database.client().await;
    let (kept, gone) = with_a_song_in_common(&database).await;
    let producer = rows::producer(&client, "p1").await.producer_id;
    for row in client
        .query("SELECT id FROM tracks WHERE track_number = 1", &[])
        .await
        .unwrap()
    {
        let track = shared::domain::ids::TrackId(row.get(0));
        rows::produced(&client, track, producer).await;
        for (position, artist) in [(1_i16, gone), (2, kept)] {
            let sql = "INSERT INTO track_artists (track_id, position, artist_id) VALUES ($1, $2, $3)";
            client
                .execute(sql, &[&track.0, &position, &artist.0])
                .await
                .unwrap();
        }
    }
    let counts = "SELECT track_count || ' ' || artist_count FROM producer_statistics";
    statistics::mark_stale(&client, &[producer]).await.unwrap();
    statistics::compute_stale(&client, 10).await.unwrap();
    assert_eq!(database.texts(counts).await, ["2 2"]);
    artist_merges::merge(&client, kept, gone).await.unwrap();
    assert_eq!(database.count("SELECT count(*) FROM track_artists").await, 2);
    assert_eq!(statistics::compute_stale(&client, 10).await.unwrap(), 1);
    assert_eq!(database.texts(counts).await, ["1 1"]);
}

#[tokio::test]
async fn the_statistics_of_a_producer_who_is_the_artist_become_stale() {
    let database = database().await;
    let client = database.client().await;
    let artist = rows::artist(&client, "A").await;
    let album = rows::album(&client, artist, "album", 1990).await;
    let track = rows::track(&client, album, 1, None).await;
    let producer = rows::producer(&client, "m1").await.producer_id;
    rows::produced(&client, track, producer).await;
    statistics::mark_stale(&client, &[producer]).await.unwrap();
    statistics::compute_stale(&client, 10).await.unwrap();
    artist_identities::link(&client, artist, Source::MusicBrainz, "m1")
        .await
        .unwrap();
    assert_eq!(statistics::compute_stale(&client, 10).await.unwrap(), 1);
    assert_eq!(
        database
            .texts("SELECT track_count || ' ' || artist_count FROM producer_statistics")
            .await,
        ["1 0"]
    );
    artist_identities::link(&client, artist, Source::MusicBrainz, "m1")
        .await
        .unwrap();
    assert_eq!(statistics::compute_stale(&client, 10).await.unwrap(), 0);
}

#[tokio::test]
async fn merging_a_merged_artist_changes_nothing() {
    let database = database().await;
    let client = database.client().await;
    let (kept, gone) = with_a_song_in_common(&database).await;
    artist_merges::merge(&client, kept, gone).await.unwrap();
    let before = database.fingerprint().await;
    artist_merges::merge(&client, kept, gone).await.unwrap();
    assert_eq!(database.fingerprint().await, before);
}
