//! Attempts: what counts as one, and what ends a message. The queue's own count of receipts does not matter.

use integration::waiting::give_up_at;
use integration::{Database, database};
use shared::domain::messages::Outcome;

use crate::{
    album_of, attempts, body, dead_letters, deliver, handle_to, kill_while_handling, message, open_issues,
    queued_bodies, retry, snooze, worker,
};

#[tokio::test]
async fn five_failures_discard_a_message_however_often_it_was_received_or_requested() {
    let database = database().await;
    for (failure, times_before) in [(1, 0), (2, 30), (3, 0), (4, 3)] {
        assert!(handle_to(&database, body(1), times_before, retry()).await);
        let expected = format!("identify_album:1 {failure} a test 0");
        assert_eq!(attempts(&database).await, [expected]);
        // The next one is a new request for the same subject.
        database.execute("DELETE FROM queue_messages").await;
    }
    assert!(handle_to(&database, body(2), 0, retry()).await);
    assert!(!handle_to(&database, body(1), 0, retry()).await);
    assert_eq!(dead_letters(&database).await, [body(1)]);
    let reasons = database.texts("SELECT reason FROM dead_messages").await;
    assert_eq!(reasons, ["a test"], "the last cause");
    assert_eq!(attempts(&database).await, ["identify_album:2 1 a test 0"]);
}

#[tokio::test]
async fn a_message_that_is_done_or_discarded_begins_anew_and_a_snoozed_one_does_not() {
    let discard = Outcome::Discard {
        reason: "never".to_owned(),
    };
    for (outcome, left) in [(Outcome::Done, 0), (discard, 0), (snooze(), 1)] {
        let database = database().await;
        crate::fail_before(&database, 1, 4).await;
        handle_to(&database, body(1), 0, outcome.clone()).await;
        assert_eq!(attempts(&database).await.len(), left, "{outcome}");
    }
}

/// Raises an error of Postgres with this SQLSTATE, as a statement of a handler may.
async fn fail_with(database: &Database, state: &str) -> anyhow::Result<Outcome> {
    let sql = format!("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$");
    database.client().await.run(&sql).await?;
    unreachable!("the statement fails");
}

#[tokio::test]
async fn what_the_database_interrupts_is_no_attempt_and_what_it_rejects_is_one() {
    for (what, state, is_attempt) in [
        ("a deadlock", "40P01", false),
        ("a serialization failure", "40001", false),
        ("a lock time-out", "55P03", false),
        ("too many connections", "53300", false),
        ("a full disk", "53100", false),
        ("a shutdown", "57P01", false),
        ("a failover", "25006", false),
        ("a broken constraint", "23514", true),
        ("a value out of range", "22003", true),
        ("a cancelled statement", "57014", false),
    ] {
        let database = database().await;
        for round in 0..2 {
            let deliveries = deliver(&database, &[body(1), body(2)], 4).await;
            let first = deliveries[0].message_id.clone();
            let fails = |envelope| {
                let database = &database;
                async move {
                    match album_of(&envelope) {
                        1 => fail_with(database, state).await,
                        _ => Ok(Outcome::Done),
                    }
                }
            };
            let again = worker(&database)
                .handle(deliveries, give_up_at(), |envelope, _| fails(envelope))
                .await;
            assert_eq!(again.unwrap(), [first], "{what}");
            assert_eq!(queued_bodies(&database).await, [body(1)], "{what}");
            let expected = format!(
                "identify_album:1 {} the database failed; see the log 0",
                round + 1
            );
            let expected: Vec<String> = is_attempt.then_some(expected).into_iter().collect();
            assert_eq!(attempts(&database).await, expected, "{what}");
            database.execute("DELETE FROM queue_messages").await;
        }
    }
}

#[tokio::test]
async fn a_statement_that_is_never_quick_enough_discards_its_message_in_the_end() {
    let database = database().await;
    for (receipt, failures) in [(1, 0), (19, 0), (20, 1), (21, 2), (22, 3), (23, 4), (24, 0)] {
        let deliveries = deliver(&database, &[body(1)], receipt - 1).await;
        let times_out = |_, _| fail_with(&database, "57014");
        let handled = worker(&database)
            .handle(deliveries, give_up_at(), times_out)
            .await;
        assert_eq!(handled.unwrap().is_empty(), receipt == 24, "receipt {receipt}");
        let counted = "SELECT COALESCE(sum(failure_count), 0) FROM message_attempts";
        assert_eq!(database.count(counted).await, failures, "receipt {receipt}");
        database.execute("DELETE FROM queue_messages").await;
    }
    assert_eq!(dead_letters(&database).await, [body(1)]);
    let reasons = database.texts("SELECT reason FROM dead_messages").await;
    assert_eq!(reasons, ["the database failed; see the log"]);
}

#[tokio::test]
async fn nothing_is_written_before_a_try_until_the_fifth_receipt() {
    for (receipt, is_recorded) in [(1, false), (4, false), (5, true), (9, true)] {
        let recorded = "identify_album:1 0 1".to_owned();
        let expected: Vec<String> = is_recorded.then_some(recorded).into_iter().collect();
        let database = database().await;
        let deliveries = deliver(&database, &[body(1)], receipt - 1).await;
        kill_while_handling(&worker(&database), deliveries).await;
        assert_eq!(attempts(&database).await, expected, "receipt {receipt}");
    }
}

#[tokio::test]
async fn three_starts_without_an_end_discard_a_message() {
    let database = database().await;
    for receipt in 5..=7 {
        let deliveries = deliver(&database, &[body(1)], receipt - 1).await;
        kill_while_handling(&worker(&database), deliveries).await;
        database.execute("DELETE FROM queue_messages").await;
    }
    assert!(!handle_to(&database, body(1), 7, Outcome::Done).await);
    assert_eq!(dead_letters(&database).await, [body(1)]);
    let reason = database.texts("SELECT reason FROM dead_messages").await.remove(0);
    assert!(reason.starts_with("it ends its worker"), "{reason}");
    assert_eq!(open_issues(&database).await[0].issue_type, "discarded");
    assert_eq!(attempts(&database).await, [""; 0]);
}

#[tokio::test]
async fn the_end_of_a_try_closes_the_starts_before_it() {
    for outcome in [Some(retry()), Some(snooze()), None] {
        let database = database().await;
        let client = database.client().await;
        let key = message(1).key();
        for _ in 0..2 {
            let started = shared::store::work::message_attempts::record_start(&client, crate::QUEUE, &key);
            started.await.unwrap();
        }
        let deliveries = deliver(&database, &[body(1)], 20).await;
        match &outcome {
            Some(outcome) => {
                let ends = |_, _| async { Ok(outcome.clone()) };
                let ended = worker(&database).handle(deliveries, give_up_at(), ends).await;
                ended.unwrap();
            }
            // As the end of a process gives back what it has not finished.
            None => worker(&database).give_back(&deliveries[0], 0).await.unwrap(),
        }
        let open = "SELECT count(*) FROM message_attempts WHERE open_starts > 0";
        assert_eq!(database.count(open).await, 0, "{outcome:?}");
    }
}
