//! Each message alone: what one of a batch does is no other's business.

use integration::database;
use shared::domain::messages::{Envelope, Message, Outcome};
use shared::work::worker::Worker;
use std::time::Duration;
use tokio::time::Instant;

use crate::{album_of, body, dead, deliver, handle_to, on_queue, open_issues, soon, worker};

#[tokio::test]
async fn of_three_messages_the_one_that_cannot_be_read_is_discarded_alone() {
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
            .handle(deliveries, soon(), |envelope, _| {
                handled.lock().unwrap().push(album_of(&envelope));
                async { Ok(Outcome::Done) }
            })
            .await;
        assert_eq!(again, [""; 0], "{bad}");
        assert_eq!(*handled.lock().unwrap(), [1, 2], "{bad}");
        assert_eq!(dead(&database).await, [bad]);
        assert_eq!(on_queue(&database).await, [""; 0]);
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
async fn of_three_messages_the_one_that_fails_or_panics_is_retried_alone() {
    for how in ["an error", "a panic", "a panic before the first wait"] {
        let database = database().await;
        let deliveries = deliver(&database, &[body(1), body(2), body(3)], 0).await;
        let bad = deliveries[1].message_id.clone();
        let again = worker(&database)
            .handle(deliveries, soon(), |envelope, _| {
                let is_bad = album_of(&envelope) == 2;
                assert!(!(is_bad && how == "a panic before the first wait"), "{how}");
                async move {
                    tokio::task::yield_now().await;
                    assert!(!(is_bad && how == "a panic"), "{how}");
                    anyhow::ensure!(!is_bad, "{how}");
                    Ok(Outcome::Done)
                }
            })
            .await;
        assert_eq!(again, [bad], "{how}");
        assert_eq!(on_queue(&database).await, [body(2)], "{how}");
        let delay = "SELECT ceil(EXTRACT(epoch FROM visible_at - now()))::bigint FROM queue_messages";
        assert!((1..=2).contains(&database.count(delay).await), "{how}");
        assert!(open_issues(&database).await.is_empty(), "{how}");
    }
}

#[tokio::test]
async fn a_message_for_another_queue_is_discarded() {
    let database = database().await;
    let strange = Envelope::requested(
        Message::EnrichProducer {
            producer_id: shared::domain::ids::ProducerId(1),
        },
        None,
    );
    assert!(!handle_to(&database, strange.body(), 0, Outcome::Done).await);
    assert_eq!(dead(&database).await, [strange.body()]);
    assert!(
        open_issues(&database).await[0]
            .message
            .contains("enrich_producer")
    );
}

#[tokio::test]
async fn an_empty_batch_is_not_worth_a_row() {
    let database = database().await;
    let again = worker(&database)
        .handle(Vec::new(), soon(), |_, _| async { Ok(Outcome::Done) })
        .await;
    assert_eq!(again, [""; 0]);
    assert_eq!(database.count("SELECT count(*) FROM queue_metrics").await, 0);
}

#[tokio::test]
async fn what_the_deadline_leaves_unfinished_is_received_again_at_once() {
    let database = database().await;
    let deliveries = deliver(&database, &[body(1), body(2), body(3)], 0).await;
    let unfinished: Vec<String> = deliveries[1..].iter().map(|one| one.message_id.clone()).collect();
    let deadline = Instant::now() + Duration::from_millis(200);
    let again = worker(&database)
        .handle(deliveries, deadline, |envelope, _| async move {
            match album_of(&envelope) {
                1 => Ok(Outcome::Done),
                2 => std::future::pending().await,
                _ => panic!("there is no time for a third"),
            }
        })
        .await;
    assert_eq!(again, unfinished);
    assert_eq!(
        database
            .count("SELECT count(*) FROM queue_messages WHERE visible_at <= clock_timestamp()")
            .await,
        2
    );
}

#[tokio::test]
async fn messages_are_worked_on_at_once_as_many_as_the_worker_may() {
    let database = database().await;
    let bodies: Vec<_> = (0..4).map(body).collect();
    let deliveries = deliver(&database, &bodies, 0).await;
    let all = tokio::sync::Barrier::new(4);
    let several = Worker {
        concurrency: 4,
        ..worker(&database)
    };
    let again = several
        .handle(deliveries, soon(), |_, _| async {
            all.wait().await;
            Ok(Outcome::Done)
        })
        .await;
    assert_eq!(again, [""; 0]);
}

#[tokio::test]
async fn what_cannot_be_settled_is_received_again() {
    let database = database().await;
    let deliveries = deliver(&database, &["no JSON".to_owned()], 0).await;
    let cut_off = shared::platform::db::Pool::new(&integration::settings(&database.url), 1).unwrap();
    cut_off.close();
    let worker = Worker {
        pool: cut_off,
        ..worker(&database)
    };
    let id = deliveries[0].message_id.clone();
    let again = worker
        .handle(deliveries, soon(), |_, _| async { Ok(Outcome::Done) })
        .await;
    assert_eq!(again, [id]);
    assert_eq!(on_queue(&database).await, ["no JSON"]);
}
