//! The laws of the queue in Postgres, which are SQS's: at least once, invisible until the time-out, receipts that
//! lapse, dead letters. What comes of a message is tested in `batch`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use integration::{Database, database};
use shared::domain::messages::Delivery;
use shared::domain::messages::QueueName;
use shared::store::work::queue_messages::{self, QueueDepth};
use shared::work::queue::{Queues, ReceiveOptions};

const QUEUE: QueueName = QueueName::Catalog;

const NOW: ReceiveOptions = ReceiveOptions {
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
    queues.receive(QUEUE, &NOW).await.unwrap()
}

/// Lets the visibility time-outs of all messages run out.
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
async fn what_was_sent_is_received_on_its_queue_alone() {
    let (_database, queues) = queues().await;
    send(&queues, &["a", "b", "a"]).await;
    let other = queues.receive(QueueName::Enrichment, &NOW).await.unwrap();
    assert_eq!(other, []);
    assert_eq!(bodies(&receive(&queues).await), ["a", "a", "b"]);
}

#[tokio::test]
async fn a_message_is_invisible_until_its_time_out_and_then_received_again() {
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

#[tokio::test]
async fn the_time_out_is_as_long_as_was_asked_for() {
    let (_database, queues) = queues().await;
    send(&queues, &["a"]).await;
    let short = ReceiveOptions {
        visibility: Duration::from_millis(200),
        ..NOW
    };
    assert_eq!(queues.receive(QUEUE, &short).await.unwrap().len(), 1);
    assert_eq!(receive(&queues).await, []);
    tokio::time::sleep(Duration::from_millis(250)).await;
    assert_eq!(receive(&queues).await.len(), 1);
}

#[tokio::test]
async fn an_acknowledged_message_never_comes_back() {
    let (database, queues) = queues().await;
    send(&queues, &["a", "b"]).await;
    let deliveries = receive(&queues).await;
    let done: Vec<_> = deliveries.iter().filter(|one| one.body == "a").collect();
    queues.acknowledge(&done).await.unwrap();
    time_out(&database).await;
    assert_eq!(bodies(&receive(&queues).await), ["b"]);
}

#[tokio::test]
async fn a_receipt_that_lapsed_deletes_and_delays_nothing() {
    let (database, queues) = queues().await;
    send(&queues, &["a"]).await;
    let stale = receive(&queues).await.remove(0);
    time_out(&database).await;
    let holder = receive(&queues).await.remove(0);
    queues.acknowledge(&[&stale]).await.unwrap();
    queues.retry_after(QUEUE, &stale.receipt, 0).await.unwrap();
    assert_eq!(receive(&queues).await, [], "the holder has it to himself");
    queues.retry_after(QUEUE, &holder.receipt, 0).await.unwrap();
    assert_eq!(receive(&queues).await.remove(0).receive_count, 3);
}

#[tokio::test]
async fn a_retry_is_received_after_its_delay_and_counts_as_an_attempt() {
    let (database, queues) = queues().await;
    send(&queues, &["a"]).await;
    let first = receive(&queues).await.remove(0);
    queues.retry_after(QUEUE, &first.receipt, 3600).await.unwrap();
    let away = "SELECT EXTRACT(epoch FROM visible_at - now())::bigint FROM queue_messages";
    assert!((3590..=3600).contains(&database.count(away).await));
    queues.retry_after(QUEUE, &first.receipt, u32::MAX).await.unwrap();
    assert!(
        database.count(away).await <= 12 * 60 * 60,
        "no longer than SQS allows"
    );
    queues.retry_after(QUEUE, &first.receipt, 0).await.unwrap();
    assert_eq!(receive(&queues).await.remove(0).receive_count, 2);
}

#[tokio::test]
async fn what_was_received_too_often_is_a_dead_letter_and_holds_up_nobody() {
    let (database, queues) = queues().await;
    send(&queues, &["poison"]).await;
    for attempt in 1..=NOW.max_receive_count {
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
async fn a_buried_message_keeps_its_body_and_the_reason() {
    let (database, queues) = queues().await;
    send(&queues, &["not a message"]).await;
    let delivery = receive(&queues).await.remove(0);
    queues
        .move_to_dead_letters(QUEUE, &delivery, "it is no message")
        .await
        .unwrap();
    queues.acknowledge(&[&delivery]).await.unwrap();
    assert_eq!(
        database
            .texts("SELECT body || ': ' || reason FROM dead_messages")
            .await,
        ["not a message: it is no message"]
    );
    assert_eq!(database.count("SELECT count(*) FROM queue_messages").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_two_receivers_ever_have_the_same_message_at_once() {
    let (database, queues) = queues().await;
    let sent: Vec<String> = (0..200).map(|number| number.to_string()).collect();
    queues.send(QUEUE, &sent).await.unwrap();
    let receivers = (0..12).map(|_| {
        let queues = queues.clone();
        tokio::spawn(async move {
            let mut had = Vec::new();
            loop {
                let few = ReceiveOptions { limit: 3, ..NOW };
                let deliveries = queues.receive(QUEUE, &few).await.unwrap();
                if deliveries.is_empty() {
                    return had;
                }
                had.extend(deliveries);
            }
        })
    });
    let mut times = BTreeMap::<String, u32>::new();
    for had in futures::future::try_join_all(receivers).await.unwrap() {
        for delivery in had {
            assert_eq!(delivery.receive_count, 1);
            *times.entry(delivery.body).or_default() += 1;
        }
    }
    assert_eq!(times.len(), sent.len());
    assert!(times.values().all(|times| *times == 1));
    assert_eq!(database.count("SELECT count(*) FROM queue_messages").await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_receiver_had_is_received_by_the_others() {
    let (database, queues) = queues().await;
    let sent: Vec<String> = (0..60).map(|number| number.to_string()).collect();
    queues.send(QUEUE, &sent).await.unwrap();
    let short = ReceiveOptions {
        limit: 4,
        visibility: Duration::from_millis(300),
        ..NOW
    };
    // Each message is forgotten the first time, as by a receiver that was killed.
    let receivers = (0..6).map(|_| {
        let (queues, pool) = (queues.clone(), database.pool.clone());
        tokio::spawn(async move {
            let count = "SELECT count(*) FROM queue_messages";
            let mut done = Vec::new();
            loop {
                let deliveries = queues.receive(QUEUE, &short).await.unwrap();
                let (again, _): (Vec<_>, Vec<_>) = deliveries.iter().partition(|one| one.receive_count > 1);
                queues.acknowledge(&again).await.unwrap();
                done.extend(again.into_iter().map(|one| one.body.clone()));
                let client = pool.client().await.unwrap();
                if client.query_one(count, &[]).await.unwrap().get::<_, i64>(0) == 0 {
                    return done;
                }
            }
        })
    });
    let done = tokio::time::timeout(Duration::from_secs(20), futures::future::try_join_all(receivers));
    let mut done: Vec<String> = done.await.unwrap().unwrap().concat();
    done.sort_unstable();
    done.dedup();
    assert_eq!(done.len(), sent.len());
    assert_eq!(database.count("SELECT count(*) FROM dead_messages").await, 0);
}

#[tokio::test]
async fn who_waits_is_woken_by_what_is_sent() {
    let (_database, queues) = queues().await;
    let waiting = ReceiveOptions {
        wait: Duration::from_secs(10),
        ..NOW
    };
    let began = Instant::now();
    let (received, ()) = tokio::join!(queues.receive(QUEUE, &waiting), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        send(&queues, &["a"]).await;
    });
    assert_eq!(bodies(&received.unwrap()), ["a"]);
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn depths_tell_waiting_from_in_flight_from_dead() {
    let (database, queues) = queues().await;
    send(&queues, &["a", "b", "c"]).await;
    let one = ReceiveOptions { limit: 1, ..NOW };
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
    assert!(catalog.oldest_seconds.is_some_and(|age| age < 60));
    assert_eq!(depths, [empty("enrichment"), catalog]);
}
