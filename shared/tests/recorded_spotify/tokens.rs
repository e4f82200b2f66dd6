//! Answers to the request for a token.

use shared::domain::ids::SpotifyArtistId;
use shared::platform::http::Error;
use shared::upstreams::spotify::{Artist, Spotify};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::bytes;

/// Fetches an artist after a recorded answer to the request for a token.
async fn artist_by_token(status: u16, token: &'static str) -> Result<Option<Artist>, Error> {
    let id = "0OdUWJ0sBjDrqHygGUXeCF";
    let server = MockServer::start().await;
    for (called, status, file) in [
        ("/api/token".to_owned(), status, token),
        (format!("/v1/artists/{id}"), 200, "artist.json"),
    ] {
        let response = ResponseTemplate::new(status).set_body_bytes(bytes(file));
        Mock::given(path(called))
            .respond_with(response)
            .mount(&server)
            .await;
    }
    let url = server.uri();
    let settings = shared::platform::config::SpotifySettings {
        api_url: format!("{url}/v1"),
        token_url: format!("{url}/api/token"),
        client_id: "client".to_owned(),
        client_secret: "secret".to_owned(),
        market: "US".to_owned(),
    };
    let id: SpotifyArtistId = id.parse().expect("an id");
    Spotify::new(
        shared::platform::http::client("linernotes-tests/1.0").expect("a client"),
        settings,
    )
    .fetch_artist(&id)
    .await
}

#[tokio::test]
async fn tokens() {
    let artist = artist_by_token(200, "token_client_credentials_ok.json")
        .await
        .expect("an answer");
    assert_eq!(
        artist.map(|artist| artist.name).as_deref(),
        Some("Band of Horses")
    );
    let error = artist_by_token(400, "token_invalid_client.json")
        .await
        .expect_err("refused");
    assert!(
        matches!(&error, Error::Refused(reason) if reason.contains("SPOTIFY_CLIENT_ID")),
        "{error:?}"
    );
}
