//! What MusicBrainz, Discogs and Genius say of one album together: what agrees, what contradicts, what is no match, and that
//! none of them holds up another. What MusicBrainz alone makes of an album is in `identify.rs`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use api::Access;
use axum::body::Body;
use axum::http::Request;
use integration::records::{
    album, artist, mbid, person, produced_by, recording, release, spotify_id, track, with_upc,
};
use integration::scene::{PRODUCERS, Scene};
use integration::sources::{
    discogs_credit, discogs_release, discogs_track, genius_artist, genius_song,
};
use integration::upstream::Answer;
use integration::{Database, FAST};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::budgets::{Budgets, Paces};
use shared::config::CreditSources;
use shared::deciding::{Decision, decide};
use shared::ids::{AlbumId, ProducerId, TrackId};
use shared::messages::{Envelope, Message, Outcome};
use shared::store::credit_overrides::OverrideVerdict;
use tower::ServiceExt as _;

const UPC: &str = "200000000011";
const ALBUM: AlbumId = AlbumId(1);

/// Every claim: of what, by whom, in whose and which words, and how it was matched.
const CLAIMS: &str = "SELECT COALESCE(t.name, 'album') || COALESCE(' (' || c.track_range || ' = ' || COALESCE(array_to_string(c.track_positions, ' '), '?') || ')', '')
    || ': ' || c.source || ' ' || c.credited_as || ', ' || c.raw_role || ', ' || c.matched_by
    FROM credits c LEFT JOIN tracks t ON t.id = c.track_id ORDER BY t.id NULLS FIRST, c.source, c.credited_as, c.raw_role, c.track_range";

/// What the sources of credits were asked and what came of it.
const LOOKUPS: &str = "SELECT l.source || ' ' || l.kind || COALESCE(' ' || t.name, '') || ' ' || l.outcome FROM lookups l
    LEFT JOIN tracks t ON l.kind = 'track' AND l.subject = t.id::text
    WHERE l.source IN ('musicbrainz', 'discogs', 'genius') ORDER BY l.source, l.kind, t.id";

fn album_of(key: &str, songs: &[&str]) -> Value {
    let who = artist("a", "A");
    let tracks = (1..)
        .zip(songs)
        .map(|(number, name)| track(&format!("{key}0{number}"), number, name, &[&who]))
        .collect();
    with_upc(album(key, "Album", &[&who], tracks), UPC)
}

/// The album with the id `x` by the artist A, with these songs, each 200 seconds long.
async fn scene_of(songs: &[&str]) -> Scene {
    let scene = Scene::of_all_sources().await;
    assert_eq!(scene.ingest(&album_of("x", songs)).await, ALBUM);
    scene
}

fn discogs_a() -> Value {
    discogs_credit(70, "A", "", "")
}

fn genius_a() -> Value {
    genius_artist(80, "A")
}

/// MusicBrainz knows the album; this is who produced its songs.
fn give_musicbrainz(scene: &Scene, songs: &[(&str, Option<&str>)]) {
    let recordings: Vec<Value> = (0..)
        .zip(songs)
        .map(|(at, (title, producer))| {
            let producers = producer.map(|name| produced_by(&person(30 + at, name)));
            recording(
                11 + at,
                title,
                &person(1, "A"),
                producers.into_iter().collect(),
            )
        })
        .collect();
    let whole = release(
        21,
        "Album",
        &person(1, "A"),
        &recordings.iter().collect::<Vec<_>>(),
    );
    scene.upstream.give_releases(UPC, &[&whole]);
}

/// Discogs' release of the album with these credits of the whole, its tracks numbered A1, A2 and so on.
fn give_discogs(scene: &Scene, songs: &[(&str, &[Value])], credits: &[Value]) {
    let tracks: Vec<Value> = (1..)
        .zip(songs)
        .map(|(number, (title, credits)): (u32, _)| {
            discogs_track(&format!("A{number}"), title, credits)
        })
        .collect();
    let release = discogs_release(500, "Album", &discogs_a(), &tracks, credits);
    scene
        .upstream
        .give_discogs(&format!("&barcode={UPC}&"), &[&release]);
}

async fn identify(scene: &Scene, album_id: AlbumId) -> Outcome {
    let identify = Message::IdentifyAlbum { album_id };
    let envelope = Envelope::requested(identify, None);
    scene.machine.handle(envelope).await.unwrap()
}

/// The answer of `GET /v1/tracks/{id}`.
async fn track_page(database: &Database, scene: &Scene, id: i64) -> Value {
    let router = api::router(api::Context {
        pool: database.pool.clone(),
        queues: scene.machine.queues.clone(),
        access: Access::Loopback,
        switched_off: Vec::new(),
    });
    let request = Request::get(format!("/v1/tracks/{id}")).header("host", "localhost");
    let answer = router
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    let body = axum::body::to_bytes(answer.into_body(), usize::MAX)
        .await
        .unwrap();
    serde_json::from_slice(&body).unwrap()
}

#[tokio::test]
async fn three_sources_that_agree_make_one_producer_surer() {
    let scene = scene_of(&["One"]).await;
    give_musicbrainz(&scene, &[("One", Some("Pat Fixture"))]);
    let credit = discogs_credit(7, "Pat Fixture", "Written-By, Producer", "");
    give_discogs(&scene, &[("One", &[credit])], &[]);
    let song = genius_song(9, "One", &genius_a(), &[genius_artist(90, "Pat Fixture")]);
    scene.upstream.give_songs("One", &[&song]);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(
        scene.texts(PRODUCERS).await,
        ["One: Pat Fixture producer 0.99"]
    );
    assert_eq!(
        scene.texts(CLAIMS).await,
        [
            "One: musicbrainz Pat Fixture, producer, barcode",
            "One: discogs Pat Fixture, Producer, barcode",
            "One: discogs Pat Fixture, Written-By, barcode",
            "One: genius Pat Fixture, Producer, search",
        ]
    );
    let page = track_page(&scene.database, &scene, 1).await;
    assert_eq!(page["agreement"]["verdict"], "agree");
    assert_eq!(page["agreement"]["sources"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn sources_that_contradict_each_other_both_stay_visible() {
    let scene = scene_of(&["One"]).await;
    give_musicbrainz(&scene, &[("One", Some("Pat Fixture"))]);
    let song = genius_song(9, "One", &genius_a(), &[genius_artist(90, "Somebody Else")]);
    scene.upstream.give_songs("One", &[&song]);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(
        scene.texts(PRODUCERS).await,
        [
            "One: Pat Fixture producer 0.95",
            "One: Somebody Else producer 0.72"
        ]
    );
    let page = track_page(&scene.database, &scene, 1).await;
    assert_eq!(page["agreement"]["verdict"], "contradict");
    assert_eq!(
        page["agreement"]["sources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|named| &named["source"])
            .collect::<Vec<_>>(),
        ["musicbrainz", "genius"]
    );
}

#[tokio::test]
async fn a_credit_of_a_range_counts_for_its_tracks_alone_and_an_unclear_one_for_none() {
    let scene = scene_of(&["One", "Two", "Three"]).await;
    let songs: [(&str, &[Value]); 3] = [("One", &[]), ("Two", &[]), ("Three", &[])];
    let credits = [
        discogs_credit(7, "Of Two", "Producer", "A1, A3"),
        discogs_credit(8, "Of Whatever", "Producer", "Side Z"),
        discogs_credit(9, "Of All", "Producer", ""),
        discogs_credit(0, "Of Nobody", "Co-producer", "A2"),
        discogs_credit(
            10,
            "Of Paper",
            "Executive-Producer, Coordinator [Production]",
            "",
        ),
        discogs_credit(194, "Various", "Producer", ""),
    ];
    give_discogs(&scene, &songs, &credits);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(
        scene.texts(PRODUCERS).await,
        [
            "One: Of All producer 0.75",
            "One: Of Two producer 0.85",
            "Two: Of All producer 0.75",
            "Two: Of Nobody co_producer 0.85",
            "Three: Of All producer 0.75",
            "Three: Of Two producer 0.85",
        ]
    );
    let claims = scene.texts(CLAIMS).await;
    for expected in [
        "album (A1, A3 = 1-1 1-3): discogs Of Two, Producer, barcode",
        "album (Side Z = ?): discogs Of Whatever, Producer, barcode",
        "album: discogs Of Paper, Coordinator [Production], barcode",
    ] {
        assert!(
            claims.iter().any(|claim| claim == expected),
            "{expected}: {claims:#?}"
        );
    }
    let unlinked = "SELECT source_id FROM producer_identities WHERE source_id LIKE 'unlinked:%'";
    assert_eq!(scene.texts(unlinked).await, ["unlinked:70:ofnobody"]);
}

#[tokio::test]
async fn what_discogs_finds_by_title_is_compared_with_the_whole_album() {
    let scene = scene_of(&["One", "Two"]).await;
    let producer = |id| [discogs_credit(id, &format!("P{id}"), "Producer", "")];
    let on = |titles: [&str; 2]| titles.map(|title| discogs_track("1", title, &[]));
    let namesake = discogs_credit(71, "Somebody", "", "");
    let by_namesake = discogs_release(501, "Album", &namesake, &on(["One", "Two"]), &producer(1));
    let others = discogs_release(
        502,
        "Album",
        &discogs_a(),
        &on(["Uno", "Dos y medio"]),
        &producer(2),
    );
    let mut others_tracks = others.clone();
    for entry in others_tracks["tracklist"].as_array_mut().unwrap() {
        entry["duration"] = json!("9:59");
    }
    let ours = discogs_release(
        503,
        "Album",
        &discogs_a(),
        &on(["One", "Two"]),
        &producer(3),
    );
    scene.upstream.give_discogs(
        "release_title=Album",
        &[&by_namesake, &others_tracks, &ours],
    );
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(
        scene.texts(PRODUCERS).await,
        ["One: P3 producer 0.64", "Two: P3 producer 0.64"],
        "found by search: less sure"
    );
    assert_eq!(scene.upstream.calls("/discogs/releases/501"), 0);
}

#[tokio::test]
async fn a_reused_barcode_does_not_make_a_release_ours() {
    let scene = scene_of(&["One", "Two"]).await;
    let stranger = discogs_credit(71, "Somebody", "", "");
    let tracks = ["Else", "More"].map(|title| discogs_track("1", title, &[]));
    let credits = [discogs_credit(1, "P", "Producer", "")];
    let other = discogs_release(501, "Something", &stranger, &tracks, &credits);
    scene
        .upstream
        .give_discogs(&format!("&barcode={UPC}&"), &[&other]);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(scene.texts(PRODUCERS).await, [""; 0]);
    let asked = scene.texts(LOOKUPS).await;
    assert!(
        asked.contains(&"discogs album not_found".to_owned()),
        "{asked:?}"
    );
}

#[tokio::test]
async fn translations_remixes_covers_and_pages_of_credits_are_no_matches() {
    let scene = scene_of(&["One"]).await;
    let page = |id, title: &str, artist: &Value| {
        genius_song(id, title, artist, &[genius_artist(99, "Wrong")])
    };
    let translators = genius_artist(81, "Genius English Translations");
    let mut remix = page(5, "One", &genius_a());
    remix["song_relationships"] =
        json!([{"type": "remix_of", "songs": [{"id": 9, "title": "One"}]}]);
    let ours = genius_song(9, "One", &genius_a(), &[genius_artist(90, "Right")]);
    scene.upstream.give_songs(
        "One",
        &[
            &page(1, "One [Credits]", &genius_a()),
            &page(2, "A - One (English Translation)", &translators),
            &page(3, "One", &genius_artist(82, "A Karaoke Band")),
            &page(4, "One (Somebody Remix)", &genius_a()),
            &remix,
            &ours,
        ],
    );
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(scene.texts(PRODUCERS).await, ["One: Right producer 0.72"]);
    for wrong in 1..=4 {
        assert_eq!(scene.upstream.calls(&format!("/genius/songs/{wrong}")), 0);
    }
}

#[tokio::test]
async fn a_page_that_names_our_spotify_track_is_the_song_whatever_else_fits() {
    let scene = scene_of(&["One"]).await;
    let plain = genius_song(5, "One", &genius_a(), &[genius_artist(99, "Wrong")]);
    let mut linked = genius_song(9, "One", &genius_a(), &[genius_artist(90, "Right")]);
    linked["media"] = json!([{"provider": "spotify", "native_uri": format!("spotify:track:{}", spotify_id("x01"))}]);
    linked["custom_performances"] = json!([
        {"label": "Video Producer", "artists": [genius_artist(91, "Filmer")]},
        {"label": "Additional Production", "artists": [genius_artist(92, "Helper")]},
    ]);
    scene.upstream.give_songs("One", &[&plain, &linked]);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(
        scene.texts(PRODUCERS).await,
        [
            "One: Helper additional_producer 0.81",
            "One: Right producer 0.85"
        ]
    );
    assert_eq!(
        scene
            .texts("SELECT source_id || ' ' || matched_by FROM track_links WHERE source = 'genius'")
            .await,
        ["9 link"]
    );
    assert_eq!(
        scene.texts("SELECT answer ->> 'record' || ' ' || (answer -> 'compared' ->> 'title') FROM lookups WHERE source = 'genius'").await,
        [r#"9 ["One", "One"]"#]
    );
}

#[tokio::test]
async fn a_source_that_is_blocked_holds_up_no_other_and_alone_is_asked_again() {
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
    assert!(matches!(
        identify(&scene, ALBUM).await,
        Outcome::Snooze { .. }
    ));
    assert_eq!(
        scene.upstream.calls("/"),
        0,
        "nobody is asked before the time"
    );
    let client = scene.database.client().await;
    client
        .execute("DELETE FROM upstream_budgets", &[])
        .await
        .unwrap();
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
async fn a_source_without_room_before_the_deadline_leaves_what_the_others_found() {
    let mut scene = scene_of(&["One"]).await;
    give_discogs(
        &scene,
        &[("One", &[discogs_credit(7, "Dis", "Producer", "")])],
        &[],
    );
    let song = genius_song(9, "One", &genius_a(), &[genius_artist(90, "Gil")]);
    scene.upstream.give_songs("One", &[&song]);
    let slow = Paces {
        discogs: 0.001,
        ..FAST
    };
    scene.machine.identify.budgets = Budgets::new(scene.database.pool.clone(), slow);
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

#[tokio::test]
async fn twice_is_once_and_the_order_of_albums_does_not_matter() {
    let mut fingerprints = Vec::new();
    for keys in [["x", "y"], ["y", "x"]] {
        let scene = Scene::of_all_sources().await;
        give_musicbrainz(&scene, &[("One", Some("Pat")), ("Two", None)]);
        let songs: [(&str, &[Value]); 2] = [("One", &[]), ("Two", &[])];
        give_discogs(
            &scene,
            &songs,
            &[discogs_credit(7, "Pat", "Producer", "A2")],
        );
        let song = genius_song(9, "Two", &genius_a(), &[genius_artist(90, "Pat")]);
        scene.upstream.give_songs("Two", &[&song]);
        let mut ids = Vec::new();
        for key in keys {
            let mut one = album_of(key, &["One", "Two"]);
            if key == "y" {
                one = with_upc(one, "200000000028");
                one["name"] = json!("Album (Deluxe)");
            }
            ids.push(scene.ingest(&one).await);
        }
        for id in &ids {
            assert_eq!(identify(&scene, *id).await, Outcome::Done);
        }
        let once = scene.database.fingerprint().await;
        let versions = "SELECT (SELECT sum(xmin::text::bigint) FROM credits)::bigint + (SELECT sum(xmin::text::bigint) FROM track_producers)::bigint";
        let before = scene.database.count(versions).await;
        for id in &ids {
            assert_eq!(identify(&scene, *id).await, Outcome::Done);
            let forced = Envelope::requested(
                Message::IdentifyAlbum { album_id: *id },
                Some(chrono::Utc::now()),
            );
            assert_eq!(scene.machine.handle(forced).await.unwrap(), Outcome::Done);
        }
        assert_eq!(scene.database.fingerprint().await, once);
        assert_eq!(
            scene.database.count(versions).await,
            before,
            "no row is written anew"
        );
        fingerprints.push(once);
    }
    assert_eq!(fingerprints[0], fingerprints[1]);
}

#[tokio::test]
async fn a_rejected_credit_stays_rejected_when_its_source_says_it_again() {
    let scene = scene_of(&["One"]).await;
    give_discogs(
        &scene,
        &[("One", &[discogs_credit(7, "Dis", "Producer", "")])],
        &[],
    );
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(scene.texts(PRODUCERS).await, ["One: Dis producer 0.90"]);
    let decision = Decision {
        by: "ann",
        reason: "a test",
    };
    decide(
        &scene.database.pool,
        TrackId(1),
        ProducerId(1),
        OverrideVerdict::Rejected,
        decision,
    )
    .await
    .unwrap();
    let forced = Envelope::requested(
        Message::IdentifyAlbum { album_id: ALBUM },
        Some(chrono::Utc::now()),
    );
    assert_eq!(scene.machine.handle(forced).await.unwrap(), Outcome::Done);
    assert_eq!(scene.texts(PRODUCERS).await, [""; 0]);
    let page = track_page(&scene.database, &scene, 1).await;
    assert_eq!(page["credits"][0]["verdict"]["verdict"], "rejected");
    assert_eq!(page["agreement"]["verdict"], "none");
}

#[tokio::test]
async fn the_first_source_that_names_a_producer_can_be_enough() {
    let mut scene = scene_of(&["One", "Two"]).await;
    scene.machine.identify.credit_sources = CreditSources::First;
    give_musicbrainz(&scene, &[("One", Some("Pat")), ("Two", None)]);
    scene.upstream.give_songs(
        "Two",
        &[&genius_song(
            9,
            "Two",
            &genius_a(),
            &[genius_artist(90, "Gil")],
        )],
    );
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(
        scene.texts(PRODUCERS).await,
        ["One: Pat producer 0.95", "Two: Gil producer 0.72"]
    );
    assert_eq!(
        scene.upstream.calls("/genius/search"),
        1,
        "for the track without a producer"
    );
}

#[tokio::test]
async fn what_was_loaded_of_the_same_recording_on_another_album_is_not_asked_again() {
    let scene = scene_of(&["One"]).await;
    give_musicbrainz(&scene, &[("One", Some("Pat"))]);
    let song = genius_song(9, "One", &genius_a(), &[genius_artist(90, "Pat")]);
    scene.upstream.give_songs("One", &[&song]);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    // As a load leaves it: rows that nobody asked for.
    let client = scene.database.client().await;
    client.execute("DELETE FROM lookups", &[]).await.unwrap();
    let mut single = with_upc(album_of("y", &["One"]), "200000000028");
    single["name"] = json!("One");
    let single = scene.ingest(&single).await;
    scene.upstream.forget_calls();
    assert_eq!(identify(&scene, single).await, Outcome::Done);
    let of_tracks = ["/ws/2/isrc", "/ws/2/recording", "/genius/"];
    assert_eq!(of_tracks.map(|path| scene.upstream.calls(path)), [0, 0, 0]);
    assert_eq!(
        scene.texts("SELECT c.source || ' ' || c.matched_by FROM credits c WHERE c.album_id = 2 ORDER BY c.source").await,
        ["musicbrainz own", "genius search"]
    );
    assert_eq!(scene.texts(PRODUCERS).await.len(), 2);
}

#[tokio::test]
async fn credits_that_a_load_brought_count_without_a_request() {
    let scene = scene_of(&["One"]).await;
    let client = scene.database.client().await;
    client
        .execute("WITH link AS (
                 INSERT INTO album_links (album_id, source, source_id, matched_by, match_score) VALUES (1, 'discogs', '500', 'barcode', 1)
             ), producer AS (
                 INSERT INTO producers (name, normalized_name) VALUES ('Dis', 'dis') RETURNING id
             ), identity AS (
                 INSERT INTO producer_identities (source, source_id, producer_id, name) SELECT 'discogs', '7', id, 'Dis' FROM producer RETURNING id
             )
             INSERT INTO credits (album_id, source, source_record_kind, source_record_id, producer_identity_id, source_artist_id, credited_as,
                                  raw_role, role, matched_by, match_score)
             SELECT 1, 'discogs', 'release', '500', id, '7', 'Dis', 'Producer', 'producer', 'barcode', 1 FROM identity", &[])
        .await
        .unwrap();
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(scene.texts(PRODUCERS).await, ["One: Dis producer 0.75"]);
    assert_eq!(scene.upstream.calls("/discogs/"), 0);
}

#[tokio::test]
async fn a_track_without_a_producer_says_who_was_asked_and_where_to_add_it() {
    let scene = scene_of(&["One"]).await;
    give_musicbrainz(&scene, &[("One", None)]);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    let why = track_page(&scene.database, &scene, 1).await["why_none"].take();
    assert_eq!(
        why["reason"],
        "known to musicbrainz, which credits nobody for it"
    );
    let asked: Vec<_> = why["asked"]
        .as_array()
        .unwrap()
        .iter()
        .map(|asked| {
            format!(
                "{} {} {}",
                asked["source"].as_str().unwrap(),
                asked["about"].as_str().unwrap(),
                asked["outcome"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        asked,
        [
            "musicbrainz album found",
            "musicbrainz track found",
            "discogs album not_found",
            "discogs track not_found",
            "genius track not_found",
        ]
    );
    assert_eq!(
        why["add_at"][0]["url"],
        format!("https://musicbrainz.org/recording/{}/edit", mbid(11))
    );
}

#[tokio::test]
async fn a_barcode_is_looked_for_with_and_without_its_zeros() {
    let scene = Scene::of_all_sources().await;
    let zeros = with_upc(album_of("x", &["One"]), "0000042284295");
    assert_eq!(scene.ingest(&zeros).await, ALBUM);
    let credits = [discogs_credit(7, "Dis", "Producer", "")];
    let tracks = [discogs_track("A1", "One", &[])];
    let release = discogs_release(500, "Album", &discogs_a(), &tracks, &credits);
    scene
        .upstream
        .give_discogs("&barcode=42284295&", &[&release]);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(scene.texts(PRODUCERS).await, ["One: Dis producer 0.75"]);
}

#[tokio::test]
async fn a_joint_credit_without_an_id_is_several_only_where_each_name_is_known() {
    let scene = scene_of(&["One", "Two"]).await;
    let songs: [(&str, &[Value]); 2] = [("One", &[]), ("Two", &[])];
    let mut printed = discogs_credit(7, "Pat (2)", "Producer", "A1");
    printed["anv"] = json!("P. Fixture");
    let credits = [
        printed,
        discogs_credit(8, "Gil", "Mixed By", "A1"),
        discogs_credit(0, "Pat & Gil", "Producer", "A2"),
        discogs_credit(0, "Stock & Waterman", "Producer", "A2"),
    ];
    give_discogs(&scene, &songs, &credits);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(
        scene.texts(PRODUCERS).await,
        [
            "One: Pat producer 0.85",
            "Two: Gil producer 0.85",
            "Two: Pat producer 0.85",
            "Two: Stock & Waterman producer 0.85",
        ]
    );
    let names = "SELECT name || ' ' || kind FROM producer_names WHERE source = 'discogs' AND kind = 'credited_as'";
    assert_eq!(scene.texts(names).await, ["P. Fixture credited_as"]);
}
