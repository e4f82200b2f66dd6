//! Reservations: slots, blocks, and what they do to each other.

use chrono::{DateTime, TimeDelta, Utc};
use integration::database;
use shared::store::work::upstream_budgets::{self, Reservation};

use crate::{block, is_refused, reserve, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn however_many_reserve_at_once_the_slots_are_an_interval_apart() {
    let database = database().await;
    let tasks = (0..40).map(|_| {
        let pool = database.pool.clone();
        tokio::spawn(async move {
            let client = pool.client().await.unwrap();
            upstream_budgets::reserve(&client, "spotify_albums", "spotify", 1000, 60.0)
                .await
                .unwrap();
            client
                .query_one("SELECT EXTRACT(epoch FROM clock_timestamp())::float8", &[])
                .await
                .unwrap();
        })
    });
    let before = Utc::now();
    futures::future::try_join_all(tasks).await.unwrap();
    let next: DateTime<Utc> = database
        .client()
        .await
        .query_one(
            "SELECT next_free_at FROM upstream_budgets WHERE bucket = 'spotify'",
            &[],
        )
        .await
        .unwrap()
        .get(0);
    assert!(next - before >= TimeDelta::seconds(40), "{}", next - before);
    assert!(next - Utc::now() <= TimeDelta::seconds(40));
}

#[tokio::test]
async fn a_slot_that_would_come_too_late_is_not_taken_and_says_when() {
    let database = database().await;
    for expected in 0..3 {
        assert_eq!(
            seconds(reserve(&database, "musicbrainz", "musicbrainz", 2.5).await),
            expected
        );
    }
    let next = "SELECT EXTRACT(epoch FROM next_free_at)::bigint FROM upstream_budgets";
    let before = database.count(next).await;
    let Reservation::NotBefore { until, reason } =
        reserve(&database, "musicbrainz", "musicbrainz", 2.5).await
    else {
        panic!("a slot in three seconds is none in two and a half");
    };
    let away = (until - Utc::now()).as_seconds_f64();
    assert!((2.5..3.1).contains(&away), "{away}");
    assert_eq!(reason, None);
    assert_eq!(database.count(next).await, before);
}

#[tokio::test]
async fn a_block_only_grows() {
    let database = database().await;
    let now = Utc::now();
    let hours =
        "SELECT round(EXTRACT(epoch FROM blocked_until - now()) / 3600)::bigint FROM upstream_budgets";
    for (asked, expected) in [(2, 2), (1, 2), (3, 3), (-1, 3)] {
        block(
            &database,
            "musicbrainz",
            "musicbrainz",
            now + TimeDelta::hours(asked),
        )
        .await;
        assert_eq!(database.count(hours).await, expected);
    }
}

#[tokio::test]
async fn a_used_up_quota_stops_its_group_alone_and_a_pause_the_whole_source() {
    for (blocked, minutes, albums, tracks, other) in [
        ("spotify_albums", 60, false, true, true),
        ("spotify", 60, false, false, true),
        ("musicbrainz", 60, true, true, false),
    ] {
        let database = database().await;
        block(
            &database,
            blocked,
            blocked.split('_').next().unwrap(),
            Utc::now() + TimeDelta::minutes(minutes),
        )
        .await;
        for (group, source, serves) in [
            ("spotify_albums", "spotify", albums),
            ("spotify_tracks", "spotify", tracks),
            ("musicbrainz", "musicbrainz", other),
        ] {
            let reservation = reserve(&database, group, source, 60.0).await;
            assert_eq!(
                !is_refused(&reservation),
                serves,
                "{blocked} blocked, {group} asked: {reservation:?}"
            );
            if let Reservation::NotBefore { until, reason } = reservation {
                assert!((until - Utc::now()).num_minutes() >= 59);
                assert_eq!(reason.as_deref(), Some("a test"));
            }
        }
    }
}

#[tokio::test]
async fn a_group_that_is_blocked_for_a_short_while_gets_no_slot_and_does_not_hold_up_the_others() {
    for source_was_used in [false, true] {
        let database = database().await;
        if source_was_used {
            reserve(&database, "spotify_tracks", "spotify", 60.0).await;
        }
        let until = Utc::now() + TimeDelta::seconds(20);
        block(&database, "spotify_albums", "spotify", until).await;
        let refused = reserve(&database, "spotify_albums", "spotify", 60.0).await;
        assert!(is_refused(&refused), "{refused:?}");
        assert!(seconds(reserve(&database, "spotify_tracks", "spotify", 60.0).await) <= 1);
    }
}

#[tokio::test]
async fn a_slot_lies_behind_a_short_pause_of_the_source() {
    let database = database().await;
    block(
        &database,
        "spotify",
        "spotify",
        Utc::now() + TimeDelta::seconds(20),
    )
    .await;
    assert!(is_refused(
        &reserve(&database, "spotify_albums", "spotify", 15.0).await
    ));
    for expected in [20, 21] {
        assert_eq!(
            seconds(reserve(&database, "spotify_albums", "spotify", 60.0).await),
            expected
        );
    }
}
