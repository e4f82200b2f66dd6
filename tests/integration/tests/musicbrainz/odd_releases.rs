//! Odd MusicBrainz entities: each is ingested correctly or fails with a reason and advice.

use integration::records::{listed, mbid, person, produced_by, recording, release};
use integration::scene::{Scene, ingest_release, list_releases};
use integration::upstream::Answer;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::domain::messages::Message;

const VARIOUS_ARTISTS: &str = "89ad4ac3-39f7-470e-963a-56509c546377";
const UNKNOWN: &str = "125ec42a-7229-4250-afc5-e057484327fe";

async fn request_and_drain(scene: &Scene, message: Message) -> Vec<String> {
    let id = scene.machine.request(&[message]).await;
    scene.machine.drain(&scene.database).await;
    scene.steps(id).await
}

async fn assert_empty(scene: &Scene) {
    for table in ["albums", "tracks", "worker_issues", "dead_messages"] {
        let count = format!("SELECT count(*) FROM {table}");
        assert_eq!(scene.database.count(&count).await, 0, "{table}");
    }
}

#[tokio::test]
async fn unknown_ids_fail_and_say_what_to_do() {
    let scene = Scene::new().await;
    let id = mbid(99);
    let cases = [
        (
            list_releases(&id),
            format!(
                "ingest_artist failed MusicBrainz has no artist {id}: copy the link of the artist's page \
                    again"
            ),
        ),
        (
            list_releases(VARIOUS_ARTISTS),
            format!(
                "ingest_artist failed {VARIOUS_ARTISTS} is a special-purpose artist of MusicBrainz: give the \
                    link of an artist or a release"
            ),
        ),
        (
            ingest_release(&id),
            format!(
                "ingest_album failed MusicBrainz has no release {id}: copy the link of the page of an \
                    artist, release or release group again"
            ),
        ),
    ];
    for (message, ends) in cases {
        // The second time the id is known.
        for _ in 0..2 {
            assert_eq!(request_and_drain(&scene, message.clone()).await, [ends.as_str()]);
        }
    }
    assert_eq!(scene.upstream.calls("/ws/2/release/"), 1);
    assert_eq!(scene.upstream.calls("/ws/2/artist/"), 1);
    assert_empty(&scene).await;
}

#[tokio::test]
async fn an_artist_without_releases_is_done_at_once() {
    let scene = Scene::new().await;
    scene
        .upstream
        .give(&format!("/ws/2/artist/{}", mbid(1)), person(1, "Band"));
    let silent = listed(&release(21, "Nothing yet", &person(1, "Band"), &[]), 31);
    for releases in [&[][..], &[silent]] {
        scene.upstream.give_release_list("artist", &mbid(1), releases);
        assert_eq!(
            request_and_drain(&scene, list_releases(&mbid(1))).await,
            ["ingest_artist done"]
        );
    }
    assert_empty(&scene).await;
}

#[tokio::test]
async fn a_merged_id_leads_to_the_remaining_entity() {
    let scene = Scene::new().await;
    let band = person(1, "Band");
    let song = recording(11, "Song", &band, vec![produced_by(&band)]);
    let album = release(21, "Album", &band, &[&song]);
    for id in [1, 91] {
        scene.upstream.give(&format!("/ws/2/artist/{}", mbid(id)), &band);
    }
    for id in [21, 92] {
        scene
            .upstream
            .give(&format!("/ws/2/release/{}", mbid(id)), &album);
    }
    scene
        .upstream
        .give_release_list("artist", &mbid(1), &[listed(&album, 31)]);
    let steps = request_and_drain(&scene, list_releases(&mbid(91))).await;
    assert_eq!(
        steps,
        [
            "enrich_producer done",
            "identify_album done",
            "ingest_album done",
            "ingest_artist done",
            "ingest_artist done"
        ]
    );
    request_and_drain(&scene, ingest_release(&mbid(92))).await;
    let links = "SELECT right(source_id, 2) || ' ' || matched_by FROM album_links ORDER BY 1";
    assert_eq!(scene.texts(links).await, ["21 own", "92 link"]);
    assert_eq!(scene.database.count("SELECT count(*) FROM artists").await, 1);
    assert_eq!(scene.database.count("SELECT count(*) FROM tracks").await, 1);
}

#[tokio::test]
async fn a_release_without_audio_fails_with_that_reason() {
    let scene = Scene::new().await;
    let band = person(1, "Band");
    let mut clip = recording(11, "Clip", &band, vec![]);
    clip["video"] = json!(true);
    for (number, mut release) in [
        (21, release(21, "Without tracks", &band, &[])),
        (22, release(22, "Video", &band, &[&clip])),
        (23, release(23, "Without media", &band, &[])),
    ] {
        if number == 23 {
            release["media"] = Value::Null;
        }
        scene.upstream.give_release(&release);
        let steps = request_and_drain(&scene, ingest_release(&mbid(number))).await;
        assert_eq!(
            steps,
            [format!(
                "ingest_album failed MusicBrainz lists no audio tracks on release {id}, only videos or \
                    nothing: tracks can be added at https://musicbrainz.org/release/{id}",
                id = mbid(number)
            )]
        );
    }
    assert_empty(&scene).await;
}

/// A release with two media, a pregap, data tracks, a video, a track without a length, a guest, and a track
/// by [unknown].
fn odd_release() -> Value {
    let (band, guest) = (person(1, "Band"), person(3, "Guest"));
    let mut unknown = person(4, "[unknown]");
    unknown["id"] = json!(UNKNOWN);
    let song = |number, title, artist| recording(number, title, artist, vec![produced_by(&band)]);
    let mut with_guest = song(12, "With Guest", &band);
    with_guest["length"] = Value::Null;
    with_guest["artist-credit"] = json!([
        {"name": "The Band", "joinphrase": " feat. ", "artist": band},
        {"name": "Guest", "joinphrase": "", "artist": guest},
    ]);
    let mut clip = song(14, "Clip", &band);
    clip["video"] = json!(true);
    let mut release = release(21, "Album", &band, &[&song(11, "Song", &band), &with_guest]);
    release["date"] = json!("1999-03");
    release["media"][0]["pregap"] =
        json!({"position": 0, "title": "Hidden", "recording": song(15, "Hidden", &band)});
    release["media"][0]["data-tracks"] =
        json!([{"position": 3, "title": "Data", "recording": song(16, "Data", &band)}]);
    let mut by_unknown_artist = song(13, "", &unknown);
    by_unknown_artist["relations"] = json!([produced_by(&unknown)]);
    release["media"]
        .as_array_mut()
        .unwrap()
        .push(json!({"position": 2, "tracks": [
            {"position": 1, "title": "", "recording": by_unknown_artist},
            {"position": 2, "title": "Clip", "recording": clip},
        ]}));
    release
}

#[tokio::test]
async fn only_the_audio_of_an_odd_release_becomes_tracks() {
    let scene = Scene::new().await;
    scene.upstream.give_release(&odd_release());
    request_and_drain(&scene, ingest_release(&mbid(21))).await;
    let tracks = "SELECT t.disc_number || '.' || t.track_number || ' ' || t.name || ' ' ||
        COALESCE(t.duration_ms::text, '-') || ' ' || COALESCE(n.normalized_name, '-') || ': '
        || (SELECT string_agg(a.name || ' ' || ta.part, ', ' ORDER BY ta.position) FROM track_artists ta
        JOIN artists a ON a.id = ta.artist_id WHERE ta.track_id = t.id)
        || ' by ' || (SELECT count(*) FROM track_producers tp WHERE tp.track_id = t.id)
        FROM tracks t LEFT JOIN normalized_tracks n ON n.id = t.normalized_track_id
        ORDER BY t.disc_number, t.track_number";
    assert_eq!(
        scene.texts(tracks).await,
        [
            "1.1 Song 200000 song: Band main by 1",
            "1.2 With Guest - withguest: Band main, Guest featured by 1",
            "2.1 [untitled] 200000 -: [unknown] main by 0",
        ]
    );
    let album = "SELECT release_date || ' ' || release_date_precision || ' ' || total_tracks || ' ' ||
        album_type FROM albums";
    assert_eq!(scene.texts(album).await, ["1999-03-01 month 3 other"]);
    let fingerprint = scene.database.fingerprint().await;
    request_and_drain(&scene, ingest_release(&mbid(21))).await;
    scene.machine.outcome(ingest_release(&mbid(21))).await;
    scene.machine.drain(&scene.database).await;
    assert_eq!(scene.database.fingerprint().await, fingerprint);
}

#[tokio::test]
async fn a_compilation_belongs_to_various_artists_and_its_songs_to_their_artists() {
    let scene = Scene::new().await;
    let mut various = person(9, "Various Artists");
    various["id"] = json!(VARIOUS_ARTISTS);
    let song = recording(11, "Song", &person(1, "Band"), vec![produced_by(&person(2, "P"))]);
    let other = recording(12, "Other", &various, vec![]);
    let mut hits = release(21, "Hits", &various, &[&song, &other]);
    hits["release-group"] =
        json!({"id": mbid(31), "primary-type": "Album", "secondary-types": ["Compilation"]});
    scene.upstream.give_release(&hits);
    request_and_drain(&scene, ingest_release(&mbid(21))).await;
    let album = "SELECT is_various_artists(artist_id)::text || ' ' || album_type FROM albums";
    assert_eq!(scene.texts(album).await, ["true compilation"]);
    let songs = "SELECT a.name || ': ' || n.normalized_name FROM normalized_tracks n
        JOIN artists a ON a.id = n.artist_id";
    assert_eq!(scene.texts(songs).await, ["Band: song"]);
}

#[tokio::test]
async fn a_temporarily_unusable_answer_is_requested_again() {
    let scene = Scene::new().await;
    let album = odd_release();
    let path = format!("/ws/2/release/{}", mbid(21));
    let slow = Answer::new(503, r#"{"error":"slow down"}"#).header("retry-after", "1");
    scene.upstream.give_in_turn(&path, [slow, Answer::from(&album)]);
    let steps = request_and_drain(&scene, ingest_release(&mbid(21))).await;
    assert!(steps.contains(&"ingest_album done".to_owned()), "{steps:?}");
    assert_eq!(scene.upstream.calls(&path), 2);
}

#[tokio::test]
async fn a_renamed_track_keeps_its_row_and_a_removed_one_is_marked() {
    let scene = Scene::new().await;
    let mut album = odd_release();
    scene.upstream.give_release(&album);
    request_and_drain(&scene, ingest_release(&mbid(21))).await;
    let ids = "SELECT string_agg(id::text || ' ' || (removed_at IS NULL), ', ' ORDER BY id) FROM tracks";
    let before = scene.texts(ids).await;
    album["media"][0]["tracks"][0]["title"] = json!("Song, at last");
    album["media"].as_array_mut().unwrap().truncate(1);
    scene.upstream.give_release(&album);
    scene.machine.outcome(ingest_release(&mbid(21))).await;
    scene.machine.drain(&scene.database).await;
    let after: Vec<String> = before
        .iter()
        .map(|ids| {
            let (row, _) = ids.rsplit_once(' ').unwrap();
            format!("{row} false")
        })
        .collect();
    assert_eq!(scene.texts(ids).await, after);
    let name = "SELECT name FROM tracks WHERE disc_number = 1 AND track_number = 1";
    assert_eq!(scene.texts(name).await, ["Song, at last"]);
}
