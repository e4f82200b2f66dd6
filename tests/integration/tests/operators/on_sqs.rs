//! Dead letters on SQS, with messages that the stand-in stores.

use integration::scene::ingest_album;
use integration::sqs::{Sqs, SqsBehavior};
use integration::{Database, database};
use pretty_assertions::assert_eq;
use shared::domain::messages::{Delivery, QueueName};
use shared::work::dead_letters::{DeadLetter, DeadLetterSelection, DeadLetters};

use crate::{BY_ANN, body, of_cause};

/// More letters than one answer of SQS has.
const LETTERS: usize = 12;

/// Dead letters of the catalog queue, the last of which has another cause, and one of another queue.
async fn with_letters() -> (Sqs, Database) {
    let (sqs, database) = (Sqs::start(SqsBehavior::Stores).await, database().await);
    let delivery = |number| Delivery {
        message_id: "m".to_owned(),
        receipt: "r".to_owned(),
        body: body(number),
        receive_count: 5,
    };
    let dies = async |queue, number, cause| {
        let delivery = delivery(number);
        let moved = sqs.queues.move_to_dead_letters(queue, &delivery, cause).await;
        moved.unwrap();
    };
    for number in 0..LETTERS - 1 {
        dies(QueueName::Catalog, number, "down").await;
    }
    dies(QueueName::Catalog, LETTERS - 1, "other").await;
    dies(QueueName::Enrichment, 99, "").await;
    (sqs, database)
}

/// All letters, which are visible again afterwards.
async fn list(sqs: &Sqs, database: &Database) -> Vec<DeadLetter> {
    let all = DeadLetterSelection::default();
    let letters = DeadLetters::select(&sqs.queues, &database.pool, &all).await;
    letters.unwrap().release().await
}

#[tokio::test]
async fn dead_letters_on_sqs_are_listed_with_their_reasons_and_stay_visible() {
    let (sqs, database) = with_letters().await;
    for received in [1, 2] {
        let letters = list(&sqs, &database).await;
        assert_eq!(letters.len(), LETTERS + 1);
        let count = |queue: &str, reason: &str| {
            let is = |letter: &&DeadLetter| letter.queue == queue && letter.reason == reason;
            letters.iter().filter(is).count()
        };
        assert_eq!(count("catalog", "down"), LETTERS - 1);
        assert_eq!(
            (count("catalog", "other"), count("enrichment", "unknown")),
            (1, 1)
        );
        assert!(letters.iter().all(|letter| letter.receive_count == received));
    }
    let letters = list(&sqs, &database).await;
    let one = DeadLetterSelection {
        ids: vec![letters[3].short_id().to_owned()],
        queue: Some(QueueName::Catalog),
        ..DeadLetterSelection::default()
    };
    let found = DeadLetters::select(&sqs.queues, &database.pool, &one)
        .await
        .unwrap();
    assert_eq!((found.letters.len(), &found.letters[0].id), (1, &letters[3].id));
}

#[tokio::test]
async fn retried_dead_letters_on_sqs_are_on_their_queue_again_with_new_attempts() {
    let (sqs, database) = with_letters().await;
    let key = ingest_album(&format!("{:022}", 0)).key();
    let failed = format!(
        "INSERT INTO message_attempts (queue, message_key, failure_count, last_cause, last_failed_at)
         VALUES ('catalog', '{key}', 5, 'down', now())"
    );
    database.execute(&failed).await;
    let letters = of_cause(&database, &sqs.queues, "down").await;
    assert_eq!(letters.retry().await.unwrap(), LETTERS as u64 - 1);
    assert_eq!(database.count("SELECT count(*) FROM message_attempts").await, 0);
    let left = list(&sqs, &database).await;
    let left: Vec<_> = left.iter().map(|letter| letter.reason.as_str()).collect();
    assert_eq!(left, ["other", "unknown"]);
    let mut sent = sqs.receive(QueueName::Catalog).await;
    sent.sort();
    let mut expected: Vec<String> = (0..LETTERS - 1).map(body).collect();
    expected.sort();
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn dropped_dead_letters_on_sqs_are_recorded_with_their_bodies() {
    let (sqs, database) = with_letters().await;
    let letters = of_cause(&database, &sqs.queues, "other").await;
    assert_eq!(letters.drop_all(BY_ANN).await.unwrap(), 1);
    assert_eq!(list(&sqs, &database).await.len(), LETTERS);
    assert_eq!(sqs.receive(QueueName::Catalog).await, [""; 0]);
    let recorded = "SELECT decided_by || ', ' || reason || ', ' || (details ->> 'body')
                    FROM operator_decisions";
    let expected = format!("ann, too old, {}", body(LETTERS - 1));
    assert_eq!(database.texts(recorded).await, [expected]);
}
