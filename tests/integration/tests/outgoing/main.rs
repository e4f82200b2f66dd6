//! The outbox: no message is lost between a commit and a send, equal messages are merged, and snoozed
//! messages are sent no faster than their source can serve them.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

mod releases;
mod rows;

use chrono::{DateTime, SubsecRound, Utc};
use integration::{Database, bootstrap};
use shared::domain::ids::AlbumId;
use shared::domain::messages::{Envelope, Message, SnoozeHistory};
use shared::store::work::outgoing_messages::{self, OutgoingMessage};
use shared::work::queue::Queues;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

fn identify(album: i64) -> Message {
    Message::IdentifyAlbum {
        album_id: AlbumId(album),
    }
}

fn requested(album: i64) -> Envelope {
    Envelope::requested(identify(album), None)
}

/// The current time with the precision of Postgres.
fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

async fn write(database: &Database, envelopes: &[Envelope]) -> Vec<OutgoingMessage> {
    outgoing_messages::upsert(&database.client().await, envelopes)
        .await
        .unwrap()
}

fn queues(database: &Database) -> Queues {
    Queues::postgres(database.pool.clone())
}

fn sweeper(database: &Database) -> sweep::Context {
    sweep::Context::new(&bootstrap(&database.pool, sweep::SETTINGS, &[]))
}

async fn sweep_once(database: &Database, period: Duration) -> usize {
    sweep::handle(&sweeper(database), period).await.unwrap().sent
}

/// Makes the rows old enough for a sweep to send them.
async fn age(database: &Database) {
    database
        .execute("UPDATE outgoing_messages SET created_at = created_at - interval '11 seconds'")
        .await;
}

/// The bodies on the queues, as they were sent.
async fn sent(database: &Database) -> Vec<Envelope> {
    let bodies = database
        .texts("SELECT body FROM queue_messages ORDER BY id")
        .await;
    bodies
        .iter()
        .map(|body| serde_json::from_str(body).unwrap())
        .collect()
}

async fn left(database: &Database) -> i64 {
    database.count("SELECT count(*) FROM outgoing_messages").await
}

/// Snoozes a message, as a worker does.
async fn snooze(database: &Database, envelope: Envelope, until: DateTime<Utc>, bucket: &str) {
    let snoozed = Envelope {
        snoozed: Some(SnoozeHistory {
            since: Utc::now(),
            count: 1,
        }),
        ..envelope
    };
    let client = database.client().await;
    outgoing_messages::snooze(&client, &snoozed, until, bucket, "a test")
        .await
        .unwrap();
}
