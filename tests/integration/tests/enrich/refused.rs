//! Sources that are unavailable, out of quota or refuse the credentials: the answers of the other sources are
//! stored, and no source is asked forever.

use chrono::{TimeDelta, Utc};
use integration::scene::Scene;
use integration::sources::instagram_error;
use integration::upstream::Answer;
use pretty_assertions::assert_eq;
use serde_json::json;
use shared::domain::credits::Source;
use shared::domain::ids::ProducerId;
use shared::domain::messages::Outcome;

use crate::{LOOKUPS, SHOWN, STATE, ann, enrich_due_lookups, producer};

const ISSUES: &str =
    "SELECT concat_ws(' ', worker_name, issue_type, occurrences) FROM worker_issues ORDER BY 1";

/// Ann. MusicBrainz, Discogs and Genius state her handle.
async fn ann_with_handle(scene: &Scene) -> ProducerId {
    let id = ann(scene).await;
    let page = "https://instagram.com/ann";
    let upstream = &scene.upstream;
    upstream.give_person(2, "Ann", &[("social network", page)]);
    upstream.give_discogs_artist(5, "Ann", &[page], &json!({}));
    let more = json!({"instagram_name": "ann"});
    upstream.give_genius_artist(7, "Ann", &more);
    upstream.give_profile("ann", "17841", &json!({"biography": "Beats"}));
    id
}

#[tokio::test]
async fn an_unavailable_source_delays_no_other_and_only_it_is_asked_again() {
    let scene = Scene::with_all_contacts().await;
    let id = ann_with_handle(&scene).await;
    let down = Answer::new(500, "<html>oops</html>");
    scene.upstream.give("/discogs/artists/5", down);
    let outcome = enrich_due_lookups(&scene, id).await;
    assert!(matches!(outcome, Outcome::Retry { .. }), "{outcome:?}");
    assert_eq!(scene.texts(SHOWN).await, ["ann | - | - | Beats"]);
    assert_eq!(
        scene.texts(STATE).await,
        ["f f"],
        "the enrichment is not finished"
    );
    assert_eq!(
        scene.texts(LOOKUPS).await,
        [
            "musicbrainz artist found",
            "discogs artist failed",
            "genius artist found",
            "instagram profile found"
        ]
    );
    scene.upstream.forget_calls();
    scene
        .upstream
        .give_discogs_artist(5, "Ann", &["https://instagram.com/ann"], &json!({}));
    assert_eq!(enrich_due_lookups(&scene, id).await, Outcome::Done);
    assert_eq!(scene.texts(STATE).await, ["t f"]);
    let calls = ["/", "/discogs"].map(|path| scene.upstream.calls(path));
    assert_eq!(calls, [1, 1]);
}

#[tokio::test]
async fn a_used_up_quota_snoozes_the_remaining_lookups_and_the_others_are_shown() {
    let scene = Scene::with_all_contacts().await;
    let id = ann_with_handle(&scene).await;
    let full = Answer::new(429, "{}").header("retry-after", "600");
    scene.upstream.give("/genius/artists/7", full);
    let throttled = instagram_error(400, 4, "Application request limit reached");
    scene.upstream.give_account("ann", throttled);
    let outcome = enrich_due_lookups(&scene, id).await;
    let Outcome::Snooze { until, bucket, .. } = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(bucket, "genius", "the source that is available first");
    assert!((until - Utc::now() - TimeDelta::minutes(10)).abs() < TimeDelta::seconds(30));
    assert_eq!(scene.texts(SHOWN).await, ["ann | - | - | -"]);
    assert_eq!(scene.texts(STATE).await, ["f f"]);
    // Another producer waits for Instagram without a call, and has the facts of the other sources.
    let other = producer(&scene, "Bob", &[(Source::Discogs, "6")]).await;
    let pages = ["https://instagram.com/bob"];
    scene.upstream.give_discogs_artist(6, "Bob", &pages, &json!({}));
    scene.upstream.forget_calls();
    let outcome = enrich_due_lookups(&scene, other).await;
    let Outcome::Snooze { until, bucket, .. } = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!((bucket, scene.upstream.calls("/instagram")), ("instagram", 0));
    assert!(until - Utc::now() > TimeDelta::minutes(50), "{until}");
    assert_eq!(scene.texts(SHOWN).await[1], "bob | - | - | -");
    assert_eq!(scene.texts(ISSUES).await, [""; 0]);
}

#[tokio::test]
async fn a_refused_token_is_a_failed_attempt_with_one_issue_and_no_further_calls() {
    let scene = Scene::with_all_contacts().await;
    let id = ann_with_handle(&scene).await;
    let bad = "Error validating access token: it has expired";
    scene.upstream.give_account("ann", instagram_error(400, 190, bad));
    assert_eq!(enrich_due_lookups(&scene, id).await, Outcome::Done);
    assert_eq!(scene.texts(STATE).await, ["t t"]);
    assert_eq!(scene.texts(SHOWN).await, ["ann | - | - | -"]);
    let other = producer(&scene, "Bob", &[(Source::Discogs, "6")]).await;
    let pages = ["https://instagram.com/bob"];
    scene.upstream.give_discogs_artist(6, "Bob", &pages, &json!({}));
    for id in [other, id, other] {
        assert_eq!(enrich_due_lookups(&scene, id).await, Outcome::Done);
    }
    assert_eq!(scene.texts(STATE).await, ["t t", "t t"]);
    assert_eq!(scene.upstream.calls("/instagram"), 1);
    let refused =
        "SELECT count(*) FROM worker_issues WHERE issue_type = 'refused' AND worker_name = 'instagram'";
    assert_eq!(scene.database.count(refused).await, 1);
    let issue_texts = "SELECT concat_ws(' ', message, details) FROM worker_issues";
    for text in scene.texts(issue_texts).await {
        assert!(!text.contains("ann") && !text.contains("bob"), "{text}");
    }
    // With a valid token the profile is stored.
    scene
        .database
        .execute("UPDATE upstream_budgets SET blocked_until = '-infinity', next_free_at = '-infinity'")
        .await;
    scene
        .upstream
        .give_profile("ann", "17841", &json!({"biography": "Beats"}));
    assert_eq!(enrich_due_lookups(&scene, id).await, Outcome::Done);
    assert_eq!(scene.texts(STATE).await[0], "t f");
    assert_eq!(scene.texts(SHOWN).await[0], "ann | - | - | Beats");
}

#[tokio::test]
async fn a_token_that_another_source_refuses_is_a_failed_attempt_too() {
    let scene = Scene::with_all_contacts().await;
    let id = ann_with_handle(&scene).await;
    let refused = Answer::new(401, r#"{"message": "Invalid consumer token."}"#);
    scene.upstream.give("/discogs/artists/5", refused);
    assert_eq!(enrich_due_lookups(&scene, id).await, Outcome::Done);
    assert_eq!(scene.texts(STATE).await, ["t t"]);
    assert_eq!(scene.texts(SHOWN).await, ["ann | - | - | Beats"]);
}

#[tokio::test]
async fn a_source_that_always_fails_is_given_up_and_known_facts_stay() {
    for (path, source) in [("/instagram/1", "instagram"), ("/genius/artists/7", "genius")] {
        let scene = Scene::with_all_contacts().await;
        let id = ann_with_handle(&scene).await;
        assert_eq!(enrich_due_lookups(&scene, id).await, Outcome::Done);
        let due = format!("UPDATE lookups SET look_again_at = now() WHERE source = '{source}'");
        scene.database.execute(&due).await;
        let down = instagram_error(500, 2, "An unexpected error has occurred");
        scene.upstream.give(path, down);
        for _ in 0..2 {
            let outcome = enrich_due_lookups(&scene, id).await;
            assert!(matches!(outcome, Outcome::Retry { .. }), "{outcome:?}");
            assert_eq!(scene.texts(STATE).await, ["t f"]);
        }
        assert_eq!(enrich_due_lookups(&scene, id).await, Outcome::Done);
        assert_eq!(scene.texts(STATE).await, ["t t"]);
        assert_eq!(scene.texts(SHOWN).await, ["ann | - | - | Beats"]);
        assert_eq!(scene.texts(ISSUES).await, ["enrich source_failed 1"]);
        let failed = format!("SELECT count(*) FROM lookups WHERE source = '{source}' AND outcome = 'failed'");
        assert_eq!(scene.database.count(&failed).await, 1);
    }
}
