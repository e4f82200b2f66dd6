//! Songs: their tracks, and the track that represents them.

use integration::{database, rows};
use shared::domain::ids::{AlbumId, NormalizedTrackId, TrackId};
use shared::store::catalog::normalized_tracks;
use shared::store::credits::track_producers;
use std::collections::BTreeSet;

#[tokio::test]
async fn the_representative_is_the_main_version_then_the_earliest_then_the_first_in_place() {
    let database = database().await;
    let client = database.client().await;
    let artist = rows::artist(&client, "A").await;
    let song = rows::song(&client, artist, "song").await;
    let mut expected = Vec::new();
    // Each of these tracks precedes all earlier ones.
    for (year, number, spotify_id, live) in [
        (1980, 9, None, true),
        (2001, 9, None, false),
        (2001, 9, Some("b"), false),
        (2001, 9, Some("a"), false),
        (2001, 8, None, false),
        (1999, 10, None, false),
    ] {
        let album = rows::album(&client, artist, "album", year).await;
        let track = rows::track(&client, album, number, Some(song)).await;
        let kind = live.then_some("live");
        let sql = "UPDATE tracks SET spotify_id = $2, version_kind = $3::text::version_kind WHERE id = $1";
        client
            .execute(sql, &[&track.0, &spotify_id, &kind])
            .await
            .unwrap();
        assert_eq!(
            normalized_tracks::refresh(&client, &[song]).await.unwrap(),
            1,
            "{year} {number}"
        );
        assert_eq!(normalized_tracks::refresh(&client, &[song]).await.unwrap(), 0);
        expected.push(track);
        let chosen = database
            .count("SELECT representative_track_id FROM normalized_tracks")
            .await;
        assert_eq!(TrackId(chosen), track, "{year} {number}");
    }
    // A track that was removed from its album no longer represents the song.
    for removed in expected.iter().rev().take(5) {
        let sql = "UPDATE tracks SET removed_at = now() WHERE id = $1";
        client.execute(sql, &[&removed.0]).await.unwrap();
    }
    normalized_tracks::refresh(&client, &[song]).await.unwrap();
    let chosen = database
        .count("SELECT representative_track_id FROM normalized_tracks")
        .await;
    assert_eq!(TrackId(chosen), expected[0]);
}

#[tokio::test]
async fn a_song_without_tracks_is_deleted_unless_it_has_a_verdict() {
    let database = database().await;
    let client = database.client().await;
    let artist = rows::artist(&client, "A").await;
    let (empty, decided) = (
        rows::song(&client, artist, "empty").await,
        rows::song(&client, artist, "decided").await,
    );
    let identity = rows::producer(&client, "p1").await;
    let sql = "INSERT INTO credit_overrides (normalized_track_id, producer_identity_id, verdict, decided_by,
        reason) VALUES ($1, $2, 'rejected', 'somebody', 'a test')";
    client.execute(sql, &[&decided.0, &identity.id]).await.unwrap();
    normalized_tracks::refresh(&client, &[empty, decided])
        .await
        .unwrap();
    assert_eq!(
        database
            .texts("SELECT normalized_name FROM normalized_tracks")
            .await,
        ["decided"]
    );
    assert_eq!(
        track_producers::list_of_album(&client, AlbumId(1)).await.unwrap(),
        []
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn songs_of_concurrent_albums_are_inserted_once() {
    let database = database().await;
    let client = database.client().await;
    let artist = rows::artist(&client, "A").await;
    let albums = (0..24_usize).map(|album| {
        let pool = database.pool.clone();
        tokio::spawn(async move {
            let mut keys: Vec<_> = (0..20)
                .filter(|song| (song + album) % 3 != 0)
                .map(|song| (artist, format!("song {song}")))
                .collect();
            keys.rotate_left(album % 7);
            let mut client = pool.client().await.unwrap();
            let transaction = client.transaction().await.unwrap();
            let found = normalized_tracks::upsert(&transaction, &keys).await.unwrap();
            let album = rows::album(&transaction, artist, "album", 1970 + album as i32).await;
            for (number, key) in (0..).zip(&keys) {
                rows::track(&transaction, album, number, Some(found[key])).await;
            }
            let ids: Vec<_> = found.values().copied().collect();
            normalized_tracks::refresh(&transaction, &ids).await.unwrap();
            transaction.commit().await.unwrap();
            ids
        })
    });
    let ids: BTreeSet<NormalizedTrackId> = futures::future::try_join_all(albums)
        .await
        .unwrap()
        .concat()
        .into_iter()
        .collect();
    assert_eq!(ids.len(), 20);
    assert_eq!(database.count("SELECT count(*) FROM normalized_tracks").await, 20);
    let not_the_earliest = "SELECT count(*) FROM normalized_tracks n
        JOIN tracks r ON r.id = n.representative_track_id JOIN albums ra ON ra.id = r.album_id
        WHERE EXISTS (SELECT FROM tracks t JOIN albums a ON a.id = t.album_id
        WHERE t.normalized_track_id = n.id AND a.release_date < ra.release_date)";
    assert_eq!(database.count(not_the_earliest).await, 0);
}
