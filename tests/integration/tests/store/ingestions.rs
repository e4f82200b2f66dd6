//! Ingestions and their steps.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use integration::{Database, database};
use serde_json::json;
use shared::domain::ids::{AlbumId, IngestionId, ProducerId};
use shared::domain::messages::Message;
use shared::platform::db::Client;
use shared::store::work::ingestions::{self, InsertedIngestion, NewIngestion, TaskOutcome};

pub(crate) fn identify(album: i64) -> Message {
    Message::IdentifyAlbum {
        album_id: AlbumId(album),
    }
}

pub(crate) fn enrich(producer: i64) -> Message {
    Message::EnrichProducer {
        producer_id: ProducerId(producer),
    }
}

async fn insert_ingestion(
    database: &Database,
    what: &[&str],
    key: Option<&str>,
    fresh_after: Option<DateTime<Utc>>,
) -> InsertedIngestion {
    let what: Vec<String> = what.iter().map(ToString::to_string).collect();
    let ingestion = NewIngestion {
        what: &what,
        appears_on: false,
        fresh_after,
        api_key_id: None,
        idempotency_key: key,
    };
    ingestions::insert(&database.client().await, &ingestion)
        .await
        .unwrap()
}

/// Inserts an ingestion that waits for a step.
pub(crate) async fn waiting(
    database: &Database,
    step: &Message,
    fresh_after: Option<DateTime<Utc>>,
) -> IngestionId {
    let InsertedIngestion::New(id) = insert_ingestion(database, &["x"], None, fresh_after).await else {
        panic!("the ingestion is not new");
    };
    let client = database.client().await;
    for _ in 0..2 {
        ingestions::insert_tasks(&client, id, std::slice::from_ref(step))
            .await
            .unwrap();
    }
    id
}

pub(crate) async fn settle(
    database: &Database,
    step: &Message,
    at: DateTime<Utc>,
    follow_ups: &[Message],
) -> Vec<IngestionId> {
    let client = database.client().await;
    ingestions::settle(&client, step, TaskOutcome::Done, &json!({}), at, follow_ups)
        .await
        .unwrap()
}

#[tokio::test]
async fn two_requests_with_one_key_are_one_ingestion() {
    let database = database().await;
    let InsertedIngestion::New(first) = insert_ingestion(&database, &["a"], Some("k"), None).await else {
        panic!("the ingestion is not new");
    };
    assert_eq!(
        insert_ingestion(&database, &["a"], Some("k"), None).await,
        InsertedIngestion::Known(first)
    );
    assert_eq!(
        insert_ingestion(&database, &["b"], Some("k"), None).await,
        InsertedIngestion::Conflict(first)
    );
    for other in [Some("l"), None, None] {
        let inserted = insert_ingestion(&database, &["a"], other, None).await;
        assert!(matches!(inserted, InsertedIngestion::New(id) if id != first));
    }
    let found = ingestions::find(&database.client().await, first)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((found.id, found.what), (first, vec!["a".to_owned()]));
    let none = ingestions::find(&database.client().await, IngestionId(first.0 + 100))
        .await
        .unwrap();
    assert_eq!(none, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_requests_with_one_key_are_one_ingestion() {
    let database = database().await;
    let inserts = (0..8).map(|_| insert_ingestion(&database, &["a"], Some("k"), None));
    let inserted = futures::future::join_all(inserts).await;
    let new = inserted
        .iter()
        .filter(|one| matches!(one, InsertedIngestion::New(_)))
        .count();
    assert_eq!(new, 1, "{inserted:?}");
    assert_eq!(database.count("SELECT count(*) FROM ingestions").await, 1);
}

#[tokio::test]
async fn finishing_a_step_finishes_it_in_every_ingestion_and_adds_the_next_steps() {
    let database = database().await;
    let now = Utc::now();
    let (one, two) = (
        waiting(&database, &identify(1), None).await,
        waiting(&database, &identify(1), None).await,
    );
    let other = waiting(&database, &identify(2), None).await;
    let settled = settle(&database, &identify(1), now, &[enrich(1), enrich(2), enrich(1)]).await;
    assert_eq!(settled, [one, two]);
    let client = database.client().await;
    for (id, waits) in [(one, 2), (two, 2), (other, 1)] {
        assert_eq!(count_waiting(&client, id).await, waits);
    }
    settle(&database, &enrich(1), now, &[]).await;
    settle(&database, &identify(1), now, &[enrich(1), enrich(3)]).await;
    assert_eq!(count_waiting(&client, one).await, 1, "a step is finished once");

    let later = waiting(&database, &identify(1), None).await;
    settle(&database, &identify(1), now, &[enrich(1)]).await;
    assert_eq!(
        count_waiting(&client, later).await,
        1,
        "its own enrich step still waits"
    );
}

#[tokio::test]
async fn a_step_that_requires_fresh_work_is_not_finished_by_older_work() {
    let database = database().await;
    let looked_up_at = Utc::now().trunc_subsecs(6) - TimeDelta::hours(1);
    for (case, fresh_after, waits) in [
        ("no required time", None, 0),
        (
            "from an earlier time",
            Some(looked_up_at - TimeDelta::minutes(1)),
            0,
        ),
        ("from the same time", Some(looked_up_at), 0),
        ("from a later time", Some(looked_up_at + TimeDelta::minutes(1)), 1),
    ] {
        let id = waiting(&database, &identify(1), fresh_after).await;
        settle(&database, &identify(1), looked_up_at, &[]).await;
        let left = count_waiting(&database.client().await, id).await;
        assert_eq!(left, waits, "{case}");
    }
}

/// The outcome of the one step of an ingestion; empty while it waits.
async fn outcome(database: &Database, id: IngestionId) -> String {
    let outcome =
        format!("SELECT COALESCE(outcome::text, '') FROM ingestion_tasks WHERE ingestion_id = {id}");
    database.texts(&outcome).await.remove(0)
}

#[tokio::test]
async fn a_later_and_better_outcome_replaces_a_failure() {
    use TaskOutcome::{Ambiguous, Done, Failed};
    let database = database().await;
    let client = database.client().await;
    for (first, second, expected) in [
        (Failed, Done, "done"),
        (Failed, Ambiguous, "ambiguous"),
        (Ambiguous, Done, "done"),
        (Ambiguous, Failed, "ambiguous"),
        (Done, Failed, "done"),
        (Done, Ambiguous, "done"),
    ] {
        let id = waiting(&database, &identify(1), None).await;
        for (outcome, reason) in [(first, "first"), (second, "second")] {
            let detail = json!({ "reason": reason });
            ingestions::settle(&client, &identify(1), outcome, &detail, Utc::now(), &[])
                .await
                .unwrap();
        }
        assert_eq!(outcome(&database, id).await, expected, "{first} {second}");
    }
}

#[tokio::test]
async fn a_success_after_a_failure_adds_the_next_steps() {
    let database = database().await;
    let client = database.client().await;
    let id = waiting(&database, &identify(1), None).await;
    ingestions::fail_step(&client, &identify(1), &[id], "a test", "an error")
        .await
        .unwrap();
    assert_eq!(outcome(&database, id).await, "failed");
    let settled = settle(&database, &identify(1), Utc::now(), &[enrich(1)]).await;
    assert_eq!(settled, [id]);
    assert_eq!(count_waiting(&client, id).await, 1);
    assert_eq!(ingestions::list_problems(&client, id).await.unwrap(), []);
}

#[tokio::test]
async fn a_message_that_is_given_up_fails_its_own_ingestions_only() {
    let database = database().await;
    let client = database.client().await;
    let (its_own, other) = (
        waiting(&database, &identify(1), None).await,
        waiting(&database, &identify(1), None).await,
    );
    ingestions::fail_step(&client, &identify(1), &[its_own], "a test", "an error")
        .await
        .unwrap();
    assert_eq!(outcome(&database, its_own).await, "failed");
    assert_eq!(outcome(&database, other).await, "");
}

#[tokio::test]
async fn progress_distinguishes_the_states_of_steps() {
    let database = database().await;
    let client = database.client().await;
    let id = waiting(&database, &identify(1), None).await;
    let steps: Vec<_> = (2..=5).map(identify).collect();
    ingestions::insert_tasks(&client, id, &steps).await.unwrap();
    for (step, outcome) in steps
        .iter()
        .zip([TaskOutcome::Done, TaskOutcome::Failed, TaskOutcome::Ambiguous])
    {
        ingestions::settle(
            &client,
            step,
            outcome,
            &json!({ "reason": "why" }),
            Utc::now(),
            &[],
        )
        .await
        .unwrap();
    }
    database
        .execute(
            "INSERT INTO outgoing_messages (queue, message_key, body, snooze_count, snooze_reason, not_before)
             VALUES ('identification', 'identify_album:1', '{}', 1, 'no more today', now() + interval
             '1 hour'),
                    ('identification', 'identify_album:2', '{}', 1, 'done already', now()), ('identification',
                    'identify_album:5', '{}', 0, NULL, now())",
        )
        .await;
    let progress = ingestions::list_progress(&client, id).await.unwrap();
    assert_eq!(progress.len(), 1);
    let identify = &progress[0];
    assert_eq!(
        (
            identify.kind.as_str(),
            identify.waiting,
            identify.snoozed,
            identify.done,
            identify.failed,
            identify.ambiguous
        ),
        ("identify_album", 2, 1, 1, 1, 1)
    );
    assert_eq!(identify.snoozed_reason.as_deref(), Some("no more today"));
    assert!(identify.snoozed_until.unwrap() > Utc::now() + TimeDelta::minutes(59));
    let problems = ingestions::list_problems(&client, id).await.unwrap();
    let problems: Vec<_> = problems
        .iter()
        .map(|one| (one.subject.as_str(), one.outcome, &one.detail["reason"]))
        .collect();
    assert_eq!(
        problems,
        [
            ("3", TaskOutcome::Failed, &json!("why")),
            ("4", TaskOutcome::Ambiguous, &json!("why"))
        ]
    );
}

async fn count_waiting(client: &Client<'_>, id: IngestionId) -> i64 {
    let progress = ingestions::list_progress(client, id).await.unwrap();
    progress.iter().map(|kind| kind.waiting).sum()
}
