//! Answers to the request for a token.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use shared::domain::ids::SpotifyArtistId;
use shared::platform::http::Error;
use shared::upstreams::spotify::{Artist, Spotify};

use super::bytes;

/// Fetches an artist after a recorded answer to the request for a token.
async fn artist_by_token(status: StatusCode, token: &'static str) -> Result<Option<Artist>, Error> {
    let app = Router::new()
        .route("/api/token", post(move || async move { (status, bytes(token)) }))
        .route("/v1/artists/{id}", get(|| async { bytes("artist.json") }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    let settings = shared::platform::config::SpotifySettings {
        api_url: format!("http://{address}/v1"),
        token_url: format!("http://{address}/api/token"),
        client_id: "client".to_owned(),
        client_secret: "secret".to_owned(),
        market: "US".to_owned(),
    };
    let id: SpotifyArtistId = "0OdUWJ0sBjDrqHygGUXeCF".parse().expect("an id");
    Spotify::new(
        shared::platform::http::client("linernotes-tests/1.0").expect("a client"),
        settings,
    )
    .fetch_artist(&id)
    .await
}

#[tokio::test]
async fn tokens() {
    let artist = artist_by_token(StatusCode::OK, "token_client_credentials_ok.json")
        .await
        .expect("an answer");
    assert_eq!(
        artist.map(|artist| artist.name).as_deref(),
        Some("Band of Horses")
    );
    let error = artist_by_token(StatusCode::BAD_REQUEST, "token_invalid_client.json")
        .await
        .expect_err("refused");
    assert!(
        matches!(&error, Error::Refused(reason) if reason.contains("SPOTIFY_CLIENT_ID")),
        "{error:?}"
    );
}
