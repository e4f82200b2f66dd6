//! What can be imported with which settings.

use linernotes::demo;
use serde_json::{Value, json};
use wiremock::matchers::{header, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{TestDataDir, assert_fails_in_one_line, postgres_is_gone, text};

#[test]
fn without_a_setting_that_is_needed_nothing_is_queued() {
    for (what, expected) in [
        ("David Bowie", "error: \"David Bowie\" cannot be looked up: "),
        ("upc:602475093060", ": set CONTACT; or "),
        ("mbid:66c662b6-6e2f-4930-8610-912e24c63ed1", ": set CONTACT"),
        (
            "spotify:artist:711MCceyCBcFnzjGY4Q7Un",
            "set SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET",
        ),
    ] {
        let dir = TestDataDir::new();
        let output = dir.program(&["ingest", what]).output().unwrap();
        assert_fails_in_one_line(&output, expected);
        assert!(!dir.0.exists(), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_looked_up_at_musicbrainz_with_a_contact_alone() {
    let stand_ins = demo::start().await.unwrap();
    let dir = TestDataDir::new();
    let mut command = dir.program(&["ingest", "linkin park"]);
    command
        .env("MUSICBRAINZ_URL", &stand_ins.musicbrainz_url)
        .env("MUSICBRAINZ_PER_SECOND", "20")
        .env("CONTACT", "https://linernotes.invalid/tests");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(
        text(&output.stdout).contains("Rick Rubin"),
        "{}",
        text(&output.stdout)
    );
    assert_eq!(stand_ins.calls().musicbrainz_by_kind["artist search"], 1);
    assert!(postgres_is_gone(&dir.0));
}

fn found_artist(mbid: &str, name: &str, disambiguation: &str, alias: &str) -> Value {
    json!({
        "id": format!("{mbid}-0000-4000-8000-000000000000"), "name": name, "disambiguation": disambiguation,
        "area": {"name": "Sweden"}, "aliases": [{"name": alias}],
    })
}

/// What `ingest` prints for a name, if MusicBrainz finds these artists and has no releases of them.
async fn printed_for(name: &str, found: &[Value]) -> String {
    let server = MockServer::start().await;
    let mut answers = vec![
        ("/artist".to_owned(), json!({ "artists": found })),
        (
            "/release".to_owned(),
            json!({ "releases": [], "release-count": 0 }),
        ),
    ];
    for artist in found {
        answers.push((
            format!("/artist/{}", artist["id"].as_str().unwrap()),
            artist.clone(),
        ));
    }
    for (asked, answer) in answers {
        let answer = ResponseTemplate::new(200).set_body_json(answer);
        let asked = Mock::given(path(asked)).and(query_param("fmt", "json"));
        asked.respond_with(answer).mount(&server).await;
    }
    let dir = TestDataDir::new();
    let mut command = dir.program(&["ingest", name]);
    command
        .env("MUSICBRAINZ_URL", server.uri())
        .env("MUSICBRAINZ_PER_SECOND", "20")
        .env("CONTACT", "https://linernotes.invalid/tests");
    let output = command.output().unwrap();
    text(&output.stdout).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ambiguous_name_lists_the_artists_of_musicbrainz() {
    let printed = printed_for(
        "The Same",
        &[
            found_artist("aaaaaaaa", "The Same", "a rock band", "Sames"),
            found_artist("bbbbbbbb", "Same", "", "The Sames"),
            found_artist("cccccccc", "Sametime", "a duo", "The Same"),
        ],
    )
    .await;
    let expected = "\
\"The Same\" is the name of several artists.
Run the command again with the right id:
Id                                         Artist    Known as
mbid:aaaaaaaa-0000-4000-8000-000000000000  The Same  a rock band, Sweden
mbid:bbbbbbbb-0000-4000-8000-000000000000  Same      Sweden";
    assert!(printed.contains(expected), "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alias_counts_only_where_nobody_has_the_name() {
    let one = printed_for("TB", &[found_artist("aaaaaaaa", "Test Band", "", "T.B.")]).await;
    assert!(
        one.contains("No tracks found.") && !one.contains("Failed"),
        "{one}"
    );
    let none = printed_for("TB", &[found_artist("aaaaaaaa", "Test Band", "", "TBX")]).await;
    assert!(
        none.contains("MusicBrainz has no artist named TB (nearest: Test\n  Band)"),
        "{none}"
    );
    let special = json!({ "id": "89ad4ac3-39f7-470e-963a-56509c546377", "name": "Various Artists" });
    let various = printed_for("Various Artists", &[special]).await;
    assert!(
        various.contains("MusicBrainz has no artist named\n  Various Artists"),
        "{various}"
    );
}

/// A stand-in for Spotify that knows one artist without albums, and issues a token for one secret.
async fn start_spotify() -> MockServer {
    let server = MockServer::start().await;
    let give = |asked: &str, body: Value| {
        Mock::given(path(asked)).respond_with(ResponseTemplate::new(200).set_body_json(body))
    };
    let token = json!({ "access_token": "token", "token_type": "Bearer", "expires_in": 3600 });
    // "id:secret" in base64.
    let right = Mock::given(path("/api/token")).and(header("authorization", "Basic aWQ6c2VjcmV0"));
    right
        .respond_with(ResponseTemplate::new(200).set_body_json(token))
        .with_priority(1)
        .mount(&server)
        .await;
    let refusal = ResponseTemplate::new(400).set_body_json(json!({ "error": "invalid_client" }));
    Mock::given(path("/api/token"))
        .respond_with(refusal)
        .mount(&server)
        .await;
    let artist = json!({ "id": ARTIST_ID, "name": "The Band" });
    give(&format!("/v1/artists/{ARTIST_ID}"), artist)
        .mount(&server)
        .await;
    let albums = json!({ "items": [], "total": 0, "limit": 10, "offset": 0 });
    give(&format!("/v1/artists/{ARTIST_ID}/albums"), albums)
        .mount(&server)
        .await;
    server
}

const ARTIST_ID: &str = "0000000000000000000001";

#[tokio::test(flavor = "multi_thread")]
async fn a_mistyped_secret_blocks_only_itself() {
    let spotify = start_spotify().await;
    let dir = TestDataDir::new();
    let run = |arguments: &[&str], secret: &str| {
        let mut command = dir.program(arguments);
        command
            .env("SPOTIFY_URL", format!("{}/v1", spotify.uri()))
            .env("SPOTIFY_TOKEN_URL", format!("{}/api/token", spotify.uri()))
            .env("SPOTIFY_CLIENT_ID", "id")
            .env("SPOTIFY_CLIENT_SECRET", secret);
        command.output().unwrap()
    };
    let tokens = async || {
        let requests = spotify.received_requests().await.unwrap();
        requests
            .iter()
            .filter(|request| request.url.path() == "/api/token")
            .count()
    };
    let what = format!("spotify:artist:{ARTIST_ID}");
    for expected_tokens in [1, 1] {
        // The second time, the same secret is not tried again.
        let wrong = run(&["ingest", &what], "mistyped");
        assert_eq!(wrong.status.code(), Some(1), "{}", text(&wrong.stdout));
        assert!(text(&wrong.stdout).contains("check SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET"));
        assert_eq!(tokens().await, expected_tokens);
    }
    let other = run(&["ingest", &what], "mistyped too");
    assert_eq!((other.status.code(), tokens().await), (Some(1), 2));
    let right = run(&["ingest", &what], "secret");
    assert!(
        right.status.success(),
        "{}{}",
        text(&right.stdout),
        text(&right.stderr)
    );
    let status = run(&["status"], "secret");
    let status = text(&status.stdout);
    assert!(!status.contains("refuse"), "{status}");
    assert!(status.contains("No source is blocked."), "{status}");
}
