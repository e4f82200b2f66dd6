//! The budgets of the upstreams: a pace that all instances keep together, blocks that stop every one of them, and no
//! connection held while waiting.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use integration::{Database, FAST, database, settings};
use shared::budgets::{Bucket, Budgets, Error, Paces};
use shared::db::Pool;
use shared::messages::Outcome;
use shared::store::upstream_budgets::{self, Reservation};
use shared::store::worker_issues;
use shared::upstreams;
use tokio::time::Instant;

/// One call every 50 milliseconds.
const PACED: Paces = Paces {
    spotify: 20.0,
    musicbrainz: 20.0,
};

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

async fn reserve(
    database: &Database,
    group: &str,
    source: &str,
    within_seconds: f64,
) -> Reservation {
    let client = database.client().await;
    upstream_budgets::reserve(&client, group, source, 1000, within_seconds)
        .await
        .unwrap()
}

async fn block(database: &Database, bucket: &str, source: &str, until: DateTime<Utc>) {
    let client = database.client().await;
    upstream_budgets::block(&client, bucket, source, until, "a test")
        .await
        .unwrap();
}

/// In how many whole seconds the slot is; fails where there is none.
fn seconds(reservation: Reservation) -> u32 {
    match reservation {
        Reservation::Slot { in_seconds } => in_seconds.round() as u32,
        Reservation::NotBefore { until, .. } => panic!("none before {until}"),
    }
}

fn is_refused(reservation: &Reservation) -> bool {
    matches!(reservation, Reservation::NotBefore { .. })
}

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

#[tokio::test(flavor = "multi_thread")]
async fn calls_of_many_instances_together_keep_the_pace() {
    let database = database().await;
    let began = Instant::now();
    let calls = (0..12).map(|instance| {
        let budgets = Budgets::new(database.pool.clone(), PACED);
        let bucket = if instance % 2 == 0 {
            Bucket::SpotifyAlbums
        } else {
            Bucket::SpotifyTracks
        };
        tokio::spawn(async move {
            let call = || async { Ok::<_, upstreams::Error>(Instant::now()) };
            budgets.spend(bucket, soon(), call).await.unwrap()
        })
    });
    let mut at: Vec<Duration> = futures::future::try_join_all(calls)
        .await
        .unwrap()
        .into_iter()
        .map(|call| call - began)
        .collect();
    at.sort_unstable();
    for (number, at) in at.iter().enumerate() {
        let earliest =
            Duration::from_millis(50 * number as u64).saturating_sub(Duration::from_millis(10));
        assert!(*at >= earliest, "call {number} went out after {at:?}");
    }
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
async fn a_message_with_too_little_time_or_over_a_minute_to_wait_is_put_off() {
    let database = database().await;
    let budgets = Budgets::new(database.pool.clone(), FAST);
    let calls = AtomicUsize::new(0);
    let call = || async {
        calls.fetch_add(1, Ordering::Relaxed);
        Ok::<_, upstreams::Error>(())
    };
    budgets
        .spend(Bucket::MusicBrainz, soon(), call)
        .await
        .unwrap();
    for (ahead_seconds, left_seconds) in [(61, 600), (30, 34), (10, 10)] {
        let sql = format!(
            "UPDATE upstream_budgets SET next_free_at = now() + interval '{ahead_seconds} seconds'"
        );
        database.execute(&sql).await;
        let deadline = Instant::now() + Duration::from_secs(left_seconds);
        let error = budgets
            .spend(Bucket::MusicBrainz, deadline, call)
            .await
            .unwrap_err();
        let Outcome::Snooze {
            until,
            bucket,
            reason,
        } = error.outcome()
        else {
            panic!("{error}");
        };
        let away = (until - Utc::now()).num_seconds();
        assert!(
            (ahead_seconds - 2..=ahead_seconds).contains(&away),
            "{away}"
        );
        assert_eq!(
            (bucket, reason.as_str()),
            ("musicbrainz", "waiting for a turn at musicbrainz")
        );
    }
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_block_only_grows() {
    let database = database().await;
    let now = Utc::now();
    let hours = "SELECT round(EXTRACT(epoch FROM blocked_until - now()) / 3600)::bigint FROM upstream_budgets";
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

#[tokio::test]
async fn a_short_pause_is_waited_for_and_the_call_made_again() {
    let database = database().await;
    let budgets = Budgets::new(database.pool.clone(), FAST);
    let calls = AtomicUsize::new(0);
    let began = Instant::now();
    let call = || async {
        match calls.fetch_add(1, Ordering::Relaxed) {
            0 => Err(upstreams::Error::RateLimited {
                until: Utc::now() + TimeDelta::milliseconds(300),
                quota: false,
            }),
            _ => Ok(()),
        }
    };
    budgets
        .spend(Bucket::MusicBrainz, soon(), call)
        .await
        .unwrap();
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    assert!(
        began.elapsed() >= Duration::from_millis(295),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_stops_those_who_already_wait_for_their_turn() {
    let database = database().await;
    let calls = Arc::new(AtomicUsize::new(0));
    let waiting: Vec<_> = (0..8)
        .map(|_| {
            let budgets = Budgets::new(
                database.pool.clone(),
                Paces {
                    musicbrainz: 10.0,
                    ..FAST
                },
            );
            let calls = Arc::clone(&calls);
            tokio::spawn(async move {
                let call = || async {
                    calls.fetch_add(1, Ordering::Relaxed);
                    Ok::<_, upstreams::Error>(())
                };
                budgets
                    .spend(Bucket::MusicBrainz, soon(), call)
                    .await
                    .is_ok()
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(250)).await;
    block(
        &database,
        "musicbrainz",
        "musicbrainz",
        Utc::now() + TimeDelta::hours(1),
    )
    .await;
    let made = calls.load(Ordering::Relaxed);
    let served = futures::future::try_join_all(waiting).await.unwrap();
    assert!((1..8).contains(&made), "{made}");
    assert!(
        calls.load(Ordering::Relaxed) <= made + 1,
        "{} calls after {made}",
        calls.load(Ordering::Relaxed)
    );
    assert_eq!(
        served.iter().filter(|served| **served).count(),
        calls.load(Ordering::Relaxed)
    );
}

/// What a call that an upstream answers so comes to, and the budgets afterwards.
async fn answered(database: &Database, answer: impl Fn() -> upstreams::Error) -> Error {
    let budgets = Budgets::new(database.pool.clone(), FAST);
    let call = || async { Err::<(), _>(answer()) };
    budgets
        .spend(Bucket::SpotifyAlbums, soon(), call)
        .await
        .unwrap_err()
}

async fn blocked(database: &Database) -> Vec<String> {
    database
        .texts("SELECT bucket FROM upstream_budgets WHERE blocked_until > now() + interval '50 minutes' ORDER BY bucket")
        .await
}

#[tokio::test]
async fn what_an_upstream_says_of_limits_is_kept_for_every_instance() {
    let later = Utc::now() + TimeDelta::hours(20);
    let limited = |quota| {
        move || upstreams::Error::RateLimited {
            until: later,
            quota,
        }
    };
    let database = database().await;
    let error = answered(&database, limited(true)).await;
    assert!(
        matches!(error.outcome(), Outcome::Snooze { until, bucket: "spotify_albums", .. } if until == later)
    );
    assert_eq!(blocked(&database).await, ["spotify_albums"]);

    let database = integration::database().await;
    let error = answered(&database, limited(false)).await;
    assert!(matches!(error.outcome(), Outcome::Snooze { until, .. } if until == later));
    assert_eq!(blocked(&database).await, ["spotify"]);

    let database = integration::database().await;
    let error = answered(&database, || {
        upstreams::Error::Blocked("a captcha".to_owned())
    })
    .await;
    assert!(
        matches!(error.outcome(), Outcome::Snooze { reason, .. } if reason.contains("a captcha"))
    );
    assert_eq!(blocked(&database).await, ["spotify"]);
}

#[tokio::test]
async fn what_an_upstream_fails_at_is_tried_again_and_blocks_nobody() {
    let database = database().await;
    let error = answered(&database, || upstreams::Error::Unavailable {
        cause: "503".to_owned(),
        retry_after_seconds: Some(7),
    })
    .await;
    assert!(matches!(
        error.outcome(),
        Outcome::Retry {
            after_seconds: Some(7),
            ..
        }
    ));
    let error = answered(&database, || upstreams::Error::Decode("HTML".to_owned())).await;
    assert!(matches!(
        error.outcome(),
        Outcome::Retry {
            after_seconds: None,
            ..
        }
    ));
    assert_eq!(blocked(&database).await, [""; 0]);
}

#[tokio::test]
async fn refused_credentials_raise_one_open_issue_that_counts_up() {
    let database = database().await;
    for _ in 0..3 {
        let error = answered(&database, || {
            upstreams::Error::Refused("no Premium".to_owned())
        })
        .await;
        assert!(
            matches!(error.outcome(), Outcome::Snooze { reason, .. } if reason.contains("no Premium"))
        );
        assert_eq!(blocked(&database).await, ["spotify"]);
        database
            .execute("UPDATE upstream_budgets SET blocked_until = '-infinity'")
            .await;
    }
    let open = worker_issues::list_open(&database.client().await, 10)
        .await
        .unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(
        (open[0].issue_type.as_str(), open[0].occurrences),
        ("refused", 3)
    );
}

#[tokio::test]
async fn no_connection_is_held_by_those_who_wait() {
    let database = database().await;
    let pool = Pool::new(&settings(&database.url), 1).unwrap();
    let paces = Paces {
        musicbrainz: 2.0,
        ..FAST
    };
    let budgets = Budgets::new(pool.clone(), paces);
    let call = || async { Ok::<_, upstreams::Error>(()) };
    budgets
        .spend(Bucket::MusicBrainz, soon(), call)
        .await
        .unwrap();
    let began = Instant::now();
    let (one, other, free) = tokio::join!(
        budgets.spend(Bucket::MusicBrainz, soon(), call),
        budgets.spend(Bucket::MusicBrainz, soon(), call),
        async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            drop(pool.client().await.unwrap());
            began.elapsed()
        }
    );
    one.unwrap();
    other.unwrap();
    assert!(
        began.elapsed() >= Duration::from_millis(700),
        "{:?}",
        began.elapsed()
    );
    assert!(free < Duration::from_millis(400), "{free:?}");
}
