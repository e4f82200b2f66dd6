//! The credits, producers and statistics that come from MusicBrainz credits.

use integration::records::{
    UPC, album, album_of, artist, mbid, person, produced_by, recording, relation, release, spotify_id, track,
    with_upc,
};
use integration::scene::{CREDITS, PRODUCERS, scene_of};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::domain::ids::AlbumId;

const ALBUM: AlbumId = AlbumId(1);

fn band() -> Value {
    person(1, "A")
}

#[tokio::test]
async fn a_credit_of_the_release_has_less_confidence_than_one_of_the_recording() {
    let scene = scene_of(&["One", "Two"]).await;
    let (one, two) = (
        recording(11, "One", &band(), vec![produced_by(&person(2, "Of One"))]),
        recording(12, "Two", &band(), vec![]),
    );
    let mut whole = release(21, "Album", &band(), &[&one, &two]);
    whole["relations"] = json!([produced_by(&person(3, "Of All"))]);
    scene.upstream.give_releases(UPC, &[&whole]);
    scene.identify(ALBUM).await;
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
async fn a_placeholder_name_makes_no_producer() {
    let scene = scene_of(&["One"]).await;
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
    scene.identify(ALBUM).await;
    assert_eq!(scene.database.count("SELECT count(*) FROM producers").await, 0);
    assert_eq!(
        scene.texts(CREDITS).await,
        [
            "One: Various Artists producer false",
            "One: [unknown] producer false"
        ]
    );
}

#[tokio::test]
async fn only_production_roles_make_a_producer_and_all_credits_are_stored() {
    let scene = scene_of(&["One"]).await;
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
    scene.identify(ALBUM).await;
    assert_eq!(
        scene.texts(PRODUCERS).await,
        ["One: P5 co_producer 0.95", "One: P6 additional_producer 0.90"]
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
    assert_eq!(scene.database.count("SELECT count(*) FROM producers").await, 2);
}

#[tokio::test]
async fn a_credit_that_its_source_removed_is_deleted_and_the_others_keep_their_age() {
    let scene = scene_of(&["One"]).await;
    let (stays, goes) = (person(2, "Stays"), person(3, "Goes"));
    let song =
        |credits: Vec<Value>| release(21, "Album", &band(), &[&recording(11, "One", &band(), credits)]);
    scene
        .upstream
        .give_releases(UPC, &[&song(vec![produced_by(&stays), produced_by(&goes)])]);
    scene.identify(ALBUM).await;
    assert_eq!(
        scene.texts(PRODUCERS).await,
        ["One: Goes producer 0.95", "One: Stays producer 0.95"]
    );
    sweep::compute_statistics(&scene.machine.pool).await.unwrap();
    let age = "SELECT first_seen_at::text FROM credits WHERE credited_as = 'Stays'";
    let first_seen_at = scene.texts(age).await;

    scene
        .upstream
        .give_releases(UPC, &[&song(vec![produced_by(&stays)])]);
    scene.identify(ALBUM).await;
    assert_eq!(scene.texts(PRODUCERS).await, ["One: Stays producer 0.95"]);
    assert_eq!(scene.texts(age).await, first_seen_at);
    assert_eq!(
        scene
            .texts("SELECT p.name FROM producer_statistics_stale JOIN producers p ON p.id = producer_id")
            .await,
        ["Goes"]
    );
    sweep::compute_statistics(&scene.machine.pool).await.unwrap();
    let counts = "SELECT producer_name || ' ' || track_count FROM producer_popularity ORDER BY 1";
    assert_eq!(scene.texts(counts).await, ["Goes 0", "Stays 1"]);
}

#[tokio::test]
async fn the_credits_of_a_release_that_no_longer_matches_are_deleted() {
    let scene = scene_of(&["One", "Two"]).await;
    let songs = [
        recording(11, "One", &band(), vec![produced_by(&person(2, "P"))]),
        recording(12, "Two", &band(), vec![]),
    ];
    let mut whole = release(21, "Album", &band(), &[&songs[0], &songs[1]]);
    whole["relations"] = json!([produced_by(&person(3, "Of All"))]);
    scene.upstream.give_releases(UPC, &[&whole]);
    scene.identify(ALBUM).await;
    let mut cut = album_of("x", &["One", "Two"]);
    cut["tracks"] = json!({"items": [cut["tracks"]["items"][0]], "total": 1});
    scene.ingest(&cut).await;
    assert_eq!(
        scene.database.count("SELECT count(*) FROM track_producers").await,
        3
    );

    scene
        .upstream
        .give(&format!("/ws/2/release?{UPC}"), json!({"releases": []}));
    scene.identify(ALBUM).await;
    assert_eq!(scene.texts(CREDITS).await, [""; 0]);
    assert_eq!(
        scene.texts(PRODUCERS).await,
        [""; 0],
        "the track that was removed from the album has no producer either"
    );
}

#[tokio::test]
async fn two_spotify_ids_are_one_artist_if_musicbrainz_says_so() {
    let scene = scene_of(&["Song"]).await;
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
    scene.identify(ALBUM).await;
    assert_eq!(scene.database.count("SELECT count(*) FROM artists").await, 2);
    scene.identify(second).await;
    let ids =
        "SELECT string_agg(source_id, ' ' ORDER BY source_id) FROM artist_identities GROUP BY artist_id";
    assert_eq!(
        scene.texts(ids).await,
        [format!("{} {} {}", mbid(1), spotify_id("a"), spotify_id("b"))]
    );
    assert_eq!(
        scene
            .database
            .count("SELECT count(*) FROM normalized_tracks")
            .await,
        1
    );
    sweep::compute_statistics(&scene.machine.pool).await.unwrap();
    let counts = "SELECT track_count || ' ' || artist_count FROM producer_popularity";
    assert_eq!(scene.texts(counts).await, ["1 1"], "one song by one artist");
}

#[tokio::test]
async fn an_artist_who_is_their_own_producer_has_a_track_and_no_collaboration() {
    let scene = scene_of(&["One"]).await;
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
    scene.identify(ALBUM).await;
    sweep::compute_statistics(&scene.machine.pool).await.unwrap();
    let counts =
        "SELECT producer_name || ' ' || track_count || ' ' || artist_count || ' ' || (SELECT count(*)
        FROM get_producer_collaborations(producer_id)) FROM producer_popularity ORDER BY 1";
    assert_eq!(scene.texts(counts).await, ["A 1 0 0", "P 1 1 1"]);
}
