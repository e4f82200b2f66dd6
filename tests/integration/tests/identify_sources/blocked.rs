//! A source that is blocked or has no slot in time does not delay the others.

use pretty_assertions::assert_eq;

use super::*;

#[tokio::test]
async fn a_blocked_source_delays_no_other_and_only_it_is_asked_again() {
    let scene = scene_of(&["One"]).await;
    give_musicbrainz(&scene, &[("One", Some("Pat"))]);
    let blocked = Answer::new(429, "{}").header("retry-after", "3600");
    scene.upstream.give("/discogs/database/search", blocked);
    let song = genius_song(9, "One", &genius_a(), &[genius_artist(90, "Gil")]);
    scene.upstream.give_songs("One", &[&song]);
    let first = identify(&scene, ALBUM).await;
    assert!(
        matches!(
            first,
            Outcome::Snooze {
                bucket: "discogs",
                ..
            }
        ),
        "{first:?}"
    );
    let found = ["One: Gil producer 0.72", "One: Pat producer 0.95"];
    assert_eq!(scene.texts(PRODUCERS).await, found);
    assert_eq!(
        scene.texts(LOOKUPS).await,
        [
            "musicbrainz album found",
            "musicbrainz track One found",
            "discogs album blocked",
            "genius track One found",
        ]
    );
    scene.upstream.forget_calls();
    assert!(matches!(identify(&scene, ALBUM).await, Outcome::Snooze { .. }));
    assert_eq!(
        scene.upstream.calls("/"),
        0,
        "no source is asked before that time"
    );
    let client = scene.database.client().await;
    client.execute("DELETE FROM upstream_budgets", &[]).await.unwrap();
    give_discogs(
        &scene,
        &[("One", &[discogs_credit(7, "Dis", "Producer", "")])],
        &[],
    );
    scene.upstream.give(
        &format!("/discogs/database/search?&barcode={UPC}&"),
        json!({"results": [{"id": 500, "type": "release", "title": "A - Album"}]}),
    );
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(
        scene.upstream.calls("/ws/2/") + scene.upstream.calls("/genius/"),
        0
    );
    assert_eq!(scene.texts(PRODUCERS).await.len(), 3);
}

#[tokio::test]
async fn a_source_without_a_slot_before_the_deadline_keeps_the_findings_of_the_others() {
    let mut scene = scene_of(&["One"]).await;
    give_discogs(
        &scene,
        &[("One", &[discogs_credit(7, "Dis", "Producer", "")])],
        &[],
    );
    let song = genius_song(9, "One", &genius_a(), &[genius_artist(90, "Gil")]);
    scene.upstream.give_songs("One", &[&song]);
    scene.machine.set(&[("DISCOGS_PER_SECOND", "0.01")]);
    let first = identify(&scene, ALBUM).await;
    assert!(
        matches!(
            first,
            Outcome::Snooze {
                bucket: "discogs",
                ..
            }
        ),
        "{first:?}"
    );
    assert_eq!(scene.texts(PRODUCERS).await, ["One: Gil producer 0.72"]);
}
