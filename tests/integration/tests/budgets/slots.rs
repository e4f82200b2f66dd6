//! Reservations: slots, blocks, and their effects on each other.

use chrono::{SubsecRound as _, TimeDelta, Utc};
use integration::database;
use shared::store::work::upstream_budgets::{self, Reservation};

use crate::{block, hours, is_refused, reserve};

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_reservations_get_slots_an_interval_apart() {
    let database = database().await;
    let tasks = (0..40).map(|_| {
        let pool = database.pool.clone();
        tokio::spawn(async move {
            let client = pool.client().await.unwrap();
            upstream_budgets::reserve(&client, "spotify_albums", "spotify", "spotify", 1000, 60.0)
                .await
                .unwrap();
        })
    });
    let before = database.now().await;
    futures::future::try_join_all(tasks).await.unwrap();
    let next = "SELECT next_free_at FROM upstream_budgets WHERE bucket = 'spotify'";
    let next = database.time(next).await;
    assert!(next - before >= TimeDelta::seconds(40), "{}", next - before);
    assert!(next - database.now().await <= TimeDelta::seconds(40));
}

#[tokio::test]
async fn a_slot_that_would_be_too_late_is_not_reserved_and_its_time_is_given() {
    let database = database().await;
    for expected in 0..3 {
        assert_eq!(
            hours(reserve(&database, "musicbrainz", "musicbrainz", 2.5).await),
            expected
        );
    }
    let next = "SELECT next_free_at FROM upstream_budgets";
    let before = database.time(next).await;
    let Reservation::NotBefore { until, reason } =
        reserve(&database, "musicbrainz", "musicbrainz", 2.5).await
    else {
        panic!("a slot in three hours is reserved although only two and a half are left");
    };
    assert_eq!(until, before);
    assert_eq!(reason, None);
    assert_eq!(database.time(next).await, before);
}

#[tokio::test]
async fn a_block_is_never_shortened() {
    let database = database().await;
    let now = Utc::now();
    let hours =
        "SELECT round(EXTRACT(epoch FROM blocked_until - now()) / 3600)::bigint FROM upstream_budgets";
    for (requested, expected) in [(2, 2), (1, 2), (3, 3), (-1, 3)] {
        block(
            &database,
            "musicbrainz",
            "musicbrainz",
            now + TimeDelta::hours(requested),
        )
        .await;
        assert_eq!(database.count(hours).await, expected);
    }
}

#[tokio::test]
async fn a_used_up_quota_stops_only_its_group_and_a_pause_stops_the_whole_source() {
    for (blocked, blocked_hours, albums, tracks, other) in [
        ("spotify_albums", 100, false, true, true),
        ("spotify", 100, false, false, true),
        ("musicbrainz", 100, true, true, false),
    ] {
        let database = database().await;
        let blocked_until = Utc::now().trunc_subsecs(6) + TimeDelta::hours(blocked_hours);
        let source = blocked.split('_').next().unwrap();
        block(&database, blocked, source, blocked_until).await;
        for (group, source, serves) in [
            ("spotify_albums", "spotify", albums),
            ("spotify_tracks", "spotify", tracks),
            ("musicbrainz", "musicbrainz", other),
        ] {
            let reservation = reserve(&database, group, source, 60.0).await;
            assert_eq!(
                !is_refused(&reservation),
                serves,
                "{blocked} blocked, {group} reserved: {reservation:?}"
            );
            if let Reservation::NotBefore { until, reason } = reservation {
                assert_eq!(until, blocked_until);
                assert_eq!(reason.as_deref(), Some("a test"));
            }
        }
    }
}

#[tokio::test]
async fn a_group_with_a_short_block_gets_no_slot_and_does_not_delay_the_other_groups() {
    for source_was_used in [false, true] {
        let database = database().await;
        if source_was_used {
            reserve(&database, "spotify_tracks", "spotify", 60.0).await;
        }
        let until = Utc::now() + TimeDelta::hours(20);
        block(&database, "spotify_albums", "spotify", until).await;
        let refused = reserve(&database, "spotify_albums", "spotify", 60.0).await;
        assert!(is_refused(&refused), "{refused:?}");
        assert!(hours(reserve(&database, "spotify_tracks", "spotify", 60.0).await) <= 1);
    }
}

#[tokio::test]
async fn a_slot_comes_after_a_short_pause_of_the_source() {
    let database = database().await;
    block(&database, "spotify", "spotify", Utc::now() + TimeDelta::hours(20)).await;
    assert!(is_refused(
        &reserve(&database, "spotify_albums", "spotify", 15.0).await
    ));
    for expected in [20, 21] {
        assert_eq!(
            hours(reserve(&database, "spotify_albums", "spotify", 60.0).await),
            expected
        );
    }
}
