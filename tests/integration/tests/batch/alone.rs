//! No message of a batch affects another.

use chrono::TimeDelta;
use integration::database;
use integration::waiting::{give_up_at, with_enough_time};
use shared::domain::messages::{Envelope, Message, Outcome};
use shared::work::worker::Worker;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::time::Instant;

use crate::{album_of, body, dead_letters, deliver, handle_to, open_issues, queued_bodies, worker};

#[tokio::test]
async fn of_three_messages_only_the_unreadable_one_is_discarded() {
    for bad in [
        "no JSON",
        "",
        "null",
        "{\"type\":\"rename_artist\"}",
        "{\"type\":\"identify_album\",\"album_id\":\"x\"}",
    ] {
        let database = database().await;
        let deliveries = deliver(&database, &[body(1), bad.to_owned(), body(2)], 0).await;
        let handled = std::sync::Mutex::new(Vec::new());
        let again = worker(&database)
            .handle(deliveries, give_up_at(), |envelope, _| {
                handled.lock().unwrap().push(album_of(&envelope));
                async { Ok(Outcome::Done) }
            })
            .await
            .unwrap();
        assert_eq!(again, [""; 0], "{bad}");
        assert_eq!(*handled.lock().unwrap(), [1, 2], "{bad}");
        assert_eq!(dead_letters(&database).await, [bad]);
        assert_eq!(queued_bodies(&database).await, [""; 0]);
        let issues = open_issues(&database).await;
        assert_eq!(issues.len(), 1);
        assert!(
            bad.is_empty() || !issues[0].message.contains(bad),
            "{}",
            issues[0].message
        );
    }
}

#[tokio::test]
async fn of_three_messages_only_the_one_that_fails_or_panics_is_retried() {
    for how in ["an error", "a panic", "a panic before the first wait"] {
        let database = database().await;
        let deliveries = deliver(&database, &[body(1), body(2), body(3)], 0).await;
        let bad = deliveries[1].message_id.clone();
        let began = database.now().await;
        let again = worker(&database)
            .handle(deliveries, give_up_at(), |envelope, _| {
                let is_bad = album_of(&envelope) == 2;
                assert!(!(is_bad && how == "a panic before the first wait"), "{how}");
                async move {
                    tokio::task::yield_now().await;
                    assert!(!(is_bad && how == "a panic"), "{how}");
                    anyhow::ensure!(!is_bad, "{how}");
                    Ok(Outcome::Done)
                }
            })
            .await
            .unwrap();
        assert_eq!(again, [bad], "{how}");
        assert_eq!(queued_bodies(&database).await, [body(2)], "{how}");
        let visible_at = database.time("SELECT visible_at FROM queue_messages").await;
        // The delay is one or two seconds, at random.
        let earliest = began + TimeDelta::seconds(1);
        let latest = database.now().await + TimeDelta::seconds(2);
        assert!((earliest..=latest).contains(&visible_at), "{how}");
        assert!(open_issues(&database).await.is_empty(), "{how}");
    }
}

#[tokio::test]
async fn a_message_for_another_queue_is_discarded() {
    let database = database().await;
    let foreign = Envelope::requested(
        Message::EnrichProducer {
            producer_id: shared::domain::ids::ProducerId(1),
        },
        None,
    );
    assert!(!handle_to(&database, foreign.body(), 0, Outcome::Done).await);
    assert_eq!(dead_letters(&database).await, [foreign.body()]);
    assert!(
        open_issues(&database).await[0]
            .message
            .contains("enrich_producer")
    );
}

#[tokio::test]
async fn an_empty_batch_writes_no_metrics() {
    let database = database().await;
    let again = worker(&database)
        .handle(Vec::new(), give_up_at(), |_, _| async { Ok(Outcome::Done) })
        .await
        .unwrap();
    assert_eq!(again, [""; 0]);
    assert_eq!(database.count("SELECT count(*) FROM queue_metrics").await, 0);
}

#[tokio::test]
async fn unfinished_messages_are_received_again_right_after_the_deadline() {
    with_enough_time("the first message is handled before the deadline", async |time| {
        let database = database().await;
        let deliveries = deliver(&database, &[body(1), body(2), body(3)], 0).await;
        let unfinished: Vec<String> = deliveries[1..].iter().map(|one| one.message_id.clone()).collect();
        let has_begun_second = AtomicBool::new(false);
        let has_begun_second = &has_begun_second;
        let again = worker(&database)
            .handle(deliveries, Instant::now() + time, |envelope, _| async move {
                match album_of(&envelope) {
                    1 => Ok(Outcome::Done),
                    2 => {
                        has_begun_second.store(true, Ordering::Relaxed);
                        std::future::pending().await
                    }
                    _ => panic!("a third message is handled after the deadline"),
                }
            })
            .await
            .unwrap();
        if !has_begun_second.load(Ordering::Relaxed) {
            return None;
        }
        assert_eq!(again, unfinished);
        let visible = "SELECT count(*) FROM queue_messages WHERE visible_at <= clock_timestamp()";
        assert_eq!(database.count(visible).await, 2);
        Some(())
    })
    .await;
}

#[tokio::test]
async fn a_worker_handles_as_many_messages_at_once_as_it_may() {
    let database = database().await;
    let bodies: Vec<_> = (0..4).map(body).collect();
    let deliveries = deliver(&database, &bodies, 0).await;
    let all = tokio::sync::Barrier::new(4);
    let several = Worker {
        concurrency: 4,
        ..worker(&database)
    };
    let again = several
        .handle(deliveries, give_up_at(), |_, _| async {
            all.wait().await;
            Ok(Outcome::Done)
        })
        .await
        .unwrap();
    assert_eq!(again, [""; 0]);
}
