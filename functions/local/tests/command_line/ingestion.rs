//! An artist is imported from stand-ins for the sources, then searched for and shown.

use linernotes::demo;
use serde_json::Value;

use super::{TestDataDir, postgres_is_gone, text};

#[tokio::test(flavor = "multi_thread")]
async fn an_artist_is_imported_from_musicbrainz_without_spotify() {
    let stand_ins = demo::start().await.unwrap();
    let dir = TestDataDir::new();
    let musicbrainz = stand_ins.musicbrainz_url.clone();
    let run = |arguments: &[&str]| {
        dir.program(arguments)
            .env("MUSICBRAINZ_URL", &musicbrainz)
            .env("MUSICBRAINZ_PER_SECOND", "20")
            .env("CONTACT", "https://linernotes.invalid/tests")
            .output()
            .unwrap()
    };
    let artists = stand_ins.artists().iter();
    let artist = artists.clone().find(|artist| artist.name == "AC/DC");
    let mbid = format!("mbid:{}", artist.unwrap().mbid());
    let output = run(&["ingest", &mbid]);
    let (stderr, printed) = (text(&output.stderr), text(&output.stdout));
    assert!(output.status.success(), "{stderr}");
    let notes: Vec<&str> = stderr.lines().filter(|line| line.starts_with("note: ")).collect();
    assert_eq!(
        notes,
        [
            "note: nothing can be imported from Spotify: set SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET \
             (names, UPCs, mbid:… and links to musicbrainz.org work without it)"
        ]
    );
    assert!(printed.contains("Rick Rubin"), "{printed}");
    assert_eq!(stand_ins.calls().spotify, 0);
    let found = run(&["search", "--json", "Rick Rubin"]);
    let found: Value = serde_json::from_slice(&found.stdout).unwrap();
    let page = run(&["producer", &found["items"][0]["id"].to_string()]);
    let page = text(&page.stdout);
    assert!(page.contains("recording imported directly"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_artist_can_be_searched_and_shown() {
    let stand_ins = demo::start().await.unwrap();
    let dir = TestDataDir::new();
    let (spotify, token, musicbrainz) = (
        stand_ins.spotify_url.clone(),
        stand_ins.spotify_token_url.clone(),
        stand_ins.musicbrainz_url.clone(),
    );
    let run = move |dir: &TestDataDir, arguments: &[&str]| {
        dir.program(arguments)
            .env("SPOTIFY_URL", &spotify)
            .env("SPOTIFY_TOKEN_URL", &token)
            .env("SPOTIFY_CLIENT_ID", demo::SPOTIFY_CLIENT_ID)
            .env("SPOTIFY_CLIENT_SECRET", demo::SPOTIFY_CLIENT_SECRET)
            .env("MUSICBRAINZ_URL", &musicbrainz)
            .env("MUSICBRAINZ_PER_SECOND", "20")
            .env("CONTACT", "https://linernotes.invalid/tests")
            .output()
            .unwrap()
    };
    let artist = stand_ins
        .artists()
        .iter()
        .find(|artist| artist.name == "AC/DC")
        .unwrap();
    let artist_uri = format!("spotify:artist:{}", artist.id);
    let facts: Vec<&str> = stand_ins
        .catalog()
        .producers()
        .into_iter()
        .map(|(_, name)| name)
        .collect();

    let output = run(&dir, &["ingest", "--json", &artist_uri]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    let producers = result["producers"].as_array().unwrap();
    assert!(
        result["tracks"].as_i64().unwrap() > 0 && !producers.is_empty(),
        "{result}"
    );
    for producer in producers {
        assert!(facts.contains(&producer["name"].as_str().unwrap()), "{producer}");
        assert_eq!(
            producer["tracks"], producer["all_tracks"],
            "the database has only this artist: {producer}"
        );
    }

    // A second ingestion uses known facts and makes no call.
    let calls = stand_ins.calls();
    let again = run(&dir, &["ingest", &artist_uri]);
    assert!(again.status.success(), "{}", text(&again.stderr));
    let first = producers[0]["name"].as_str().unwrap();
    assert!(text(&again.stdout).contains(first), "{}", text(&again.stdout));
    assert_eq!(stand_ins.calls(), calls);

    let found = run(&dir, &["search", "--json", first]);
    let found: Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!(found["items"][0]["name"], first);
    let page = run(&dir, &["producer", &found["items"][0]["id"].to_string()]);
    let page = text(&page.stdout);
    assert!(
        page.starts_with(first) && page.contains("artists: AC/DC "),
        "{page}"
    );
    assert!(page.contains("https://musicbrainz.org/recording/"), "{page}");

    let unknown = run(&dir, &["ingest", "An Artist That Nobody Knows"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(
        text(&unknown.stdout).contains("Failed: An Artist That Nobody Knows"),
        "{}",
        text(&unknown.stdout)
    );
    assert!(postgres_is_gone(&dir.0));
}
