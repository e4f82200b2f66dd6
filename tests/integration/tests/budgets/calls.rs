//! Calls that wait for their slot, and the effect of an upstream's response on the calls that follow.

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use integration::waiting::give_up_at;
use integration::{Database, FAST, database};
use shared::domain::buckets::{Bucket, RequestRates};
use shared::domain::messages::Outcome;
use shared::store::work::worker_issues;
use shared::work::budgets::{BudgetError, Budgets};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One call every [`INTERVAL_MS`].
const PACED: RequestRates = RequestRates {
    spotify: 20.0,
    musicbrainz: 20.0,
    ..FAST
};

const INTERVAL_MS: i32 = 50;

#[tokio::test(flavor = "multi_thread")]
async fn calls_of_many_instances_together_keep_to_the_rate() {
    let database = database().await;
    let began = database.now().await;
    let calls = (0..12).map(|instance| {
        let budgets = Budgets::new(database.pool.clone(), PACED);
        let bucket = if instance % 2 == 0 {
            Bucket::SpotifyAlbums
        } else {
            Bucket::SpotifyTracks
        };
        tokio::spawn(async move {
            let call = || async { Ok::<_, shared::platform::http::Error>(Utc::now()) };
            budgets.until(give_up_at()).spend(bucket, call).await.unwrap()
        })
    });
    let mut times = futures::future::try_join_all(calls).await.unwrap();
    times.sort_unstable();
    // The slots are in the database, at least an interval apart: no call comes before its slot.
    let slots = (0..).map(|number| began + TimeDelta::milliseconds(i64::from(number * INTERVAL_MS)));
    for (time, slot) in times.iter().zip(slots) {
        assert!(*time >= slot, "a call at {time} before its slot at {slot}");
    }
    let next_free_at = "SELECT next_free_at FROM upstream_budgets WHERE bucket = 'spotify'";
    let all_slots = TimeDelta::milliseconds(i64::from(12 * INTERVAL_MS));
    assert!(database.time(next_free_at).await >= began + all_slots);
}

#[tokio::test]
async fn every_source_has_its_own_rate() {
    let database = database().await;
    let rates = RequestRates {
        spotify: 10.0,
        musicbrainz: 1.0,
        discogs: 0.5,
        genius: 5.0,
        instagram: 0.05,
    };
    let budgets = Budgets::new(database.pool.clone(), rates);
    for bucket in [
        Bucket::SpotifyAlbums,
        Bucket::MusicBrainz,
        Bucket::Discogs,
        Bucket::Genius,
        Bucket::Instagram,
    ] {
        let call = || async { Ok::<_, shared::platform::http::Error>(()) };
        budgets.until(give_up_at()).spend(bucket, call).await.unwrap();
    }
    let intervals = "SELECT concat_ws(' ', source, interval_ms) FROM upstream_budgets ORDER BY source";
    assert_eq!(
        database.texts(intervals).await,
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
async fn a_call_is_made_again_after_a_short_pause() {
    let database = database().await;
    let budgets = Budgets::new(database.pool.clone(), FAST);
    let calls = AtomicUsize::new(0);
    let paused_until = OnceLock::new();
    let call = || async {
        match calls.fetch_add(1, Ordering::Relaxed) {
            0 => Err(shared::platform::http::Error::RateLimited {
                until: *paused_until.get_or_init(|| Utc::now() + TimeDelta::milliseconds(300)),
                quota: false,
            }),
            _ => Ok(Utc::now()),
        }
    };
    let made_at = budgets.until(give_up_at()).spend(Bucket::MusicBrainz, call);
    let made_at = made_at.await.unwrap();
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    assert!(
        made_at >= paused_until.get().unwrap().trunc_subsecs(6),
        "the second call at {made_at} is within the pause until {paused_until:?}"
    );
}

/// The error of a call that the upstream answers with an error.
async fn error_of_call(
    database: &Database,
    answer: impl Fn() -> shared::platform::http::Error,
) -> BudgetError {
    let budgets = Budgets::new(database.pool.clone(), FAST);
    let call = || async { Err::<(), _>(answer()) };
    budgets
        .until(give_up_at())
        .spend(Bucket::SpotifyAlbums, call)
        .await
        .unwrap_err()
}

fn outcome(error: BudgetError) -> Outcome {
    error.into_outcome().unwrap()
}

pub(crate) async fn blocked(database: &Database) -> Vec<String> {
    database
        .texts(
            "SELECT bucket FROM upstream_budgets WHERE blocked_until > now() + interval '50 minutes'
            ORDER BY bucket",
        )
        .await
}

#[tokio::test]
async fn limits_that_an_upstream_reports_hold_for_every_instance() {
    let later = Utc::now() + TimeDelta::hours(20);
    // The time is stored by the clock of the database.
    let is_later = |until: DateTime<Utc>| (until - later).abs() < TimeDelta::seconds(5);
    let limited = |quota| move || shared::platform::http::Error::RateLimited { until: later, quota };
    let database = database().await;
    let error = error_of_call(&database, limited(true)).await;
    assert!(
        matches!(outcome(error), Outcome::Snooze { until, bucket: "spotify_albums", .. } if is_later(until))
    );
    assert_eq!(blocked(&database).await, ["spotify_albums"]);

    let database = integration::database().await;
    let error = error_of_call(&database, limited(false)).await;
    assert!(matches!(outcome(error), Outcome::Snooze { until, .. } if is_later(until)));
    assert_eq!(blocked(&database).await, ["spotify"]);

    let database = integration::database().await;
    let error = error_of_call(&database, || {
        shared::platform::http::Error::Blocked("a captcha".to_owned())
    })
    .await;
    assert!(matches!(outcome(error), Outcome::Snooze { reason, .. } if reason.contains("a captcha")));
    assert_eq!(blocked(&database).await, ["spotify"]);
}

#[tokio::test]
async fn a_failure_of_an_upstream_is_retried_and_blocks_no_other_call() {
    let database = database().await;
    let error = error_of_call(&database, || shared::platform::http::Error::Unavailable {
        cause: "503".to_owned(),
        retry_after_seconds: Some(7),
    })
    .await;
    assert!(matches!(
        outcome(error),
        Outcome::Retry {
            after_seconds: Some(7),
            ..
        }
    ));
    let error = error_of_call(&database, || {
        shared::platform::http::Error::Decode("HTML".to_owned())
    })
    .await;
    assert!(matches!(
        outcome(error),
        Outcome::Retry {
            after_seconds: None,
            ..
        }
    ));
    assert_eq!(blocked(&database).await, [""; 0]);
}

#[tokio::test]
async fn refused_credentials_open_one_issue_that_counts_its_occurrences() {
    let database = database().await;
    for _ in 0..3 {
        let error = error_of_call(&database, || {
            shared::platform::http::Error::Refused("no Premium".to_owned())
        })
        .await;
        assert!(matches!(outcome(error), Outcome::Snooze { reason, .. } if reason.contains("no Premium")));
        assert_eq!(blocked(&database).await, ["spotify"]);
        let another = error_of_call(&database, || {
            panic!("a source that refuses the credentials is not called")
        })
        .await;
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
async fn a_block_is_at_most_a_day_long() {
    let database = database().await;
    let in_centuries = Utc::now() + TimeDelta::seconds(u32::MAX.into());
    for quota in [false, true] {
        let limited = || shared::platform::http::Error::RateLimited {
            until: in_centuries,
            quota,
        };
        let error = error_of_call(&database, limited).await;
        // The estimate of the database's clock is ahead by the time of a round trip.
        let in_a_day = Utc::now() + TimeDelta::days(1) + TimeDelta::seconds(5);
        assert!(
            matches!(outcome(error), Outcome::Snooze { until, .. } if until <= in_a_day),
            "quota: {quota}"
        );
        database
            .execute("UPDATE upstream_budgets SET bucket = bucket || ' before'")
            .await;
    }
    let longest = database
        .time("SELECT max(blocked_until) FROM upstream_budgets")
        .await;
    assert!(longest <= Utc::now() + TimeDelta::days(1) + TimeDelta::seconds(5));
}

#[tokio::test]
async fn calls_that_are_many_leave_half_of_the_rate_to_others() {
    let database = database().await;
    let budgets = Budgets::new(database.pool.clone(), PACED);
    let call = || async { Ok::<_, shared::platform::http::Error>(()) };
    let began = database.now().await;
    for _ in 0..4 {
        // Another message makes such calls as well: both together keep to the half.
        for message in [budgets.until(give_up_at()), budgets.until(give_up_at())] {
            message.of_half().spend(Bucket::MusicBrainz, call).await.unwrap();
        }
    }
    let next_free_at = "SELECT next_free_at FROM upstream_budgets WHERE bucket = 'musicbrainz (half)'";
    let all_slots = TimeDelta::milliseconds(i64::from(2 * 8 * INTERVAL_MS));
    assert!(database.time(next_free_at).await >= began + all_slots);
    budgets
        .until(give_up_at())
        .spend(Bucket::MusicBrainz, call)
        .await
        .unwrap();
}
