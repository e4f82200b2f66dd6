//! Tracks, their artists and links, and the songs they are versions of.

use std::collections::BTreeSet;

use integration::{Database, database, seed};
use shared::credits::{MatchMethod, Source};
use shared::ids::{AlbumId, Isrc, NormalizedTrackId, SpotifyTrackId, TrackId};
use shared::store::tracks::{self, Arrival, Link, Part};
use shared::store::{normalized_tracks, producers};
use shared::titles::VersionKind;

async fn an_album(database: &Database) -> AlbumId {
    let client = database.client().await;
    let artist = seed::artist(&client, "A").await;
    seed::album(&client, artist, "album", 1990).await
}

fn id(number: u32) -> SpotifyTrackId {
    seed::spotify_id(number).parse().unwrap()
}

fn bare(spotify_id: &SpotifyTrackId, known: Option<TrackId>, leads: bool) -> Arrival<'_> {
    Arrival {
        known,
        leads,
        spotify_id: Some(spotify_id),
        name: "name",
        disc_number: 1,
        track_number: 1,
        duration_ms: None,
        preview_url: None,
        normalized_track_id: None,
        version_kind: None,
        version_label: None,
    }
}

const ROWS: &str = "SELECT concat_ws('|', name, spotify_id::numeric, disc_number, track_number, duration_ms, spotify_preview_url, version_kind,
    version_label, removed_at IS NOT NULL) FROM tracks ORDER BY id";

#[tokio::test]
async fn the_same_tracks_again_write_nothing_and_gaps_overwrite_nothing() {
    let database = database().await;
    let client = database.client().await;
    let album = an_album(&database).await;
    let (one, two) = (id(1), id(2));
    let full = |known| Arrival {
        duration_ms: Some(1000),
        preview_url: Some("https://p.example/1"),
        version_kind: Some(VersionKind::Live),
        version_label: Some("Live"),
        ..bare(&one, known, true)
    };
    let (ids, written) = tracks::upsert(&client, album, &[full(None), bare(&two, None, true)], &[])
        .await
        .unwrap();
    assert_eq!((ids.len(), written), (2, 2));
    let rows = database.texts(ROWS).await;
    assert_eq!(
        rows,
        [
            "name|1|1|1|1000|https://p.example/1|live|Live|f",
            "name|2|1|1|f"
        ]
    );
    let again = [full(Some(ids[0])), bare(&two, Some(ids[1]), true)];
    assert_eq!(
        tracks::upsert(&client, album, &again, &[]).await.unwrap(),
        (ids.clone(), 0)
    );
    let gaps = Arrival {
        duration_ms: None,
        preview_url: None,
        ..full(Some(ids[0]))
    };
    assert_eq!(
        tracks::upsert(&client, album, &[gaps], &[])
            .await
            .unwrap()
            .1,
        0
    );
    let follower = Arrival {
        name: "another name",
        duration_ms: Some(2000),
        ..bare(&one, Some(ids[1]), false)
    };
    assert_eq!(
        tracks::upsert(&client, album, &[follower], &[])
            .await
            .unwrap()
            .1,
        1
    );
    assert_eq!(
        database.texts(ROWS).await,
        [rows[0].as_str(), "name|2|1|1|2000|f"],
        "it only fills gaps"
    );
}

#[tokio::test]
async fn new_and_known_tracks_come_back_in_the_order_they_arrived() {
    let database = database().await;
    let client = database.client().await;
    let album = an_album(&database).await;
    let ids: Vec<_> = (0..4).map(id).collect();
    let (known, _) = tracks::upsert(&client, album, &[bare(&ids[1], None, true)], &[])
        .await
        .unwrap();
    let arrivals: Vec<_> = ids
        .iter()
        .map(|one| bare(one, (*one == ids[1]).then_some(known[0]), true))
        .collect();
    let (found, written) = tracks::upsert(&client, album, &arrivals, &[])
        .await
        .unwrap();
    assert_eq!((found[1], written), (known[0], 3));
    let stored = tracks::list_known(&client, album, &[]).await.unwrap();
    for (id, found) in ids.iter().zip(&found) {
        let stored = stored.iter().find(|track| track.id == *found).unwrap();
        assert_eq!(stored.spotify_id.as_deref(), Some(id.as_str()));
    }
}

#[tokio::test]
async fn a_track_that_is_gone_keeps_its_row_and_when_it_went() {
    let database = database().await;
    let client = database.client().await;
    let album = an_album(&database).await;
    let one = id(1);
    let (ids, _) = tracks::upsert(&client, album, &[bare(&one, None, true)], &[])
        .await
        .unwrap();
    for written in [1, 0] {
        assert_eq!(
            tracks::upsert(&client, album, &[], &ids).await.unwrap().1,
            written
        );
    }
    assert_eq!(database.texts(ROWS).await, ["name|1|1|1|t"]);
    assert_eq!(tracks::list_of_album(&client, album).await.unwrap(), []);
    assert_eq!(
        tracks::upsert(&client, album, &[bare(&one, Some(ids[0]), true)], &[])
            .await
            .unwrap()
            .1,
        1
    );
    assert_eq!(database.texts(ROWS).await, ["name|1|1|1|f"], "it came back");
}

#[tokio::test]
async fn artists_of_tracks_are_replaced_as_a_set() {
    let database = database().await;
    let client = database.client().await;
    let album = an_album(&database).await;
    let track_id = seed::track(&client, album, 1, None).await;
    let (one, two) = (
        seed::artist(&client, "one").await,
        seed::artist(&client, "two").await,
    );
    let part = |position, artist_id, featured| Part {
        track_id,
        position,
        artist_id,
        featured,
    };
    for (parts, written) in [
        (vec![part(1, one, false), part(2, two, true)], 2),
        (vec![part(1, one, false), part(2, two, true)], 0),
        (vec![part(1, one, false), part(2, two, false)], 1),
        (vec![part(1, two, false)], 2),
    ] {
        assert_eq!(
            tracks::replace_parts(&client, &[track_id], &parts)
                .await
                .unwrap(),
            written,
            "{parts:?}"
        );
    }
    assert_eq!(
        tracks::list_of_album(&client, album).await.unwrap()[0].artist_names,
        ["two"]
    );
    tracks::replace_parts(&client, &[track_id], &[])
        .await
        .unwrap();
    assert_eq!(
        tracks::list_of_album(&client, album).await.unwrap()[0].artist_names,
        ["A"],
        "its album's"
    );
}

#[tokio::test]
async fn links_of_tracks_are_kept_changed_and_forgotten() {
    let database = database().await;
    let client = database.client().await;
    let album = an_album(&database).await;
    let track_id = seed::track(&client, album, 1, None).await;
    let link = |source_id: &str, match_score| Link {
        track_id,
        source_id: source_id.to_owned(),
        matched_by: MatchMethod::Isrc,
        match_score,
    };
    for (links, written) in [
        (vec![link("r1", 1.0), link("r2", 1.0)], 2),
        (vec![link("r2", 1.0), link("r1", 1.0)], 0),
        (vec![link("r1", 0.5)], 1),
    ] {
        assert_eq!(
            tracks::upsert_links(&client, Source::MusicBrainz, &links)
                .await
                .unwrap(),
            written
        );
    }
    let kept = [link("r2", 1.0)];
    for deleted in [vec!["r1"], vec![]] {
        let gone = tracks::delete_other_links(&client, Source::MusicBrainz, &[track_id], &kept)
            .await
            .unwrap();
        assert_eq!(gone, deleted);
    }
}

#[tokio::test]
async fn an_isrc_and_a_length_fill_gaps_only() {
    let database = database().await;
    let client = database.client().await;
    let album = an_album(&database).await;
    let track = seed::track(&client, album, 1, None).await;
    let isrc = |text: &str| text.parse::<Isrc>().unwrap();
    for (fact, written) in [
        ((track, None, None), 0),
        ((track, Some(isrc("USGF19942501")), None), 1),
        ((track, Some(isrc("GBAYE6700149")), Some(7)), 1),
        ((track, None, Some(9)), 0),
    ] {
        assert_eq!(tracks::fill_gaps(&client, &[fact]).await.unwrap(), written);
    }
    assert_eq!(
        database
            .texts("SELECT isrc || ' ' || duration_ms FROM tracks")
            .await,
        ["USGF19942501 7"]
    );
}

#[tokio::test]
async fn the_representative_is_the_main_version_then_the_earliest_then_the_first_in_place() {
    let database = database().await;
    let client = database.client().await;
    let artist = seed::artist(&client, "A").await;
    let song = seed::song(&client, artist, "song").await;
    let mut expected = Vec::new();
    // Each of these goes before all that were there.
    for (year, number, spotify_id, live) in [
        (1980, 9, None, true),
        (2001, 9, None, false),
        (2001, 9, Some("b"), false),
        (2001, 9, Some("a"), false),
        (2001, 8, None, false),
        (1999, 10, None, false),
    ] {
        let album = seed::album(&client, artist, "album", year).await;
        let track = seed::track(&client, album, number, Some(song)).await;
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
        assert_eq!(
            normalized_tracks::refresh(&client, &[song]).await.unwrap(),
            0
        );
        expected.push(track);
        let chosen = database
            .count("SELECT representative_track_id FROM normalized_tracks")
            .await;
        assert_eq!(TrackId(chosen), track, "{year} {number}");
    }
    // What is gone from its album speaks for the song no longer.
    for gone in expected.iter().rev().take(5) {
        let sql = "UPDATE tracks SET removed_at = now() WHERE id = $1";
        client.execute(sql, &[&gone.0]).await.unwrap();
    }
    normalized_tracks::refresh(&client, &[song]).await.unwrap();
    let chosen = database
        .count("SELECT representative_track_id FROM normalized_tracks")
        .await;
    assert_eq!(TrackId(chosen), expected[0]);
}

#[tokio::test]
async fn a_song_without_tracks_goes_unless_somebody_decided_something_of_it() {
    let database = database().await;
    let client = database.client().await;
    let artist = seed::artist(&client, "A").await;
    let (empty, decided) = (
        seed::song(&client, artist, "empty").await,
        seed::song(&client, artist, "decided").await,
    );
    let identity = seed::producer(&client, "p1").await;
    let sql = "INSERT INTO credit_overrides (normalized_track_id, producer_identity_id, verdict, decided_by, reason) VALUES ($1, $2, 'rejected', 'somebody', 'a test')";
    client
        .execute(sql, &[&decided.0, &identity.id])
        .await
        .unwrap();
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
        producers::list_of_album(&client, AlbumId(1)).await.unwrap(),
        []
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn songs_of_many_albums_at_once_are_made_once() {
    let database = database().await;
    let client = database.client().await;
    let artist = seed::artist(&client, "A").await;
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
            let found = normalized_tracks::upsert(&transaction, &keys)
                .await
                .unwrap();
            let album = seed::album(&transaction, artist, "album", 1970 + album as i32).await;
            for (number, key) in (0..).zip(&keys) {
                seed::track(&transaction, album, number, Some(found[key])).await;
            }
            let ids: Vec<_> = found.values().copied().collect();
            normalized_tracks::refresh(&transaction, &ids)
                .await
                .unwrap();
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
    assert_eq!(
        database
            .count("SELECT count(*) FROM normalized_tracks")
            .await,
        20
    );
    let not_the_earliest = "SELECT count(*) FROM normalized_tracks n JOIN tracks r ON r.id = n.representative_track_id JOIN albums ra ON ra.id = r.album_id
        WHERE EXISTS (SELECT FROM tracks t JOIN albums a ON a.id = t.album_id WHERE t.normalized_track_id = n.id AND a.release_date < ra.release_date)";
    assert_eq!(database.count(not_the_earliest).await, 0);
}
