//! Batches as Lambda hands them over from SQS, and what it is told: the messages that it is not told of are deleted, so
//! whatever fails, none may be missing there that was not settled.

use std::time::Duration;

use integration::sqs::{Sqs, SqsBehavior};
use integration::{Database, database, settings};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::domain::messages::{Envelope, Outcome};
use shared::platform::db::Pool;
use shared::work::sqs_events::{SqsBatchResponse, SqsEvent};
use shared::work::worker::Worker;
use tokio::time::Instant;

use crate::{album_of, body, open_issues, retry, soon, worker};

/// An event with these bodies, whose messages are called m0, m1, …
fn event(bodies: &[String], receive_count: i32) -> Value {
    let record = |(place, body): (usize, &String)| {
        json!({
            "messageId": format!("m{place}"), "receiptHandle": format!("r{place}"), "body": body,
            "attributes": {"ApproximateReceiveCount": receive_count.to_string(), "SentTimestamp": "1"},
            "messageAttributes": {}, "md5OfBody": "x", "eventSource": "aws:sqs", "awsRegion": "eu-west-1",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:identification",
        })
    };
    json!({"Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>()})
}

/// What Lambda is told after an event: the ids of the messages that it is to give again.
async fn invoke<F>(
    worker: &Worker,
    event: Value,
    deadline: Instant,
    handler: impl Fn(Envelope) -> F,
) -> Vec<String>
where
    F: Future<Output = anyhow::Result<Outcome>>,
{
    let event: SqsEvent = serde_json::from_value(event).unwrap();
    let failed = worker
        .handle(event.into(), deadline, |envelope, _| handler(envelope))
        .await;
    let told = serde_json::to_value(SqsBatchResponse::failed(failed)).unwrap();
    let told = told["batchItemFailures"].as_array().unwrap();
    let mut ids: Vec<_> = told
        .iter()
        .map(|item| item["itemIdentifier"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

async fn done(_: Envelope) -> anyhow::Result<Outcome> {
    Ok(Outcome::Done)
}

fn on(sqs: &Sqs, database: &Database) -> Worker {
    Worker {
        queues: sqs.queues.clone(),
        concurrency: 4,
        ..worker(database)
    }
}

fn ten_with_one_unreadable() -> Vec<String> {
    let mut bodies: Vec<_> = (0..10).map(body).collect();
    bodies[6] = "poison".to_owned();
    bodies
}

#[tokio::test]
async fn of_ten_messages_the_one_that_cannot_be_read_becomes_a_dead_letter_alone() {
    let (sqs, database) = (Sqs::start(SqsBehavior::Normal).await, database().await);
    let event = event(&ten_with_one_unreadable(), 1);
    assert_eq!(invoke(&on(&sqs, &database), event, soon(), done).await, [""; 0]);
    assert_eq!(sqs.calls(), [r#"SendMessage identification-dead "poison""#]);
    assert_eq!(open_issues(&database).await.len(), 1);
}

#[tokio::test]
async fn an_empty_batch_is_answered_and_asks_nothing_of_sqs() {
    let (sqs, database) = (Sqs::start(SqsBehavior::Normal).await, database().await);
    assert_eq!(
        invoke(&on(&sqs, &database), event(&[], 1), soon(), done).await,
        [""; 0]
    );
    assert_eq!(sqs.calls(), [""; 0]);
}

#[tokio::test]
async fn a_retry_is_given_again_after_its_delay_and_the_last_one_becomes_a_dead_letter() {
    let (sqs, database) = (Sqs::start(SqsBehavior::Normal).await, database().await);
    let fails = async |_| {
        Ok(Outcome::Retry {
            cause: "a test".to_owned(),
            after_seconds: Some(7),
        })
    };
    let worker = on(&sqs, &database);
    assert_eq!(invoke(&worker, event(&[body(1)], 4), soon(), fails).await, ["m0"]);
    assert_eq!(sqs.calls(), [r#"ChangeMessageVisibility identification "r0" 7"#]);
    assert!(open_issues(&database).await.is_empty());

    assert_eq!(
        invoke(&worker, event(&[body(1)], 5), soon(), fails).await,
        [""; 0]
    );
    let buried = format!("SendMessage identification-dead {}", json!(body(1)));
    assert_eq!(sqs.calls().last(), Some(&buried));
    assert_eq!(open_issues(&database).await[0].issue_type, "gave_up");
}

#[tokio::test]
async fn a_message_whose_workers_were_all_killed_becomes_a_dead_letter_with_an_issue() {
    let (sqs, database) = (Sqs::start(SqsBehavior::Normal).await, database().await);
    let never = async |_| panic!("it is given up unread");
    assert_eq!(
        invoke(&on(&sqs, &database), event(&[body(1)], 6), soon(), never).await,
        [""; 0]
    );
    assert_eq!(
        sqs.calls(),
        [format!("SendMessage identification-dead {}", json!(body(1)))]
    );
    let issue = open_issues(&database).await.remove(0);
    assert!(
        issue.message.contains("received 5 times without being done"),
        "{}",
        issue.message
    );
}

#[tokio::test]
async fn what_the_time_out_breaks_off_is_given_again_at_once() {
    let (sqs, database) = (Sqs::start(SqsBehavior::Normal).await, database().await);
    let bodies: Vec<_> = (0..4).map(body).collect();
    let soon = Instant::now() + Duration::from_millis(300);
    let odd_ones_hang = async |envelope: Envelope| {
        if album_of(&envelope) % 2 == 1 {
            std::future::pending::<()>().await;
        }
        Ok(Outcome::Done)
    };
    let again = invoke(&on(&sqs, &database), event(&bodies, 1), soon, odd_ones_hang).await;
    assert_eq!(again, ["m1", "m3"]);
    let mut calls = sqs.calls();
    calls.sort();
    assert_eq!(
        calls,
        [
            r#"ChangeMessageVisibility identification "r1" 0"#,
            r#"ChangeMessageVisibility identification "r3" 0"#
        ]
    );
}

#[tokio::test]
async fn with_wrong_credentials_for_sqs_what_it_should_have_done_is_given_again() {
    let (sqs, database) = (Sqs::start(SqsBehavior::Refuses).await, database().await);
    let event = event(&ten_with_one_unreadable(), 1);
    let third_fails = async |envelope: Envelope| match album_of(&envelope) {
        3 => Ok(retry()),
        _ => Ok(Outcome::Done),
    };
    assert_eq!(
        invoke(&on(&sqs, &database), event, soon(), third_fails).await,
        ["m3", "m6"]
    );
    assert!(open_issues(&database).await.is_empty(), "nothing was discarded");
}

#[tokio::test]
async fn sqs_that_hangs_does_not_keep_a_function_past_its_time() {
    let (sqs, database) = (Sqs::start(SqsBehavior::Hangs).await, database().await);
    let started = Instant::now();
    let soon = started + Duration::from_millis(500);
    let event = event(&ten_with_one_unreadable(), 1);
    assert_eq!(invoke(&on(&sqs, &database), event, soon, done).await, ["m6"]);
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn without_a_database_every_message_is_given_again_in_time() {
    let database = database().await;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hanging = format!("postgres://u:p@{}/d", silent.local_addr().unwrap());
    let (scheme, rest) = database.url.split_once("://").unwrap();
    let (_, host) = rest.split_once('@').unwrap();
    let wrong_password = format!("{scheme}://nobody:hunter2@{host}");
    for (case, url) in [
        ("it is not there", "postgres://u:p@127.0.0.1:1/d"),
        ("it does not answer", &hanging),
        ("it knows no such user", &wrong_password),
    ] {
        let sqs = Sqs::start(SqsBehavior::Normal).await;
        let pool = Pool::new(&settings(url), 2).unwrap();
        let away = Worker {
            pool: pool.clone(),
            ..on(&sqs, &database)
        };
        let asks = |_| {
            let pool = pool.clone();
            async move {
                pool.client().await?;
                Ok(Outcome::Done)
            }
        };
        let started = Instant::now();
        let soon = started + Duration::from_millis(500);
        let again = invoke(&away, event(&ten_with_one_unreadable(), 1), soon, asks).await;
        let all: Vec<_> = (0..10).map(|place| format!("m{place}")).collect();
        assert_eq!(again, all, "{case}");
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "{case}: {:?}",
            started.elapsed()
        );
    }
}
