//! Tests of the client with a local server that answers like Spotify, including its failures. The mapping of
//! bodies is tested in [`super::mapping`].

mod failures;
mod requests;
mod tokens;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::Spotify;
use crate::domain::ids::{SpotifyAlbumId, SpotifyArtistId};
use crate::platform::config::SpotifySettings;

const ARTIST: &str = include_str!("fixtures/artist.json");

/// A prepared response: status, Retry-After, body.
type ScriptedResponse = (u16, Option<&'static str>, String);

fn ok(body: &str) -> ScriptedResponse {
    (200, None, body.to_owned())
}

/// The requests that the server received, and its prepared responses. Without a prepared response it sends an
/// artist, or a numbered token.
#[derive(Default)]
struct ServerScript {
    token_requests: Vec<(HeaderMap, String)>,
    api_requests: Vec<(HeaderMap, String)>,
    token_responses: VecDeque<ScriptedResponse>,
    api_responses: VecDeque<ScriptedResponse>,
    /// Refuse all other tokens.
    accepted_token: Option<&'static str>,
    expires_in: Option<f64>,
}

type SharedScript = Arc<Mutex<ServerScript>>;

fn http_response((status, retry_after, body): ScriptedResponse) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    match retry_after {
        Some(value) => (status, [("retry-after", value)], body).into_response(),
        None => (status, body).into_response(),
    }
}

async fn serve_token(State(script): State<SharedScript>, headers: HeaderMap, body: Bytes) -> Response {
    // Long enough for concurrent callers to queue up.
    tokio::time::sleep(Duration::from_millis(30)).await;
    let mut script = script.lock().expect("no poisoned lock");
    script
        .token_requests
        .push((headers, String::from_utf8_lossy(&body).into_owned()));
    let body = format!(
        r#"{{"access_token":"token-{}","token_type":"Bearer","expires_in":{:.1}}}"#,
        script.token_requests.len(),
        script.expires_in.unwrap_or(3600.0)
    );
    http_response(script.token_responses.pop_front().unwrap_or((200, None, body)))
}

async fn serve_api(State(script): State<SharedScript>, headers: HeaderMap, uri: Uri) -> Response {
    let mut script = script.lock().expect("no poisoned lock");
    let authorization = headers
        .get("authorization")
        .map(|value| value.to_str().expect("text").to_owned());
    script.api_requests.push((headers, uri.to_string()));
    if script
        .accepted_token
        .is_some_and(|token| authorization != Some(format!("Bearer {token}")))
    {
        return http_response((
            401,
            None,
            r#"{"error":{"status":401,"message":"The access token expired"}}"#.to_owned(),
        ));
    }
    http_response(script.api_responses.pop_front().unwrap_or(ok(ARTIST)))
}

async fn start(script: ServerScript) -> (Arc<Spotify>, SharedScript) {
    let script = Arc::new(Mutex::new(script));
    let app = Router::new()
        .route("/api/token", axum::routing::post(serve_token))
        .fallback(serve_api)
        .with_state(script.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    let settings = SpotifySettings {
        api_url: format!("http://{address}/v1/"),
        token_url: format!("http://{address}/api/token"),
        client_id: "client".to_owned(),
        client_secret: "hush".to_owned(),
        market: "DE".to_owned(),
    };
    (
        Arc::new(Spotify::new(
            crate::platform::http::client("linernotes-tests/1.0").expect("a client"),
            settings,
        )),
        script,
    )
}

async fn start_with(
    api_responses: impl IntoIterator<Item = ScriptedResponse>,
) -> (Arc<Spotify>, SharedScript) {
    start(ServerScript {
        api_responses: api_responses.into_iter().collect(),
        ..ServerScript::default()
    })
    .await
}

fn counts(script: &SharedScript) -> (usize, usize) {
    let script = script.lock().expect("no poisoned lock");
    (script.token_requests.len(), script.api_requests.len())
}

fn artist_id() -> SpotifyArtistId {
    "2BTZIqw0ntH9MvilQ3ewNY".parse().expect("an id")
}

fn album_id() -> SpotifyAlbumId {
    "0sNOF9WDwhWunNAHPD3Baj".parse().expect("an id")
}
