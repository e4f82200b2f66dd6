//! What operators do by hand: dead letters, issues and blocked sources; and that a database belongs to one
//! kind of queues.

#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

mod on_sqs;

use integration::scene::ingest_album;
use integration::sqs::{Sqs, SqsBehavior};
use integration::{Database, database};
use pretty_assertions::assert_eq;
use shared::domain::buckets::Bucket;
use shared::domain::credits::Source;
use shared::domain::messages::Envelope;
use shared::store::work::operator_decisions::Decision;
use shared::store::work::{dead_messages, upstream_budgets, worker_issues};
use shared::work::dead_letters::{DeadLetterSelection, DeadLetters};
use shared::work::queue::Queues;
use shared::work::queue_ownership::OtherQueues;

const BY_ANN: Decision<'static> = Decision {
    by: "ann",
    reason: "too old",
};

fn body(number: usize) -> String {
    Envelope::background(ingest_album(&format!("{number:022}"))).body()
}

async fn with_dead_letters(causes: &[&str]) -> (Database, Queues) {
    let database = database().await;
    let queues = Queues::postgres(database.pool.clone());
    for (number, cause) in causes.iter().enumerate() {
        let client = database.client().await;
        dead_messages::insert(&client, "catalog", &body(number), cause, 5)
            .await
            .unwrap();
    }
    (database, queues)
}

async fn of_cause(database: &Database, queues: &Queues, cause: &str) -> DeadLetters {
    let selection = DeadLetterSelection {
        cause: Some(cause.to_owned()),
        ..DeadLetterSelection::default()
    };
    DeadLetters::select(queues, &database.pool, &selection)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_retried_dead_letter_is_on_its_queue_again_with_new_attempts() {
    let (database, queues) = with_dead_letters(&["down", "other"]).await;
    let key = ingest_album(&format!("{:022}", 0)).key();
    database
        .execute(&format!(
            "INSERT INTO message_attempts (queue, message_key, failure_count, last_cause, last_failed_at)
             VALUES ('catalog', '{key}', 5, 'down', now())"
        ))
        .await;
    let sent = of_cause(&database, &queues, "down").await.retry().await.unwrap();
    assert_eq!(sent, 1);
    assert_eq!(database.texts("SELECT body FROM queue_messages").await, [body(0)]);
    assert_eq!(
        database.texts("SELECT reason FROM dead_messages").await,
        ["other"]
    );
    assert_eq!(database.count("SELECT count(*) FROM message_attempts").await, 0);
}

#[tokio::test]
async fn a_dropped_dead_letter_is_recorded_with_its_body() {
    let (database, queues) = with_dead_letters(&["down", "other"]).await;
    let letters = of_cause(&database, &queues, "down").await;
    assert_eq!(letters.drop_all(BY_ANN).await.unwrap(), 1);
    assert_eq!(
        database.texts("SELECT reason FROM dead_messages").await,
        ["other"]
    );
    let recorded = "SELECT decided_by || ', ' || reason || ', ' || (details ->> 'body')
                    FROM operator_decisions";
    let expected = format!("ann, too old, {}", body(0));
    assert_eq!(database.texts(recorded).await, [expected]);
}

#[tokio::test]
async fn a_resolved_issue_is_closed_and_a_new_report_opens_another() {
    let database = database().await;
    let client = database.client().await;
    let issue = worker_issues::WorkerIssue {
        worker_name: "ingest",
        issue_type: "gave_up",
        fingerprint: "x",
        message: "it failed",
        details: serde_json::json!({}),
    };
    worker_issues::raise(&client, &issue).await.unwrap();
    let id = worker_issues::list_open(&client, 9).await.unwrap()[0].id;
    assert_eq!(
        worker_issues::mark_resolved(&client, &[id, 99]).await.unwrap(),
        [id]
    );
    assert!(
        worker_issues::find(&client, id)
            .await
            .unwrap()
            .unwrap()
            .is_resolved
    );
    assert!(
        worker_issues::mark_resolved(&client, &[id])
            .await
            .unwrap()
            .is_empty()
    );
    worker_issues::raise(&client, &issue).await.unwrap();
    assert_ne!(worker_issues::list_open(&client, 9).await.unwrap()[0].id, id);
}

#[tokio::test]
async fn an_unblocked_source_is_called_at_once() {
    let database = database().await;
    database
        .execute(
            "INSERT INTO upstream_budgets (bucket, source, interval_ms, blocked_until, blocked_reason) VALUES
                 ('musicbrainz', 'musicbrainz', 1000, now() + interval '1 day', 'a pause'),
                 ('discogs', 'discogs', 1000, now() + interval '1 day', 'a pause')",
        )
        .await;
    database
        .execute(
            "INSERT INTO outgoing_messages (queue, message_key, bucket, body, not_before, snooze_count) VALUES
                 ('catalog', 'a', 'musicbrainz', '{}', now() + interval '1 day', 1),
                 ('catalog', 'b', 'discogs', '{}', now() + interval '1 day', 1)",
        )
        .await;
    let client = database.client().await;
    for expected in [(1, 1), (0, 0)] {
        let unblocked = upstream_budgets::unblock(&client, Source::MusicBrainz, &[Bucket::MusicBrainz]).await;
        assert_eq!(unblocked.unwrap(), expected);
    }
    let due = "SELECT message_key FROM outgoing_messages WHERE not_before <= now()";
    assert_eq!(database.texts(due).await, ["a"]);
    let blocked = "SELECT bucket FROM upstream_budgets WHERE blocked_until > now()";
    assert_eq!(database.texts(blocked).await, ["discogs"]);
}

#[tokio::test]
async fn a_database_belongs_to_the_kind_of_queues_that_used_it_first() {
    let (database, sqs) = (database().await, Sqs::start(SqsBehavior::Normal).await);
    let (client, own) = (database.client().await, Queues::postgres(database.pool.clone()));
    sqs.queues.check_database(&client).await.unwrap();
    own.claim_database(&client).await.unwrap();
    own.claim_database(&client).await.unwrap();
    for refused in [
        sqs.queues.claim_database(&client).await,
        sqs.queues.check_database(&client).await,
    ] {
        let error = refused.unwrap_err();
        assert!(error.is::<OtherQueues>());
        assert!(
            format!("{error:#}").contains("unset CATALOG_QUEUE_URL"),
            "{error:#}"
        );
    }
}
