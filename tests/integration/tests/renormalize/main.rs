//! Regrouping songs after the title rules changed: songs are merged, split and renamed with their verdicts.
//! Regrouping can be repeated and interrupted at any statement.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

mod together;

use integration::failpoints::{HeldStatement, remove_hold};
use integration::{Database, database};
use pretty_assertions::assert_eq;
use shared::curation::regrouping::{self, RegroupingCounts};
use shared::domain::ids::{ArtistId, TrackId};
use shared::store::catalog::regrouping as stored;
use shared::store::credits::track_producers;
use shared::store::producers::statistics;

/// The songs of each artist under the older rules, by key, with their tracks. Some are merged, one is split,
/// one has a key that another song takes over, one has no tracks, and one does not change.
const SONGS: [(&str, &[&str]); 8] = [
    ("thelongwayhome", &["The Long Way Home"]),
    ("longwayhome", &["Long Way Home"]),
    ("songlive", &["Song (Live)"]),
    ("song", &["Song"]),
    ("two", &["Day Soon", "Other Night", "Day Soon - Remix"]),
    ("first", &["Second"]),
    ("second", &["Third"]),
    ("nothing", &[]),
];

/// The verdicts in order of time: the song, the producer (1 or 2) and the verdict.
const VERDICTS: [(&str, i64, &str); 6] = [
    ("thelongwayhome", 1, "rejected"),
    ("longwayhome", 1, "confirmed"),
    ("two", 2, "rejected"),
    ("first", 1, "rejected"),
    ("second", 2, "rejected"),
    ("nothing", 1, "confirmed"),
];

const SONGS_NOW: &str = "
    SELECT n.artist_id || ' ' || n.normalized_name || ': '
        || coalesce((SELECT string_agg(t.name || coalesce(' [' || t.version_kind || ']', ''), ', '
        ORDER BY t.id) FROM tracks t WHERE t.normalized_track_id = n.id), 'none')
        || coalesce((SELECT ' | ' || string_agg(i.producer_id || ' ' || o.verdict, ', '
        ORDER BY i.producer_id) FROM credit_overrides o
                     JOIN producer_identities i ON i.id = o.producer_identity_id
                     WHERE o.normalized_track_id = n.id), '')
    FROM normalized_tracks n ORDER BY n.artist_id, n.normalized_name";

const EXPECTED: [&str; 7] = [
    "daysoon",
    "longwayhome: The Long Way Home, Long Way Home | 1 confirmed",
    "nothing: none | 1 confirmed",
    "othernight: Other Night | 2 rejected",
    "second: Second | 1 rejected",
    "song: Song (Live) [live], Song",
    "third: Third | 2 rejected",
];

/// A database of an earlier version with this many artists. Each has the same songs.
async fn database_of_older_rules(artists: i64) -> Database {
    let database = database().await;
    let client = database.client().await;
    for sql in [
        "INSERT INTO producers (name, normalized_name) VALUES ('One', 'one'), ('Two', 'two')",
        "INSERT INTO producer_identities (source, source_id, producer_id, name)
            VALUES ('musicbrainz', 'm1', 1, 'One'), ('discogs', '2', 2, 'Two')",
    ] {
        database.execute(sql).await;
    }
    for artist in 1..=artists {
        for sql in [
            format!("INSERT INTO artists (name) VALUES ('Artist {artist}')"),
            format!("INSERT INTO albums (artist_id, name) VALUES ({artist}, 'Album {artist}')"),
            format!(
                "INSERT INTO credits (album_id, source, source_record_kind, source_record_id,
                    producer_identity_id, credited_as, raw_role, role, matched_by, match_score)
                 VALUES ({artist}, 'musicbrainz', 'release', 'r1', 1, 'One', 'producer', 'producer',
                 'barcode', 1), ({artist}, 'discogs', 'release', '7', 2, 'Two', 'Producer', 'producer',
                 'barcode', 1)"
            ),
        ] {
            database.execute(&sql).await;
        }
        let mut number = 0;
        for (key, titles) in SONGS {
            let sql = "INSERT INTO normalized_tracks (artist_id, normalized_name, rules_version)
                VALUES ($1, $2, 1) RETURNING id";
            let song: i64 = client.query_one(sql, &[&artist, &key]).await.unwrap().get(0);
            for title in titles {
                number += 1;
                let sql = "INSERT INTO tracks (album_id, name, track_number, normalized_track_id)
                    VALUES ($1, $2, $3, $4)";
                client
                    .execute(sql, &[&artist, title, &number, &song])
                    .await
                    .unwrap();
            }
            for (order, (_, producer, verdict)) in (0..).zip(VERDICTS).filter(|(_, (of, ..))| *of == key) {
                let sql = "INSERT INTO credit_overrides (normalized_track_id, producer_identity_id, verdict,
                    decided_by, reason, created_at)
                    VALUES ($1, $2, $3::text::override_verdict, 'somebody', 'a reason',
                    '2020-01-01'::timestamptz + make_interval(days => $4))";
                client
                    .execute(sql, &[&song, &producer, &verdict, &order])
                    .await
                    .unwrap();
            }
        }
    }
    track_producers::refresh(&client, &all_tracks(&database).await)
        .await
        .unwrap();
    statistics::compute_stale(&client, 100).await.unwrap();
    database
}

async fn all_tracks(database: &Database) -> Vec<TrackId> {
    let count = database.count("SELECT count(*) FROM tracks").await;
    (1..=count).map(TrackId).collect()
}

async fn renormalize(database: &Database) -> RegroupingCounts {
    let (mut sum, mut after) = (RegroupingCounts::default(), ArtistId(0));
    while let Some(artist) = regrouping::regroup_next_artist(&database.pool, after, &mut sum)
        .await
        .unwrap()
    {
        after = artist;
    }
    sum
}

fn expected(artists: i64) -> Vec<String> {
    let of_one = |artist| {
        EXPECTED.map(|line| match line {
            "daysoon" => {
                format!("{artist} daysoon: Day Soon, Day Soon - Remix [remix] | 2 rejected")
            }
            line => format!("{artist} {line}"),
        })
    };
    (1..=artists).flat_map(of_one).collect()
}

#[tokio::test]
async fn songs_are_joined_split_and_renamed_together_with_the_verdicts() {
    let database = database_of_older_rules(2).await;
    let kept = "SELECT count(*) FROM normalized_tracks WHERE id IN (5, 13) AND normalized_name = 'daysoon'";
    assert_eq!(
        renormalize(&database).await,
        RegroupingCounts {
            artists: 2,
            songs: 16,
            tracks_moved: 10,
            songs_joined: 6,
            songs_split: 4,
        }
    );
    assert_eq!(database.texts(SONGS_NOW).await, expected(2));
    assert_eq!(database.count(kept).await, 2, "a renamed song keeps its id");
    let stale = "SELECT count(*) FROM producer_statistics_stale";
    assert_eq!(database.count(stale).await, 2);
    let without = "SELECT count(*) FROM normalized_tracks n WHERE n.representative_track_id IS NULL
        AND EXISTS (SELECT FROM tracks t WHERE t.normalized_track_id = n.id)";
    assert_eq!(database.count(without).await, 0);
    // The stored track producers match the credits and verdicts.
    let client = database.client().await;
    let tracks = all_tracks(&database).await;
    assert_eq!(track_producers::refresh(&client, &tracks).await.unwrap(), 0);
    let of_second = "SELECT string_agg(tp.producer_id::text, ',' ORDER BY tp.producer_id)
        FROM track_producers tp JOIN tracks t ON t.id = tp.track_id
        WHERE t.name IN ('Second', 'Third') GROUP BY t.id ORDER BY t.id";
    assert_eq!(database.texts(of_second).await, ["2", "1", "2", "1"]);
}

#[tokio::test]
async fn regrouping_a_second_time_writes_nothing() {
    let database = database_of_older_rules(1).await;
    renormalize(&database).await;
    let rows = "SELECT n.id || ' ' || n.xmin || ' ' || coalesce(t.xmin::text, '') FROM normalized_tracks n
        LEFT JOIN tracks t ON t.normalized_track_id = n.id ORDER BY n.id, t.id";
    let before = database.texts(rows).await;
    assert_eq!(renormalize(&database).await, RegroupingCounts::default());
    assert_eq!(database.texts(rows).await, before);
    assert_eq!(stored::count_older(&database.client().await).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn regrouping_is_resumed_after_an_interruption_at_any_statement() {
    let database = database_of_older_rules(2).await;
    let mut interruptions = 0;
    for number in 1.. {
        let held = HeldStatement::write_into(&database, &WRITTEN_TABLES, number).await;
        let is_interrupted = tokio::select! {
            _ = renormalize(&database) => false,
            () = held.wait() => true,
        };
        held.release().await;
        // Removing the triggers waits until the interrupted transaction has ended.
        remove_hold(&database).await;
        let mixed = "SELECT count(*) FROM (
            SELECT FROM normalized_tracks GROUP BY artist_id HAVING count(DISTINCT rules_version) > 1) AS m";
        assert_eq!(
            database.count(mixed).await,
            0,
            "an artist is regrouped as a whole"
        );
        if !is_interrupted {
            break;
        }
        interruptions += 1;
    }
    assert!(interruptions > 5, "{interruptions}");
    assert_eq!(database.texts(SONGS_NOW).await, expected(2));
}

const WRITTEN_TABLES: [&str; 4] = [
    "normalized_tracks",
    "tracks",
    "credit_overrides",
    "track_producers",
];
