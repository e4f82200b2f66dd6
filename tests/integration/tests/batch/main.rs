//! The worker: it handles each message of a batch separately, applies every outcome, and writes one row of
//! metrics.
#![expect(clippy::unwrap_used, reason = "a failing test panics")]

mod alone;
mod measures;
mod on_sqs;
mod outcomes;

use chrono::{TimeDelta, Utc};
use integration::waiting::give_up_at;
use integration::{Database, bootstrap};
use shared::domain::ids::AlbumId;
use shared::domain::messages::Delivery;
use shared::domain::messages::{Envelope, Message, Outcome, QueueName};
use shared::store::work::worker_issues::{self, OpenIssue};
use shared::work::queue::{Queues, ReceiveOptions};
use shared::work::worker::Worker;
use std::time::Duration;

const QUEUE: QueueName = QueueName::Identification;

fn worker(database: &Database) -> Worker {
    Worker {
        concurrency: 1,
        ..Worker::new(&bootstrap(&database.pool, identify::SETTINGS, &[]), QUEUE)
    }
}

fn message(album: i64) -> Message {
    Message::IdentifyAlbum {
        album_id: AlbumId(album),
    }
}

fn body(album: i64) -> String {
    Envelope::requested(message(album), None).body()
}

fn album_of(envelope: &Envelope) -> i64 {
    match &envelope.message {
        Message::IdentifyAlbum { album_id } => album_id.0,
        other => panic!("{} was handled", other.kind()),
    }
}

/// Sends bodies and receives them as if they had been received `times_before` times before.
async fn deliver(database: &Database, bodies: &[String], times_before: i32) -> Vec<Delivery> {
    let queues = Queues::postgres(database.pool.clone());
    queues.send(QUEUE, bodies).await.unwrap();
    database
        .execute(&format!(
            "UPDATE queue_messages SET receive_count = {times_before} WHERE receipt IS NULL"
        ))
        .await;
    let receive = ReceiveOptions {
        limit: 100,
        visibility: Duration::from_secs(600),
        wait: Duration::ZERO,
        max_receive_count: 6,
    };
    queues.receive(QUEUE, &receive).await.unwrap()
}

/// Handles one message with this outcome. Returns whether the message will be received again.
async fn handle_to(database: &Database, body: String, times_before: i32, outcome: Outcome) -> bool {
    let deliveries = deliver(database, &[body], times_before).await;
    let again = worker(database)
        .handle(deliveries, give_up_at(), |_, _| async { Ok(outcome.clone()) })
        .await;
    !again.is_empty()
}

fn retry() -> Outcome {
    Outcome::Retry {
        cause: "a test".to_owned(),
        after_seconds: None,
    }
}

async fn open_issues(database: &Database) -> Vec<OpenIssue> {
    worker_issues::list_open(&database.client().await, 100)
        .await
        .unwrap()
}

async fn queued_bodies(database: &Database) -> Vec<String> {
    database
        .texts("SELECT body FROM queue_messages ORDER BY id")
        .await
}

async fn dead_letters(database: &Database) -> Vec<String> {
    database.texts("SELECT body FROM dead_messages ORDER BY id").await
}

fn snooze() -> Outcome {
    Outcome::Snooze {
        until: Utc::now() + TimeDelta::hours(1),
        bucket: "musicbrainz",
        reason: "no more today".to_owned(),
    }
}
