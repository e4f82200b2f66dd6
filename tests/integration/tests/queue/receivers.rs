//! Several receivers of one queue.

use crate::{QUEUE, WITHOUT_WAITING, bodies, queues, send, time_out};
use integration::waiting::must_end;
use integration::{Database, database, settings};
use shared::platform::db::Pool;
use shared::work::queue::{Queues, ReceiveOptions};
use std::collections::BTreeMap;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn two_receivers_never_have_the_same_message_at_once() {
    let (database, queues) = queues().await;
    let sent: Vec<String> = (0..200).map(|number| number.to_string()).collect();
    queues.send(QUEUE, &sent).await.unwrap();
    let receivers = (0..12).map(|_| {
        let queues = queues.clone();
        tokio::spawn(async move {
            let mut received = Vec::new();
            loop {
                let few = ReceiveOptions {
                    limit: 3,
                    ..WITHOUT_WAITING
                };
                let deliveries = queues.receive(QUEUE, &few).await.unwrap();
                if deliveries.is_empty() {
                    return received;
                }
                received.extend(deliveries);
            }
        })
    });
    let mut receives = BTreeMap::<String, u32>::new();
    for deliveries in futures::future::try_join_all(receivers).await.unwrap() {
        for delivery in deliveries {
            assert_eq!(delivery.receive_count, 1);
            *receives.entry(delivery.body).or_default() += 1;
        }
    }
    assert_eq!(receives.len(), sent.len());
    assert!(receives.values().all(|count| *count == 1));
    assert_eq!(database.count("SELECT count(*) FROM queue_messages").await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_messages_of_a_killed_receiver_are_received_by_the_others() {
    let (database, queues) = queues().await;
    let sent: Vec<String> = (0..60).map(|number| number.to_string()).collect();
    queues.send(QUEUE, &sent).await.unwrap();
    // A receiver that is killed acknowledges nothing.
    let received_by_killed = receive_all(&database, &queues, false).await;
    time_out(&database).await;
    let received_by_others = receive_all(&database, &queues, true).await;
    let mut expected = sent.clone();
    expected.sort_unstable();
    assert_eq!(received_by_killed, expected);
    assert_eq!(received_by_others, expected);
    assert_eq!(database.count("SELECT count(*) FROM queue_messages").await, 0);
    assert_eq!(database.count("SELECT count(*) FROM dead_messages").await, 0);
}

/// Lets six receivers receive until no message is visible. Returns the sorted bodies.
async fn receive_all(database: &Database, queues: &Queues, acknowledge: bool) -> Vec<String> {
    let receivers = (0..6).map(|_| {
        let (pool, queues) = (database.pool.clone(), queues.clone());
        tokio::spawn(async move {
            let few = ReceiveOptions {
                limit: 4,
                ..WITHOUT_WAITING
            };
            let mut bodies = Vec::new();
            loop {
                let deliveries = queues.receive(QUEUE, &few).await.unwrap();
                if deliveries.is_empty() {
                    return bodies;
                }
                if acknowledge {
                    let all: Vec<_> = deliveries.iter().collect();
                    let client = pool.client().await.unwrap();
                    queues.acknowledge(&client, &all).await.unwrap();
                }
                bodies.extend(deliveries.into_iter().map(|delivery| delivery.body));
            }
        })
    });
    let mut bodies = futures::future::try_join_all(receivers).await.unwrap().concat();
    bodies.sort_unstable();
    bodies
}

/// The receiver and the sender share one connection, so the sender gets it only after the receiver has found
/// the queue empty.
#[tokio::test]
async fn a_waiting_receiver_is_woken_by_a_message() {
    let database = database().await;
    let queues = Queues::postgres(Pool::new(&settings(&database.url), 1).unwrap());
    let options = ReceiveOptions {
        wait: Duration::from_secs(60 * 60),
        ..WITHOUT_WAITING
    };
    let mut client = database.client().await;
    let lock = client.transaction().await.unwrap();
    lock.run("LOCK TABLE queue_messages").await.unwrap();
    let receive = async { queues.receive(QUEUE, &options).await.unwrap() };
    let send = async {
        database.wait_for_blocked(1).await;
        let (_, committed) = tokio::join!(send(&queues, &["a"]), lock.commit());
        committed.unwrap();
    };
    let both = async { tokio::join!(receive, send) };
    let (received, ()) = must_end("the receiver is woken", both).await;
    assert_eq!(bodies(&received), ["a"]);
}
