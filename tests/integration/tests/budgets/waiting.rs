//! Calls that wait for their slot.

use chrono::{TimeDelta, Utc};
use integration::waiting::{give_up_at, wait_until, with_enough_time};
use integration::{FAST, database, settings};
use shared::domain::buckets::{Bucket, RequestRates};
use shared::domain::messages::Outcome;
use shared::platform::db::Pool;
use shared::store::work::upstream_budgets;
use shared::work::budgets::Budgets;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::Instant;

#[tokio::test]
async fn a_message_with_too_little_time_or_over_a_minute_to_wait_is_snoozed() {
    let database = database().await;
    let budgets = Budgets::new(database.pool.clone(), FAST);
    let calls = AtomicUsize::new(0);
    let call = || async {
        calls.fetch_add(1, Ordering::Relaxed);
        Ok::<_, shared::platform::http::Error>(())
    };
    budgets
        .until(give_up_at())
        .spend(Bucket::MusicBrainz, call)
        .await
        .unwrap();
    for (ahead_seconds, left_seconds) in [(65, 600), (30, 34), (10, 10)] {
        let sql = format!(
            "UPDATE upstream_budgets SET next_free_at = clock_timestamp() + interval
                '{ahead_seconds} seconds'"
        );
        database.execute(&sql).await;
        let next_free_at = database.time("SELECT next_free_at FROM upstream_budgets").await;
        let deadline = Instant::now() + Duration::from_secs(left_seconds);
        let error = budgets
            .until(deadline)
            .spend(Bucket::MusicBrainz, call)
            .await
            .unwrap_err();
        let Ok(Outcome::Snooze {
            until,
            bucket,
            reason,
        }) = error.into_outcome()
        else {
            panic!("it is snoozed");
        };
        assert_eq!(until, next_free_at);
        assert_eq!(
            (bucket, reason.as_str()),
            ("musicbrainz", "waiting for a turn at musicbrainz")
        );
    }
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_stops_calls_that_already_wait_for_their_slot() {
    with_enough_time("a call waits when the source is blocked", block_waiting_calls).await;
}

const CALLS: usize = 8;

/// Blocks a source while calls wait for their slots, which are `interval` apart. None if no call was waiting
/// by then.
async fn block_waiting_calls(interval: Duration) -> Option<()> {
    let database = database().await;
    let calls = Arc::new(AtomicUsize::new(0));
    let rates = RequestRates {
        musicbrainz: 1.0 / interval.as_secs_f64(),
        ..FAST
    };
    let waiting: Vec<_> = (0..CALLS)
        .map(|_| {
            let budgets = Budgets::new(database.pool.clone(), rates);
            let calls = Arc::clone(&calls);
            tokio::spawn(async move {
                let call = || async {
                    calls.fetch_add(1, Ordering::Relaxed);
                    Ok::<_, shared::platform::http::Error>(())
                };
                let result = budgets.until(give_up_at()).spend(Bucket::MusicBrainz, call).await;
                result.is_ok()
            })
        })
        .collect();
    let count_calls = || calls.load(Ordering::Relaxed);
    wait_until("the first call is made", async || count_calls() > 0).await;
    // Every other call now waits for the table, when it reserves its slot or before it uses it.
    let mut client = database.client().await;
    let transaction = client.transaction().await.unwrap();
    transaction.run("LOCK TABLE upstream_budgets").await.unwrap();
    let all_stopped = async || count_calls() + database.count_blocked().await == CALLS;
    wait_until("every call is made or stopped", all_stopped).await;
    let made = count_calls();
    if made == CALLS {
        return None;
    }
    let until = Utc::now() + TimeDelta::hours(1);
    upstream_budgets::block(&transaction, "musicbrainz", "musicbrainz", until, "a test")
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    let results = futures::future::try_join_all(waiting).await.unwrap();
    assert_eq!(count_calls(), made, "a call was made after the block");
    assert_eq!(results.iter().filter(|is_ok| **is_ok).count(), made);
    Some(())
}

#[tokio::test]
async fn a_call_that_waits_for_its_slot_holds_no_connection() {
    with_enough_time(
        "a connection is free while calls wait",
        use_connection_of_waiting_calls,
    )
    .await;
}

/// Uses the only connection while two calls wait for their slots, which are `interval` apart. None if one of
/// them was made before.
async fn use_connection_of_waiting_calls(interval: Duration) -> Option<()> {
    let database = database().await;
    let pool = Pool::new(&settings(&database.url), 1).unwrap();
    let rates = RequestRates {
        musicbrainz: 1.0 / interval.as_secs_f64(),
        ..FAST
    };
    let budgets = Budgets::new(pool.clone(), rates);
    let calls = AtomicUsize::new(0);
    let call = || async {
        calls.fetch_add(1, Ordering::Relaxed);
        Ok::<_, shared::platform::http::Error>(())
    };
    let spend = || budgets.until(give_up_at()).spend(Bucket::MusicBrainz, call);
    spend().await.unwrap();
    let first_slot = "SELECT next_free_at FROM upstream_budgets WHERE bucket = 'musicbrainz'";
    let first_slot = database.time(first_slot).await;
    let both_reserved = format!(
        "SELECT count(*) FROM upstream_budgets WHERE next_free_at > '{first_slot}'::timestamptz + interval
            '{} ms' * 1.5",
        interval.as_millis()
    );
    let (one, other, calls_before) = tokio::join!(spend(), spend(), async {
        database.wait_for(&both_reserved).await;
        drop(pool.client().await.unwrap());
        calls.load(Ordering::Relaxed)
    });
    one.unwrap();
    other.unwrap();
    assert_eq!(calls.load(Ordering::Relaxed), 3);
    (calls_before == 1).then_some(())
}
