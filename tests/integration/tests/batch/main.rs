//! The worker: it handles each message of a batch separately, applies every outcome, and writes one row of
//! metrics.
#![expect(clippy::unwrap_used, reason = "a failing test panics")]

mod alone;
mod attempts;
mod for_ingestions;
mod lost_steps;
mod measures;
mod on_sqs;
mod outages;
mod outcomes;

use chrono::{TimeDelta, Utc};
use integration::waiting::give_up_at;
use integration::{Database, bootstrap};
use shared::domain::ids::{AlbumId, IngestionId};
use shared::domain::messages::Delivery;
use shared::domain::messages::{Envelope, Message, Outcome, QueueName};
use shared::store::work::worker_issues::{self, ReportedIssue};
use shared::store::work::{ingestions, message_attempts};
use shared::work::queue::{MAX_RECEIVE_COUNT, Queues, ReceiveOptions};
use shared::work::worker::Worker;
use std::time::Duration;
use tokio::sync::Notify;

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

/// As [`body`], of a message that these ingestions wait for.
fn body_for(album: i64, ids: &[IngestionId]) -> String {
    Envelope::requested(message(album), None).awaited_by(ids).body()
}

/// An ingestion that waits for an album to be identified.
async fn wait_for(database: &Database, album: i64) -> IngestionId {
    let insert = "INSERT INTO ingestions (what) VALUES (ARRAY['a test']) RETURNING id";
    let id = IngestionId(database.count(insert).await);
    let client = database.client().await;
    ingestions::insert_tasks(&client, id, &[message(album)])
        .await
        .unwrap();
    id
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
        max_receive_count: MAX_RECEIVE_COUNT,
    };
    queues.receive(QUEUE, &receive).await.unwrap()
}

/// A delivery as SQS makes it.
fn delivery(body: String, receive_count: i32) -> Delivery {
    Delivery {
        message_id: "m0".to_owned(),
        receipt: "r0".to_owned(),
        body,
        receive_count,
    }
}

/// Handles messages until the first handler has begun, and ends as if the worker were killed then.
async fn kill_while_handling(worker: &Worker, deliveries: Vec<Delivery>) {
    let has_begun = Notify::new();
    let hangs = |_, _| async {
        has_begun.notify_one();
        std::future::pending().await
    };
    tokio::select! {
        again = worker.handle(deliveries, give_up_at(), hangs) => panic!("the worker ended: {again:?}"),
        () = has_begun.notified() => {}
    }
}

/// Handles one message with this outcome. Returns whether the message will be received again.
async fn handle_to(database: &Database, body: String, times_before: i32, outcome: Outcome) -> bool {
    let deliveries = deliver(database, &[body], times_before).await;
    let again = worker(database)
        .handle(deliveries, give_up_at(), |_, _| async { Ok(outcome.clone()) })
        .await
        .unwrap();
    !again.is_empty()
}

/// Counts failures of a message, as earlier tries did.
async fn fail_before(database: &Database, album: i64, failures: i32) {
    let client = database.client().await;
    for _ in 0..failures {
        message_attempts::record_failure(&client, QUEUE, &message(album).key(), "before")
            .await
            .unwrap();
    }
}

/// The attempts that are stored: each key with its failures, the last cause and the open starts.
async fn attempts(database: &Database) -> Vec<String> {
    database
        .texts(
            "SELECT concat_ws(' ', message_key, failure_count, last_cause, open_starts) FROM message_attempts
             ORDER BY message_key",
        )
        .await
}

fn retry() -> Outcome {
    Outcome::Retry {
        cause: "a test".to_owned(),
        after_seconds: None,
    }
}

async fn open_issues(database: &Database) -> Vec<ReportedIssue> {
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
