//! Batches that Lambda receives from SQS. Lambda deletes the messages that the response does not report as
//! failed, so every unsettled message must be reported, whatever fails.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use integration::sqs::{Sqs, SqsBehavior};
use integration::waiting::{give_up_at, must_end, with_enough_time};
use integration::{Database, database};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::domain::messages::{Envelope, Outcome};
use shared::work::worker::Worker;
use tokio::time::Instant;

use crate::{
    album_of, attempts, body, delivery, fail_before, kill_while_handling, open_issues, retry, worker,
};

/// An event with these bodies, whose messages have the ids m0, m1, …
pub(crate) fn event(bodies: &[String], receive_count: i32) -> Value {
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

/// The response to an event: the ids of the messages that Lambda has to deliver again.
async fn invoke<F>(
    worker: &Worker,
    event: Value,
    deadline: Instant,
    handler: impl Fn(Envelope) -> F,
) -> Vec<String>
where
    F: Future<Output = anyhow::Result<Outcome>>,
{
    // A worker stops some seconds before the end of its invocation.
    let end = SystemTime::now() + (deadline - Instant::now()) + Duration::from_secs(3);
    let event = serde_json::from_value(event).unwrap();
    let handled = worker.handle_event(event, end, |envelope, _| handler(envelope));
    let response = serde_json::to_value(handled.await.unwrap()).unwrap();
    let failures = response["batchItemFailures"].as_array().unwrap();
    let mut ids: Vec<_> = failures
        .iter()
        .map(|item| item["itemIdentifier"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

async fn done(_: Envelope) -> anyhow::Result<Outcome> {
    Ok(Outcome::Done)
}

pub(crate) fn worker_on(sqs: &Sqs, database: &Database) -> Worker {
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
async fn of_ten_messages_only_the_unreadable_one_becomes_a_dead_letter() {
    let (sqs, database) = (Sqs::start(SqsBehavior::Normal).await, database().await);
    let event = event(&ten_with_one_unreadable(), 1);
    assert_eq!(
        invoke(&worker_on(&sqs, &database), event, give_up_at(), done).await,
        [""; 0]
    );
    assert_eq!(sqs.calls().await, [r#"SendMessage identification-dead "poison""#]);
    assert_eq!(open_issues(&database).await.len(), 1);
}

#[tokio::test]
async fn an_empty_batch_makes_no_request_to_sqs() {
    let (sqs, database) = (Sqs::start(SqsBehavior::Normal).await, database().await);
    assert_eq!(
        invoke(&worker_on(&sqs, &database), event(&[], 1), give_up_at(), done).await,
        [""; 0]
    );
    assert_eq!(sqs.calls().await, [""; 0]);
}

#[tokio::test]
async fn a_retry_is_delivered_again_after_its_delay_and_the_last_one_becomes_a_dead_letter() {
    let (sqs, database) = (Sqs::start(SqsBehavior::Normal).await, database().await);
    let fails = async |_| {
        Ok(Outcome::Retry {
            cause: "a test".to_owned(),
            after_seconds: Some(7),
        })
    };
    let worker = worker_on(&sqs, &database);
    fail_before(&database, 1, 3).await;
    assert_eq!(
        invoke(&worker, event(&[body(1)], 1), give_up_at(), fails).await,
        ["m0"]
    );
    assert_eq!(
        sqs.calls().await,
        [r#"ChangeMessageVisibility identification "r0" 7"#]
    );
    assert!(open_issues(&database).await.is_empty());

    assert_eq!(
        invoke(&worker, event(&[body(1)], 2), give_up_at(), fails).await,
        [""; 0]
    );
    let dead_letter = format!("SendMessage identification-dead {}", json!(body(1)));
    assert_eq!(sqs.calls().await.last(), Some(&dead_letter));
    assert_eq!(open_issues(&database).await[0].issue_type, "gave_up");
}

#[tokio::test]
async fn a_message_that_ends_its_worker_becomes_a_dead_letter_with_an_issue() {
    let (sqs, database) = (Sqs::start(SqsBehavior::Normal).await, database().await);
    let worker = worker_on(&sqs, &database);
    for receive_count in 1..=7 {
        kill_while_handling(&worker, vec![delivery(body(1), receive_count)]).await;
    }
    assert_eq!(attempts(&database).await, ["identify_album:1 0 3"]);
    let never = async |_| panic!("the message is discarded without being tried");
    let again = invoke(&worker, event(&[body(1)], 8), give_up_at(), never).await;
    assert_eq!(again, [""; 0]);
    let dead_letter = format!("SendMessage identification-dead {}", json!(body(1)));
    assert_eq!(sqs.calls().await, [dead_letter]);
    let issue = open_issues(&database).await.remove(0);
    assert!(issue.message.contains("it ends its worker"), "{}", issue.message);
    assert_eq!(attempts(&database).await, [""; 0]);
}

#[tokio::test]
async fn messages_that_the_time_out_interrupts_are_delivered_again_at_once() {
    with_enough_time("two messages are handled before the time-out", async |time| {
        let (sqs, database) = (Sqs::start(SqsBehavior::Normal).await, database().await);
        let bodies: Vec<_> = (0..4).map(body).collect();
        let handled = AtomicUsize::new(0);
        let odd_ones_hang = async |envelope: Envelope| {
            if album_of(&envelope) % 2 == 1 {
                std::future::pending::<()>().await;
            }
            handled.fetch_add(1, Ordering::Relaxed);
            Ok(Outcome::Done)
        };
        let deadline = Instant::now() + time;
        let again = invoke(
            &worker_on(&sqs, &database),
            event(&bodies, 1),
            deadline,
            odd_ones_hang,
        )
        .await;
        if handled.load(Ordering::Relaxed) < 2 {
            return None;
        }
        assert_eq!(again, ["m1", "m3"]);
        let mut calls = sqs.calls().await;
        calls.sort();
        assert_eq!(
            calls,
            [
                r#"ChangeMessageVisibility identification "r1" 0"#,
                r#"ChangeMessageVisibility identification "r3" 0"#
            ]
        );
        Some(())
    })
    .await;
}

#[tokio::test]
async fn with_wrong_credentials_for_sqs_the_unsettled_messages_are_delivered_again() {
    let (sqs, database) = (Sqs::start(SqsBehavior::Refuses).await, database().await);
    let event = event(&ten_with_one_unreadable(), 1);
    let third_fails = async |envelope: Envelope| match album_of(&envelope) {
        3 => Ok(retry()),
        _ => Ok(Outcome::Done),
    };
    assert_eq!(
        invoke(&worker_on(&sqs, &database), event, give_up_at(), third_fails).await,
        ["m3", "m6"]
    );
    assert!(open_issues(&database).await.is_empty(), "nothing was discarded");
}

#[tokio::test]
async fn a_function_ends_although_sqs_does_not_answer() {
    with_enough_time("nine messages are handled before the deadline", async |time| {
        let (sqs, database) = (Sqs::start(SqsBehavior::Hangs).await, database().await);
        let handled = AtomicUsize::new(0);
        let count = async |_| {
            handled.fetch_add(1, Ordering::Relaxed);
            Ok(Outcome::Done)
        };
        let event = event(&ten_with_one_unreadable(), 1);
        let worker = worker_on(&sqs, &database);
        let invocation = invoke(&worker, event, Instant::now() + time, count);
        let again = must_end("the function ends", invocation).await;
        (handled.load(Ordering::Relaxed) == 9).then(|| assert_eq!(again, ["m6"]))
    })
    .await;
}
