//! Rate limits, quotas and refused credentials.

use chrono::{DateTime, Duration, Utc};
use integration::records::single;
use integration::records::{artist, spotify_id};
use integration::scene::outcomes_of;
use integration::scene::{Scene, ingest_album, ingest_artist};
use integration::upstream::Answer;
use pretty_assertions::assert_eq;
use shared::domain::messages::{Outcome, QueueName};
use shared::store::work::ingestions;

#[tokio::test]
async fn a_403_in_plain_text_opens_one_issue_and_stops_all_calls() {
    let scene = Scene::new().await;
    let refusal = "Active premium subscription required for the owner of the app. See your dashboard.";
    for key in ["x", "y"] {
        scene.upstream.give(
            &format!("/v1/albums/{}", spotify_id(key)),
            Answer::new(403, refusal),
        );
    }
    let before = Utc::now();
    scene.machine.request(&[ingest_album(&spotify_id("x"))]).await;
    scene.machine.work_once(QueueName::Catalog).await;
    scene
        .machine
        .request(&[ingest_album(&spotify_id("y")), ingest_artist(&spotify_id("a"))])
        .await;
    scene.machine.work_once(QueueName::Catalog).await;
    assert_eq!(scene.upstream.calls("/v1/"), 1, "no further call to the source");
    let issues = scene
        .texts("SELECT occurrences || ' ' || message FROM worker_issues")
        .await;
    assert!(
        issues.len() == 1 && issues[0].starts_with("1 ") && issues[0].contains("Premium"),
        "{issues:?}"
    );

    assert_snoozed(
        &scene,
        3,
        before + Duration::minutes(59),
        before + Duration::minutes(61),
        "Premium",
    )
    .await;
}

/// Asserts that `count` messages are snoozed until a time in the range, for a reason that contains `why`. The
/// queues and the dead letters must be empty.
async fn assert_snoozed(scene: &Scene, count: i64, from: DateTime<Utc>, to: DateTime<Utc>, why: &str) {
    let rows = scene
        .database
        .client()
        .await
        .query(
            "SELECT not_before, snooze_reason FROM outgoing_messages WHERE snooze_count = 1",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(rows.len() as i64, count);
    for row in rows {
        let (until, reason): (DateTime<Utc>, String) = (row.get(0), row.get(1));
        assert!((from..to).contains(&until), "{until}");
        assert!(reason.contains(why), "{reason}");
    }
    sweep::handle(&scene.machine.sweep, std::time::Duration::from_secs(60))
        .await
        .unwrap();
    assert_eq!(
        scene
            .database
            .count("SELECT (SELECT count(*) FROM queue_messages) + (SELECT count(*) FROM dead_messages)")
            .await,
        0
    );
}

#[tokio::test]
async fn a_used_up_daily_quota_stops_only_its_group_of_calls() {
    let scene = Scene::new().await;
    let quota = Answer::new(
        429,
        r#"{"error":{"status":429,"message":"Too many requests","reason":"QUOTA_EXCEEDED"}}"#,
    )
    .header("retry-after", "86000");
    for key in ["x", "y"] {
        scene
            .upstream
            .give(&format!("/v1/albums/{}", spotify_id(key)), quota.clone());
    }
    scene.upstream.give_artist(&artist("a", "A"), &[]);
    let before = Utc::now();
    let id = scene.machine.request(&[ingest_album(&spotify_id("x"))]).await;
    scene.machine.work_once(QueueName::Catalog).await;
    scene.machine.request(&[ingest_album(&spotify_id("y"))]).await;
    scene.machine.work_once(QueueName::Catalog).await;
    assert_eq!(
        scene.upstream.calls("/v1/albums"),
        1,
        "a message of the same group makes no call"
    );
    assert_eq!(
        outcomes_of(&scene, ingest_artist(&spotify_id("a"))).await,
        ["ingest_artist done"],
        "other groups continue"
    );

    let until = before + Duration::seconds(86_000);
    assert_snoozed(
        &scene,
        2,
        until,
        until + Duration::minutes(1),
        "the quota of spotify_albums is used up",
    )
    .await;
    let progress = ingestions::list_progress(&scene.database.client().await, id)
        .await
        .unwrap();
    assert_eq!((progress[0].waiting, progress[0].snoozed), (1, 1));
    assert!(progress[0].snoozed_until.is_some_and(|at| at >= until));
    assert_eq!(
        scene.database.count("SELECT count(*) FROM worker_issues").await,
        0
    );

    // The quota is available again.
    scene.upstream.give_album(&single("x"));
    scene.upstream.give_album(&single("y"));
    scene
        .database
        .execute("UPDATE upstream_budgets SET blocked_until = now()")
        .await;
    scene
        .database
        .execute("UPDATE outgoing_messages SET not_before = now()")
        .await;
    scene.machine.drain(&scene.database).await;
    assert_eq!(scene.database.count("SELECT count(*) FROM albums").await, 2);
    assert_eq!(
        scene.steps(id).await,
        ["identify_album done", "ingest_album done"]
    );
}

#[tokio::test]
async fn a_call_is_made_again_after_a_short_pause() {
    let scene = Scene::new().await;
    let pause = Answer::error(429, "Too many requests").header("retry-after", "1");
    scene.upstream.give_in_turn(
        &format!("/v1/albums/{}", spotify_id("x")),
        [pause, (&single("x")).into()],
    );
    assert_eq!(
        scene.machine.outcome(ingest_album(&spotify_id("x"))).await,
        Outcome::Done
    );
}
