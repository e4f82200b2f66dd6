//! The order in which messages are handed out: those of people before background ones, and those of different
//! ingestions in turns.

use integration::Database;
use integration::sqs::{Sqs, SqsBehavior};
use shared::domain::ids::{AlbumId, IngestionId};
use shared::domain::messages::{Delivery, Envelope, Message};
use shared::work::queue::{Queues, ReceiveOptions};

use crate::{QUEUE, WITHOUT_WAITING, acknowledge, queues, time_out};

/// Albums of an ingestion.
fn albums(ingestion: i64, albums: std::ops::Range<i64>) -> Vec<Envelope> {
    let identify = |album| Message::IdentifyAlbum {
        album_id: AlbumId(album),
    };
    albums
        .map(|album| Envelope::requested(identify(album), None).awaited_by(&[IngestionId(ingestion)]))
        .collect()
}

async fn send(queues: &Queues, envelopes: &[Envelope]) {
    let bodies: Vec<String> = envelopes.iter().map(Envelope::body).collect();
    queues.send(QUEUE, &bodies).await.unwrap();
}

async fn receive_one(queues: &Queues) -> Option<Delivery> {
    let one = ReceiveOptions {
        limit: 1,
        ..WITHOUT_WAITING
    };
    queues.receive(QUEUE, &one).await.unwrap().pop()
}

/// Receives and deletes the next messages, one at a time, and returns the ingestion of each.
async fn ingestions_of_next(database: &Database, queues: &Queues, count: usize) -> Vec<i64> {
    let mut ingestions = Vec::new();
    while ingestions.len() < count {
        let delivery = receive_one(queues).await.unwrap();
        acknowledge(database, queues, &[&delivery]).await;
        let envelope: Envelope = serde_json::from_str(&delivery.body).unwrap();
        ingestions.push(envelope.newest_ingestion().map_or(0, |id| id.0));
    }
    ingestions
}

#[tokio::test]
async fn an_album_behind_a_thousand_of_another_ingestion_comes_next() {
    let (database, queues) = queues().await;
    send(&queues, &albums(1, 0..1000)).await;
    ingestions_of_next(&database, &queues, 50).await;
    send(&queues, &albums(2, 5000..5001)).await;
    assert_eq!(ingestions_of_next(&database, &queues, 4).await, [1, 2, 1, 1]);
}

#[tokio::test]
async fn ingestions_take_turns_and_a_later_one_does_not_catch_up() {
    let (database, queues) = queues().await;
    send(&queues, &albums(1, 0..20)).await;
    ingestions_of_next(&database, &queues, 6).await;
    send(&queues, &albums(2, 100..103)).await;
    send(&queues, &albums(3, 200..202)).await;
    send(&queues, &albums(2, 103..104)).await;
    let expected = [1, 2, 3, 1, 2, 3, 1, 2, 1, 2, 1, 1];
    assert_eq!(
        ingestions_of_next(&database, &queues, expected.len()).await,
        expected
    );
}

#[tokio::test]
async fn people_go_before_background_work() {
    let (database, queues) = queues().await;
    let background: Vec<Envelope> = albums(0, 0..30)
        .into_iter()
        .map(|envelope| Envelope::background(envelope.message))
        .collect();
    send(&queues, &background).await;
    send(&queues, &albums(1, 100..103)).await;
    assert_eq!(ingestions_of_next(&database, &queues, 5).await, [1, 1, 1, 0, 0]);
}

/// The messages of the first ingestion fail together and are visible again at once.
async fn fail_all(database: &Database, queues: &Queues) {
    while receive_one(queues).await.is_some() {}
    time_out(database).await;
}

#[tokio::test]
async fn messages_that_are_retried_take_turns_as_well() {
    let (database, queues) = queues().await;
    send(&queues, &albums(1, 0..250)).await;
    fail_all(&database, &queues).await;
    assert_eq!(ingestions_of_next(&database, &queues, 2).await, [1, 1]);
    send(&queues, &albums(2, 1000..1002)).await;
    let next = ingestions_of_next(&database, &queues, 4).await;
    assert_eq!(
        next.iter().filter(|ingestion| **ingestion == 2).count(),
        2,
        "{next:?}"
    );
    let rest = ingestions_of_next(&database, &queues, 246).await;
    assert!(rest.iter().all(|ingestion| *ingestion == 1));
    assert!(receive_one(&queues).await.is_none());
}

#[tokio::test]
async fn a_message_on_sqs_carries_its_ingestion_as_its_group() {
    let sqs = Sqs::start(SqsBehavior::Normal).await;
    let one = albums(7, 0..1).remove(0);
    let two = one.clone().awaited_by(&[IngestionId(9)]);
    let background = Envelope::background(one.message.clone());
    send(&sqs.queues, &[one, two, background]).await;
    assert_eq!(sqs.groups().await, ["ingestion-7", "ingestion-9", "background"]);
}
