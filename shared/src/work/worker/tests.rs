//! The messages of SQS events, the delays of retries, and the outcomes of errors, panics and missed
//! deadlines. Tests with a database are elsewhere.

use serde_json::{Value, json};

use aws_lambda_events::sqs::SqsEvent;
use tokio::time::Instant;

use super::handling::{delivery, outcome_of};
use super::settling::backoff_seconds;
use crate::domain::messages::{Delivery, Outcome};

/// The deliveries of an event, or the error.
fn read(event: Value) -> anyhow::Result<Vec<Delivery>> {
    let event: SqsEvent = serde_json::from_value(event)?;
    event.records.into_iter().map(delivery).collect()
}

#[test]
fn messages_are_parsed_with_their_receive_count() {
    let event = json!({"Records": [
        {
            "messageId": "m1", "receiptHandle": "r1", "body": "{}", "eventSource": "aws:sqs", "novelty": 1,
            "attributes": {"ApproximateReceiveCount": "3", "SenderId": "x"}, "messageAttributes": {
                "note": {"stringValue": "by hand", "stringListValues": [], "dataType": "String"},
                "blob": {"binaryValue": "AAE=", "binaryListValues": [], "dataType": "Binary"},
            }
        },
        {"messageId": "m2", "receiptHandle": "r2", "body": null, "attributes": null},
    ]});
    let deliveries = read(event).unwrap();
    assert_eq!(
        (deliveries[0].body.as_str(), deliveries[0].receive_count),
        ("{}", 3)
    );
    assert_eq!(
        (deliveries[1].body.as_str(), deliveries[1].receive_count),
        ("", 1)
    );
    assert!(read(json!({"Records": []})).unwrap().is_empty());
}

#[test]
fn an_event_of_another_kind_or_with_a_message_that_cannot_be_reported_is_rejected() {
    for event in [
        json!({}),
        json!({"source": "aws.events", "detail": {}}),
        json!({"Records": [{"receiptHandle": "r", "body": "{}"}]}),
        json!({"Records": [{"messageId": "m", "body": "{}"}]}),
    ] {
        assert!(read(event.clone()).is_err(), "{event}");
    }
}

#[test]
fn the_delay_of_retries_grows_up_to_a_limit() {
    for (attempt, range) in [
        (1, 1..=2),
        (2, 2..=4),
        (5, 16..=32),
        (40, 450..=900),
        (i32::MAX, 450..=900),
        (0, 1..=2),
    ] {
        assert!(range.contains(&backoff_seconds(attempt)), "attempt {attempt}");
    }
}

#[tokio::test]
async fn a_panic_an_error_and_a_missed_deadline_are_retries() {
    let soon = Instant::now() + std::time::Duration::from_millis(20);
    let panic = outcome_of(soon, async { panic!("a bug") }).await;
    assert!(matches!(panic, Outcome::Retry { cause, .. } if cause.starts_with("a handler panicked")));
    let error = outcome_of(soon, async { Err(anyhow::anyhow!("cause").context("what")) }).await;
    assert!(matches!(error, Outcome::Retry { cause, .. } if cause == "what: cause"));
    let late = outcome_of(soon, futures::future::pending()).await;
    assert!(matches!(
        late,
        Outcome::Retry {
            after_seconds: Some(0),
            ..
        }
    ));
}
