//! Cancelled ingestions, and the messages that nobody waits for any more.

use chrono::Utc;
use integration::{Database, database};
use shared::domain::ids::IngestionId;
use shared::domain::messages::Envelope;
use shared::store::work::{cancellations, ingestions, outgoing_messages};
use shared::work::ingestion_requests;

use crate::ingestions::{enrich, identify, settle, waiting};

/// Writes the message of the step of album 1 for these ingestions.
async fn write(database: &Database, ids: &[IngestionId]) {
    let envelope = Envelope::requested(identify(1), None).awaited_by(ids);
    outgoing_messages::upsert(&database.client().await, &[envelope])
        .await
        .unwrap();
}

async fn cancel(database: &Database, id: IngestionId) -> Option<i64> {
    ingestion_requests::cancel(&database.pool, id, integration::DECISION)
        .await
        .unwrap()
}

async fn unsent(database: &Database) -> i64 {
    database.count("SELECT count(*) FROM outgoing_messages").await
}

#[tokio::test]
async fn cancelling_stops_what_waits_and_nothing_else() {
    let database = database().await;
    let client = database.client().await;
    let id = waiting(&database, &identify(1), None).await;
    let other = waiting(&database, &identify(2), None).await;
    ingestions::insert_tasks(&client, id, &[enrich(1), enrich(2)])
        .await
        .unwrap();
    ingestions::fail_step(&client, &enrich(1), &[id], "a test", "an error")
        .await
        .unwrap();
    assert_eq!(cancel(&database, id).await, Some(2));
    assert_eq!(cancel(&database, id).await, Some(0), "it is cancelled already");
    assert_eq!(cancel(&database, IngestionId(id.0 + 100)).await, None);
    let outcomes =
        "SELECT COALESCE(outcome::text, 'waiting') FROM ingestion_tasks ORDER BY ingestion_id, kind, subject";
    assert_eq!(
        database.texts(outcomes).await,
        ["failed", "cancelled", "cancelled", "waiting"]
    );
    let cancelled = cancellations::list_cancelled(&client, &[id, other])
        .await
        .unwrap();
    assert_eq!(cancelled, [id]);
}

#[tokio::test]
async fn an_ingestion_that_has_ended_cannot_be_cancelled() {
    let database = database().await;
    let client = database.client().await;
    let id = waiting(&database, &identify(1), None).await;
    ingestions::fail_step(&client, &identify(1), &[id], "a test", "an error")
        .await
        .unwrap();
    assert_eq!(cancel(&database, id).await, Some(0));
    let cancelled = cancellations::list_cancelled(&client, &[id]).await.unwrap();
    assert_eq!(cancelled, [], "an operator can still retry its dead letter");
}

#[tokio::test]
async fn a_message_is_deleted_when_nobody_waits_for_it() {
    let database = database().await;
    let (one, two) = (
        waiting(&database, &identify(1), None).await,
        waiting(&database, &identify(1), None).await,
    );
    write(&database, &[one]).await;
    write(&database, &[two]).await;
    cancel(&database, one).await;
    assert_eq!(unsent(&database).await, 1, "the other ingestion waits for it");
    cancel(&database, two).await;
    assert_eq!(unsent(&database).await, 0);
}

#[tokio::test]
async fn a_success_does_not_revive_a_cancelled_step() {
    let database = database().await;
    let id = waiting(&database, &identify(1), None).await;
    cancel(&database, id).await;
    let settled = settle(&database, &identify(1), Utc::now(), &[enrich(1)]).await;
    assert_eq!(settled, []);
    assert_eq!(database.count("SELECT count(*) FROM ingestion_tasks").await, 1);
}
