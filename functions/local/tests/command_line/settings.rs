//! Settings and arguments: which are shown, fetched or rejected.

use serde_json::Value;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{assert_fails_in_one_line, program, text};

#[test]
fn config_shows_settings_but_no_secrets() {
    for arguments in [&["config"][..], &["config", "--json"]] {
        let output = program(arguments)
            .env("SPOTIFY_CLIENT_ID", "an-id")
            .env("SPOTIFY_CLIENT_SECRET", "hunter2")
            .env("DATABASE_URL", "postgres://me:hunter3@db.example/music")
            .env("MUSICBRAINZ_URL", "https://me:hunter4@mirror.example/ws/2")
            .output()
            .unwrap();
        let printed = text(&output.stdout);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert!(
            printed.contains("an-id") && printed.contains("CONTACT") && printed.contains("mirror.example"),
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
    let output = program(&["search", "x"])
        .env("MUSICBRAINZ_URL", "ftp://me:hunter4@mirror.example/ws/2")
        .output()
        .unwrap();
    assert_fails_in_one_line(
        &output,
        "MUSICBRAINZ_URL: 'ftp://(hidden)@mirror.example/ws/2' is not a URL",
    );
}

/// A stand-in for AWS with one secret.
async fn start_aws(secret: Value) -> MockServer {
    let answer = serde_json::json!({ "SecretString": secret.to_string() });
    let answer = ResponseTemplate::new(200).set_body_json(answer);
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_in_aws_are_fetched_once_and_only_if_needed() {
    let aws_server = start_aws(serde_json::json!({
        "DATABASE_URL": "postgres://u:hunter2@127.0.0.1:1/d", "SPOTIFY_CLIENT_ID": "",
        "SPOTIFY_CLIENT_SECRET": "",
    }))
    .await;
    let count_requests = async || aws_server.received_requests().await.unwrap().len();
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
            .env("AWS_ENDPOINT_URL", aws_server.uri());
        command.envs(aws).output().unwrap()
    };
    let shown = run(&["config"], "an-id");
    let printed = text(&shown.stdout);
    assert!(shown.status.success(), "{}", text(&shown.stderr));
    assert!(
        printed.contains("secretsmanager:linernotes#DATABASE_URL") && printed.contains("an-id"),
        "{printed}"
    );
    assert_eq!(count_requests().await, 0);

    // Without a Spotify app, both its settings are empty.
    let output = run(&["migrate"], "secretsmanager:linernotes#SPOTIFY_CLIENT_ID");
    assert_fails_in_one_line(&output, "cannot connect to the database at 127.0.0.1:1");
    assert_eq!(count_requests().await, 1);
    // Half an app disables Spotify, and a command that needs it says so.
    let output = run(&["ingest", "isrc:USSM18300503"], "an-id");
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
        &["ingest", ""],
        &["ingest", "isrc:1", "Queen"],
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
