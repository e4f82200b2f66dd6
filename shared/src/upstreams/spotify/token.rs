//! Fetches access tokens with the client credentials flow
//! (<https://developer.spotify.com/documentation/web-api/tutorials/client-credentials-flow>). Neither tokens
//! nor responses of the token endpoint are ever printed.

use chrono::{DateTime, Duration, Utc};
use reqwest::StatusCode;

use super::{answers, wire};
use crate::platform::config::SpotifySettings;
use crate::platform::http::{self, Error};

/// A token that expires sooner is not used, so that it is still valid when the request arrives.
const MARGIN_SECONDS: i64 = 60;
/// The usual lifetime of a token, for a response without one.
const LIFETIME_SECONDS: i64 = 3_600;

/// An access token.
pub(super) struct AccessToken {
    value: String,
    expires_at: DateTime<Utc>,
}

impl AccessToken {
    pub(super) fn value(&self) -> &str {
        &self.value
    }

    pub(super) fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        now + Duration::seconds(MARGIN_SECONDS) < self.expires_at
    }
}

/// Fetches a token. Outages of the endpoint take many forms, so every unclear response is
/// [`Error::Unavailable`].
pub(super) async fn fetch(http: &reqwest::Client, settings: &SpotifySettings) -> Result<AccessToken, Error> {
    let requested_at = Utc::now();
    let request = http
        .post(&settings.token_url)
        .basic_auth(&settings.client_id, Some(&settings.client_secret))
        .form(&[("grant_type", "client_credentials")]);
    let response = http::send(request).await?;
    match response.status {
        status if status.is_success() => token_from_json(&response.body, requested_at),
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED => Err(refusal(&response)),
        StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS => Err(answers::error(&response, requested_at)),
        status => Err(Error::Unavailable {
            cause: format!("the token endpoint of Spotify answered with status {status}"),
            retry_after_seconds: response.retry_after_seconds(),
        }),
    }
}

fn token_from_json(body: &[u8], requested_at: DateTime<Utc>) -> Result<AccessToken, Error> {
    let token = serde_json::from_slice::<wire::TokenJson>(body)
        .ok()
        .filter(|token| !token.access_token.is_empty());
    // The error does not contain the body: even a truncated body can contain the token.
    let token = token.ok_or_else(|| Error::Unavailable {
        cause: "the token endpoint of Spotify sent no token".to_owned(),
        retry_after_seconds: None,
    })?;
    let lifetime = token
        .expires_in
        .filter(|seconds| (0..=LIFETIME_SECONDS).contains(seconds))
        .unwrap_or(LIFETIME_SECONDS);
    Ok(AccessToken {
        value: token.access_token,
        expires_at: requested_at + Duration::seconds(lifetime),
    })
}

fn refusal(response: &http::HttpResponse) -> Error {
    match serde_json::from_slice::<wire::TokenError>(&response.body) {
        Ok(failure) if failure.error == "invalid_client" => Error::Refused(
            "Spotify does not know this client id and secret: check SPOTIFY_CLIENT_ID and \
             SPOTIFY_CLIENT_SECRET"
                .to_owned(),
        ),
        Ok(failure) => Error::Refused(format!(
            "Spotify refused to issue a token ({}): check the app at {}",
            failure.error,
            answers::DASHBOARD
        )),
        Err(_) => Error::Unavailable {
            cause: format!(
                "the token endpoint of Spotify answered with status {} and no reason",
                response.status
            ),
            retry_after_seconds: response.retry_after_seconds(),
        },
    }
}
