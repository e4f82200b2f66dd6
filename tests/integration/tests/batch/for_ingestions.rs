//! What the worker does for ingestions: it skips the messages of cancelled ones, and a message that is given
//! up fails nobody but its own.

use std::sync::atomic::{AtomicUsize, Ordering};

use integration::waiting::give_up_at;
use integration::{DECISION, Database, database};
use shared::domain::messages::Outcome;
use shared::work::ingestion_requests;

use crate::{body_for, deliver, handle_to, wait_for, worker};

async fn outcomes(database: &Database) -> Vec<String> {
    let outcomes = "SELECT COALESCE(outcome::text, 'waiting') FROM ingestion_tasks ORDER BY ingestion_id";
    database.texts(outcomes).await
}

#[tokio::test]
async fn the_failure_of_a_duplicate_fails_nobody_else() {
    let database = database().await;
    let (one, _other) = (wait_for(&database, 1).await, wait_for(&database, 1).await);
    let discard = Outcome::Discard {
        reason: "a test".to_owned(),
    };
    handle_to(&database, body_for(1, &[one]), 0, discard).await;
    assert_eq!(outcomes(&database).await, ["failed", "waiting"]);
}

#[tokio::test]
async fn a_message_is_skipped_if_all_its_ingestions_are_cancelled() {
    let database = database().await;
    let (one, two) = (wait_for(&database, 1).await, wait_for(&database, 1).await);
    for (cancelled, expected_calls) in [(one, 1), (two, 0)] {
        ingestion_requests::cancel(&database.pool, cancelled, DECISION)
            .await
            .unwrap();
        let deliveries = deliver(&database, &[body_for(1, &[one, two])], 0).await;
        let calls = AtomicUsize::new(0);
        let again = worker(&database)
            .handle(deliveries, give_up_at(), |_, _| async {
                calls.fetch_add(1, Ordering::Relaxed);
                Ok(Outcome::Done)
            })
            .await;
        assert_eq!(again.unwrap(), [""; 0]);
        assert_eq!(calls.load(Ordering::Relaxed), expected_calls);
        assert_eq!(database.count("SELECT count(*) FROM queue_messages").await, 0);
    }
}

#[tokio::test]
async fn a_step_that_was_added_while_its_ingestion_was_cancelled_is_cancelled_when_it_is_skipped() {
    let database = database().await;
    let id = wait_for(&database, 1).await;
    ingestion_requests::cancel(&database.pool, id, DECISION)
        .await
        .unwrap();
    database
        .execute("UPDATE ingestion_tasks SET outcome = NULL, finished_at = NULL")
        .await;
    handle_to(&database, body_for(1, &[id]), 0, Outcome::Done).await;
    assert_eq!(outcomes(&database).await, ["cancelled"]);
}
