//! The messages of SQS events, the delays of retries, and the outcomes of errors, panics and missed
//! deadlines. Tests with a database are elsewhere.

use serde_json::{Value, json};

use aws_lambda_events::sqs::SqsEvent;
use tokio::time::Instant;

use super::handling::delivery;
use super::settling::backoff_seconds;
use super::trying::{Interruption, TryResult, result_of};
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

/// The cause and the delay of a retry.
fn retry(result: TryResult) -> (String, Option<u32>) {
    match result {
        TryResult::Outcome(Outcome::Retry { cause, after_seconds }) => (cause, after_seconds),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_panic_an_error_and_a_missed_deadline_are_retries() {
    let soon = Instant::now() + std::time::Duration::from_millis(20);
    let panic = retry(result_of(soon, 1, async { panic!("a bug") }).await);
    assert!(panic.0.starts_with("a handler panicked"));
    let error = retry(result_of(soon, 1, async { Err(anyhow::anyhow!("cause").context("what")) }).await);
    assert_eq!(error, ("what: cause".to_owned(), None));
    let late = retry(result_of(soon, 1, futures::future::pending()).await);
    assert_eq!(late.1, Some(0));
}

#[tokio::test]
async fn a_time_out_of_the_pool_is_no_attempt() {
    use crate::platform::db::PoolError;
    use crate::work::budgets::BudgetError;
    use deadpool_postgres::TimeoutType;
    let later = Instant::now() + std::time::Duration::from_secs(60);
    for kind in [TimeoutType::Wait, TimeoutType::Create, TimeoutType::Recycle] {
        let plain = async { Err(anyhow::Error::from(PoolError::Timeout(kind)).context("read")) };
        let of_budgets = async { Err(BudgetError::Pool(PoolError::Timeout(kind)).into()) };
        let interrupted = TryResult::Interrupted(Interruption::Database);
        assert_eq!(result_of(later, 1, plain).await, interrupted, "{kind:?}");
        assert_eq!(result_of(later, 1, of_budgets).await, interrupted, "{kind:?}");
    }
}
