//! The guarantees of the queue in Postgres, which are those of SQS: delivery at least once, visibility
//! time-outs, receipts that expire, dead letters. How a worker handles outcomes is tested in `batch`.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

mod receivers;
mod turns;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use integration::{Database, database};
use shared::domain::messages::Delivery;
use shared::domain::messages::QueueName;
use shared::store::work::queue_messages::{self, QueueDepth};
use shared::work::queue::{Queues, ReceiveOptions};

const QUEUE: QueueName = QueueName::Catalog;

const WITHOUT_WAITING: ReceiveOptions = ReceiveOptions {
    limit: 10,
    visibility: Duration::from_secs(60),
    wait: Duration::ZERO,
    max_receive_count: 3,
};

async fn queues() -> (Database, Queues) {
    let database = database().await;
    let queues = Queues::postgres(database.pool.clone());
    (database, queues)
}

async fn send(queues: &Queues, bodies: &[&str]) {
    let bodies: Vec<String> = bodies.iter().map(ToString::to_string).collect();
    queues.send(QUEUE, &bodies).await.unwrap();
}

async fn receive(queues: &Queues) -> Vec<Delivery> {
    queues.receive(QUEUE, &WITHOUT_WAITING).await.unwrap()
}

async fn acknowledge(database: &Database, queues: &Queues, deliveries: &[&Delivery]) {
    let client = database.client().await;
    queues.acknowledge(&client, deliveries).await.unwrap();
}

/// Ends the visibility time-outs of all messages.
async fn time_out(database: &Database) {
    database
        .execute("UPDATE queue_messages SET visible_at = now() - interval '1 second'")
        .await;
}

fn bodies(deliveries: &[Delivery]) -> Vec<&str> {
    let mut bodies: Vec<_> = deliveries.iter().map(|one| one.body.as_str()).collect();
    bodies.sort_unstable();
    bodies
}

#[tokio::test]
async fn a_message_is_received_from_its_own_queue_only() {
    let (_database, queues) = queues().await;
    send(&queues, &["a", "b", "a"]).await;
    let other = queues
        .receive(QueueName::Enrichment, &WITHOUT_WAITING)
        .await
        .unwrap();
    assert_eq!(other, []);
    assert_eq!(bodies(&receive(&queues).await), ["a", "a", "b"]);
}

#[tokio::test]
async fn a_message_is_invisible_until_its_time_out_and_is_then_received_again() {
    let (database, queues) = queues().await;
    send(&queues, &["a"]).await;
    let first = receive(&queues).await.remove(0);
    assert_eq!(first.receive_count, 1);
    assert_eq!(receive(&queues).await, []);
    time_out(&database).await;
    let second = receive(&queues).await.remove(0);
    assert_eq!(second.receive_count, 2);
    assert_eq!(second.message_id, first.message_id);
    assert_ne!(second.receipt, first.receipt);
}

/// Asserts that the one message becomes visible `after` some time that lies between `began` and now.
async fn assert_visible_after(database: &Database, after: Duration, began: DateTime<Utc>) {
    let visible_at = database.time("SELECT visible_at FROM queue_messages").await;
    let ended = database.now().await;
    let delayed_at = visible_at - TimeDelta::from_std(after).unwrap();
    assert!(
        (began..=ended).contains(&delayed_at),
        "{began} {delayed_at} {ended}"
    );
}

#[tokio::test]
async fn the_visibility_time_out_has_the_requested_length() {
    let (database, queues) = queues().await;
    send(&queues, &["a"]).await;
    let visibility = Duration::from_millis(654_321);
    let options = ReceiveOptions {
        visibility,
        ..WITHOUT_WAITING
    };
    let began = database.now().await;
    assert_eq!(queues.receive(QUEUE, &options).await.unwrap().len(), 1);
    assert_visible_after(&database, visibility, began).await;
}

#[tokio::test]
async fn an_acknowledged_message_is_not_received_again() {
    let (database, queues) = queues().await;
    send(&queues, &["a", "b"]).await;
    let deliveries = receive(&queues).await;
    let done: Vec<_> = deliveries.iter().filter(|one| one.body == "a").collect();
    acknowledge(&database, &queues, &done).await;
    time_out(&database).await;
    assert_eq!(bodies(&receive(&queues).await), ["b"]);
}

#[tokio::test]
async fn an_expired_receipt_neither_deletes_nor_delays_its_message() {
    let (database, queues) = queues().await;
    send(&queues, &["a"]).await;
    let stale = receive(&queues).await.remove(0);
    time_out(&database).await;
    let current = receive(&queues).await.remove(0);
    acknowledge(&database, &queues, &[&stale]).await;
    queues.retry_after(QUEUE, &stale.receipt, 0).await.unwrap();
    assert_eq!(
        receive(&queues).await,
        [],
        "the other receiver still has the message"
    );
    queues.retry_after(QUEUE, &current.receipt, 0).await.unwrap();
    assert_eq!(receive(&queues).await.remove(0).receive_count, 3);
}

#[tokio::test]
async fn a_retry_is_received_after_its_delay_and_counts_as_an_attempt() {
    let (database, queues) = queues().await;
    send(&queues, &["a"]).await;
    let first = receive(&queues).await.remove(0);
    // SQS delays a message by 12 hours at most.
    for (seconds, expected_seconds) in [(3600, 3600), (u32::MAX, 12 * 60 * 60)] {
        let began = database.now().await;
        queues.retry_after(QUEUE, &first.receipt, seconds).await.unwrap();
        assert_visible_after(&database, Duration::from_secs(expected_seconds), began).await;
    }
    queues.retry_after(QUEUE, &first.receipt, 0).await.unwrap();
    assert_eq!(receive(&queues).await.remove(0).receive_count, 2);
}

#[tokio::test]
async fn a_message_that_was_received_too_often_becomes_a_dead_letter_and_blocks_no_other() {
    let (database, queues) = queues().await;
    send(&queues, &["poison"]).await;
    for attempt in 1..=WITHOUT_WAITING.max_receive_count {
        assert_eq!(receive(&queues).await.remove(0).receive_count, attempt);
        time_out(&database).await;
    }
    send(&queues, &["good"]).await;
    assert_eq!(bodies(&receive(&queues).await), ["good"]);
    assert_eq!(
        database
            .texts("SELECT body || ' ' || receive_count || ' ' || queue FROM dead_messages")
            .await,
        ["poison 3 catalog"]
    );
    time_out(&database).await;
    assert_eq!(bodies(&receive(&queues).await), ["good"]);
}

#[tokio::test]
async fn a_dead_letter_has_the_body_and_the_reason() {
    let (database, queues) = queues().await;
    send(&queues, &["not a message"]).await;
    let delivery = receive(&queues).await.remove(0);
    queues
        .move_to_dead_letters(QUEUE, &delivery, "it is no message")
        .await
        .unwrap();
    acknowledge(&database, &queues, &[&delivery]).await;
    assert_eq!(
        database
            .texts("SELECT body || ': ' || reason FROM dead_messages")
            .await,
        ["not a message: it is no message"]
    );
    assert_eq!(database.count("SELECT count(*) FROM queue_messages").await, 0);
}

#[tokio::test]
async fn depths_count_waiting_in_flight_and_dead_messages() {
    let (database, queues) = queues().await;
    let sent_after = database.now().await;
    send(&queues, &["a", "b", "c"]).await;
    let one = ReceiveOptions {
        limit: 1,
        ..WITHOUT_WAITING
    };
    let delivery = queues.receive(QUEUE, &one).await.unwrap().remove(0);
    queues
        .move_to_dead_letters(QUEUE, &delivery, "for the count")
        .await
        .unwrap();
    let client = database.client().await;
    let depths = queue_messages::list_depths(&client, &["enrichment", "catalog"])
        .await
        .unwrap();
    let empty = |queue: &str| QueueDepth {
        queue: queue.to_owned(),
        waiting: 0,
        in_flight: 0,
        dead: 0,
        oldest_seconds: None,
    };
    let catalog = QueueDepth {
        waiting: 2,
        in_flight: 1,
        dead: 1,
        oldest_seconds: depths[1].oldest_seconds,
        ..empty("catalog")
    };
    let longest = (database.now().await - sent_after).num_seconds() + 1;
    assert!(catalog.oldest_seconds.is_some_and(|age| age <= longest));
    assert_eq!(depths, [empty("enrichment"), catalog]);
}
