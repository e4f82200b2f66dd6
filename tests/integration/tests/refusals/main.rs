//! Errors of the upstreams: each message ends with an outcome, a reason and advice, and no message is lost.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

mod large_releases;
mod limits;
mod refreshes;

use integration::records::{
    UPC, mbid, person, produced_by, recording, release, single, spotify_id, with_upc,
};
use integration::scene::{Scene, ingest_album};
use integration::upstream::Answer;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::domain::ids::AlbumId;
use shared::domain::messages::{Message, Outcome, QueueName};

/// Makes all delayed messages visible.
const RELEASE_ALL: &str = "
    UPDATE queue_messages
    SET visible_at = now(), not_before = CASE WHEN turn IS NULL THEN now() END";

/// Retries the delayed message now.
async fn retry_now(scene: &Scene) {
    scene.database.execute(RELEASE_ALL).await;
    assert_eq!(scene.machine.work_once(QueueName::Catalog).await, 1);
}

#[tokio::test]
async fn an_unreadable_answer_is_requested_again() {
    let scene = Scene::new().await;
    let whole = single("x").to_string();
    let cut_off = faults::start(faults::cut_off(whole.as_bytes())).await;
    let path = format!("/v1/albums/{}", spotify_id("x"));
    scene.upstream.give_in_turn(
        &path,
        [
            Answer::new(200, "<!DOCTYPE html><html>Please wait</html>"),
            Answer::new(200, &whole[..whole.len() / 2]),
            Answer::redirect(&cut_off),
            Answer::new(502, "bad gateway"),
            Answer::new(200, whole.clone()),
        ],
    );
    let id = scene.machine.request(&[ingest_album(&spotify_id("x"))]).await;
    assert_eq!(scene.machine.work_once(QueueName::Catalog).await, 1);
    for _ in 0..3 {
        assert_eq!(scene.steps(id).await, ["ingest_album waiting"]);
        retry_now(&scene).await;
    }
    assert_eq!(scene.database.count("SELECT count(*) FROM albums").await, 0);
    retry_now(&scene).await;
    assert_eq!(
        scene.steps(id).await,
        ["identify_album waiting", "ingest_album done"]
    );
    assert_eq!(
        scene.database.count("SELECT count(*) FROM worker_issues").await,
        0
    );
}

#[tokio::test]
async fn a_message_that_always_fails_is_given_up_with_an_issue_and_stored() {
    let scene = Scene::new().await;
    scene.upstream.give(
        &format!("/v1/albums/{}", spotify_id("x")),
        Answer::new(200, "<html>"),
    );
    let id = scene.machine.request(&[ingest_album(&spotify_id("x"))]).await;
    scene.machine.work_once(QueueName::Catalog).await;
    for _ in 0..4 {
        retry_now(&scene).await;
    }
    let steps = scene.steps(id).await;
    assert!(
        steps[0].starts_with("ingest_album failed Spotify gave an answer that cannot be read"),
        "{steps:?}"
    );
    let issues = scene.texts("SELECT message FROM worker_issues").await;
    assert!(
        issues.len() == 1 && issues[0].contains("received an HTML page"),
        "{issues:?}"
    );
    scene.database.execute(RELEASE_ALL).await;
    assert_eq!(scene.machine.work_once(QueueName::Catalog).await, 0);
    assert_eq!(
        scene.database.count("SELECT count(*) FROM dead_messages").await,
        1
    );
}

#[tokio::test]
async fn an_expired_token_is_replaced_and_an_invalid_one_is_refused() {
    let scene = Scene::new().await;
    let path = format!("/v1/albums/{}", spotify_id("x"));
    let expired = Answer::error(401, "The access token expired");
    scene
        .upstream
        .give_in_turn(&path, [expired.clone(), (&single("x")).into()]);
    assert_eq!(
        scene.machine.outcome(ingest_album(&spotify_id("x"))).await,
        Outcome::Done
    );
    assert_eq!(scene.upstream.calls("/api/token"), 2);

    scene.upstream.give(&path, expired);
    let outcome = scene.machine.outcome(ingest_album(&spotify_id("x"))).await;
    assert!(matches!(outcome, Outcome::Snooze { .. }), "{outcome:?}");
    let issues = scene
        .texts("SELECT issue_type || ': ' || message FROM worker_issues")
        .await;
    assert!(
        issues.len() == 1
            && issues[0].starts_with("refused: ")
            && issues[0].contains("https://developer.spotify.com/dashboard"),
        "{issues:?}"
    );
}

#[tokio::test]
async fn an_unavailable_musicbrainz_loses_neither_the_album_nor_its_lookup() {
    let answers = [
        (
            "release",
            Answer::new(
                503,
                r#"{"error":"Your requests are exceeding the allowable rate limit."}"#,
            )
            .header("retry-after", "1"),
            None,
        ),
        (
            "release",
            Answer::new(503, "<html>Service Unavailable</html>"),
            Some("unavailable"),
        ),
        (
            "release",
            Answer::new(200, "<html>Moved</html>"),
            Some("unreadable"),
        ),
        (
            "release/…",
            Answer::new(500, r#"{"error":"Internal"}"#),
            Some("unavailable"),
        ),
    ];
    for (path, failure, cause) in answers {
        let scene = Scene::new().await;
        scene.ingest(&with_upc(single("x"), UPC)).await;
        let band = person(1, "A");
        let whole = release(
            21,
            "Album",
            &band,
            &[&recording(11, "Song", &band, vec![produced_by(&person(2, "P"))])],
        );
        scene.upstream.give_releases(UPC, &[&whole]);
        let (path, after): (String, Value) = if path == "release" {
            let found = json!({"releases": [{"id": mbid(21), "title": "Album", "track-count": 1,
                "artist-credit": whole["artist-credit"]}]});
            ("/ws/2/release".to_owned(), found)
        } else {
            (format!("/ws/2/release/{}", mbid(21)), whole)
        };
        scene.upstream.give_in_turn(&path, [failure, after.into()]);
        let identify = Message::IdentifyAlbum { album_id: AlbumId(1) };
        let outcome = scene.machine.outcome(identify.clone()).await;
        match cause {
            None => assert_eq!(outcome, Outcome::Done),
            Some(cause) => {
                assert!(
                    matches!(&outcome, Outcome::Retry { cause: text, .. }
                        if text.starts_with("musicbrainz: ") && text.contains(cause)),
                    "{outcome:?}"
                );
                assert_eq!(scene.database.count("SELECT count(*) FROM albums").await, 1);
                assert_eq!(scene.machine.outcome(identify).await, Outcome::Done);
            }
        }
        assert_eq!(scene.texts("SELECT name FROM producers").await, ["P"]);
    }
}

#[tokio::test]
async fn the_tracks_of_a_release_that_was_removed_are_looked_up_one_by_one() {
    let scene = Scene::new().await;
    scene.ingest(&with_upc(single("x"), UPC)).await;
    let band = person(1, "A");
    let song = recording(11, "Song", &band, vec![produced_by(&person(2, "P"))]);
    scene
        .upstream
        .give_releases(UPC, &[&release(21, "Album", &band, &[&song])]);
    scene.upstream.give(
        &format!("/ws/2/release/{}", mbid(21)),
        Answer::new(404, r#"{"error":"Not Found"}"#),
    );
    scene.upstream.give_recordings("Song", &[&song]);
    scene.identify(AlbumId(1)).await;
    assert_eq!(
        scene.texts("SELECT matched_by::text FROM credits").await,
        ["search"]
    );
}
