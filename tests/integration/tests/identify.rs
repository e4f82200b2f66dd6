//! Matching MusicBrainz records to albums and tracks, and the outcomes of lookups. Their credits are tested
//! in `credits.rs`.

use integration::records::{UPC, mbid, person, produced_by, recording, release, spotify_id};
use integration::scene::{LOOKUPS, PRODUCERS, Scene, scene_of};
use integration::upstream::Answer;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::domain::ids::AlbumId;
use shared::domain::messages::{Message, Outcome};

const ALBUM: AlbumId = AlbumId(1);

/// Makes Spotify return these ISRCs for the tracks.
fn give_isrcs(scene: &Scene, isrcs: &[&str]) {
    for (number, isrc) in (1..).zip(isrcs) {
        let id = spotify_id(&format!("x0{number}"));
        let track = json!({"id": id, "name": "Song", "external_ids": {"isrc": isrc}});
        scene.upstream.give(&format!("/v1/tracks/{id}"), track);
    }
}

fn band() -> Value {
    person(1, "A")
}

#[tokio::test]
async fn a_release_with_the_barcode_but_another_title_and_other_tracks_does_not_match() {
    let scene = scene_of(&["One", "Two"]).await;
    let other = recording(
        11,
        "Else",
        &person(7, "Somebody"),
        vec![produced_by(&person(2, "P"))],
    );
    scene.upstream.give_releases(
        UPC,
        &[&release(21, "Something", &person(7, "Somebody"), &[&other])],
    );
    scene.identify(ALBUM).await;
    assert_eq!(scene.texts(PRODUCERS).await, [""; 0]);
    assert_eq!(scene.upstream.calls(&format!("/ws/2/release/{}", mbid(21))), 0);
    assert_eq!(
        scene.texts(LOOKUPS).await,
        ["album  not_found", "track One not_found", "track Two not_found"]
    );
}

#[tokio::test]
async fn of_two_releases_with_the_barcode_the_best_match_is_used() {
    let scene = scene_of(&["One", "Two"]).await;
    let song = |number, title: &str, producer: &Value| {
        recording(number, title, &band(), vec![produced_by(producer)])
    };
    let (right, wrong) = (person(2, "Right"), person(3, "Wrong"));
    let (one, two, live) = (
        song(11, "One", &right),
        song(12, "Two", &right),
        song(13, "One", &wrong),
    );
    let tour = release(20, "Album (Tour Edition)", &band(), &[&live, &live, &live]);
    scene
        .upstream
        .give_releases(UPC, &[&tour, &release(21, "Album", &band(), &[&one, &two])]);
    scene.identify(ALBUM).await;
    assert_eq!(
        scene.texts(PRODUCERS).await,
        ["One: Right producer 0.95", "Two: Right producer 0.95"]
    );
    assert_eq!(
        scene
            .texts("SELECT source_id || ' ' || matched_by FROM album_links WHERE source = 'musicbrainz'")
            .await,
        [format!("{} barcode", mbid(21))]
    );
    assert_eq!(scene.upstream.calls("/ws/2/"), 2);
    assert_eq!(
        scene.upstream.calls("/v1/tracks"),
        0,
        "the barcode identified every track"
    );
}

#[tokio::test]
async fn the_isrcs_of_the_release_are_written_to_its_tracks() {
    let scene = scene_of(&["One"]).await;
    let mut one = recording(11, "One", &band(), vec![]);
    one["isrcs"] = json!(["ZZAAA0000009", "ZZAAA0000001", "malformed"]);
    scene
        .upstream
        .give_releases(UPC, &[&release(21, "Album", &band(), &[&one])]);
    scene.identify(ALBUM).await;
    assert_eq!(scene.texts("SELECT isrc FROM tracks").await, ["ZZAAA0000001"]);
    assert_eq!(scene.texts(LOOKUPS).await, ["album  found", "track One found"]);
}

#[tokio::test]
async fn an_isrc_that_was_reused_does_not_match() {
    let scene = scene_of(&["One", "Two"]).await;
    give_isrcs(&scene, &["ZZAAA0000001", "ZZAAA0000002"]);
    let producer = person(2, "P");
    let stranger = recording(11, "Else", &person(7, "Somebody"), vec![produced_by(&producer)]);
    let mut longer = recording(12, "One", &band(), vec![produced_by(&producer)]);
    longer["length"] = json!(400_000);
    scene.upstream.give_isrc("ZZAAA0000001", &[&stranger, &longer]);
    let ours = recording(13, "Two", &band(), vec![produced_by(&producer)]);
    scene.upstream.give_isrc("ZZAAA0000002", &[&stranger, &ours]);
    scene.identify(ALBUM).await;
    assert_eq!(scene.texts(PRODUCERS).await, ["Two: P producer 0.95"]);
    assert_eq!(
        scene
            .texts("SELECT source_id || ' ' || matched_by FROM track_links WHERE source = 'musicbrainz'")
            .await,
        [format!("{} isrc", mbid(13))]
    );
    assert_eq!(
        scene.texts("SELECT isrc FROM tracks ORDER BY id").await,
        ["ZZAAA0000001", "ZZAAA0000002"]
    );
    assert_eq!(
        scene.texts(LOOKUPS).await,
        ["album  not_found", "track One not_found", "track Two found"]
    );
}

#[tokio::test]
async fn the_first_search_result_is_not_simply_used() {
    let scene = scene_of(&["One", "Two - Live", "Three"]).await;
    let producer = |number| vec![produced_by(&person(number, &format!("P{number}")))];
    let unknown = json!({"id": "125ec42a-7229-4250-afc5-e057484327fe", "name": "[unknown]"});
    let stranger = recording(11, "One", &unknown, producer(4));
    let live = recording(12, "One (live)", &band(), producer(4));
    let mut video = recording(14, "One", &band(), producer(4));
    video["video"] = json!(true);
    let ours = recording(13, "One", &band(), producer(2));
    scene
        .upstream
        .give_recordings("One", &[&stranger, &live, &video, &ours]);
    let studio = recording(15, "Two", &band(), producer(4));
    scene.upstream.give_recordings("Two - Live", &[&studio]);
    scene.upstream.give_recordings("Two", &[&studio]);
    scene.upstream.give_recordings(
        "Three",
        &[&recording(16, "Three Times Over", &band(), producer(4))],
    );
    scene.identify(ALBUM).await;
    assert_eq!(
        scene.texts(PRODUCERS).await,
        ["One: P2 producer 0.81"],
        "a search result has less confidence"
    );
    assert_eq!(
        scene.texts(LOOKUPS).await,
        [
            "album  not_found",
            "track One found",
            "track Two - Live not_found",
            "track Three not_found"
        ]
    );
}

#[tokio::test]
async fn musicbrainz_is_asked_even_if_spotify_refuses_the_isrcs() {
    let scene = scene_of(&["One", "Two"]).await;
    let blocked = Answer::new(
        429,
        r#"{"error":{"status":429,"message":"Too many requests","reason":"QUOTA_EXCEEDED"}}"#,
    )
    .header("retry-after", "80000");
    for number in [1, 2] {
        scene.upstream.give(
            &format!("/v1/tracks/{}", spotify_id(&format!("x0{number}"))),
            blocked.clone(),
        );
    }
    scene.upstream.give_recordings(
        "One",
        &[&recording(11, "One", &band(), vec![produced_by(&person(2, "P"))])],
    );
    let outcome = scene
        .machine
        .outcome(Message::IdentifyAlbum { album_id: ALBUM })
        .await;
    assert!(
        matches!(
            outcome,
            Outcome::Snooze {
                bucket: "spotify_tracks",
                ..
            }
        ),
        "{outcome:?}"
    );
    assert_eq!(scene.texts(PRODUCERS).await, ["One: P producer 0.81"]);
    assert_eq!(
        scene.texts(LOOKUPS).await,
        ["album  not_found", "track One found", "track Two blocked"]
    );
    assert_eq!(
        scene.upstream.calls("/v1/tracks"),
        1,
        "Spotify is not asked again"
    );
    assert_eq!(
        scene
            .database
            .count("SELECT count(*) FROM queue_messages WHERE body::json ->> 'type' = 'enrich_producer'")
            .await,
        1,
        "the producer that was found is enriched"
    );
}

#[tokio::test]
async fn answers_before_a_failure_of_musicbrainz_are_kept_and_not_requested_again() {
    let scene = scene_of(&["One", "Two"]).await;
    let (one, two) = ("ZZAAA0000001", "ZZAAA0000002");
    give_isrcs(&scene, &[one, two]);
    let producer = |number| vec![produced_by(&person(number, "P"))];
    scene
        .upstream
        .give_isrc(one, &[&recording(11, "One", &band(), producer(2))]);
    let ours: Answer =
        json!({"isrc": two, "recordings": [recording(12, "Two", &band(), producer(3))]}).into();
    scene.upstream.give_in_turn(
        &format!("/ws/2/isrc/{two}"),
        [Answer::new(502, "<html>Bad gateway</html>"), ours],
    );
    let identify = Message::IdentifyAlbum { album_id: ALBUM };
    let envelope = shared::domain::messages::Envelope::requested(identify, None);
    let outcome = scene.machine.handle(envelope.clone()).await.unwrap();
    assert!(matches!(outcome, Outcome::Retry { .. }), "{outcome:?}");
    assert_eq!(
        scene.texts(LOOKUPS).await,
        ["album  not_found", "track One found", "track Two failed"]
    );
    scene.upstream.forget_calls();
    assert_eq!(scene.machine.handle(envelope).await.unwrap(), Outcome::Done);
    assert_eq!(
        scene.texts(PRODUCERS).await,
        ["One: P producer 0.95", "Two: P producer 0.95"]
    );
    assert_eq!(scene.upstream.calls("/ws/2/"), 1);
    assert_eq!(scene.upstream.calls("/v1/tracks"), 0);
}

#[tokio::test]
async fn of_several_recordings_with_an_isrc_the_one_with_the_artist_and_length_is_used() {
    let scene = scene_of(&["One"]).await;
    give_isrcs(&scene, &["ZZAAA0000001"]);
    let by = |number, artist: &Value, name: &str, length: u32| {
        let mut one = recording(
            number,
            "One",
            artist,
            vec![produced_by(&person(number + 20, name))],
        );
        one["length"] = json!(length);
        one
    };
    let cover = by(11, &person(7, "Somebody"), "Of Cover", 200_000);
    let edit = by(12, &band(), "Of Edit", 206_000);
    let ours = by(13, &band(), "Ours", 200_500);
    scene.upstream.give_isrc("ZZAAA0000001", &[&cover, &edit, &ours]);
    scene.identify(ALBUM).await;
    assert_eq!(scene.texts(PRODUCERS).await, ["One: Ours producer 0.95"]);
}
