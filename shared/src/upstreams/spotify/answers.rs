//! Interprets the status of Spotify responses, which says more than that of other sources.

use chrono::{DateTime, Duration, Utc};
use reqwest::StatusCode;
use serde::de::IgnoredAny;

use super::wire;
use crate::platform::http::{Error, HttpResponse};

/// The page where people manage their Spotify apps.
pub(super) const DASHBOARD: &str = "https://developer.spotify.com/dashboard";
/// The pause after a 429 without Retry-After: the window over which Spotify counts requests
/// (<https://developer.spotify.com/documentation/web-api/concepts/rate-limits>).
const WINDOW_SECONDS: u32 = 30;
/// A longer Retry-After means an exhausted quota, even if the body does not say so.
const LONGEST_PAUSE_SECONDS: u32 = 600;
/// The pause after an exhausted quota without Retry-After.
const QUOTA_ESTIMATE_SECONDS: u32 = 3_600;
/// The longest pause. Quotas are daily, so more than two days is probably a mistake, and asking again costs
/// one request.
const LONGEST_QUOTA_SECONDS: u32 = 2 * 86_400;

/// The body of a successful response. `None` if Spotify has no such entity: status 404, or status 400 for a
/// well-formed id that Spotify cannot decode.
pub(super) fn body(response: HttpResponse, now: DateTime<Utc>) -> Result<Option<Vec<u8>>, Error> {
    match response.status {
        status if status.is_success() => Ok(Some(response.body)),
        StatusCode::NOT_FOUND => Ok(None),
        StatusCode::BAD_REQUEST if message_has_word(&response, "id") => Ok(None),
        _ => Err(error(&response, now)),
    }
}

/// The error in a response without success.
pub(super) fn error(response: &HttpResponse, now: DateTime<Utc>) -> Error {
    match response.status {
        StatusCode::TOO_MANY_REQUESTS => rate_limited(response, now),
        StatusCode::UNAUTHORIZED => Error::Refused(format!(
            "Spotify refused a token that it had just issued: check the app at {DASHBOARD}"
        )),
        StatusCode::FORBIDDEN if body_has(response, "premium") => Error::Refused(
            "Spotify requires the owner of this app to have a Premium subscription: subscribe, or use the \
             client id of an account that has one"
                .to_owned(),
        ),
        StatusCode::BAD_REQUEST if message_has_word(response, "market") => Error::Refused(
            "Spotify does not know this market: set SPOTIFY_MARKET to a two-letter country code, such as US"
                .to_owned(),
        ),
        _ => match response.read::<IgnoredAny>() {
            Err(Error::Refused(reason)) => Error::Refused(format!(
                "Spotify does not allow this request to the app ({reason}): check the app at {DASHBOARD}"
            )),
            Err(error) => error,
            Ok(_) => Error::Decode(format!("unexpected status {}", response.status)),
        },
    }
}

fn rate_limited(response: &HttpResponse, now: DateTime<Utc>) -> Error {
    let stated_seconds = response.retry_after_seconds().filter(|seconds| *seconds > 0);
    let reason = error_details(response).reason;
    let quota = reason.as_deref() == Some("QUOTA_EXCEEDED")
        || stated_seconds.is_some_and(|seconds| seconds > LONGEST_PAUSE_SECONDS);
    let estimate = if quota {
        QUOTA_ESTIMATE_SECONDS
    } else {
        WINDOW_SECONDS
    };
    let seconds = stated_seconds.unwrap_or(estimate).min(LONGEST_QUOTA_SECONDS);
    Error::RateLimited {
        until: now + Duration::seconds(seconds.into()),
        quota,
    }
}

/// Whether the error message has a word, such as `id` in "Invalid base62 id" or `market` in "Invalid market
/// code".
fn message_has_word(response: &HttpResponse, word: &str) -> bool {
    let message = error_details(response).message.unwrap_or_default();
    message
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|part| part.eq_ignore_ascii_case(word))
}

fn error_details(response: &HttpResponse) -> wire::ErrorDetails {
    serde_json::from_slice::<wire::ErrorBody>(&response.body)
        .map(|body| body.error)
        .unwrap_or_default()
}

fn body_has(response: &HttpResponse, word: &str) -> bool {
    String::from_utf8_lossy(&response.body)
        .to_ascii_lowercase()
        .contains(word)
}
