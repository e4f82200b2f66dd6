//! Tests of the client with a local server that answers like Spotify, including its failures. The mapping of
//! bodies is tested in [`super::mapping`].

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use pretty_assertions::assert_eq;

use super::{AlbumGroup, Spotify, upc_forms};
use crate::domain::ids::{SpotifyAlbumId, SpotifyArtistId, SpotifyTrackId, Upc};
use crate::platform::config::SpotifySettings;
use crate::platform::http::Error;

const ARTIST: &str = include_str!("fixtures/artist.json");
const EMPTY_PAGE: &str = r#"{"items":[],"total":0}"#;
const QUOTA: &str = r#"{"error":{"status":429,"message":"Too many requests","reason":"QUOTA_EXCEEDED"}}"#;
const PAUSE: &str = r#"{"error":{"status":429,"message":"API rate limit exceeded"}}"#;

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

async fn start_with_token_response(token_response: ScriptedResponse) -> Arc<Spotify> {
    start(ServerScript {
        token_responses: [token_response].into(),
        ..ServerScript::default()
    })
    .await
    .0
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

fn track_id() -> SpotifyTrackId {
    "3f9zqUnrnIq0LANhmnaF0V".parse().expect("an id")
}

/// The error of a request for an artist after one response.
async fn artist_error(status: u16, retry_after: Option<&'static str>, body: &str) -> Error {
    let (spotify, _) = start_with([(status, retry_after, body.to_owned())]).await;
    spotify.fetch_artist(&artist_id()).await.expect_err("a failure")
}

/// The pause in seconds after status 429, and whether it is a quota.
async fn seconds_and_quota(retry_after: Option<&'static str>, body: &str) -> (i64, bool) {
    let requested_at = Utc::now();
    match artist_error(429, retry_after, body).await {
        // A request takes less than the 10 seconds rounded away here.
        Error::RateLimited { until, quota } => ((until - requested_at).num_seconds() / 10 * 10, quota),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_token_is_requested_with_the_client_secret_and_then_reused() {
    let (spotify, script) = start(ServerScript::default()).await;
    let artist = spotify
        .fetch_artist(&artist_id())
        .await
        .expect("a response")
        .expect("an artist");
    assert_eq!(artist.name, "Cyndi Lauper");
    spotify.fetch_artist(&artist_id()).await.expect("a response");
    assert_eq!(counts(&script), (1, 2));
    let script = script.lock().expect("no poisoned lock");
    let (headers, body) = &script.token_requests[0];
    // "client:hush" in base64.
    assert_eq!(headers["authorization"], "Basic Y2xpZW50Omh1c2g=");
    assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(body, "grant_type=client_credentials");
    for (headers, _) in &script.api_requests {
        assert_eq!(headers["authorization"], "Bearer token-1");
        assert_eq!(headers["user-agent"], "linernotes-tests/1.0");
    }
}

#[tokio::test]
async fn each_call_requests_allowed_page_sizes_and_the_market() {
    let empty_search = |kind: &str| ok(&format!(r#"{{"{kind}":{EMPTY_PAGE}}}"#));
    let (spotify, script) = start_with([
        ok(EMPTY_PAGE),
        ok(EMPTY_PAGE),
        ok(include_str!("fixtures/album_nulls.json")),
        ok(EMPTY_PAGE),
        ok(include_str!("fixtures/track_nulls.json")),
        empty_search("artists"),
        empty_search("tracks"),
        empty_search("albums"),
    ])
    .await;
    let groups = [AlbumGroup::Album, AlbumGroup::AppearsOn];
    assert!(
        spotify
            .fetch_artist_albums(&artist_id(), &groups, 20)
            .await
            .expect("a page")
            .is_some()
    );
    assert!(
        spotify
            .fetch_artist_albums(&artist_id(), &[], 0)
            .await
            .expect("a page")
            .is_some()
    );
    assert!(
        spotify
            .fetch_album(&album_id())
            .await
            .expect("an album")
            .is_some()
    );
    assert!(
        spotify
            .fetch_album_tracks(&album_id(), 50)
            .await
            .expect("a page")
            .is_some()
    );
    assert!(spotify.fetch_track(&track_id()).await.expect("a track").is_some());
    assert_eq!(
        spotify.search_artists("Sigur Rós & Co").await.expect("a search"),
        []
    );
    assert_eq!(
        spotify
            .search_tracks_by_isrc(&"JPPO02100907".parse().expect("an ISRC"))
            .await
            .expect("a search"),
        []
    );
    assert_eq!(
        spotify
            .search_albums_by_upc("00602475093060")
            .await
            .expect("a search"),
        []
    );
    let script = script.lock().expect("no poisoned lock");
    let urls: Vec<&str> = script.api_requests.iter().map(|(_, uri)| uri.as_str()).collect();
    assert_eq!(
        urls,
        [
            "/v1/artists/2BTZIqw0ntH9MvilQ3ewNY/albums\
             ?include_groups=album%2Cappears_on&market=DE&limit=10&offset=20",
            "/v1/artists/2BTZIqw0ntH9MvilQ3ewNY/albums\
             ?include_groups=album%2Csingle%2Cappears_on%2Ccompilation&market=DE&limit=10&offset=0",
            "/v1/albums/0sNOF9WDwhWunNAHPD3Baj?market=DE",
            "/v1/albums/0sNOF9WDwhWunNAHPD3Baj/tracks?market=DE&limit=50&offset=50",
            "/v1/tracks/3f9zqUnrnIq0LANhmnaF0V?market=DE",
            "/v1/search?q=Sigur+R%C3%B3s+%26+Co&type=artist&market=DE&limit=10",
            "/v1/search?q=isrc%3AJPPO02100907&type=track&market=DE&limit=10",
            "/v1/search?q=upc%3A00602475093060&type=album&market=DE&limit=10",
        ]
    );
}

#[tokio::test]
async fn a_long_name_is_cut_for_the_search() {
    let (spotify, script) = start_with([ok(r#"{"artists":{"items":[]}}"#)]).await;
    spotify.search_artists(&"é".repeat(300)).await.expect("a search");
    let url = script.lock().expect("no poisoned lock").api_requests[0].1.clone();
    assert_eq!(url.matches("%C3%A9").count(), 250);
}

#[tokio::test]
async fn concurrent_callers_share_one_token() {
    let (spotify, script) = start(ServerScript::default()).await;
    let (id, mut calls) = (artist_id(), vec![]);
    calls.resize_with(8, || spotify.fetch_artist(&id));
    for response in futures::future::join_all(calls).await {
        assert!(response.expect("a response").is_some());
    }
    assert_eq!(counts(&script), (1, 8));
}

#[tokio::test]
async fn callers_whose_token_expired_share_the_next_one() {
    let (spotify, script) = start(ServerScript {
        accepted_token: Some("token-2"),
        ..ServerScript::default()
    })
    .await;
    let (id, mut calls) = (artist_id(), vec![]);
    calls.resize_with(8, || spotify.fetch_artist(&id));
    for response in futures::future::join_all(calls).await {
        assert!(response.expect("a response").is_some());
    }
    let (token_requests, api_requests) = counts(&script);
    assert_eq!(token_requests, 2);
    // A late caller gets the new token at once and sends only one request.
    assert!((9..=16).contains(&api_requests), "{api_requests}");
}

#[tokio::test]
async fn a_token_is_renewed_a_minute_before_it_expires() {
    for (expires_in, token_requests) in [(59.0, 2), (90.0, 1)] {
        let (spotify, script) = start(ServerScript {
            expires_in: Some(expires_in),
            ..ServerScript::default()
        })
        .await;
        spotify.fetch_artist(&artist_id()).await.expect("a response");
        spotify.fetch_artist(&artist_id()).await.expect("a response");
        assert_eq!(counts(&script), (token_requests, 2), "{expires_in}");
    }
}

#[tokio::test]
async fn a_second_401_is_refused_and_the_next_call_fetches_a_new_token() {
    let (spotify, script) = start(ServerScript {
        accepted_token: Some("token-3"),
        ..ServerScript::default()
    })
    .await;
    let error = spotify.fetch_artist(&artist_id()).await.expect_err("refused");
    assert!(
        matches!(&error, Error::Refused(reason) if reason.contains("check the app")),
        "{error:?}"
    );
    assert_eq!(counts(&script), (2, 2));
    assert!(
        spotify
            .fetch_artist(&artist_id())
            .await
            .expect("a response")
            .is_some()
    );
    assert_eq!(counts(&script), (3, 4));
}

#[tokio::test]
async fn a_record_that_spotify_does_not_have_is_none() {
    for (status, message) in [
        (404, "Non existing id"),
        (404, "Resource not found"),
        (400, "invalid id"),
        (400, "Invalid base62 id"),
    ] {
        let body = format!(r#"{{"error":{{"status":{status},"message":"{message}"}}}}"#);
        let (spotify, script) = start_with([(status, None, body.clone()), (status, None, body)]).await;
        assert_eq!(
            spotify.fetch_artist(&artist_id()).await.expect(message),
            None,
            "{message}"
        );
        assert_eq!(
            spotify.fetch_album(&album_id()).await.expect(message),
            None,
            "{message}"
        );
        assert_eq!(counts(&script), (1, 2), "{message}");
    }
}

#[tokio::test]
async fn a_malformed_request_is_not_taken_for_a_missing_record() {
    let error = artist_error(400, None, r#"{"error":{"status":400,"message":"Invalid limit"}}"#).await;
    assert!(
        matches!(&error, Error::Decode(reason) if reason.contains("Invalid limit")),
        "{error:?}"
    );
    let error = artist_error(
        400,
        None,
        r#"{"error":{"status":400,"message":"Invalid market code"}}"#,
    )
    .await;
    assert!(
        matches!(&error, Error::Refused(reason) if reason.contains("SPOTIFY_MARKET")),
        "{error:?}"
    );
    let (spotify, _) = start_with([(404, None, String::new())]).await;
    let error = spotify.search_artists("Muse").await.expect_err("no such server");
    assert!(
        matches!(&error, Error::Decode(reason) if reason.contains("address")),
        "{error:?}"
    );
}

#[tokio::test]
async fn status_429_is_a_pause_or_an_exhausted_quota() {
    for (case, retry_after, body, expected) in [
        ("a pause", Some("60"), PAUSE, (60, false)),
        ("a pause without a length", None, PAUSE, (30, false)),
        ("a pause with an invalid length", Some("soon"), PAUSE, (30, false)),
        (
            "a pause in plain text",
            Some("60"),
            "Too many requests",
            (60, false),
        ),
        ("the longest pause", Some("600"), PAUSE, (600, false)),
        (
            "a quota recognized by its length",
            Some("86000"),
            PAUSE,
            (86_000, true),
        ),
        ("a quota recognized by its reason", Some("40"), QUOTA, (40, true)),
        ("a quota of a day", Some("86400"), QUOTA, (86_400, true)),
        ("a quota without a length", None, QUOTA, (3_600, true)),
        ("a quota with a length of 0", Some("0"), QUOTA, (3_600, true)),
        ("a quota of years", Some("99999999999"), QUOTA, (172_800, true)),
    ] {
        assert_eq!(seconds_and_quota(retry_after, body).await, expected, "{case}");
    }
}

#[tokio::test]
async fn the_error_for_403_says_what_a_person_can_do() {
    let error = artist_error(
        403,
        None,
        "Active premium subscription required for the owner of the app.",
    )
    .await;
    assert!(
        matches!(&error, Error::Refused(reason) if reason.contains("Premium subscription: subscribe")),
        "{error:?}"
    );
    let error = artist_error(403, None, r#"{"error":{"status":403,"message":"Forbidden"}}"#).await;
    assert!(
        matches!(&error, Error::Refused(reason)
            if reason.contains("Forbidden") && reason.contains("check the app")),
        "{error:?}"
    );
    let error = artist_error(403, None, "<html>Access denied</html>").await;
    assert!(matches!(&error, Error::Blocked(_)), "{error:?}");
}

#[tokio::test]
async fn an_outage_is_unavailable_and_other_bodies_are_unreadable() {
    let error = artist_error(503, Some("7"), "upstream connect error").await;
    assert!(
        matches!(
            &error,
            Error::Unavailable {
                retry_after_seconds: Some(7),
                ..
            }
        ),
        "{error:?}"
    );
    let error = artist_error(502, None, "<html>Bad gateway</html>").await;
    assert!(
        matches!(
            &error,
            Error::Unavailable {
                retry_after_seconds: None,
                ..
            }
        ),
        "{error:?}"
    );
    let error = artist_error(200, None, "<html>Sorry</html>").await;
    assert!(
        matches!(&error, Error::Decode(reason) if reason.contains("HTML page")),
        "{error:?}"
    );
    let error = artist_error(200, None, &ARTIST[..ARTIST.len() / 2]).await;
    assert!(
        matches!(&error, Error::Decode(reason) if reason.contains("EOF")),
        "{error:?}"
    );
    let error = artist_error(200, None, "").await;
    assert!(matches!(&error, Error::Decode(_)), "{error:?}");
}

#[tokio::test]
async fn a_client_that_spotify_does_not_know_is_refused_with_what_to_check() {
    let body = r#"{"error":"invalid_client","error_description":"Invalid client"}"#;
    for status in [400, 401] {
        let spotify = start_with_token_response((status, None, body.to_owned())).await;
        let error = spotify.fetch_artist(&artist_id()).await.expect_err("refused");
        let expected = "refused: Spotify does not know this client id and secret: check SPOTIFY_CLIENT_ID \
                        and SPOTIFY_CLIENT_SECRET";
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn an_outage_of_the_token_endpoint_is_temporary_and_reveals_no_token() {
    for (status, body) in [
        (503, "no healthy upstream"),
        (500, "<html>Error</html>"),
        (404, ""),
        (400, "<html>Bad request</html>"),
        (200, "<html>Sorry</html>"),
        (200, r#"{"access_token":"BQsecret","token_ty"#),
        (200, r#"{"access_token":"","expires_in":3600}"#),
        (200, r#"{"access_token":"BQsecret","expires_in":"BQsecret"}"#),
    ] {
        let spotify = start_with_token_response((status, None, body.to_owned())).await;
        let error = spotify.fetch_artist(&artist_id()).await.expect_err(body);
        assert!(matches!(&error, Error::Unavailable { .. }), "{body}: {error:?}");
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
        assert!(
            spotify
                .fetch_artist(&artist_id())
                .await
                .expect("a response after the outage")
                .is_some()
        );
    }
}

#[tokio::test]
async fn a_rate_limit_of_the_token_endpoint_is_a_pause() {
    let spotify = start_with_token_response((429, Some("20"), String::new())).await;
    let error = spotify.fetch_artist(&artist_id()).await.expect_err("limited");
    assert!(
        matches!(error, Error::RateLimited { quota: false, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_unreachable_server_is_unavailable_and_the_error_has_no_secret() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let settings = SpotifySettings {
        api_url: format!("http://{address}"),
        token_url: format!("http://{address}/api/token"),
        client_id: "client".to_owned(),
        client_secret: "hush".to_owned(),
        market: "DE".to_owned(),
    };
    let spotify = Spotify::new(
        crate::platform::http::client("linernotes-tests/1.0").expect("a client"),
        settings,
    );
    let error = spotify
        .fetch_artist(&artist_id())
        .await
        .expect_err("an unreachable server");
    assert!(matches!(&error, Error::Unavailable { .. }), "{error:?}");
    assert!(!format!("{error:?}").contains("hush"), "{error:?}");
}

#[test]
fn a_barcode_is_searched_for_with_14_13_and_12_digits() {
    for (upc, forms) in [
        (
            "602475093060",
            vec!["00602475093060", "0602475093060", "602475093060"],
        ),
        ("5099749994324", vec!["05099749994324", "5099749994324"]),
        (
            "74646433",
            vec!["00000074646433", "0000074646433", "000074646433"],
        ),
        ("15099749994321", vec!["15099749994321"]),
    ] {
        assert_eq!(upc_forms(&upc.parse::<Upc>().expect("a barcode")), forms);
    }
}
