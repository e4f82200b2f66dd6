//! Messages that are lost although an ingestion waits for them.

use integration::sqs::{Sqs, SqsBehavior};
use integration::{Database, bootstrap, database};
use shared::domain::ids::IngestionId;
use shared::domain::messages::Envelope;
use shared::store::work::ingestions::{InsertedIngestion, TaskProgress};
use shared::work::bootstrap::Bootstrap;
use shared::work::ingestion_requests::{self, IngestionRequest};
use shared::work::queue::Queues;

use crate::open_issues;

/// Requests an album, with a message on the queue in Postgres.
async fn request(database: &Database) -> IngestionId {
    let request = IngestionRequest {
        what: vec!["spotify:album:32nryzA6XBCX9ZUspVc1yz".parse().unwrap()],
        appears_on: false,
        fresh_after: None,
        api_key_id: None,
        idempotency_key: None,
    };
    let queues = Queues::postgres(database.pool.clone());
    let inserted = ingestion_requests::submit(&database.pool, &queues, &request).await;
    let InsertedIngestion::New(id) = inserted.unwrap() else {
        panic!("the ingestion is not new");
    };
    id
}

async fn roll_up(database: &Database, queues: Queues) {
    let bootstrap = Bootstrap {
        queues,
        ..bootstrap(&database.pool, rollup::SETTINGS, &[])
    };
    rollup::handle(&rollup::Context::new(&bootstrap)).await.unwrap();
}

/// Loses every message, and lets an hour pass.
async fn lose(database: &Database) {
    for statement in [
        "DELETE FROM queue_messages",
        "DELETE FROM outgoing_messages",
        "UPDATE ingestion_tasks SET created_at = created_at - interval '61 minutes',
                                    sent_again_at = sent_again_at - interval '61 minutes'",
    ] {
        database.execute(statement).await;
    }
}

async fn written(database: &Database) -> Vec<Envelope> {
    let bodies = database.texts("SELECT body::text FROM outgoing_messages").await;
    bodies
        .iter()
        .map(|body| serde_json::from_str(body).unwrap())
        .collect()
}

async fn progress(database: &Database, id: IngestionId) -> TaskProgress {
    let client = database.client().await;
    let progress = shared::store::work::ingestions::list_progress(&client, id).await;
    progress.unwrap().remove(0)
}

#[tokio::test]
async fn a_lost_message_is_sent_again_once_and_then_its_step_fails() {
    let database = database().await;
    let id = request(&database).await;
    let queues = || Queues::postgres(database.pool.clone());
    roll_up(&database, queues()).await;
    assert_eq!(written(&database).await, [], "its message waits");

    lose(&database).await;
    for _ in 0..2 {
        roll_up(&database, queues()).await;
        let sent_again = written(&database).await;
        assert_eq!(sent_again.len(), 1);
        assert_eq!(sent_again[0].ingestions, [id]);
        assert_eq!(sent_again[0].message.key(), "ingest_album:32nryzA6XBCX9ZUspVc1yz");
    }
    assert_eq!(progress(&database, id).await.waiting, 1);

    lose(&database).await;
    roll_up(&database, queues()).await;
    assert_eq!(written(&database).await, []);
    assert_eq!(progress(&database, id).await.failed, 1);
    let issues = open_issues(&database).await;
    assert_eq!(issues.len(), 1);
    assert_eq!(issues[0].issue_type, "lost");
    assert!(
        issues[0].message.contains("request it again"),
        "{}",
        issues[0].message
    );
}

#[tokio::test]
async fn a_message_may_be_on_sqs_as_long_as_its_queue_is_not_empty() {
    let database = database().await;
    request(&database).await;
    lose(&database).await;
    let busy = Sqs::start(SqsBehavior::Busy).await;
    roll_up(&database, busy.queues.clone()).await;
    assert_eq!(written(&database).await, []);
    let empty = Sqs::start(SqsBehavior::Normal).await;
    roll_up(&database, empty.queues.clone()).await;
    assert_eq!(written(&database).await.len(), 1);
}
