//! Tests of the client with a local server that answers like Spotify, including its failures. The mapping of
//! bodies is tested in [`super::mapping`].

mod failures;
mod requests;
mod tokens;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use wiremock::matchers::{any, header, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::Spotify;
use crate::domain::ids::{SpotifyAlbumId, SpotifyArtistId};
use crate::platform::config::SpotifySettings;

const ARTIST: &str = include_str!("fixtures/artist.json");
const TOKEN_PATH: &str = "/api/token";

fn response(status: u16, retry_after: Option<&str>, body: &str) -> ResponseTemplate {
    let response = ResponseTemplate::new(status).set_body_bytes(body);
    match retry_after {
        Some(value) => response.insert_header("retry-after", value),
        None => response,
    }
}

fn ok(body: &str) -> ResponseTemplate {
    response(200, None, body)
}

/// What the server sends: each prepared response once, and then an artist, or a numbered token.
#[derive(Default)]
struct ServerScript {
    token_responses: Vec<ResponseTemplate>,
    api_responses: Vec<ResponseTemplate>,
    /// Refuse all other tokens.
    accepted_token: Option<&'static str>,
    expires_in: Option<f64>,
}

async fn start(script: ServerScript) -> (Arc<Spotify>, MockServer) {
    let server = MockServer::start().await;
    for response in script.token_responses {
        let once = Mock::given(path(TOKEN_PATH))
            .respond_with(response)
            .up_to_n_times(1);
        once.mount(&server).await;
    }
    let (count, expires_in) = (AtomicU32::new(1), script.expires_in.unwrap_or(3600.0));
    let next_token = move |_: &Request| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        let body = format!(
            r#"{{"access_token":"token-{number}","token_type":"Bearer","expires_in":{expires_in:.1}}}"#
        );
        // Long enough for concurrent callers to queue up.
        ok(&body).set_delay(Duration::from_millis(30))
    };
    Mock::given(path(TOKEN_PATH))
        .respond_with(next_token)
        .mount(&server)
        .await;
    for response in script.api_responses {
        Mock::given(any())
            .respond_with(response)
            .up_to_n_times(1)
            .mount(&server)
            .await;
    }
    if let Some(token) = script.accepted_token {
        let accepted = Mock::given(header("authorization", format!("Bearer {token}")));
        accepted.respond_with(ok(ARTIST)).mount(&server).await;
        let expired = r#"{"error":{"status":401,"message":"The access token expired"}}"#;
        Mock::given(any())
            .respond_with(response(401, None, expired))
            .mount(&server)
            .await;
    }
    Mock::given(any()).respond_with(ok(ARTIST)).mount(&server).await;
    (client_at(&server.uri()), server)
}

fn client_at(url: &str) -> Arc<Spotify> {
    let settings = SpotifySettings {
        api_url: format!("{url}/v1/"),
        token_url: format!("{url}{TOKEN_PATH}"),
        client_id: "client".to_owned(),
        client_secret: "hush".to_owned(),
        market: "DE".to_owned(),
    };
    let http = crate::platform::http::client("linernotes-tests/1.0").expect("a client");
    Arc::new(Spotify::new(http, settings))
}

async fn start_with(api_responses: impl IntoIterator<Item = ResponseTemplate>) -> (Arc<Spotify>, MockServer) {
    start(ServerScript {
        api_responses: api_responses.into_iter().collect(),
        ..ServerScript::default()
    })
    .await
}

/// The requests for tokens and all others.
async fn requests(server: &MockServer) -> (Vec<Request>, Vec<Request>) {
    let requests = server.received_requests().await.expect("recorded requests");
    requests
        .into_iter()
        .partition(|request| request.url.path() == TOKEN_PATH)
}

/// The numbers of requests for tokens and of all others.
async fn counts(server: &MockServer) -> (usize, usize) {
    let (token_requests, api_requests) = requests(server).await;
    (token_requests.len(), api_requests.len())
}

fn artist_id() -> SpotifyArtistId {
    "2BTZIqw0ntH9MvilQ3ewNY".parse().expect("an id")
}

fn album_id() -> SpotifyAlbumId {
    "0sNOF9WDwhWunNAHPD3Baj".parse().expect("an id")
}
