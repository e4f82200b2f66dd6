//! Calls that are made when their turn comes, and what an upstream's answers mean for those that follow.

use chrono::{TimeDelta, Utc};
use integration::{Database, FAST, database, settings};
use shared::domain::buckets::{Bucket, RequestRates};
use shared::domain::messages::Outcome;
use shared::platform::db::Pool;
use shared::store::work::worker_issues;
use shared::work::budgets::{BudgetError, Budgets};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::Instant;

use crate::{block, soon};

/// One call every 50 milliseconds.
const PACED: RequestRates = RequestRates {
    spotify: 20.0,
    musicbrainz: 20.0,
    ..FAST
};

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
            let call = || async { Ok::<_, shared::platform::http::Error>(Instant::now()) };
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
        let earliest = Duration::from_millis(50 * number as u64).saturating_sub(Duration::from_millis(10));
        assert!(*at >= earliest, "call {number} went out after {at:?}");
    }
}

#[tokio::test]
async fn every_source_has_its_own_pace() {
    let database = database().await;
    let paces = RequestRates {
        spotify: 10.0,
        musicbrainz: 1.0,
        discogs: 0.5,
        genius: 5.0,
        instagram: 0.05,
    };
    let budgets = Budgets::new(database.pool.clone(), paces);
    for bucket in [
        Bucket::SpotifyAlbums,
        Bucket::MusicBrainz,
        Bucket::Discogs,
        Bucket::Genius,
        Bucket::Instagram,
    ] {
        let call = || async { Ok::<_, shared::platform::http::Error>(()) };
        budgets.spend(bucket, soon(), call).await.unwrap();
    }
    let kept = "SELECT concat_ws(' ', source, interval_ms) FROM upstream_budgets ORDER BY source";
    assert_eq!(
        database.texts(kept).await,
        [
            "spotify 100",
            "musicbrainz 1000",
            "discogs 2000",
            "genius 200",
            "instagram 20000"
        ]
    );
}

#[tokio::test]
async fn a_message_with_too_little_time_or_over_a_minute_to_wait_is_put_off() {
    let database = database().await;
    let budgets = Budgets::new(database.pool.clone(), FAST);
    let calls = AtomicUsize::new(0);
    let call = || async {
        calls.fetch_add(1, Ordering::Relaxed);
        Ok::<_, shared::platform::http::Error>(())
    };
    budgets.spend(Bucket::MusicBrainz, soon(), call).await.unwrap();
    for (ahead_seconds, left_seconds) in [(61, 600), (30, 34), (10, 10)] {
        let sql =
            format!("UPDATE upstream_budgets SET next_free_at = now() + interval '{ahead_seconds} seconds'");
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
        assert!((ahead_seconds - 2..=ahead_seconds).contains(&away), "{away}");
        assert_eq!(
            (bucket, reason.as_str()),
            ("musicbrainz", "waiting for a turn at musicbrainz")
        );
    }
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_short_pause_is_waited_for_and_the_call_made_again() {
    let database = database().await;
    let budgets = Budgets::new(database.pool.clone(), FAST);
    let calls = AtomicUsize::new(0);
    let began = Instant::now();
    let call = || async {
        match calls.fetch_add(1, Ordering::Relaxed) {
            0 => Err(shared::platform::http::Error::RateLimited {
                until: Utc::now() + TimeDelta::milliseconds(300),
                quota: false,
            }),
            _ => Ok(()),
        }
    };
    budgets.spend(Bucket::MusicBrainz, soon(), call).await.unwrap();
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
                RequestRates {
                    musicbrainz: 10.0,
                    ..FAST
                },
            );
            let calls = Arc::clone(&calls);
            tokio::spawn(async move {
                let call = || async {
                    calls.fetch_add(1, Ordering::Relaxed);
                    Ok::<_, shared::platform::http::Error>(())
                };
                budgets.spend(Bucket::MusicBrainz, soon(), call).await.is_ok()
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
async fn answered(database: &Database, answer: impl Fn() -> shared::platform::http::Error) -> BudgetError {
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
    let limited = |quota| move || shared::platform::http::Error::RateLimited { until: later, quota };
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
        shared::platform::http::Error::Blocked("a captcha".to_owned())
    })
    .await;
    assert!(matches!(error.outcome(), Outcome::Snooze { reason, .. } if reason.contains("a captcha")));
    assert_eq!(blocked(&database).await, ["spotify"]);
}

#[tokio::test]
async fn what_an_upstream_fails_at_is_tried_again_and_blocks_nobody() {
    let database = database().await;
    let error = answered(&database, || shared::platform::http::Error::Unavailable {
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
    let error = answered(&database, || {
        shared::platform::http::Error::Decode("HTML".to_owned())
    })
    .await;
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
            shared::platform::http::Error::Refused("no Premium".to_owned())
        })
        .await;
        assert!(matches!(error.outcome(), Outcome::Snooze { reason, .. } if reason.contains("no Premium")));
        assert_eq!(blocked(&database).await, ["spotify"]);
        let another = answered(&database, || panic!("nobody asks while it refuses")).await;
        assert!(
            matches!(&another, BudgetError::Refused { reason, .. } if reason.contains("no Premium")),
            "{another}"
        );
        database
            .execute("UPDATE upstream_budgets SET blocked_until = '-infinity'")
            .await;
    }
    let open = worker_issues::list_open(&database.client().await, 10)
        .await
        .unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].issue_type.as_str(), open[0].occurrences), ("refused", 3));
}

#[tokio::test]
async fn no_connection_is_held_by_those_who_wait() {
    let database = database().await;
    let pool = Pool::new(&settings(&database.url), 1).unwrap();
    let paces = RequestRates {
        musicbrainz: 2.0,
        ..FAST
    };
    let budgets = Budgets::new(pool.clone(), paces);
    let call = || async { Ok::<_, shared::platform::http::Error>(()) };
    budgets.spend(Bucket::MusicBrainz, soon(), call).await.unwrap();
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
