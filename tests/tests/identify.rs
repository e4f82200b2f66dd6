//! What MusicBrainz's records become: which of them are ours, who produced what, and what a lookup came to.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use integration::records::{
    album, artist, mbid, person, produced_by, recording, relation, release, spotify_id, track,
    with_upc,
};
use integration::upstream::{Answer, Upstream};
use integration::{Database, Machine, database};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::ids::AlbumId;
use shared::messages::{Message, Outcome};

const UPC: &str = "200000000011";
const PRODUCERS: &str = "SELECT t.name || ': ' || p.name || ' ' || tp.role || ' ' || round(tp.confidence::numeric, 2) FROM track_producers tp JOIN tracks t ON t.id = tp.track_id JOIN producers p ON p.id = tp.producer_id ORDER BY t.id, p.name";
const CREDITS: &str = "SELECT COALESCE(t.name, 'album') || ': ' || c.credited_as || ' ' || c.raw_role || ' ' || (c.producer_identity_id IS NOT NULL) FROM credits c LEFT JOIN tracks t ON t.id = c.track_id ORDER BY t.id NULLS FIRST, c.credited_as, c.raw_role";
const LOOKUPS: &str = "SELECT l.kind || ' ' || COALESCE(t.name, '') || ' ' || l.outcome FROM lookups l LEFT JOIN tracks t ON l.kind = 'track' AND l.subject = t.id::text WHERE l.source = 'musicbrainz' AND l.kind IN ('album', 'track') ORDER BY l.kind, t.id";

/// An album that Spotify has and MusicBrainz is asked about.
struct Scene {
    upstream: Upstream,
    database: Database,
    machine: Machine,
}

impl Scene {
    /// The album with the id `x` by the artist A, with these songs, each 200 seconds long.
    async fn new(songs: &[&str]) -> Self {
        let (upstream, database) = (Upstream::start().await, database().await);
        let machine = upstream.machine(&database);
        let scene = Self {
            upstream,
            database,
            machine,
        };
        scene.ingest(&album_of("x", songs)).await;
        scene
    }

    async fn ingest(&self, album: &Value) -> AlbumId {
        self.upstream.give_album(album);
        let id = album["id"].as_str().unwrap();
        let message = Message::IngestAlbum {
            spotify_album_id: id.parse().unwrap(),
        };
        assert_eq!(self.machine.outcome(message).await, Outcome::Done);
        let ours = format!("SELECT album_id FROM album_links WHERE source_id = '{id}'");
        AlbumId(self.database.count(&ours).await)
    }

    async fn identify(&self) {
        self.identify_album(AlbumId(1)).await;
    }

    async fn identify_album(&self, album_id: AlbumId) {
        let outcome = self
            .machine
            .outcome(Message::IdentifyAlbum { album_id })
            .await;
        assert_eq!(outcome, Outcome::Done);
    }

    /// Spotify tells the ISRC of every track.
    fn give_isrcs(&self, isrcs: &[&str]) {
        for (number, isrc) in isrcs.iter().enumerate() {
            let id = spotify_id(&format!("x-{}", number + 1).replace('-', "0"));
            let track = json!({"id": id, "name": "Song", "external_ids": {"isrc": isrc}});
            self.upstream.give(&format!("/v1/tracks/{id}"), track);
        }
    }

    async fn texts(&self, sql: &str) -> Vec<String> {
        self.database.texts(sql).await
    }
}

fn album_of(key: &str, songs: &[&str]) -> Value {
    let who = artist("a", "A");
    let tracks = (1..)
        .zip(songs)
        .map(|(number, name)| track(&format!("{key}0{number}"), number, name, &[&who]))
        .collect();
    with_upc(album(key, "Album", &[&who], tracks), UPC)
}

fn band() -> Value {
    person(1, "A")
}

#[tokio::test]
async fn a_release_with_another_title_and_other_tracks_is_not_ours_though_it_has_our_barcode() {
    let scene = Scene::new(&["One", "Two"]).await;
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
    scene.identify().await;
    assert_eq!(scene.texts(PRODUCERS).await, [""; 0]);
    assert_eq!(
        scene.upstream.calls(&format!("/ws/2/release/{}", mbid(21))),
        0
    );
    assert_eq!(
        scene.texts(LOOKUPS).await,
        [
            "album  not_found",
            "track One not_found",
            "track Two not_found"
        ]
    );
}

#[tokio::test]
async fn of_two_releases_with_our_barcode_the_one_that_fits_best_is_taken() {
    let scene = Scene::new(&["One", "Two"]).await;
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
    scene.identify().await;
    assert_eq!(
        scene.texts(PRODUCERS).await,
        ["One: Right producer 0.95", "Two: Right producer 0.95"]
    );
    assert_eq!(scene.texts("SELECT source_id || ' ' || matched_by FROM album_links WHERE source = 'musicbrainz'").await, [format!("{} barcode", mbid(21))]);
    assert_eq!(scene.upstream.calls("/ws/2/"), 2);
    assert_eq!(
        scene.upstream.calls("/v1/tracks"),
        0,
        "the barcode left nothing open"
    );
}

#[tokio::test]
async fn the_isrcs_of_the_release_are_written_to_its_tracks() {
    let scene = Scene::new(&["One"]).await;
    let mut one = recording(11, "One", &band(), vec![]);
    one["isrcs"] = json!(["ZZAAA0000009", "ZZAAA0000001", "malformed"]);
    scene
        .upstream
        .give_releases(UPC, &[&release(21, "Album", &band(), &[&one])]);
    scene.identify().await;
    assert_eq!(
        scene.texts("SELECT isrc FROM tracks").await,
        ["ZZAAA0000001"]
    );
    assert_eq!(
        scene.texts(LOOKUPS).await,
        ["album  found", "track One found"]
    );
}

#[tokio::test]
async fn what_is_said_of_the_release_is_less_sure_than_what_is_said_of_the_recording() {
    let scene = Scene::new(&["One", "Two"]).await;
    let (one, two) = (
        recording(11, "One", &band(), vec![produced_by(&person(2, "Of One"))]),
        recording(12, "Two", &band(), vec![]),
    );
    let mut whole = release(21, "Album", &band(), &[&one, &two]);
    whole["relations"] = json!([produced_by(&person(3, "Of All"))]);
    scene.upstream.give_releases(UPC, &[&whole]);
    scene.identify().await;
    assert_eq!(
        scene.texts(PRODUCERS).await,
        [
            "One: Of All producer 0.60",
            "One: Of One producer 0.95",
            "Two: Of All producer 0.60"
        ]
    );
    assert_eq!(
        scene.texts(CREDITS).await,
        ["album: Of All producer true", "One: Of One producer true"]
    );
}

#[tokio::test]
async fn an_isrc_that_was_reused_does_not_match() {
    let scene = Scene::new(&["One", "Two"]).await;
    scene.give_isrcs(&["ZZAAA0000001", "ZZAAA0000002"]);
    let producer = person(2, "P");
    let stranger = recording(
        11,
        "Else",
        &person(7, "Somebody"),
        vec![produced_by(&producer)],
    );
    let mut longer = recording(12, "One", &band(), vec![produced_by(&producer)]);
    longer["length"] = json!(400_000);
    scene
        .upstream
        .give_isrc("ZZAAA0000001", &[&stranger, &longer]);
    let ours = recording(13, "Two", &band(), vec![produced_by(&producer)]);
    scene
        .upstream
        .give_isrc("ZZAAA0000002", &[&stranger, &ours]);
    scene.identify().await;
    assert_eq!(scene.texts(PRODUCERS).await, ["Two: P producer 0.95"]);
    assert_eq!(scene.texts("SELECT source_id || ' ' || matched_by FROM track_links WHERE source = 'musicbrainz'").await, [format!("{} isrc", mbid(13))]);
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
async fn a_search_is_never_answered_by_its_first_hit() {
    let scene = Scene::new(&["One", "Two - Live", "Three"]).await;
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
    scene.identify().await;
    assert_eq!(
        scene.texts(PRODUCERS).await,
        ["One: P2 producer 0.81"],
        "found by search: less sure"
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
async fn nobody_in_particular_makes_no_producer() {
    let scene = Scene::new(&["One"]).await;
    let special = [
        ("125ec42a-7229-4250-afc5-e057484327fe", "[unknown]"),
        ("89ad4ac3-39f7-470e-963a-56509c546377", "Various Artists"),
    ];
    let credits = special.map(|(id, name)| produced_by(&json!({"id": id, "name": name})));
    scene.upstream.give_releases(
        UPC,
        &[&release(
            21,
            "Album",
            &band(),
            &[&recording(11, "One", &band(), credits.to_vec())],
        )],
    );
    scene.identify().await;
    assert_eq!(
        scene.database.count("SELECT count(*) FROM producers").await,
        0
    );
    assert_eq!(
        scene.texts(CREDITS).await,
        [
            "One: Various Artists producer false",
            "One: [unknown] producer false"
        ]
    );
}

#[tokio::test]
async fn only_producing_makes_a_producer_and_everything_stays_among_the_credits() {
    let scene = Scene::new(&["One"]).await;
    let who = |number| person(number, &format!("P{number}"));
    let mut printed = relation("producer", &["additional"], &who(6));
    printed["target-credit"] = json!("DJ Six");
    let credits = vec![
        relation("producer", &["executive"], &who(2)),
        relation("mix", &[], &who(3)),
        relation("engineer", &["assistant"], &who(4)),
        relation("producer", &["co"], &who(5)),
        printed,
        relation("mix", &[], &who(5)),
    ];
    scene.upstream.give_releases(
        UPC,
        &[&release(
            21,
            "Album",
            &band(),
            &[&recording(11, "One", &band(), credits)],
        )],
    );
    scene.identify().await;
    assert_eq!(
        scene.texts(PRODUCERS).await,
        [
            "One: P5 co_producer 0.95",
            "One: P6 additional_producer 0.90"
        ]
    );
    assert_eq!(
        scene.texts(CREDITS).await,
        [
            "One: DJ Six producer [additional] true",
            "One: P2 producer [executive] false",
            "One: P3 mix false",
            "One: P4 engineer [assistant] false",
            "One: P5 mix false",
            "One: P5 producer [co] true",
        ]
    );
    let names = "SELECT name || ' ' || kind FROM producer_names ORDER BY 1";
    assert_eq!(
        scene.texts(names).await,
        ["DJ Six credited_as", "P5 primary", "P6 primary"]
    );
    assert_eq!(
        scene.database.count("SELECT count(*) FROM producers").await,
        2
    );
}

#[tokio::test]
async fn a_credit_that_is_gone_at_the_source_goes_here_and_what_stays_keeps_its_age() {
    let scene = Scene::new(&["One"]).await;
    let (stays, goes) = (person(2, "Stays"), person(3, "Goes"));
    let song = |credits: Vec<Value>| {
        release(
            21,
            "Album",
            &band(),
            &[&recording(11, "One", &band(), credits)],
        )
    };
    scene
        .upstream
        .give_releases(UPC, &[&song(vec![produced_by(&stays), produced_by(&goes)])]);
    scene.identify().await;
    assert_eq!(
        scene.texts(PRODUCERS).await,
        ["One: Goes producer 0.95", "One: Stays producer 0.95"]
    );
    sweep::compute_statistics(&scene.machine.sweep)
        .await
        .unwrap();
    let age = "SELECT first_seen_at::text FROM credits WHERE credited_as = 'Stays'";
    let first_seen_at = scene.texts(age).await;

    scene
        .upstream
        .give_releases(UPC, &[&song(vec![produced_by(&stays)])]);
    scene.identify().await;
    assert_eq!(scene.texts(PRODUCERS).await, ["One: Stays producer 0.95"]);
    assert_eq!(scene.texts(age).await, first_seen_at);
    assert_eq!(scene.texts("SELECT p.name FROM producer_statistics_stale JOIN producers p ON p.id = producer_id").await, ["Goes"]);
    sweep::compute_statistics(&scene.machine.sweep)
        .await
        .unwrap();
    let counts = "SELECT producer_name || ' ' || track_count FROM producer_popularity ORDER BY 1";
    assert_eq!(scene.texts(counts).await, ["Goes 0", "Stays 1"]);
}

#[tokio::test]
async fn a_release_that_is_ours_no_more_takes_its_credits_along() {
    let scene = Scene::new(&["One", "Two"]).await;
    let songs = [
        recording(11, "One", &band(), vec![produced_by(&person(2, "P"))]),
        recording(12, "Two", &band(), vec![]),
    ];
    let mut whole = release(21, "Album", &band(), &[&songs[0], &songs[1]]);
    whole["relations"] = json!([produced_by(&person(3, "Of All"))]);
    scene.upstream.give_releases(UPC, &[&whole]);
    scene.identify().await;
    let mut cut = album_of("x", &["One", "Two"]);
    cut["tracks"] = json!({"items": [cut["tracks"]["items"][0]], "total": 1});
    scene.ingest(&cut).await;
    assert_eq!(
        scene
            .database
            .count("SELECT count(*) FROM track_producers")
            .await,
        3
    );

    scene
        .upstream
        .give(&format!("/ws/2/release?{UPC}"), json!({"releases": []}));
    scene.identify().await;
    assert_eq!(scene.texts(CREDITS).await, [""; 0]);
    assert_eq!(
        scene.texts(PRODUCERS).await,
        [""; 0],
        "nor does a track keep it that is gone from the album"
    );
}

#[tokio::test]
async fn an_artist_with_two_ids_at_spotify_is_one_where_musicbrainz_says_so() {
    let scene = Scene::new(&["Song"]).await;
    let again = artist("b", "a");
    let second = with_upc(
        album(
            "y",
            "Second",
            &[&again],
            vec![track("y01", 1, "Song - Live", &[&again])],
        ),
        "200000000028",
    );
    let second = scene.ingest(&second).await;
    scene.upstream.give_releases(
        UPC,
        &[&release(
            21,
            "Album",
            &band(),
            &[&recording(
                11,
                "Song",
                &band(),
                vec![produced_by(&person(2, "P"))],
            )],
        )],
    );
    scene.upstream.give_releases(
        "200000000028",
        &[&release(
            22,
            "Second",
            &band(),
            &[&recording(
                12,
                "Song (live)",
                &band(),
                vec![produced_by(&person(2, "P"))],
            )],
        )],
    );
    scene.identify().await;
    assert_eq!(
        scene.database.count("SELECT count(*) FROM artists").await,
        2
    );
    scene.identify_album(second).await;
    let ids = "SELECT string_agg(source_id, ' ' ORDER BY source_id) FROM artist_identities GROUP BY artist_id";
    assert_eq!(
        scene.texts(ids).await,
        [format!(
            "{} {} {}",
            mbid(1),
            spotify_id("a"),
            spotify_id("b")
        )]
    );
    assert_eq!(
        scene
            .database
            .count("SELECT count(*) FROM normalized_tracks")
            .await,
        1
    );
    sweep::compute_statistics(&scene.machine.sweep)
        .await
        .unwrap();
    let counts = "SELECT track_count || ' ' || artist_count FROM producer_popularity";
    assert_eq!(scene.texts(counts).await, ["1 1"], "one song by one artist");
}

#[tokio::test]
async fn who_produces_himself_has_a_track_and_no_collaboration() {
    let scene = Scene::new(&["One"]).await;
    scene.upstream.give_releases(
        UPC,
        &[&release(
            21,
            "Album",
            &band(),
            &[&recording(
                11,
                "One",
                &band(),
                vec![produced_by(&band()), produced_by(&person(2, "P"))],
            )],
        )],
    );
    scene.identify().await;
    sweep::compute_statistics(&scene.machine.sweep)
        .await
        .unwrap();
    let counts = "SELECT producer_name || ' ' || track_count || ' ' || artist_count || ' ' || (SELECT count(*) FROM get_producer_collaborations(producer_id)) FROM producer_popularity ORDER BY 1";
    assert_eq!(scene.texts(counts).await, ["A 1 0 0", "P 1 1 1"]);
}

#[tokio::test]
async fn spotifys_refusal_to_tell_isrcs_does_not_hold_up_musicbrainz() {
    let scene = Scene::new(&["One", "Two"]).await;
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
        &[&recording(
            11,
            "One",
            &band(),
            vec![produced_by(&person(2, "P"))],
        )],
    );
    let outcome = scene
        .machine
        .outcome(Message::IdentifyAlbum {
            album_id: AlbumId(1),
        })
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
        "it is not asked again"
    );
    assert_eq!(scene.database.count("SELECT count(*) FROM queue_messages WHERE body::json ->> 'type' = 'enrich_producer'").await, 1, "what was found goes on");
}

#[tokio::test]
async fn what_musicbrainz_answered_before_it_went_down_is_kept_and_not_asked_again() {
    let scene = Scene::new(&["One", "Two"]).await;
    let (one, two) = ("ZZAAA0000001", "ZZAAA0000002");
    scene.give_isrcs(&[one, two]);
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
    let identify = Message::IdentifyAlbum {
        album_id: AlbumId(1),
    };
    let envelope = shared::messages::Envelope::requested(identify, None);
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
