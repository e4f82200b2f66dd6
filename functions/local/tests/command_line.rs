//! Runs the program: what it prints, its exit status, and that it cleans up after itself.

#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use linernotes::cluster::shared_for_tests;
use linernotes::demo;
use serde_json::Value;

/// A data directory for one test.
struct TestDataDir(PathBuf);

impl TestDataDir {
    fn new() -> Self {
        let name = format!("linernotes-test-{}", uuid::Uuid::new_v4().simple());
        Self(std::env::temp_dir().join(name))
    }

    fn program(&self, arguments: &[&str]) -> Command {
        let mut command = program(&[]);
        command.arg("--data-dir").arg(&self.0).args(arguments);
        command
    }
}

impl Drop for TestDataDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The program, without our settings from the environment of the tests.
fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_linernotes"));
    for variable in shared::platform::config::VARIABLES {
        command.env_remove(variable.name);
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn assert_fails_in_one_line(output: &Output, expected: &str) {
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(text(&output.stdout), "");
    assert!(
        stderr.starts_with("error: ") && stderr.contains(expected) && stderr.lines().count() == 1,
        "{stderr}"
    );
}

/// A running `linernotes up`.
struct Up {
    child: Child,
    stdout: BufReader<ChildStdout>,
    address: String,
}

impl Up {
    fn start(dir: &TestDataDir) -> Self {
        let mut child = dir
            .program(&["up", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line
            .split("http://")
            .nth(1)
            .and_then(|rest| rest.split(';').next());
        let address = address.unwrap_or_else(|| panic!("printed: {line}")).to_owned();
        Self {
            child,
            stdout,
            address,
        }
    }

    fn stop(mut self) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        let mut printed = String::new();
        self.stdout.read_to_string(&mut printed).unwrap();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut printed)
            .unwrap();
        (self.child.wait().unwrap().code(), printed)
    }
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn postgres_is_gone(dir: &Path) -> bool {
    !dir.join("url").exists() && !dir.join("cluster/postmaster.pid").exists()
}

#[test]
fn config_shows_settings_but_no_secrets() {
    for arguments in [&["config"][..], &["config", "--json"]] {
        let output = program(arguments)
            .env("SPOTIFY_CLIENT_ID", "an-id")
            .env("SPOTIFY_CLIENT_SECRET", "hunter2")
            .env("DATABASE_URL", "postgres://me:hunter3@db.example/music")
            .output()
            .unwrap();
        let printed = text(&output.stdout);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert!(
            printed.contains("an-id") && printed.contains("CONTACT"),
            "{printed}"
        );
        assert!(!printed.contains("hunter"), "{printed}");
    }
}

#[test]
fn an_invalid_setting_is_named() {
    let output = program(&["search", "x"])
        .env("LOG_FORMAT", "xml")
        .output()
        .unwrap();
    assert_fails_in_one_line(&output, "LOG_FORMAT: 'xml' is neither text nor json");
}

/// A stand-in for AWS with one secret, and the number of requests for it.
async fn start_aws(secret: Value) -> (String, Arc<AtomicU32>) {
    let requests = Arc::<AtomicU32>::default();
    let counter = requests.clone();
    let answer = axum::Json(serde_json::json!({ "SecretString": secret.to_string() }));
    let router = axum::Router::new().fallback(async move || {
        counter.fetch_add(1, Ordering::Relaxed);
        answer
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, router).await });
    (url, requests)
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_in_aws_are_fetched_once_and_only_if_needed() {
    let (url, requests) = start_aws(serde_json::json!({
        "DATABASE_URL": "postgres://u:hunter2@127.0.0.1:1/d", "SPOTIFY_CLIENT_ID": "",
        "SPOTIFY_CLIENT_SECRET": "",
    }))
    .await;
    let run = |arguments: &[&str], client_id: &str| {
        let mut command = program(arguments);
        for name in ["DATABASE_URL", "SPOTIFY_CLIENT_SECRET"] {
            command.env(name, format!("secretsmanager:linernotes#{name}"));
        }
        let aws = [
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "key"),
        ];
        command
            .env("SPOTIFY_CLIENT_ID", client_id)
            .env("AWS_ENDPOINT_URL", &url);
        command.envs(aws).output().unwrap()
    };
    let shown = run(&["config"], "an-id");
    let printed = text(&shown.stdout);
    assert!(shown.status.success(), "{}", text(&shown.stderr));
    assert!(
        printed.contains("secretsmanager:linernotes#DATABASE_URL") && printed.contains("an-id"),
        "{printed}"
    );
    assert_eq!(requests.load(Ordering::Relaxed), 0);

    // Without a Spotify app, both its settings are empty.
    let output = run(&["migrate"], "secretsmanager:linernotes#SPOTIFY_CLIENT_ID");
    assert_fails_in_one_line(&output, "cannot connect to the database at 127.0.0.1:1");
    assert_eq!(requests.load(Ordering::Relaxed), 1);
    let output = run(&["migrate"], "an-id");
    assert_fails_in_one_line(
        &output,
        "SPOTIFY_CLIENT_SECRET: is not set, but SPOTIFY_CLIENT_ID is",
    );
}

#[test]
fn invalid_arguments_exit_with_2() {
    for arguments in [
        &["frobnicate"][..],
        &["ingest"],
        &["ingest", "https://example.org/x"],
        &[],
    ] {
        let output = program(arguments).output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
        assert!(text(&output.stderr).contains("--help"), "{arguments:?}");
    }
}

#[test]
fn an_unreachable_database_is_reported_in_one_line() {
    let output = program(&["status"])
        .env("DATABASE_URL", "postgres://me:hunter2@127.0.0.1:1/music")
        .output()
        .unwrap();
    assert_fails_in_one_line(&output, "check that Postgres is running there");
    assert!(!text(&output.stderr).contains("hunter2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_of_database_url_is_migrated_on_request() {
    let scratch = shared_for_tests().await.unwrap();
    let run = |arguments: &[&str]| {
        let mut command = program(arguments);
        command.env("DATABASE_URL", scratch.url()).output().unwrap()
    };
    assert_fails_in_one_line(&run(&["status"]), "migrate the database with: linernotes migrate");
    let migrated = run(&["migrate"]);
    let printed = text(&migrated.stdout);
    assert!(
        printed.starts_with("applied V1__") && printed.contains("\nthe schema is up to date"),
        "{printed}"
    );
    let fingerprint = run(&["fingerprint"]);
    assert_eq!(text(&fingerprint.stdout).trim().len(), 64);

    let made = run(&["keys", "create", "website", "--scope", "write"]);
    let key = text(&made.stdout).trim();
    assert!(key.starts_with("ln_") && !key.contains('\n'), "{key}");
    let listed = run(&["keys", "list"]);
    assert!(text(&listed.stdout).contains("website") && !text(&listed.stdout).contains(key));
    assert!(run(&["keys", "revoke", "1"]).status.success());
    assert_fails_in_one_line(&run(&["keys", "revoke", "1"]), "there is no active key 1");
}

#[test]
fn up_serves_rejects_a_second_process_and_stops_cleanly() {
    let dir = TestDataDir::new();
    let up = Up::start(&dir);
    assert!(get(&up.address, "/v1/health").starts_with("HTTP/1.1 200 "));

    let second = dir.program(&["up", "--listen", "127.0.0.1:0"]).output().unwrap();
    assert_fails_in_one_line(&second, "linernotes already runs on ");
    let joined = dir.program(&["status", "--json"]).output().unwrap();
    let status: Value = serde_json::from_slice(&joined.stdout).unwrap();
    assert_eq!(status["queues"].as_array().unwrap().len(), 3);

    let (code, printed) = up.stop();
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.ends_with("stopped\n"), "{printed}");
    assert!(postgres_is_gone(&dir.0));
}

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
             (mbid:… and links to musicbrainz.org work without it)"
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
