//! What the status of an answer means at Spotify, where it means more than at other upstreams.
//! Waiting and retrying stay out: an error says until when or what to do, and the caller decides.

use chrono::{DateTime, Duration, Utc};
use reqwest::StatusCode;
use serde::de::IgnoredAny;

use super::wire;
use crate::platform::http::Error;
use crate::platform::http::HttpResponse;

/// Requests are counted over this window (<https://developer.spotify.com/documentation/web-api/concepts/rate-limits>): the pause
/// for a 429 that names none.
const WINDOW_SECONDS: u32 = 30;
/// A longer Retry-After is a quota used up, whether or not the body says so.
const LONGEST_PAUSE_SECONDS: u32 = 600;
/// The pause for a used-up quota that does not say when it ends.
const QUOTA_ESTIMATE_SECONDS: u32 = 3_600;
/// Quotas are counted by the day; more than two is taken for a mistake, and asking again then costs one request.
const LONGEST_QUOTA_SECONDS: u32 = 2 * 86_400;

/// The body of a success; None for what Spotify does not have: 404, and 400 for an id of the right form whose digits name
/// no number it could have given.
pub(super) fn body(answer: HttpResponse, now: DateTime<Utc>) -> Result<Option<Vec<u8>>, Error> {
    match answer.status {
        status if status.is_success() => Ok(Some(answer.body)),
        StatusCode::NOT_FOUND => Ok(None),
        StatusCode::BAD_REQUEST if names(&answer, "id") => Ok(None),
        _ => Err(error(&answer, now)),
    }
}

/// Why an answer that is no success gives nothing.
pub(super) fn error(answer: &HttpResponse, now: DateTime<Utc>) -> Error {
    match answer.status {
        StatusCode::TOO_MANY_REQUESTS => rate_limited(answer, now),
        StatusCode::UNAUTHORIZED => Error::Refused(
            "Spotify turned away a token it had just given: check the app at https://developer.spotify.com/dashboard".to_owned(),
        ),
        StatusCode::FORBIDDEN if body_has(answer, "premium") => Error::Refused(
            "Spotify asks the owner of this app for a Premium subscription: subscribe, or use the client id of an account that has one"
                .to_owned(),
        ),
        StatusCode::BAD_REQUEST if names(answer, "market") => {
            Error::Refused("Spotify does not know this market: set SPOTIFY_MARKET to a country in two letters, such as US".to_owned())
        }
        _ => match answer.read::<IgnoredAny>() {
            Err(Error::Refused(said)) => Error::Refused(format!(
                "Spotify does not serve this to the app ({said}): check the app at https://developer.spotify.com/dashboard"
            )),
            Err(error) => error,
            Ok(_) => Error::Decode(format!("{} where none was expected", answer.status)),
        },
    }
}

fn rate_limited(answer: &HttpResponse, now: DateTime<Utc>) -> Error {
    let stated = answer.retry_after_seconds().filter(|seconds| *seconds > 0);
    let reason = failure(answer).reason;
    let quota = reason.as_deref() == Some("QUOTA_EXCEEDED")
        || stated.is_some_and(|seconds| seconds > LONGEST_PAUSE_SECONDS);
    let estimate = if quota {
        QUOTA_ESTIMATE_SECONDS
    } else {
        WINDOW_SECONDS
    };
    let seconds = stated.unwrap_or(estimate).min(LONGEST_QUOTA_SECONDS);
    Error::RateLimited {
        until: now + Duration::seconds(seconds.into()),
        quota,
    }
}

/// Whether the message of a failure has a word: "Invalid base62 id", "Invalid market code".
fn names(answer: &HttpResponse, word: &str) -> bool {
    let message = failure(answer).message.unwrap_or_default();
    message
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|part| part.eq_ignore_ascii_case(word))
}

fn failure(answer: &HttpResponse) -> wire::FailureDetails {
    serde_json::from_slice::<wire::Failure>(&answer.body)
        .map(|failure| failure.error)
        .unwrap_or_default()
}

fn body_has(answer: &HttpResponse, word: &str) -> bool {
    String::from_utf8_lossy(&answer.body)
        .to_ascii_lowercase()
        .contains(word)
}
