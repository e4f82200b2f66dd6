//! Releases that are too large for MusicBrainz: it does not answer in time, or leaves out who made what.
//! Their tracks are looked up one by one.

use integration::records::{UPC, mbid, person, produced_by, recording, release, single, with_upc};
use integration::scene::{LOOKUPS, PRODUCERS, Scene, ingest_release, scene_of};
use integration::upstream::Answer;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::domain::ids::AlbumId;
use shared::domain::messages::{Envelope, Message, Outcome, QueueName};

const IDENTIFY: Message = Message::IdentifyAlbum { album_id: AlbumId(1) };

fn gateway_timeout() -> Answer {
    Answer::new(504, "<html>Gateway Time-out</html>")
}

#[tokio::test]
async fn the_recordings_of_a_release_that_is_too_large_are_requested_one_by_one() {
    let scene = Scene::new().await;
    scene.ingest(&with_upc(single("x"), UPC)).await;
    let band = person(1, "A");
    let song = recording(11, "Song", &band, vec![produced_by(&person(2, "P"))]);
    scene
        .upstream
        .give_releases(UPC, &[&release(21, "Album", &band, &[&song])]);
    scene.upstream.give(
        &format!("/ws/2/release/{}", mbid(21)),
        Answer::new(504, "<html>Gateway Time-out</html>"),
    );
    scene.upstream.give_recordings("Song", &[&song]);
    let identify = Message::IdentifyAlbum { album_id: AlbumId(1) };
    let outcome = scene.machine.outcome(identify.clone()).await;
    assert!(matches!(outcome, Outcome::Retry { .. }), "{outcome:?}");
    let producers =
        "SELECT p.name || ' ' || tp.source FROM track_producers tp JOIN producers p ON p.id = tp.producer_id";
    assert_eq!(scene.texts(producers).await, ["P musicbrainz"]);
    assert_eq!(
        scene
            .texts(
                "SELECT kind || ' ' || outcome FROM lookups WHERE source = 'musicbrainz'
            AND kind IN ('album', 'track') ORDER BY 1"
            )
            .await,
        ["album failed", "track found"]
    );
    scene
        .upstream
        .give_releases(UPC, &[&release(21, "Album", &band, &[&song])]);
    assert_eq!(scene.machine.outcome(identify).await, Outcome::Done);
    assert_eq!(
        scene.texts("SELECT matched_by::text FROM credits").await,
        ["barcode"]
    );
}

/// An album of these songs whose release MusicBrainz cannot answer about, and whose tracks it does not know.
async fn scene_of_large_release(songs: &[&str]) -> Scene {
    let scene = scene_of(songs).await;
    let band = person(1, "A");
    let recordings: Vec<Value> = (11..)
        .zip(songs)
        .map(|(number, song)| recording(number, song, &band, vec![]))
        .collect();
    let whole = release(21, "Album", &band, &Vec::from_iter(&recordings));
    scene.upstream.give_releases(UPC, &[&whole]);
    let path = format!("/ws/2/release/{}", mbid(21));
    scene.upstream.give(&path, gateway_timeout());
    scene
}

fn give_search(scene: &Scene, song: &str, answer: impl Into<Answer>) {
    scene
        .upstream
        .give(&format!("/ws/2/recording?recording:\"{song}\""), answer);
}

async fn identify(scene: &Scene) -> Outcome {
    let envelope = Envelope::requested(IDENTIFY, None);
    scene.machine.handle(envelope).await.unwrap()
}

async fn end_blocks(scene: &Scene) {
    scene.database.execute("DELETE FROM upstream_budgets").await;
}

#[tokio::test]
async fn a_large_release_makes_progress_track_by_track_and_only_a_round_without_any_is_an_attempt() {
    let scene = scene_of_large_release(&["One", "Two", "Three"]).await;
    let no_recordings = json!({"recordings": []});
    let pause = Answer::new(429, "{}").header("retry-after", "3600");
    give_search(&scene, "Two", pause.clone());
    let first = identify(&scene).await;
    assert!(
        matches!(first, Outcome::Snooze { .. }),
        "a round with progress: {first:?}"
    );
    assert_eq!(
        scene.texts(LOOKUPS).await,
        [
            "album  failed",
            "track One not_found",
            "track Two blocked",
            "track Three blocked"
        ]
    );

    end_blocks(&scene).await;
    scene.upstream.forget_calls();
    let second = identify(&scene).await;
    assert!(
        matches!(second, Outcome::Retry { .. }),
        "a round without progress: {second:?}"
    );

    end_blocks(&scene).await;
    give_search(&scene, "Two", &no_recordings);
    scene.upstream.forget_calls();
    let third = identify(&scene).await;
    assert!(
        matches!(third, Outcome::Retry { .. }),
        "only the release is open: {third:?}"
    );
    assert_eq!(
        scene.upstream.calls("/ws/2/recording"),
        2,
        "the first track is not asked about again"
    );

    scene.upstream.forget_calls();
    let fourth = identify(&scene).await;
    let Outcome::Retry { cause, .. } = fourth else {
        panic!("{fourth:?}");
    };
    assert!(cause.contains("504"), "{cause}");
    assert_eq!(scene.upstream.calls("/ws/2/recording"), 0);
    assert_eq!(scene.upstream.calls("/ws/2/release/"), 1);
}

#[tokio::test]
async fn the_tracks_of_a_large_release_take_at_most_half_of_the_rate() {
    let mut scene = scene_of_large_release(&["One", "Two", "Three", "Four"]).await;
    scene.machine.set(&[("MUSICBRAINZ_PER_SECOND", "20")]);
    end_blocks(&scene).await;
    let began = scene.database.now().await;
    identify(&scene).await;
    let half = "SELECT next_free_at FROM upstream_budgets WHERE bucket = 'musicbrainz (half)'";
    let four_slots = chrono::TimeDelta::milliseconds(4 * 2 * 50);
    assert!(scene.database.time(half).await >= began + four_slots);
}

/// A release with more recordings than MusicBrainz gives credits of: two songs, and videos.
fn without_credits(songs: &[Value]) -> Value {
    let mut all: Vec<Value> = songs.to_vec();
    for song in &mut all {
        song["relations"] = json!([]);
    }
    all.extend((0..500).map(|number| {
        let mut video = recording(1_000 + number, "Video", &person(1, "A"), vec![]);
        video["video"] = json!(true);
        video
    }));
    release(21, "Album", &person(1, "A"), &Vec::from_iter(&all))
}

#[tokio::test]
async fn a_release_that_leaves_out_its_credits_does_not_say_that_there_are_none() {
    let scene = Scene::new().await;
    let band = person(1, "A");
    let songs = [
        recording(11, "One", &band, vec![produced_by(&person(2, "P"))]),
        recording(12, "Two", &band, vec![produced_by(&person(3, "Q"))]),
    ];
    scene.upstream.give_release(&without_credits(&songs));
    scene.machine.request(&[ingest_release(&mbid(21))]).await;
    scene.machine.work_once(QueueName::Catalog).await;
    assert_eq!(
        scene.texts(LOOKUPS).await,
        ["album  found"],
        "the tracks are not answered"
    );

    // Both tracks are asked about by their recordings, in two rounds.
    let of_song = |number: u64| format!("/ws/2/recording/{}", mbid(number));
    scene.upstream.give(&of_song(11), &songs[0]);
    scene.upstream.give(&of_song(12), gateway_timeout());
    scene.upstream.forget_calls();
    let first = identify(&scene).await;
    assert!(
        matches!(first, Outcome::Snooze { .. }),
        "a round with progress: {first:?}"
    );
    assert_eq!(scene.texts(PRODUCERS).await, ["One: P producer 0.95"]);
    scene.upstream.give(&of_song(12), &songs[1]);
    assert_eq!(identify(&scene).await, Outcome::Done);
    let both = ["One: P producer 0.95", "Two: Q producer 0.95"];
    assert_eq!(scene.texts(PRODUCERS).await, both);
    assert_eq!(scene.upstream.calls("/ws/2/recording"), 3);
    assert_eq!(scene.upstream.calls("/ws/2/release"), 0);

    // When the release is asked for again and the recordings cannot be, what is known stays.
    scene
        .database
        .execute("UPDATE lookups SET look_again_at = now()")
        .await;
    for number in [11, 12] {
        scene.upstream.give(&of_song(number), gateway_timeout());
    }
    assert!(matches!(identify(&scene).await, Outcome::Retry { .. }));
    assert_eq!(scene.upstream.calls("/ws/2/release"), 1);
    assert_eq!(scene.texts(PRODUCERS).await, both);
}
