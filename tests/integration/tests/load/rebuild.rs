//! Computing derived rows again: it finds what is there, and brings back what was lost.

use integration::{Database, database};
use pretty_assertions::assert_eq;
use shared::curation::rebuilding::{self, RebuildCounts};
use shared::domain::ids::{NormalizedTrackId, TrackId};

use crate::dump::{Release, load, pool, track};

/// Computes everything again.
pub(crate) async fn rebuild(database: &Database) -> RebuildCounts {
    let (pool, mut counts) = (pool(database), RebuildCounts::default());
    let mut after = TrackId(0);
    while let Some(last) = rebuilding::rebuild_next_tracks(&pool, after, &mut counts)
        .await
        .unwrap()
    {
        after = last;
    }
    let mut after = NormalizedTrackId(0);
    while let Some(last) = rebuilding::rebuild_next_songs(&pool, after, &mut counts)
        .await
        .unwrap()
    {
        after = last;
    }
    pool.close();
    counts
}

const LOSE: [&str; 2] = [
    "DELETE FROM track_producers",
    "UPDATE normalized_tracks SET representative_track_id = NULL, first_released = NULL,
        first_released_precision = NULL",
];

#[tokio::test(flavor = "multi_thread")]
async fn lost_rows_come_back_and_right_ones_stay() {
    let database = database().await;
    let releases = [Release::new(1), Release::new(2)].map(|release| release.xml());
    load(&database, "rebuilt.xml", &releases).await;
    let before = database.fingerprint().await;
    let unchanged = RebuildCounts {
        tracks: 4,
        producers_changed: 0,
        songs: 4,
        songs_changed: 0,
    };
    assert_eq!(rebuild(&database).await, unchanged);
    for sql in LOSE {
        database.execute(sql).await;
    }
    let restored = RebuildCounts {
        producers_changed: 4,
        songs_changed: 4,
        ..unchanged
    };
    assert_eq!(rebuild(&database).await, restored);
    assert_eq!(database.fingerprint().await, before);
    assert_eq!(rebuild(&database).await, unchanged, "a second time");
}

const DATES: &str = "SELECT normalized_name || ' ' || COALESCE(first_released::text || ' '
    || first_released_precision, 'unknown') FROM normalized_tracks ORDER BY 1";

#[tokio::test(flavor = "multi_thread")]
async fn a_song_came_out_when_its_earliest_track_did_whatever_is_loaded_first() {
    let release = |id, title, released: &str| Release {
        artists: crate::dump::credits("artists", &[(20, "The Band", "", "")]),
        tracks: vec![track("1", title, "")],
        released: released.to_owned(),
        ..Release::new(id)
    };
    // A bare year can mean any day of it.
    let releases = [
        release(1, "One", "1997"),
        release(2, "One", "1997-05-21"),
        release(3, "One (Live)", "2001"),
        release(4, "Two", "1998-06-10"),
        release(5, "Two", "1997"),
        release(6, "Three", ""),
        release(7, "Four", ""),
        release(8, "Four", "1999-02-00"),
    ]
    .map(|release| release.xml());
    let expected = [
        "four 1999-02-01 month",
        "one 1997-05-21 day",
        "three unknown",
        "two 1997-01-01 year",
    ];
    let (together, apart, backwards) = (database().await, database().await, database().await);
    load(&together, "dated.xml", &releases).await;
    for (number, one) in releases.iter().enumerate() {
        load(&apart, &format!("dated_{number}.xml"), std::slice::from_ref(one)).await;
    }
    for (number, one) in releases.iter().enumerate().rev() {
        let name = format!("dated_back_{number}.xml");
        load(&backwards, &name, std::slice::from_ref(one)).await;
    }
    for database in [&together, &apart, &backwards] {
        assert_eq!(database.texts(DATES).await, expected);
        assert_eq!(rebuild(database).await.songs_changed, 0);
    }
}
