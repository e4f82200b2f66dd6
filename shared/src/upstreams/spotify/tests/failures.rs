//! What the client returns for a missing record, a rate limit, a refusal, an outage and an unreadable body.

use chrono::Utc;
use pretty_assertions::assert_eq;

use super::{ARTIST, album_id, artist_id, client_at, counts, response, start_with};
use crate::platform::http::Error;

const QUOTA: &str = r#"{"error":{"status":429,"message":"Too many requests","reason":"QUOTA_EXCEEDED"}}"#;
const PAUSE: &str = r#"{"error":{"status":429,"message":"API rate limit exceeded"}}"#;

/// The error of a request for an artist after one response.
async fn artist_error(status: u16, retry_after: Option<&str>, body: &str) -> Error {
    let (spotify, _) = start_with([response(status, retry_after, body)]).await;
    spotify.fetch_artist(&artist_id()).await.expect_err("a failure")
}

/// The pause in seconds after status 429, and whether it is a quota.
async fn seconds_and_quota(retry_after: Option<&str>, body: &str) -> (i64, bool) {
    let requested_at = Utc::now();
    match artist_error(429, retry_after, body).await {
        // A request takes less than the 10 seconds rounded away here.
        Error::RateLimited { until, quota } => ((until - requested_at).num_seconds() / 10 * 10, quota),
        other => panic!("{other:?}"),
    }
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
        let (spotify, server) =
            start_with([response(status, None, &body), response(status, None, &body)]).await;
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
        assert_eq!(counts(&server).await, (1, 2), "{message}");
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
    let (spotify, _) = start_with([response(404, None, "")]).await;
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
async fn an_unreachable_server_is_unavailable_and_the_error_has_no_secret() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let spotify = client_at(&format!("http://{address}"));
    let error = spotify
        .fetch_artist(&artist_id())
        .await
        .expect_err("an unreachable server");
    assert!(matches!(&error, Error::Unavailable { .. }), "{error:?}");
    assert!(!format!("{error:?}").contains("hush"), "{error:?}");
}
