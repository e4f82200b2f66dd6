//! The client over HTTP: its requests, and how it reports each failure.

use chrono::Datelike as _;
use pretty_assertions::assert_eq;
use wiremock::MockServer;

use super::super::{Discogs, DiscogsArtistId, DiscogsReleaseId, DiscogsSettings, Error};
use super::{ARTIST, RELEASE_RANGES, SEARCH};
use crate::upstreams::loopback::{
    RETRY_AFTER, assert_pause, assert_refusal, http, pairs, query, requests, single_request, with_response,
};

const TOKEN: &str = "a-secret-token";

fn client(server: &MockServer) -> Discogs {
    client_at(&server.uri())
}

fn client_at(url: &str) -> Discogs {
    Discogs::new(
        http(),
        DiscogsSettings {
            url: format!("{url}/"),
            token: TOKEN.to_owned(),
        },
    )
}

#[tokio::test]
async fn releases_and_artists_are_fetched_with_the_token() {
    let server = with_response(200, &[], RELEASE_RANGES).await;
    let release = client(&server)
        .fetch_release(DiscogsReleaseId(900_100))
        .await
        .expect("a response")
        .expect("a release");
    assert_eq!(release.tracklist.len(), 6);
    let request = single_request(&server).await;
    assert_eq!(
        (request.url.path(), query(&request).len()),
        ("/releases/900100", 0)
    );
    assert_eq!(request.headers["authorization"], format!("Discogs token={TOKEN}"));
    assert!(
        request.headers["user-agent"]
            .as_bytes()
            .starts_with(b"linernotes-tests")
    );

    let server = with_response(200, &[], ARTIST).await;
    let artist = client(&server)
        .fetch_artist(DiscogsArtistId(900_501))
        .await
        .expect("a response");
    assert!(artist.is_some());
    assert_eq!(single_request(&server).await.url.path(), "/artists/900501");
}

#[tokio::test]
async fn a_master_has_the_date_of_its_first_release() {
    for (body, year) in [
        (r#"{"id": 7, "year": 1969}"#, Some(1969)),
        (r#"{"id": 7, "year": 0}"#, None),
        (r#"{"id": 7}"#, None),
    ] {
        let server = with_response(200, &[], body.as_bytes()).await;
        let date = client(&server).fetch_master_date(7).await.expect("a response");
        assert_eq!(date.map(|date| date.date.year()), year, "{body}");
        assert_eq!(single_request(&server).await.url.path(), "/masters/7");
    }
}

#[tokio::test]
async fn search_terms_reach_the_server_unchanged() {
    let server = with_response(200, &[], SEARCH).await;
    let found = client(&server)
        .search_releases_by_barcode("0602475093060")
        .await
        .expect("a response");
    assert_eq!(found.len(), 2);
    let request = single_request(&server).await;
    assert_eq!(
        (request.url.path(), query(&request)),
        (
            "/database/search",
            pairs(&[
                ("type", "release"),
                ("per_page", "100"),
                ("barcode", "0602475093060")
            ])
        )
    );

    let server = with_response(200, &[], br#"{"results":[]}"#).await;
    let found = client(&server)
        .search_releases("AC/DC & 水", &format!("50%\n \"Off\" {}", "x".repeat(10_000)))
        .await
        .expect("a response");
    assert_eq!(found, []);
    let query = query(&single_request(&server).await);
    assert_eq!(query[2], ("artist".to_owned(), "AC/DC & 水".to_owned()));
    assert!(
        query[3].1.starts_with("50% \"Off\" xxx") && query[3].1.len() == 200,
        "{query:?}"
    );
}

#[tokio::test]
async fn a_record_that_discogs_does_not_have_is_none() {
    let server = with_response(404, &[], br#"{"message": "Release not found."}"#).await;
    let client = client(&server);
    assert_eq!(
        client
            .fetch_release(DiscogsReleaseId(1))
            .await
            .expect("a response"),
        None
    );
    assert_eq!(
        client.fetch_artist(DiscogsArtistId(1)).await.expect("a response"),
        None
    );
    assert_eq!(
        client.search_releases_by_barcode("1").await.expect("a response"),
        []
    );
}

#[tokio::test]
async fn status_429_is_a_pause() {
    const MESSAGE: &[u8] = br#"{"message": "You are making requests too quickly."}"#;
    for (headers, body, seconds) in [
        (&[][..], MESSAGE, 30),
        (&[(RETRY_AFTER, "7")], MESSAGE, 7),
        (&[(RETRY_AFTER, "soon")], b"<html>", 30),
    ] {
        let server = with_response(429, headers, body).await;
        let error = client(&server)
            .fetch_artist(DiscogsArtistId(1))
            .await
            .expect_err("refused");
        assert_pause(&server, error, seconds, &format!("{headers:?}")).await;
    }
}

#[tokio::test]
async fn other_failures_have_a_kind_and_never_contain_the_token() {
    for (status, body, kind) in [
        (
            401,
            &br#"{"message": "Invalid consumer token. Please register an app."}"#[..],
            "refused",
        ),
        (403, b"<html>Forbidden</html>", "blocked"),
        (500, b"{}", "unavailable"),
        (502, b"<html>Bad Gateway</html>", "unavailable"),
        (503, b"", "unavailable"),
        (422, br#"{"message": "Invalid"}"#, "unreadable response"),
        (200, b"<!DOCTYPE html><html></html>", "unreadable response"),
        (200, b"", "unreadable response"),
        (200, &ARTIST[..200], "unreadable response"),
    ] {
        let server = with_response(status, &[], body).await;
        let error = client(&server)
            .fetch_artist(DiscogsArtistId(1))
            .await
            .expect_err("refused");
        assert_refusal(&server, &error, kind, TOKEN).await;
    }
    let url = faults::start(faults::cut_off(ARTIST)).await;
    let error = client_at(&url)
        .fetch_artist(DiscogsArtistId(1))
        .await
        .expect_err("cut off");
    assert!(matches!(error, Error::Unavailable { .. }), "{error}");
}

#[tokio::test]
async fn a_token_with_invalid_characters_is_refused_before_sending() {
    let server = with_response(200, &[], ARTIST).await;
    let client = Discogs::new(
        http(),
        DiscogsSettings {
            url: server.uri(),
            token: "two\nlines".to_owned(),
        },
    );
    let error = client
        .fetch_artist(DiscogsArtistId(1))
        .await
        .expect_err("an invalid token");
    assert!(matches!(error, Error::Refused(_)) && !error.to_string().contains("lines"));
    assert_eq!(requests(&server).await.len(), 0);
}
