//! What comes next is a row: nothing is lost between a commit and a send, equal messages are one, and what was put off
//! is let go no faster than its source can serve.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use integration::{Database, database, settings};
use shared::db::Pool;
use shared::ids::AlbumId;
use shared::messages::{Envelope, Message, Priority, QueueName, Snoozed};
use shared::queue::Queues;
use shared::store::outgoing_messages::{self, Written};
use shared::store::upstream_budgets;

const MINUTE: Duration = Duration::from_secs(60);

fn identify(album: i64) -> Message {
    Message::IdentifyAlbum {
        album_id: AlbumId(album),
    }
}

fn requested(album: i64) -> Envelope {
    Envelope::requested(identify(album), None)
}

/// Now, as exactly as Postgres keeps it.
fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

async fn write(database: &Database, envelopes: &[Envelope]) -> Vec<Written> {
    outgoing_messages::upsert(&database.client().await, envelopes)
        .await
        .unwrap()
}

fn queues(database: &Database) -> Queues {
    Queues::postgres(database.pool.clone())
}

fn sweeper(database: &Database) -> sweep::Context {
    sweep::Context {
        pool: database.pool.clone(),
        queues: queues(database),
    }
}

async fn sweep_once(database: &Database, period: Duration) -> usize {
    sweep::handle(&sweeper(database), period)
        .await
        .unwrap()
        .sent
}

/// Makes the rows look as if their senders had died over ten seconds ago.
async fn age(database: &Database) {
    database
        .execute("UPDATE outgoing_messages SET created_at = created_at - interval '11 seconds'")
        .await;
}

/// The bodies on the queues, as they were sent.
async fn sent(database: &Database) -> Vec<Envelope> {
    let bodies = database
        .texts("SELECT body FROM queue_messages ORDER BY id")
        .await;
    bodies
        .iter()
        .map(|body| serde_json::from_str(body).unwrap())
        .collect()
}

async fn left(database: &Database) -> i64 {
    database
        .count("SELECT count(*) FROM outgoing_messages")
        .await
}

/// Puts a message off, as a worker does.
async fn snooze(database: &Database, envelope: Envelope, until: DateTime<Utc>, bucket: &str) {
    let snoozed = Envelope {
        snoozed: Some(Snoozed {
            since: Utc::now(),
            count: 1,
        }),
        ..envelope
    };
    let client = database.client().await;
    outgoing_messages::snooze(&client, &snoozed, until, bucket, "a test")
        .await
        .unwrap();
}

#[tokio::test]
async fn a_crash_between_commit_and_send_loses_nothing() {
    let database = database().await;
    write(&database, &[requested(1), requested(2)]).await;
    assert_eq!(
        sweep_once(&database, MINUTE).await,
        0,
        "its sender may still be at it"
    );
    age(&database).await;
    assert_eq!(sweep_once(&database, MINUTE).await, 2);
    assert_eq!(sent(&database).await, [requested(1), requested(2)]);
    assert_eq!(left(&database).await, 0);
    assert_eq!(sweep_once(&database, MINUTE).await, 0);
}

#[tokio::test]
async fn what_was_not_committed_is_never_sent() {
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
async fn sent_rows_are_gone_and_sending_them_again_is_harmless() {
    let database = database().await;
    let written = write(&database, &[requested(1)]).await;
    let queues = queues(&database);
    queues.send_written(&database.pool, &written).await.unwrap();
    assert_eq!(left(&database).await, 0);
    queues.send_written(&database.pool, &written).await.unwrap();
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
    queues(&database)
        .send_written(&database.pool, &written)
        .await
        .unwrap();
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
    let asked = |fresh_after| Envelope::requested(identify(1), fresh_after);
    for (case, first, second, expected) in [
        (
            "the later time",
            asked(Some(early)),
            asked(Some(late)),
            asked(Some(late)),
        ),
        (
            "the later time first",
            asked(Some(late)),
            asked(Some(early)),
            asked(Some(late)),
        ),
        (
            "no time is the earliest",
            asked(Some(early)),
            asked(None),
            asked(Some(early)),
        ),
        (
            "no time first",
            asked(None),
            asked(Some(early)),
            asked(Some(early)),
        ),
        ("no time at all", asked(None), asked(None), asked(None)),
        (
            "the higher priority",
            background(None),
            asked(None),
            asked(None),
        ),
        (
            "the higher priority first",
            asked(None),
            background(Some(late)),
            asked(Some(late)),
        ),
        (
            "background stays so",
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
async fn one_key_on_two_queues_is_two_messages() {
    let database = database().await;
    write(&database, &[requested(1), requested(2)]).await;
    database.execute("UPDATE outgoing_messages SET queue = 'enrichment' WHERE message_key = 'identify_album:1'").await;
    write(&database, &[requested(1)]).await;
    assert_eq!(left(&database).await, 3);
}

#[tokio::test]
async fn what_was_put_off_waits_until_its_time() {
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
    assert_eq!(
        back.snoozed.unwrap().count,
        1,
        "it remembers that it was put off"
    );
}

#[tokio::test]
async fn somebody_who_asks_anew_does_not_wait_for_what_was_put_off() {
    let database = database().await;
    snooze(
        &database,
        requested(1),
        Utc::now() + TimeDelta::hours(1),
        "musicbrainz",
    )
    .await;
    let first_put_off = "SELECT count(*) FROM outgoing_messages WHERE not_before <= now() AND first_snoozed_at IS NOT NULL";
    assert_eq!(database.count(first_put_off).await, 0);
    let written = write(&database, &[requested(1)]).await;
    assert_eq!(database.count(first_put_off).await, 1);
    let body: Envelope = serde_json::from_str(&written[0].body).unwrap();
    assert!(body.snoozed.is_some(), "how long it waits is counted on");
    snooze(
        &database,
        requested(1),
        Utc::now() + TimeDelta::hours(1),
        "musicbrainz",
    )
    .await;
    assert_eq!(
        database.count(first_put_off).await,
        1,
        "the earlier time stays"
    );
}

/// Reserves one call, which tells the database the pace of the source.
async fn set_pace(database: &Database, bucket: &str, source: &str, interval_ms: i32) {
    let client = database.client().await;
    upstream_budgets::reserve(&client, bucket, source, interval_ms, 1e6)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_sweep_lets_go_what_the_source_can_serve_until_the_next_and_the_requested_first() {
    for (bucket, source) in [
        ("musicbrainz", "musicbrainz"),
        ("spotify_albums", "spotify"),
    ] {
        let database = database().await;
        set_pace(&database, bucket, source, 1000).await;
        let past = Utc::now() - TimeDelta::minutes(5);
        for album in 0..6 {
            let older = past - TimeDelta::seconds(album);
            snooze(
                &database,
                Envelope::background(identify(album)),
                older,
                bucket,
            )
            .await;
        }
        for album in 6..8 {
            snooze(&database, requested(album), past, bucket).await;
        }
        assert_eq!(
            sweep_once(&database, Duration::from_secs(4)).await,
            4,
            "{bucket}"
        );
        let first: Vec<Message> = sent(&database)
            .await
            .into_iter()
            .map(|one| one.message)
            .collect();
        assert_eq!(
            first,
            [identify(6), identify(7), identify(5), identify(4)],
            "{bucket}"
        );
        assert_eq!(
            sweep_once(&database, Duration::from_secs(4)).await,
            4,
            "{bucket}"
        );
        assert_eq!(left(&database).await, 0, "{bucket}");
    }
}

#[tokio::test]
async fn groups_of_one_source_share_its_pace() {
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
async fn nothing_is_let_go_while_its_source_or_group_is_blocked() {
    for (case, bucket, blocked, source, expected) in [
        ("the source", "musicbrainz", "musicbrainz", "musicbrainz", 0),
        (
            "the whole source",
            "spotify_albums",
            "spotify",
            "spotify",
            0,
        ),
        (
            "the group",
            "spotify_albums",
            "spotify_albums",
            "spotify",
            0,
        ),
        (
            "another group",
            "spotify_albums",
            "spotify_tracks",
            "spotify",
            1,
        ),
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
            "{case}, and then not"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sweeps_at_once_send_each_message_once() {
    let database = database().await;
    let envelopes: Vec<_> = (0..300).map(requested).collect();
    write(&database, &envelopes).await;
    age(&database).await;
    let sweeper = sweeper(&database);
    let sweeps = (0..4).map(|_| {
        let sweeper = sweeper.clone();
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
        shared::store::refreshes::try_lock_schedule(&other, "sweep")
            .await
            .unwrap()
    );
    assert_eq!(sweep_once(&database, MINUTE).await, 0);
    drop(other);
    assert_eq!(sweep_once(&database, MINUTE).await, 1);
}

#[tokio::test]
async fn a_sweep_that_cannot_send_keeps_the_rows() {
    let database = database().await;
    write(&database, &[requested(1)]).await;
    age(&database).await;
    let closed = Pool::new(&settings(&database.url), 1).unwrap();
    closed.close();
    let nowhere = sweep::Context {
        pool: database.pool.clone(),
        queues: Queues::postgres(closed),
    };
    assert!(sweep::handle(&nowhere, MINUTE).await.is_err());
    assert_eq!(left(&database).await, 1);
    assert_eq!(sweep_once(&database, MINUTE).await, 1);
}

#[tokio::test]
async fn what_is_put_off_is_listed_by_what_it_waits_for() {
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
