//! What the client returns for a missing record, a rate limit, an outage and an unreadable response.

use pretty_assertions::assert_eq;

use super::super::Error;
use super::{ARTIST_LINKS, client, client_at, id};
use crate::upstreams::loopback::{RETRY_AFTER, assert_pause, assert_refusal, with_response};

#[tokio::test]
async fn a_record_that_musicbrainz_does_not_have_is_none() {
    let not_found =
        br#"{"error":"Not Found","help":"For usage, please see: https://musicbrainz.org/development/mmd"}"#;
    let server = with_response(404, &[], not_found).await;
    assert_eq!(
        client(&server).fetch_release(&id(1)).await.expect("a response"),
        None
    );
    assert_eq!(
        client(&server).fetch_recording(&id(1)).await.expect("a response"),
        None
    );
    assert_eq!(
        client(&server).fetch_artist(&id(1)).await.expect("a response"),
        None
    );
    assert_eq!(
        client(&server)
            .fetch_recordings_by_isrc(&"ZZAAA9900001".parse().expect("an ISRC"))
            .await
            .expect("a response"),
        []
    );
}

#[tokio::test]
async fn status_429_or_503_is_a_pause() {
    const SLOW_DOWN: &[u8] = br#"{"error":"Your requests are exceeding the allowable rate limit."}"#;
    for (status, headers, body, seconds) in [
        (503, &[][..], SLOW_DOWN, 5),
        (503, &[(RETRY_AFTER, "12")], SLOW_DOWN, 12),
        (503, &[(RETRY_AFTER, "12")], b"<html>".as_slice(), 12),
        (503, &[(RETRY_AFTER, "0")], SLOW_DOWN, 1),
        (503, &[(RETRY_AFTER, "soon")], SLOW_DOWN, 5),
        (503, &[], b"", 5),
        (429, &[], SLOW_DOWN, 5),
        (429, &[(RETRY_AFTER, "90")], SLOW_DOWN, 90),
        (429, &[], b"<html>", 5),
    ] {
        let server = with_response(status, headers, body).await;
        let error = client(&server).fetch_artist(&id(1)).await.expect_err("refused");
        assert_pause(&server, error, seconds, &format!("{status} {headers:?}")).await;
    }
}

#[tokio::test]
async fn other_failures_have_a_kind() {
    for (status, body, kind) in [
        (
            503,
            &b"<html><h1>503 Service Unavailable</h1></html>"[..],
            "unavailable",
        ),
        (502, b"Bad Gateway", "unavailable"),
        (500, b"{}", "unavailable"),
        (403, b"Your User-Agent is not allowed", "refused"),
        (403, b"<html>Forbidden</html>", "blocked"),
        (400, br#"{"error":"Invalid mbid."}"#, "unreadable response"),
        (200, b"<!DOCTYPE html><html></html>", "unreadable response"),
        (200, b"", "unreadable response"),
        (200, &ARTIST_LINKS[..200], "unreadable response"),
    ] {
        let server = with_response(status, &[], body).await;
        let error = client(&server).fetch_artist(&id(1)).await.expect_err("refused");
        assert_refusal(&server, &error, kind, "").await;
    }
}

#[tokio::test]
async fn a_truncated_body_can_be_requested_again() {
    let unfinished_header = b"HTTP/1.1 200 OK\r\ncontent-le".to_vec();
    for response in [faults::cut_off(ARTIST_LINKS), unfinished_header, Vec::new()] {
        let client = client_at(&faults::start(response).await);
        let error = client.fetch_artist(&id(1)).await.expect_err("cut off");
        assert!(matches!(error, Error::Unavailable { .. }), "{error}");
    }
}
