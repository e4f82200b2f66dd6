//! The rows of the outbox: written, merged, sent and deleted.

use chrono::{TimeDelta, Utc};
use integration::database;
use shared::domain::ids::IngestionId;
use shared::domain::messages::{Envelope, Priority, QueueName};
use shared::store::work::outgoing_messages;

use crate::{MINUTE, age, identify, left, now, queues, requested, sent, snooze, sweep_once, write};

#[tokio::test]
async fn a_crash_between_commit_and_send_loses_nothing() {
    let database = database().await;
    write(&database, &[requested(1), requested(2)]).await;
    assert_eq!(
        sweep_once(&database, MINUTE).await,
        0,
        "the sender may still be running"
    );
    age(&database).await;
    assert_eq!(sweep_once(&database, MINUTE).await, 2);
    assert_eq!(sent(&database).await, [requested(1), requested(2)]);
    assert_eq!(left(&database).await, 0);
    assert_eq!(sweep_once(&database, MINUTE).await, 0);
}

#[tokio::test]
async fn a_message_that_was_not_committed_is_never_sent() {
    let database = database().await;
    let mut client = database.client().await;
    let transaction = client.transaction().await.unwrap();
    outgoing_messages::upsert(&transaction, &[requested(1)])
        .await
        .unwrap();
    drop(transaction);
    assert_eq!(left(&database).await, 0);
}

#[tokio::test]
async fn sent_rows_are_deleted_and_sending_them_again_is_harmless() {
    let database = database().await;
    let written = write(&database, &[requested(1)]).await;
    let queues = queues(&database);
    queues.send_written(&database.pool, &written).await;
    assert_eq!(left(&database).await, 0);
    queues.send_written(&database.pool, &written).await;
    assert_eq!(sent(&database).await, [requested(1), requested(1)]);
    assert_eq!(left(&database).await, 0);
}

#[tokio::test]
async fn a_crash_between_send_and_delete_sends_twice() {
    let database = database().await;
    let written = write(&database, &[requested(1)]).await;
    queues(&database).send_all(&written).await.unwrap();
    age(&database).await;
    assert_eq!(sweep_once(&database, MINUTE).await, 1);
    assert_eq!(sent(&database).await.len(), 2);
}

#[tokio::test]
async fn a_row_that_changed_between_send_and_delete_is_kept() {
    let database = database().await;
    let written = write(&database, &[requested(1)]).await;
    let fresher = Envelope::requested(identify(1), Some(now()));
    let rewritten = write(&database, std::slice::from_ref(&fresher)).await;
    assert_eq!(
        (rewritten[0].id, rewritten[0].version),
        (written[0].id, written[0].version + 1)
    );
    queues(&database).send_written(&database.pool, &written).await;
    assert_eq!(left(&database).await, 1);
    age(&database).await;
    sweep_once(&database, MINUTE).await;
    assert_eq!(sent(&database).await, [requested(1), fresher]);
}

#[tokio::test]
async fn equal_messages_become_one_with_the_wider_demand() {
    let (early, late) = (now() - TimeDelta::hours(2), now() - TimeDelta::hours(1));
    let background = |fresh_after| Envelope {
        fresh_after,
        ..Envelope::background(identify(1))
    };
    let requested_after = |fresh_after| Envelope::requested(identify(1), fresh_after);
    for (case, first, second, expected) in [
        (
            "the later time",
            requested_after(Some(early)),
            requested_after(Some(late)),
            requested_after(Some(late)),
        ),
        (
            "the later time first",
            requested_after(Some(late)),
            requested_after(Some(early)),
            requested_after(Some(late)),
        ),
        (
            "no time is the earliest",
            requested_after(Some(early)),
            requested_after(None),
            requested_after(Some(early)),
        ),
        (
            "no time first",
            requested_after(None),
            requested_after(Some(early)),
            requested_after(Some(early)),
        ),
        (
            "no time at all",
            requested_after(None),
            requested_after(None),
            requested_after(None),
        ),
        (
            "the higher priority",
            background(None),
            requested_after(None),
            requested_after(None),
        ),
        (
            "the higher priority first",
            requested_after(None),
            background(Some(late)),
            requested_after(Some(late)),
        ),
        (
            "background stays background",
            background(None),
            background(None),
            background(None),
        ),
    ] {
        let database = database().await;
        write(&database, &[first]).await;
        let written = write(&database, &[second]).await;
        assert_eq!(written[0].version, 2, "{case}");
        let body: Envelope = serde_json::from_str(&written[0].body).unwrap();
        assert_eq!(body, expected, "{case}");
        let priority = database
            .count("SELECT priority::bigint FROM outgoing_messages")
            .await;
        assert_eq!(
            priority,
            i64::from(expected.priority == Priority::Requested),
            "{case}"
        );
    }
}

#[tokio::test]
async fn equal_messages_become_one_that_all_their_ingestions_wait_for() {
    let database = database().await;
    for ids in [[7, 3], [5, 3]] {
        let envelope = requested(1).awaited_by(&ids.map(IngestionId));
        write(&database, &[envelope]).await;
    }
    write(&database, &[Envelope::background(identify(1))]).await;
    age(&database).await;
    sweep_once(&database, MINUTE).await;
    assert_eq!(
        sent(&database).await,
        [requested(1).awaited_by(&[3, 5, 7].map(IngestionId))]
    );
}

#[tokio::test]
async fn one_key_on_two_queues_is_two_messages() {
    let database = database().await;
    write(&database, &[requested(1), requested(2)]).await;
    database
        .execute("UPDATE outgoing_messages SET queue = 'enrichment' WHERE message_key = 'identify_album:1'")
        .await;
    write(&database, &[requested(1)]).await;
    assert_eq!(left(&database).await, 3);
}

#[tokio::test]
async fn snoozed_messages_are_listed_by_their_reason() {
    let database = database().await;
    let until = Utc::now() + TimeDelta::hours(1);
    snooze(&database, requested(1), until, "spotify_albums").await;
    snooze(
        &database,
        requested(2),
        until + TimeDelta::hours(1),
        "spotify_albums",
    )
    .await;
    write(&database, &[requested(3)]).await;
    let listed = outgoing_messages::list_snoozed(&database.client().await)
        .await
        .unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (listed[0].bucket.as_str(), listed[0].count),
        ("spotify_albums", 2)
    );
    assert!((listed[0].until - until).abs() < TimeDelta::milliseconds(1));
    assert_eq!(
        QueueName::Identification.as_str(),
        database
            .texts("SELECT DISTINCT queue FROM outgoing_messages")
            .await[0]
    );
}
