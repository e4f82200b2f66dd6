//! Snoozed messages, and the sweeps that send them.

use chrono::{TimeDelta, Utc};
use integration::sqs::{Sqs, SqsBehavior};
use integration::{Database, bootstrap, database, settings};
use shared::domain::ids::IngestionId;
use shared::domain::messages::{Envelope, Message};
use shared::platform::db::Pool;
use shared::store::work::upstream_budgets;
use shared::work::bootstrap::Bootstrap;
use shared::work::queue::Queues;
use std::sync::Arc;
use std::time::Duration;

use crate::{MINUTE, age, identify, left, requested, sent, snooze, sweep_once, sweeper, write};

#[tokio::test]
async fn a_snoozed_message_waits_until_its_time() {
    let database = database().await;
    snooze(
        &database,
        requested(1),
        Utc::now() + TimeDelta::hours(1),
        "musicbrainz",
    )
    .await;
    age(&database).await;
    assert_eq!(sweep_once(&database, MINUTE).await, 0);
    database
        .execute("UPDATE outgoing_messages SET not_before = now() - interval '1 second'")
        .await;
    assert_eq!(sweep_once(&database, MINUTE).await, 1);
    let back = sent(&database).await.remove(0);
    assert_eq!(back.snoozed.unwrap().count, 1, "the snooze is counted");
}

#[tokio::test]
async fn a_new_request_does_not_wait_for_a_snoozed_message() {
    let database = database().await;
    snooze(
        &database,
        requested(1),
        Utc::now() + TimeDelta::hours(1),
        "musicbrainz",
    )
    .await;
    let due_count =
        "SELECT count(*) FROM outgoing_messages WHERE not_before <= now() AND first_snoozed_at IS NOT NULL";
    assert_eq!(database.count(due_count).await, 0);
    let written = write(&database, &[requested(1)]).await;
    assert_eq!(database.count(due_count).await, 1);
    let body: Envelope = serde_json::from_str(&written[0].body).unwrap();
    assert!(
        body.snoozed.is_some(),
        "the time of the first snooze is preserved"
    );
    snooze(
        &database,
        requested(1),
        Utc::now() + TimeDelta::hours(1),
        "musicbrainz",
    )
    .await;
    assert_eq!(
        database.count(due_count).await,
        1,
        "the earlier time is preserved"
    );
}

/// Reserves one call, which stores the rate of the source.
async fn set_pace(database: &Database, bucket: &str, source: &str, interval_ms: i32) {
    let client = database.client().await;
    upstream_budgets::reserve(&client, bucket, source, source, interval_ms, 1e6)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_sweep_sends_what_the_source_can_serve_until_the_next_sweep_with_requests_first() {
    for (bucket, source) in [("musicbrainz", "musicbrainz"), ("spotify_albums", "spotify")] {
        let database = database().await;
        set_pace(&database, bucket, source, 1000).await;
        let past = Utc::now() - TimeDelta::minutes(5);
        for album in 0..6 {
            let older = past - TimeDelta::seconds(album);
            snooze(&database, Envelope::background(identify(album)), older, bucket).await;
        }
        for album in 6..8 {
            snooze(&database, requested(album), past, bucket).await;
        }
        assert_eq!(sweep_once(&database, Duration::from_secs(4)).await, 4, "{bucket}");
        let first: Vec<Message> = sent(&database).await.into_iter().map(|one| one.message).collect();
        assert_eq!(
            first,
            [identify(6), identify(7), identify(5), identify(4)],
            "{bucket}"
        );
        assert_eq!(sweep_once(&database, Duration::from_secs(4)).await, 4, "{bucket}");
        assert_eq!(left(&database).await, 0, "{bucket}");
    }
}

#[tokio::test]
async fn a_sweep_sends_the_messages_of_different_ingestions_in_turns() {
    let database = database().await;
    set_pace(&database, "musicbrainz", "musicbrainz", 1000).await;
    let past = Utc::now() - TimeDelta::minutes(5);
    for album in 0..30 {
        let envelope = requested(album).awaited_by(&[IngestionId(1)]);
        snooze(&database, envelope, past, "musicbrainz").await;
    }
    let single = requested(100).awaited_by(&[IngestionId(2)]);
    snooze(
        &database,
        single.clone(),
        past + TimeDelta::minutes(1),
        "musicbrainz",
    )
    .await;
    assert_eq!(sweep_once(&database, Duration::from_secs(2)).await, 2);
    let messages: Vec<Message> = sent(&database).await.into_iter().map(|one| one.message).collect();
    assert_eq!(messages.len(), 2);
    assert!(messages.contains(&single.message), "{messages:?}");
}

#[tokio::test]
async fn call_groups_of_one_source_share_its_rate() {
    let database = database().await;
    set_pace(&database, "spotify_albums", "spotify", 1000).await;
    let past = Utc::now() - TimeDelta::minutes(5);
    for (album, bucket) in [
        (1, "spotify_albums"),
        (2, "spotify_tracks"),
        (3, "spotify_search"),
        (4, "spotify_albums"),
    ] {
        snooze(&database, requested(album), past, bucket).await;
    }
    snooze(&database, requested(5), past, "musicbrainz").await;
    assert_eq!(sweep_once(&database, Duration::from_secs(2)).await, 3);
}

#[tokio::test]
async fn no_message_is_sent_while_its_source_or_group_is_blocked() {
    for (case, bucket, blocked, source, expected) in [
        ("the source", "musicbrainz", "musicbrainz", "musicbrainz", 0),
        ("the whole source", "spotify_albums", "spotify", "spotify", 0),
        ("the group", "spotify_albums", "spotify_albums", "spotify", 0),
        ("another group", "spotify_albums", "spotify_tracks", "spotify", 1),
        (
            "another source",
            "spotify_albums",
            "musicbrainz",
            "musicbrainz",
            1,
        ),
    ] {
        let database = database().await;
        snooze(
            &database,
            requested(1),
            Utc::now() - TimeDelta::minutes(5),
            bucket,
        )
        .await;
        let client = database.client().await;
        let until = Utc::now() + TimeDelta::hours(1);
        upstream_budgets::block(&client, blocked, source, until, "a test")
            .await
            .unwrap();
        assert_eq!(sweep_once(&database, MINUTE).await, expected, "{case}");
        database
            .execute("UPDATE upstream_budgets SET blocked_until = now() - interval '1 second'")
            .await;
        assert_eq!(
            sweep_once(&database, MINUTE).await,
            1 - expected,
            "{case}, after the block ends"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_sweeps_send_each_message_once() {
    let database = database().await;
    let envelopes: Vec<_> = (0..300).map(requested).collect();
    write(&database, &envelopes).await;
    age(&database).await;
    let sweeper = Arc::new(sweeper(&database));
    let sweeps = (0..4).map(|_| {
        let sweeper = Arc::clone(&sweeper);
        tokio::spawn(async move { sweep::handle(&sweeper, MINUTE).await.unwrap().sent })
    });
    let sent_by: Vec<usize> = futures::future::try_join_all(sweeps).await.unwrap();
    assert_eq!(sent_by.iter().sum::<usize>(), 300, "{sent_by:?}");
    assert_eq!(sent(&database).await.len(), 300);
    assert_eq!(left(&database).await, 0);
}

#[tokio::test]
async fn a_sweep_does_nothing_while_another_is_under_way() {
    let database = database().await;
    write(&database, &[requested(1)]).await;
    age(&database).await;
    let mut client = database.client().await;
    let other = client.transaction().await.unwrap();
    assert!(
        shared::store::work::refreshes::try_lock_schedule(&other, "sweep")
            .await
            .unwrap()
    );
    assert_eq!(sweep_once(&database, MINUTE).await, 0);
    other.commit().await.unwrap();
    assert_eq!(sweep_once(&database, MINUTE).await, 1);
}

#[tokio::test]
async fn a_sweep_that_cannot_send_keeps_the_rows() {
    let database = database().await;
    write(&database, &[requested(1)]).await;
    age(&database).await;
    let closed = Pool::new(&settings(&database.url), 1).unwrap();
    closed.close();
    let nowhere = Bootstrap {
        queues: Queues::postgres(closed),
        ..bootstrap(&database.pool, sweep::SETTINGS, &[])
    };
    let sweeper = sweep::Context::new(&nowhere);
    assert!(sweep::handle(&sweeper, MINUTE).await.is_err());
    assert_eq!(left(&database).await, 1);
    assert_eq!(sweep_once(&database, MINUTE).await, 1);
}

/// A row of a queue that this version does not know, as a later one may leave it.
async fn write_unsendable(database: &Database) {
    database
        .execute(
            "INSERT INTO outgoing_messages (queue, message_key, body, created_at, not_before)
             VALUES ('nonsense', 'unsendable:row', '{}', now() - interval '1 hour',
                     now() - interval '1 hour')",
        )
        .await;
}

const ISSUES: &str =
    "SELECT concat_ws(' ', worker_name, issue_type, occurrences, message) FROM worker_issues";

#[tokio::test]
async fn a_row_that_cannot_be_sent_is_set_aside_with_an_issue_and_holds_up_nothing() {
    let database = database().await;
    write_unsendable(&database).await;
    write(&database, &Vec::from_iter((0..30).map(requested))).await;
    age(&database).await;
    assert_eq!(sweep_once(&database, MINUTE).await, 30);
    assert_eq!(left(&database).await, 1);
    let issue = database.texts(ISSUES).await.remove(0);
    assert!(
        issue.starts_with("sweep unsendable 1 unsendable:row cannot be sent"),
        "{issue}"
    );
    assert!(issue.contains("nonsense"), "{issue}");
    assert_eq!(sweep_once(&database, MINUTE).await, 0);
    assert_eq!(
        database.texts(ISSUES).await,
        [issue],
        "it is not tried for an hour"
    );
    let in_an_hour = "SELECT count(*) FROM outgoing_messages WHERE not_before BETWEEN
        now() + interval '59 minutes' AND now() + interval '61 minutes'";
    assert_eq!(database.count(in_an_hour).await, 1);
}

#[tokio::test]
async fn a_row_that_sqs_refuses_is_set_aside_and_the_others_are_sent_by_tens() {
    let (database, sqs) = (database().await, Sqs::start(SqsBehavior::RefusesFirst).await);
    write(&database, &Vec::from_iter((0..12).map(requested))).await;
    age(&database).await;
    let on_sqs = Bootstrap {
        queues: sqs.queues.clone(),
        ..bootstrap(&database.pool, sweep::SETTINGS, &[])
    };
    let swept = sweep::handle(&sweep::Context::new(&on_sqs), MINUTE)
        .await
        .unwrap();
    assert_eq!(swept.sent, 10);
    let calls = sqs.calls().await;
    assert_eq!(
        calls,
        [
            "SendMessageBatch identification 10",
            "SendMessageBatch identification 2"
        ]
    );
    assert_eq!(left(&database).await, 2, "the first of each ten");
    let issue = database.texts(ISSUES).await.remove(0);
    assert!(issue.contains("a character that is not allowed"), "{issue}");
    assert_eq!(
        sweep::handle(&sweep::Context::new(&on_sqs), MINUTE)
            .await
            .unwrap()
            .sent,
        0
    );
}

#[tokio::test]
async fn a_queue_that_does_not_answer_holds_up_no_other_work_of_the_sweep() {
    let (database, sqs) = (database().await, Sqs::start(SqsBehavior::Refuses).await);
    write_unsendable(&database).await;
    write(&database, &[requested(1)]).await;
    age(&database).await;
    let on_sqs = Bootstrap {
        queues: sqs.queues.clone(),
        ..bootstrap(&database.pool, sweep::SETTINGS, &[])
    };
    database
        .execute("INSERT INTO producers (name, normalized_name) VALUES ('P', 'p')")
        .await;
    database
        .execute("INSERT INTO producer_statistics_stale (producer_id) SELECT id FROM producers")
        .await;
    assert!(
        sweep::handle(&sweep::Context::new(&on_sqs), MINUTE)
            .await
            .is_err()
    );
    assert_eq!(database.texts(ISSUES).await.len(), 1);
    let stale = "SELECT count(*) FROM producer_statistics_stale";
    assert_eq!(database.count(stale).await, 0, "statistics are computed");
}
