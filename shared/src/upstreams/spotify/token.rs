//! The app's own token, by the client credentials grant (<https://developer.spotify.com/documentation/web-api/tutorials/client-credentials-flow>).
//! Who shares it and when it is thrown away is the client's to say; it is never printed, nor is what the token endpoint sent.

use chrono::{DateTime, Duration, Utc};
use reqwest::StatusCode;

use super::{answers, wire};
use crate::platform::config::SpotifySettings;
use crate::platform::http;
use crate::platform::http::Error;

/// A token this near its end is not used: a request must arrive before it.
const MARGIN_SECONDS: i64 = 60;
/// What Spotify gives, for an answer that does not say.
const LIFETIME_SECONDS: i64 = 3_600;

pub(super) struct Token {
    value: String,
    expires_at: DateTime<Utc>,
}

impl Token {
    pub(super) fn value(&self) -> &str {
        &self.value
    }

    pub(super) fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        now + Duration::seconds(MARGIN_SECONDS) < self.expires_at
    }
}

/// Asks for a token. The endpoint's outages come in every shape, so all that is not a clear answer is [`Error::Unavailable`].
pub(super) async fn fetch(http: &reqwest::Client, settings: &SpotifySettings) -> Result<Token, Error> {
    let asked_at = Utc::now();
    let request = http
        .post(&settings.token_url)
        .basic_auth(&settings.client_id, Some(&settings.client_secret))
        .form(&[("grant_type", "client_credentials")]);
    let answer = http::send(request).await?;
    match answer.status {
        status if status.is_success() => from_json(&answer.body, asked_at),
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED => Err(turned_away(&answer)),
        StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS => Err(answers::error(&answer, asked_at)),
        status => Err(Error::Unavailable {
            cause: format!("Spotify's token endpoint answered {status}"),
            retry_after_seconds: answer.retry_after_seconds(),
        }),
    }
}

fn from_json(body: &[u8], asked_at: DateTime<Utc>) -> Result<Token, Error> {
    let token = serde_json::from_slice::<wire::Token>(body)
        .ok()
        .filter(|token| !token.access_token.is_empty());
    // The body is kept out of the cause: cut off, it can still hold the token.
    let token = token.ok_or_else(|| Error::Unavailable {
        cause: "Spotify's token endpoint sent no token".to_owned(),
        retry_after_seconds: None,
    })?;
    let lifetime = token
        .expires_in
        .filter(|seconds| (0..=LIFETIME_SECONDS).contains(seconds))
        .unwrap_or(LIFETIME_SECONDS);
    Ok(Token {
        value: token.access_token,
        expires_at: asked_at + Duration::seconds(lifetime),
    })
}

fn turned_away(answer: &http::HttpResponse) -> Error {
    match serde_json::from_slice::<wire::TokenFailure>(&answer.body) {
        Ok(failure) if failure.error == "invalid_client" => Error::Refused(
            "Spotify does not know this client id and secret: check SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET".to_owned(),
        ),
        Ok(failure) => Error::Refused(format!("Spotify gives no token ({}): check the app at https://developer.spotify.com/dashboard", failure.error)),
        Err(_) => Error::Unavailable {
            cause: format!("Spotify's token endpoint answered {} without a reason", answer.status),
            retry_after_seconds: answer.retry_after_seconds(),
        },
    }
}
