//! Messages that are delivered several times at once, as every queue sometimes does, give the rows of a
//! single delivery.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

use std::time::Duration;

use integration::waiting::must_end;
use integration::{Database, Machine, database};
use linernotes::demo::{Catalog, StandInOptions, StandIns};
use shared::domain::messages::{Envelope, Message, QueueName};
use shared::work::queue::ReceiveOptions;

async fn stand_ins() -> StandIns {
    StandIns::start(Catalog::real().unwrap(), StandInOptions::default())
        .await
        .unwrap()
}

async fn request(machine: &Machine, stand_ins: &StandIns) {
    let artists: Vec<_> = stand_ins.artists()[..3]
        .iter()
        .map(|artist| Message::IngestArtist {
            spotify_artist_id: artist.id.parse().unwrap(),
            offset: 0,
            appears_on: false,
        })
        .collect();
    machine.request(&artists).await;
}

/// Handles every message three times at once until the queues are empty.
async fn drain_in_triplicate(machine: &Machine, database: &Database) {
    let receive = ReceiveOptions {
        limit: 10,
        visibility: Duration::from_secs(360),
        wait: Duration::ZERO,
        max_receive_count: 5,
    };
    while database.count("SELECT count(*) FROM queue_messages").await > 0 {
        for queue in QueueName::ALL {
            let deliveries = machine.queues.receive(*queue, &receive).await.unwrap();
            let copies = deliveries.iter().flat_map(|delivery| {
                let envelope: Envelope = serde_json::from_str(&delivery.body).unwrap();
                [envelope.clone(), envelope.clone(), envelope]
            });
            let handled = copies.map(|envelope| async move {
                // One of several concurrent handlers may fail and is retried.
                while machine.handle(envelope.clone()).await.is_err() {}
            });
            futures::future::join_all(handled).await;
            let (client, done) = (database.client().await, Vec::from_iter(&deliveries));
            machine.queues.acknowledge(&client, &done).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_are_handled_three_times_at_once_give_the_rows_of_one_delivery() {
    let (once, thrice) = (database().await, database().await);
    let stand_ins = stand_ins().await;
    let machine = Machine::new(&once, &stand_ins);
    request(&machine, &stand_ins).await;
    machine.drain(&once).await;
    let machine = Machine::new(&thrice, &stand_ins);
    request(&machine, &stand_ins).await;
    must_end("all messages are handled", drain_in_triplicate(&machine, &thrice)).await;
    pretty_assertions::assert_eq!(thrice.fingerprint().await.parts, once.fingerprint().await.parts);
    assert!(once.count("SELECT count(*) FROM track_producers").await > 0);
}
