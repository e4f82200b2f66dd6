//! The outcomes of a message: attempts, issues, the steps that wait for it, and snoozed messages.

use chrono::{TimeDelta, Utc};
use integration::database;
use integration::waiting::give_up_at;
use shared::domain::messages::{Envelope, Outcome, SnoozeHistory};
use shared::work::budgets;

use crate::{
    album_of, body, body_for, dead_letters, deliver, fail_before, handle_to, message, open_issues,
    queued_bodies, retry, snooze, wait_for, worker,
};

/// The outcome of each step, with the reason for people and the error for operators.
const OUTCOMES: &str = "
    SELECT concat_ws('|', subject, COALESCE(outcome::text, 'waiting'), detail ->> 'reason',
                     detail ->> 'error')
    FROM ingestion_tasks ORDER BY subject";
const FAILED: &str = "1|failed|the server could not finish this step; whoever operates it can see why";

#[tokio::test]
async fn the_last_attempt_opens_an_issue_and_fails_the_waiting_steps() {
    let database = database().await;
    let awaited = body_for(1, &[wait_for(&database, 1).await]);
    wait_for(&database, 2).await;
    fail_before(&database, 1, 3).await;
    assert!(handle_to(&database, awaited.clone(), 0, retry()).await);
    assert!(open_issues(&database).await.is_empty());
    assert_eq!(database.texts(OUTCOMES).await, ["1|waiting", "2|waiting"]);
    database.execute("DELETE FROM queue_messages").await;

    assert!(!handle_to(&database, awaited.clone(), 0, retry()).await);
    let issues = open_issues(&database).await;
    assert_eq!(issues.len(), 1);
    assert_eq!(
        (issues[0].worker_name.as_str(), issues[0].issue_type.as_str()),
        ("identify", "gave_up")
    );
    assert!(issues[0].message.contains("identify_album:1") && issues[0].message.contains("a test"));
    let failed = format!("{FAILED}|a test");
    assert_eq!(database.texts(OUTCOMES).await, [failed.as_str(), "2|waiting"]);
    assert_eq!(queued_bodies(&database).await, [""; 0]);
    assert_eq!(dead_letters(&database).await, [awaited]);
}

#[tokio::test]
async fn a_discarded_message_fails_the_waiting_steps() {
    let database = database().await;
    let awaited = body_for(1, &[wait_for(&database, 1).await]);
    let discard = Outcome::Discard {
        reason: "it can never be done".to_owned(),
    };
    assert!(!handle_to(&database, awaited.clone(), 0, discard).await);
    let failed = format!("{FAILED}|it can never be done");
    assert_eq!(database.texts(OUTCOMES).await, [failed]);
    assert_eq!(dead_letters(&database).await, [awaited]);
    assert_eq!(queued_bodies(&database).await, [""; 0]);
}

#[tokio::test]
async fn repeated_failures_are_one_open_issue_that_counts_its_occurrences() {
    let database = database().await;
    let bodies: Vec<_> = (0..20).map(body).collect();
    for album in 0..20 {
        fail_before(&database, album, 4).await;
    }
    let deliveries = deliver(&database, &bodies, 0).await;
    let failing = |_, _| async { Ok(retry()) };
    let again = worker(&database).handle(deliveries, give_up_at(), failing).await;
    assert_eq!(again.unwrap(), [""; 0]);
    assert_eq!(dead_letters(&database).await.len(), 20);
    let issues = open_issues(&database).await;
    assert_eq!(issues.len(), 1, "{issues:?}");
    assert_eq!(issues[0].occurrences, 20);

    database.execute("UPDATE worker_issues SET resolved = true").await;
    fail_before(&database, 1, 4).await;
    handle_to(&database, body(1), 0, retry()).await;
    assert_eq!(
        open_issues(&database).await[0].occurrences,
        1,
        "a resolved issue stays resolved"
    );
}

#[tokio::test]
async fn a_snoozed_message_waits_in_the_outbox_and_costs_no_attempt() {
    let database = database().await;
    let until = Utc::now() + TimeDelta::hours(3);
    let deliveries = deliver(&database, &[body(1), body(2)], 4).await;
    let again = worker(&database)
        .handle(deliveries, give_up_at(), |envelope, _| async move {
            let error = budgets::BudgetError::NotNow {
                bucket: shared::domain::buckets::Bucket::MusicBrainz,
                until,
                reason: "no more today".to_owned(),
            };
            match album_of(&envelope) {
                1 => error.into_outcome(),
                _ => Err(anyhow::Error::from(error).context("asking MusicBrainz")),
            }
        })
        .await
        .unwrap();
    assert_eq!(again, [""; 0]);
    assert_eq!(queued_bodies(&database).await, [""; 0]);
    assert!(
        open_issues(&database).await.is_empty(),
        "receiving a message five times is not five attempts"
    );
    let rows = database
        .texts(
            "SELECT message_key || ' ' || bucket || ' ' || snooze_reason || ' ' || snooze_count || ' ' ||
                round(EXTRACT(epoch FROM not_before - now()) / 3600)
             FROM outgoing_messages ORDER BY message_key",
        )
        .await;
    assert_eq!(
        rows,
        [
            "identify_album:1 musicbrainz no more today 1 3",
            "identify_album:2 musicbrainz no more today 1 3"
        ]
    );
}

#[tokio::test]
async fn messages_that_were_snoozed_for_over_a_week_open_one_issue() {
    let database = database().await;
    for (album, days, issues) in [(1, 6, 0), (2, 8, 1), (3, 9, 1)] {
        let since = Utc::now() - TimeDelta::days(days);
        let envelope = Envelope {
            snoozed: Some(SnoozeHistory { since, count: 40 }),
            ..Envelope::requested(message(album), None)
        };
        assert!(!handle_to(&database, envelope.body(), 0, snooze()).await);
        assert_eq!(open_issues(&database).await.len(), issues, "after {days} days");
        let row = format!(
            "SELECT snooze_count::bigint FROM outgoing_messages
             WHERE message_key = 'identify_album:{album}'
             AND first_snoozed_at < now() - interval '{days} days'"
        );
        assert_eq!(database.count(&row).await, 41);
    }
    let issue = open_issues(&database).await.remove(0);
    assert_eq!((issue.issue_type.as_str(), issue.occurrences), ("long_snooze", 2));
    assert!(issue.message.contains("musicbrainz") && issue.message.contains("no more today"));
}
