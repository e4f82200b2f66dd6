//! Tasks whose message is gone.

use integration::{Database, database};
use shared::domain::messages::{Envelope, QueueName};
use shared::store::work::{lost_tasks, outgoing_messages};
use shared::work::queue::Queues;

use crate::ingestions::{identify, waiting};

/// The subjects of the lost tasks, if the messages of these queues are known.
async fn lost(database: &Database, known_queues: &[QueueName]) -> Vec<String> {
    let tasks = lost_tasks::list(&database.client().await, known_queues, 100)
        .await
        .unwrap();
    tasks.into_iter().map(|task| task.subject).collect()
}

async fn age(database: &Database, interval: &str) {
    let age = format!("UPDATE ingestion_tasks SET created_at = created_at - interval '{interval}'");
    database.execute(&age).await;
}

#[tokio::test]
async fn a_task_is_lost_if_its_message_is_nowhere() {
    let database = database().await;
    for album in 1..=4 {
        waiting(&database, &identify(album), None).await;
    }
    let known = [QueueName::Identification];
    assert_eq!(
        lost(&database, &known).await,
        [""; 0],
        "their messages may be on their way"
    );
    age(&database, "61 minutes").await;
    assert_eq!(lost(&database, &known).await, ["1", "2", "3", "4"]);

    let envelope = |album| Envelope::requested(identify(album), None);
    outgoing_messages::upsert(&database.client().await, &[envelope(1)])
        .await
        .unwrap();
    Queues::postgres(database.pool.clone())
        .send(QueueName::Identification, &[envelope(2).body()])
        .await
        .unwrap();
    database
        .execute("UPDATE ingestion_tasks SET outcome = 'failed', finished_at = now() WHERE subject = '3'")
        .await;
    assert_eq!(lost(&database, &known).await, ["4"]);
}

#[tokio::test]
async fn a_message_on_a_queue_that_is_not_known_is_gone_when_sqs_has_deleted_it() {
    let database = database().await;
    waiting(&database, &identify(1), None).await;
    age(&database, "13 days").await;
    assert_eq!(lost(&database, &[QueueName::Catalog]).await, [""; 0]);
    age(&database, "25 hours").await;
    assert_eq!(lost(&database, &[QueueName::Catalog]).await, ["1"]);
}
