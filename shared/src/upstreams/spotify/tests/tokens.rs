//! Tokens: how they are requested, shared and renewed, and what a failure of the token endpoint means.

use std::sync::Arc;

use pretty_assertions::assert_eq;
use wiremock::ResponseTemplate;

use super::super::Spotify;
use super::{ServerScript, artist_id, counts, requests, response, start};
use crate::platform::http::Error;

async fn start_with_token_response(token_response: ResponseTemplate) -> Arc<Spotify> {
    start(ServerScript {
        token_responses: vec![token_response],
        ..ServerScript::default()
    })
    .await
    .0
}

#[tokio::test]
async fn a_token_is_requested_with_the_client_secret_and_then_reused() {
    let (spotify, server) = start(ServerScript::default()).await;
    let artist = spotify
        .fetch_artist(&artist_id())
        .await
        .expect("a response")
        .expect("an artist");
    assert_eq!(artist.name, "Cyndi Lauper");
    spotify.fetch_artist(&artist_id()).await.expect("a response");
    assert_eq!(counts(&server).await, (1, 2));
    let (token_requests, api_requests) = requests(&server).await;
    let headers = &token_requests[0].headers;
    // "client:hush" in base64.
    assert_eq!(headers["authorization"], "Basic Y2xpZW50Omh1c2g=");
    assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(token_requests[0].body, b"grant_type=client_credentials");
    for request in &api_requests {
        assert_eq!(request.headers["authorization"], "Bearer token-1");
        assert_eq!(request.headers["user-agent"], "linernotes-tests/1.0");
    }
}

#[tokio::test]
async fn concurrent_callers_share_one_token() {
    let (spotify, server) = start(ServerScript::default()).await;
    let (id, mut calls) = (artist_id(), vec![]);
    calls.resize_with(8, || spotify.fetch_artist(&id));
    for response in futures::future::join_all(calls).await {
        assert!(response.expect("a response").is_some());
    }
    assert_eq!(counts(&server).await, (1, 8));
}

#[tokio::test]
async fn callers_whose_token_expired_share_the_next_one() {
    let (spotify, server) = start(ServerScript {
        accepted_token: Some("token-2"),
        ..ServerScript::default()
    })
    .await;
    let (id, mut calls) = (artist_id(), vec![]);
    calls.resize_with(8, || spotify.fetch_artist(&id));
    for response in futures::future::join_all(calls).await {
        assert!(response.expect("a response").is_some());
    }
    let (token_requests, api_requests) = counts(&server).await;
    assert_eq!(token_requests, 2);
    // A late caller gets the new token at once and sends only one request.
    assert!((9..=16).contains(&api_requests), "{api_requests}");
}

#[tokio::test]
async fn a_token_is_renewed_a_minute_before_it_expires() {
    for (expires_in, token_requests) in [(59.0, 2), (90.0, 1)] {
        let (spotify, server) = start(ServerScript {
            expires_in: Some(expires_in),
            ..ServerScript::default()
        })
        .await;
        spotify.fetch_artist(&artist_id()).await.expect("a response");
        spotify.fetch_artist(&artist_id()).await.expect("a response");
        assert_eq!(counts(&server).await, (token_requests, 2), "{expires_in}");
    }
}

#[tokio::test]
async fn a_second_401_is_refused_and_the_next_call_fetches_a_new_token() {
    let (spotify, server) = start(ServerScript {
        accepted_token: Some("token-3"),
        ..ServerScript::default()
    })
    .await;
    let error = spotify.fetch_artist(&artist_id()).await.expect_err("refused");
    assert!(
        matches!(&error, Error::Refused(reason) if reason.contains("check the app")),
        "{error:?}"
    );
    assert_eq!(counts(&server).await, (2, 2));
    assert!(
        spotify
            .fetch_artist(&artist_id())
            .await
            .expect("a response")
            .is_some()
    );
    assert_eq!(counts(&server).await, (3, 4));
}

#[tokio::test]
async fn a_client_that_spotify_does_not_know_is_refused_with_what_to_check() {
    let body = r#"{"error":"invalid_client","error_description":"Invalid client"}"#;
    for status in [400, 401] {
        let spotify = start_with_token_response(response(status, None, body)).await;
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
        let spotify = start_with_token_response(response(status, None, body)).await;
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
    let spotify = start_with_token_response(response(429, Some("20"), "")).await;
    let error = spotify.fetch_artist(&artist_id()).await.expect_err("limited");
    assert!(
        matches!(error, Error::RateLimited { quota: false, .. }),
        "{error:?}"
    );
}
