//! The client over HTTP: its requests, and how it reports each failure.

use pretty_assertions::assert_eq;
use wiremock::MockServer;

use super::super::{Error, Genius, GeniusArtistId, GeniusSettings, GeniusSongId};
use super::{ARTIST, SEARCH, SONG_CREDITS};
use crate::upstreams::loopback::{
    RETRY_AFTER, assert_pause, assert_refusal, http, pairs, query, single_request, with_response,
};

const TOKEN: &str = "a-secret-token";

fn client(server: &MockServer) -> Genius {
    client_at(&server.uri())
}

fn client_at(url: &str) -> Genius {
    Genius::new(
        http(),
        GeniusSettings {
            url: format!("{url}/"),
            token: TOKEN.to_owned(),
        },
    )
}

#[tokio::test]
async fn songs_and_artists_are_fetched_with_the_token() {
    let server = with_response(200, &[], SONG_CREDITS).await;
    let song = client(&server)
        .fetch_song(GeniusSongId(900_100))
        .await
        .expect("a response")
        .expect("a song");
    assert_eq!(song.credits.len(), 7);
    let request = single_request(&server).await;
    assert_eq!(
        (request.url.path(), query(&request)),
        ("/songs/900100", pairs(&[("text_format", "plain")]))
    );
    assert_eq!(request.headers["authorization"], format!("Bearer {TOKEN}"));

    let server = with_response(200, &[], ARTIST).await;
    let artist = client(&server)
        .fetch_artist(GeniusArtistId(900_401))
        .await
        .expect("a response");
    assert!(artist.is_some());
    assert_eq!(single_request(&server).await.url.path(), "/artists/900401");
}

#[tokio::test]
async fn search_terms_reach_the_server_unchanged() {
    let server = with_response(200, &[], SEARCH).await;
    let found = client(&server)
        .search_songs("AC/DC & 水", "50%\n\u{200b}\"Off\"\u{0}")
        .await
        .expect("a response");
    assert_eq!(found.len(), 4);
    let request = single_request(&server).await;
    assert_eq!(
        (request.url.path(), query(&request)),
        ("/search", pairs(&[("q", "50% \"Off\" AC/DC & 水")]))
    );

    let server = with_response(200, &[], SEARCH).await;
    client(&server)
        .search_songs("x", &"語".repeat(10_000))
        .await
        .expect("a response");
    assert_eq!(query(&single_request(&server).await)[0].1.chars().count(), 200);
}

#[tokio::test]
async fn a_record_that_genius_does_not_have_is_none() {
    let not_found = br#"{"meta":{"status":404,"message":"Couldn't find a song"}}"#;
    let server = with_response(404, &[], not_found).await;
    let client = client(&server);
    assert_eq!(
        client.fetch_song(GeniusSongId(1)).await.expect("a response"),
        None
    );
    assert_eq!(
        client.fetch_artist(GeniusArtistId(1)).await.expect("a response"),
        None
    );
}

#[tokio::test]
async fn status_429_is_a_pause() {
    for (headers, body, seconds) in [
        (&[][..], &b"{}"[..], 30),
        (&[(RETRY_AFTER, "90")], b"<html>", 90),
        (&[(RETRY_AFTER, "soon")], b"", 30),
    ] {
        let server = with_response(429, headers, body).await;
        let error = client(&server)
            .fetch_song(GeniusSongId(1))
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
            &br#"{"error":"invalid_token","error_description":"The access token expired"}"#[..],
            "refused",
        ),
        (403, b"<!DOCTYPE html><title>Just a moment...</title>", "blocked"),
        (200, b"<!DOCTYPE html><title>Just a moment...</title>", "blocked"),
        (403, br#"{"meta":{"status":403}}"#, "refused"),
        (500, b"{}", "unavailable"),
        (503, b"<html>Service Unavailable</html>", "unavailable"),
        (400, b"{}", "unreadable response"),
        (200, b"", "unreadable response"),
        (200, &SONG_CREDITS[..200], "unreadable response"),
    ] {
        let server = with_response(status, &[], body).await;
        let error = client(&server)
            .fetch_song(GeniusSongId(1))
            .await
            .expect_err("refused");
        assert_refusal(&server, &error, kind, TOKEN).await;
    }
    let url = faults::start(faults::cut_off(SONG_CREDITS)).await;
    let error = client_at(&url)
        .fetch_song(GeniusSongId(1))
        .await
        .expect_err("cut off");
    assert!(matches!(error, Error::Unavailable { .. }), "{error}");
}
