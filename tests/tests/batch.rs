//! A batch of messages: each alone, every outcome carried out, and one row that measures them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use integration::{Database, database};
use shared::batch::Worker;
use shared::budgets;
use shared::ids::AlbumId;
use shared::messages::{Envelope, Message, Outcome, QueueName, Snoozed};
use shared::queue::{Delivery, Queues, Receive};
use shared::store::worker_issues::{self, Open};
use tokio::time::Instant;

const QUEUE: QueueName = QueueName::Identification;

fn worker(database: &Database) -> Worker {
    Worker {
        pool: database.pool.clone(),
        queues: Queues::postgres(database.pool.clone()),
        queue: QUEUE,
        name: "identify",
        max_receive_count: 5,
        concurrency: 1,
    }
}

fn message(album: i64) -> Message {
    Message::IdentifyAlbum {
        album_id: AlbumId(album),
    }
}

fn body(album: i64) -> String {
    Envelope::requested(message(album), None).body()
}

fn album_of(envelope: &Envelope) -> i64 {
    match &envelope.message {
        Message::IdentifyAlbum { album_id } => album_id.0,
        other => panic!("{} came through", other.kind()),
    }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

/// Sends bodies and receives them, as if they had been received so often before.
async fn deliver(database: &Database, bodies: &[String], times_before: i32) -> Vec<Delivery> {
    let queues = Queues::postgres(database.pool.clone());
    queues.send(QUEUE, bodies).await.unwrap();
    database
        .execute(&format!(
            "UPDATE queue_messages SET receive_count = {times_before} WHERE receipt IS NULL"
        ))
        .await;
    let receive = Receive {
        limit: 100,
        visibility: Duration::from_secs(600),
        wait: Duration::ZERO,
        max_receive_count: 5,
    };
    queues.receive(QUEUE, &receive).await.unwrap()
}

/// Handles one message to an outcome; says whether it is to be received again.
async fn handle_to(database: &Database, body: String, times_before: i32, outcome: Outcome) -> bool {
    let deliveries = deliver(database, &[body], times_before).await;
    let again = worker(database)
        .handle(deliveries, soon(), |_, _| async { Ok(outcome.clone()) })
        .await;
    !again.is_empty()
}

fn retry() -> Outcome {
    Outcome::Retry {
        cause: "a test".to_owned(),
        after_seconds: None,
    }
}

async fn open_issues(database: &Database) -> Vec<Open> {
    worker_issues::list_open(&database.client().await, 100)
        .await
        .unwrap()
}

async fn on_queue(database: &Database) -> Vec<String> {
    database
        .texts("SELECT body FROM queue_messages ORDER BY id")
        .await
}

async fn dead(database: &Database) -> Vec<String> {
    database
        .texts("SELECT body FROM dead_messages ORDER BY id")
        .await
}

#[tokio::test]
async fn of_three_messages_the_one_that_cannot_be_read_is_discarded_alone() {
    for bad in [
        "no JSON",
        "",
        "null",
        "{\"type\":\"rename_artist\"}",
        "{\"type\":\"identify_album\",\"album_id\":\"x\"}",
    ] {
        let database = database().await;
        let deliveries = deliver(&database, &[body(1), bad.to_owned(), body(2)], 0).await;
        let handled = std::sync::Mutex::new(Vec::new());
        let again = worker(&database)
            .handle(deliveries, soon(), |envelope, _| {
                handled.lock().unwrap().push(album_of(&envelope));
                async { Ok(Outcome::Done) }
            })
            .await;
        assert_eq!(again, [""; 0], "{bad}");
        assert_eq!(*handled.lock().unwrap(), [1, 2], "{bad}");
        assert_eq!(dead(&database).await, [bad]);
        assert_eq!(on_queue(&database).await, [""; 0]);
        let issues = open_issues(&database).await;
        assert_eq!(issues.len(), 1);
        assert!(
            bad.is_empty() || !issues[0].message.contains(bad),
            "{}",
            issues[0].message
        );
    }
}

#[tokio::test]
async fn of_three_messages_the_one_that_fails_or_panics_is_retried_alone() {
    for how in ["an error", "a panic", "a panic before the first wait"] {
        let database = database().await;
        let deliveries = deliver(&database, &[body(1), body(2), body(3)], 0).await;
        let bad = deliveries[1].message_id.clone();
        let again = worker(&database)
            .handle(deliveries, soon(), |envelope, _| {
                let is_bad = album_of(&envelope) == 2;
                assert!(!(is_bad && how == "a panic before the first wait"), "{how}");
                async move {
                    tokio::task::yield_now().await;
                    assert!(!(is_bad && how == "a panic"), "{how}");
                    anyhow::ensure!(!is_bad, "{how}");
                    Ok(Outcome::Done)
                }
            })
            .await;
        assert_eq!(again, [bad], "{how}");
        assert_eq!(on_queue(&database).await, [body(2)], "{how}");
        let delay =
            "SELECT ceil(EXTRACT(epoch FROM visible_at - now()))::bigint FROM queue_messages";
        assert!((1..=2).contains(&database.count(delay).await), "{how}");
        assert!(open_issues(&database).await.is_empty(), "{how}");
    }
}

#[tokio::test]
async fn a_message_for_another_queue_is_discarded() {
    let database = database().await;
    let strange = Envelope::requested(
        Message::EnrichProducer {
            producer_id: shared::ids::ProducerId(1),
        },
        None,
    );
    assert!(!handle_to(&database, strange.body(), 0, Outcome::Done).await);
    assert_eq!(dead(&database).await, [strange.body()]);
    assert!(
        open_issues(&database).await[0]
            .message
            .contains("enrich_producer")
    );
}

#[tokio::test]
async fn an_empty_batch_is_not_worth_a_row() {
    let database = database().await;
    let again = worker(&database)
        .handle(Vec::new(), soon(), |_, _| async { Ok(Outcome::Done) })
        .await;
    assert_eq!(again, [""; 0]);
    assert_eq!(
        database.count("SELECT count(*) FROM queue_metrics").await,
        0
    );
}

#[tokio::test]
async fn what_the_deadline_leaves_unfinished_is_received_again_at_once() {
    let database = database().await;
    let deliveries = deliver(&database, &[body(1), body(2), body(3)], 0).await;
    let unfinished: Vec<String> = deliveries[1..]
        .iter()
        .map(|one| one.message_id.clone())
        .collect();
    let deadline = Instant::now() + Duration::from_millis(200);
    let again = worker(&database)
        .handle(deliveries, deadline, |envelope, _| async move {
            match album_of(&envelope) {
                1 => Ok(Outcome::Done),
                2 => std::future::pending().await,
                _ => panic!("there is no time for a third"),
            }
        })
        .await;
    assert_eq!(again, unfinished);
    assert_eq!(
        database
            .count("SELECT count(*) FROM queue_messages WHERE visible_at <= clock_timestamp()")
            .await,
        2
    );
}

#[tokio::test]
async fn messages_are_worked_on_at_once_as_many_as_the_worker_may() {
    let database = database().await;
    let bodies: Vec<_> = (0..4).map(body).collect();
    let deliveries = deliver(&database, &bodies, 0).await;
    let all = tokio::sync::Barrier::new(4);
    let several = Worker {
        concurrency: 4,
        ..worker(&database)
    };
    let again = several
        .handle(deliveries, soon(), |_, _| async {
            all.wait().await;
            Ok(Outcome::Done)
        })
        .await;
    assert_eq!(again, [""; 0]);
}

#[tokio::test]
async fn what_cannot_be_settled_is_received_again() {
    let database = database().await;
    let deliveries = deliver(&database, &["no JSON".to_owned()], 0).await;
    let cut_off = shared::db::Pool::new(&integration::settings(&database.url), 1).unwrap();
    cut_off.close();
    let worker = Worker {
        pool: cut_off,
        ..worker(&database)
    };
    let id = deliveries[0].message_id.clone();
    let again = worker
        .handle(deliveries, soon(), |_, _| async { Ok(Outcome::Done) })
        .await;
    assert_eq!(again, [id]);
    assert_eq!(on_queue(&database).await, ["no JSON"]);
}

/// An ingestion that waits for an album to be identified.
async fn wait_for(database: &Database, album: i64) {
    database
        .execute("INSERT INTO ingestions (what) VALUES (ARRAY['a test'])")
        .await;
    let sql = format!(
        "INSERT INTO ingestion_tasks (ingestion_id, kind, subject) SELECT max(id), 'identify_album', '{album}' FROM ingestions"
    );
    database.execute(&sql).await;
}

const OUTCOMES: &str = "SELECT subject || ' ' || COALESCE(outcome::text, 'waiting') || ' ' || COALESCE(detail ->> 'reason', '') FROM ingestion_tasks ORDER BY subject";

#[tokio::test]
async fn the_last_attempt_raises_an_issue_and_those_who_wait_learn_of_it() {
    let database = database().await;
    wait_for(&database, 1).await;
    wait_for(&database, 2).await;
    assert!(handle_to(&database, body(1), 3, retry()).await);
    assert!(open_issues(&database).await.is_empty());
    assert_eq!(database.texts(OUTCOMES).await, ["1 waiting ", "2 waiting "]);
    database.execute("DELETE FROM queue_messages").await;

    assert!(
        handle_to(&database, body(1), 4, retry()).await,
        "the queue makes it a dead letter"
    );
    let issues = open_issues(&database).await;
    assert_eq!(issues.len(), 1);
    assert_eq!(
        (
            issues[0].worker_name.as_str(),
            issues[0].issue_type.as_str()
        ),
        ("identify", "gave_up")
    );
    assert!(issues[0].message.contains("identify_album:1") && issues[0].message.contains("a test"));
    assert_eq!(
        database.texts(OUTCOMES).await,
        ["1 failed a test", "2 waiting "]
    );

    database
        .execute("UPDATE queue_messages SET visible_at = now()")
        .await;
    assert_eq!(deliver(&database, &[], 0).await, []);
    assert_eq!(dead(&database).await, [body(1)]);
}

#[tokio::test]
async fn a_discarded_message_fails_those_who_wait_for_it() {
    let database = database().await;
    wait_for(&database, 1).await;
    let discard = Outcome::Discard {
        reason: "it can never be done".to_owned(),
    };
    assert!(!handle_to(&database, body(1), 0, discard).await);
    assert_eq!(
        database.texts(OUTCOMES).await,
        ["1 failed it can never be done"]
    );
    assert_eq!(dead(&database).await, [body(1)]);
    assert_eq!(on_queue(&database).await, [""; 0]);
}

#[tokio::test]
async fn a_bad_night_is_one_open_issue_that_counts_up() {
    let database = database().await;
    let bodies: Vec<_> = (0..20).map(body).collect();
    let deliveries = deliver(&database, &bodies, 4).await;
    let failing = |_, _| async { Ok(retry()) };
    assert_eq!(
        worker(&database)
            .handle(deliveries, soon(), failing)
            .await
            .len(),
        20
    );
    let issues = open_issues(&database).await;
    assert_eq!(issues.len(), 1, "{issues:?}");
    assert_eq!(issues[0].occurrences, 20);

    database
        .execute("UPDATE worker_issues SET resolved = true")
        .await;
    handle_to(&database, body(1), 4, retry()).await;
    assert_eq!(
        open_issues(&database).await[0].occurrences,
        1,
        "a resolved issue stays so"
    );
}

#[tokio::test]
async fn a_snoozed_message_waits_in_a_row_and_costs_no_attempt() {
    let database = database().await;
    let until = Utc::now() + TimeDelta::hours(3);
    let deliveries = deliver(&database, &[body(1), body(2)], 4).await;
    let again = worker(&database)
        .handle(deliveries, soon(), |envelope, _| async move {
            let error = budgets::Error::NotNow {
                bucket: budgets::Bucket::MusicBrainz,
                until,
                reason: "no more today".to_owned(),
            };
            match album_of(&envelope) {
                1 => Ok(error.outcome()),
                _ => Err(anyhow::Error::from(error).context("asking MusicBrainz")),
            }
        })
        .await;
    assert_eq!(again, [""; 0]);
    assert_eq!(on_queue(&database).await, [""; 0]);
    assert!(
        open_issues(&database).await.is_empty(),
        "five receives are no five attempts"
    );
    let rows = database
        .texts(
            "SELECT message_key || ' ' || bucket || ' ' || snooze_reason || ' ' || snooze_count || ' ' || round(EXTRACT(epoch FROM not_before - now()) / 3600)
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

fn snooze() -> Outcome {
    Outcome::Snooze {
        until: Utc::now() + TimeDelta::hours(1),
        bucket: "musicbrainz",
        reason: "no more today".to_owned(),
    }
}

#[tokio::test]
async fn messages_that_were_put_off_for_over_a_week_raise_one_issue() {
    let database = database().await;
    for (album, days, issues) in [(1, 6, 0), (2, 8, 1), (3, 9, 1)] {
        let since = Utc::now() - TimeDelta::days(days);
        let envelope = Envelope {
            snoozed: Some(Snoozed { since, count: 40 }),
            ..Envelope::requested(message(album), None)
        };
        assert!(!handle_to(&database, envelope.body(), 0, snooze()).await);
        assert_eq!(
            open_issues(&database).await.len(),
            issues,
            "after {days} days"
        );
        let row = format!(
            "SELECT snooze_count::bigint FROM outgoing_messages
             WHERE message_key = 'identify_album:{album}' AND first_snoozed_at < now() - interval '{days} days'"
        );
        assert_eq!(database.count(&row).await, 41);
    }
    let issue = open_issues(&database).await.remove(0);
    assert_eq!(
        (issue.issue_type.as_str(), issue.occurrences),
        ("long_snooze", 2)
    );
    assert!(issue.message.contains("musicbrainz") && issue.message.contains("no more today"));
}

#[tokio::test]
async fn a_batch_is_one_row_of_metrics_that_counts_each_outcome() {
    let database = database().await;
    let bodies: Vec<_> = (0..5).map(body).chain(["no JSON".to_owned()]).collect();
    let deliveries = deliver(&database, &bodies, 0).await;
    worker(&database)
        .handle(deliveries, soon(), |envelope, _| async move {
            Ok(match album_of(&envelope) {
                0 | 1 => Outcome::Done,
                2 => snooze(),
                3 => retry(),
                _ => Outcome::Discard {
                    reason: "a test".to_owned(),
                },
            })
        })
        .await;
    let rows = database
        .texts(
            "SELECT concat_ws(' ', queue_name, operation, processed_count, success_count, error_count, details, finished_at >= started_at)
             FROM queue_metrics",
        )
        .await;
    assert_eq!(
        rows,
        [
            "identification identify 6 3 3 {\"done\": 2, \"retry\": 1, \"snooze\": 1, \"discard\": 2} t"
        ]
    );
}

#[tokio::test]
async fn rolling_up_twice_changes_nothing_and_a_late_batch_is_added() {
    let database = database().await;
    let rollup = rollup::Context {
        pool: database.pool.clone(),
    };
    let batches = "INSERT INTO queue_metrics (queue_name, operation, started_at, finished_at, processed_count, success_count, error_count)
        SELECT 'catalog', 'ingest', hour, hour + interval '2 seconds', 10, 9, 1
        FROM (SELECT date_trunc('hour', now()) - make_interval(hours => n) AS hour FROM generate_series(0, 1) n) hours";
    database.execute(batches).await;
    let sums = "SELECT concat_ws(' ', batch_count, processed_count, success_count, error_count, total_seconds, longest_seconds)
        FROM queue_metrics_hourly ORDER BY hour";
    assert_eq!(rollup::handle(&rollup).await.unwrap(), 2);
    assert_eq!(database.texts(sums).await, ["1 10 9 1 2 2", "1 10 9 1 2 2"]);
    assert_eq!(rollup::handle(&rollup).await.unwrap(), 0);
    database
        .execute(&format!("{batches} WHERE hour < date_trunc('hour', now())"))
        .await;
    assert_eq!(rollup::handle(&rollup).await.unwrap(), 1);
    assert_eq!(
        database.texts(sums).await,
        ["2 20 18 2 4 2", "1 10 9 1 2 2"]
    );
}

#[tokio::test]
async fn sums_outlive_their_batches() {
    let database = database().await;
    let rollup = rollup::Context {
        pool: database.pool.clone(),
    };
    database
        .execute(
            "INSERT INTO queue_metrics (queue_name, operation, started_at, finished_at, processed_count, success_count, error_count)
             VALUES ('catalog', 'ingest', now(), now(), 10, 9, 1)",
        )
        .await;
    rollup::handle(&rollup).await.unwrap();
    database
        .execute("UPDATE queue_metrics SET started_at = now() - interval '15 days'")
        .await;
    rollup::handle(&rollup).await.unwrap();
    assert_eq!(
        database.count("SELECT count(*) FROM queue_metrics").await,
        0
    );
    assert_eq!(
        database
            .count("SELECT processed_count FROM queue_metrics_hourly")
            .await,
        10
    );
}

#[tokio::test]
async fn a_rollup_does_nothing_while_another_is_under_way() {
    let database = database().await;
    handle_to(&database, body(1), 0, Outcome::Done).await;
    let mut client = database.client().await;
    let other = client.transaction().await.unwrap();
    assert!(
        shared::store::refreshes::try_lock_schedule(&other, "rollup")
            .await
            .unwrap()
    );
    let rollup = rollup::Context {
        pool: database.pool.clone(),
    };
    assert_eq!(rollup::handle(&rollup).await.unwrap(), 0);
    drop(other);
    assert_eq!(rollup::handle(&rollup).await.unwrap(), 1);
}
