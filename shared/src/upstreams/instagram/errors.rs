//! Interprets error responses by the codes of the Graph API
//! (<https://developers.facebook.com/docs/graph-api/guides/error-handling>), and usage headers. Responses
//! without a code are interpreted by their status, as for every source.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};

use super::wire;
use crate::platform::http::{Error, HttpResponse};

/// From this usage on, a call may exceed the limit, because other calls of the same app count too.
const ALMOST_USED_UP_PERCENT: f64 = 95.0;
/// The pause after that. The limit is for the last hour, so capacity returns gradually.
const PAUSE_MINUTES: f64 = 15.0;
/// The pause after an exceeded limit, if the response does not give one.
const THROTTLED_MINUTES: f64 = 60.0;

/// The error in a response without success; `Ok` if it says that Business Discovery shows no such account.
/// The token is removed from the message.
pub(super) fn check_error(response: &HttpResponse, token: &str, now: DateTime<Utc>) -> Result<(), Error> {
    let Ok(wire::GraphErrorBody { error }) = serde_json::from_slice(&response.body) else {
        return Err(error_without_code(response));
    };
    let cause = cause(&error, token);
    match (error.code, error.error_subcode) {
        (Some(110), _) | (_, Some(2_207_013)) => Ok(()),
        (Some(4 | 17 | 32 | 613 | 80_000..=80_014), _) => Err(Error::RateLimited {
            until: now + minutes(minutes_to_regain_access(response).unwrap_or(THROTTLED_MINUTES)),
            quota: true,
        }),
        (Some(1 | 2), _) => Err(unavailable(response, cause)),
        (Some(10 | 102 | 190 | 200..=299), _) | (Some(100), Some(33)) => Err(Error::Refused(cause)),
        _ if error.is_transient => Err(unavailable(response, cause)),
        (Some(_), _) => Err(Error::Decode(cause)),
        (None, _) => Err(error_without_code(response)),
    }
}

/// The error for a status, as for every source, except that 404 does not mean a missing account: a wrong base
/// URL would make every account look missing.
fn error_without_code(response: &HttpResponse) -> Error {
    match response.read::<serde::de::IgnoredAny>() {
        Err(error) => error,
        Ok(_) => Error::Decode(format!("{} without a code", response.status)),
    }
}

/// Until when to make no calls, if the response says that the limit is almost reached.
pub(super) fn pause_until(response: &HttpResponse, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let usage: wire::AppUsage = header(response, "x-app-usage")?;
    let used_percent = usage.call_count.max(usage.total_time).max(usage.total_cputime);
    (used_percent >= ALMOST_USED_UP_PERCENT).then(|| now + minutes(PAUSE_MINUTES))
}

/// The wait in the headers of a response to an exceeded limit.
fn minutes_to_regain_access(response: &HttpResponse) -> Option<f64> {
    let usages: Option<HashMap<String, Vec<wire::UseCaseUsage>>> =
        header(response, "x-business-use-case-usage");
    let longest = usages
        .into_iter()
        .flat_map(HashMap::into_values)
        .flatten()
        .map(|usage| usage.estimated_time_to_regain_access)
        .fold(0.0, f64::max);
    let retry_after = response
        .retry_after_seconds()
        .map(|seconds| f64::from(seconds) / 60.0);
    Some(longest).filter(|&longest| longest > 0.0).or(retry_after)
}

/// The JSON value of a header.
fn header<T: serde::de::DeserializeOwned>(response: &HttpResponse, name: &str) -> Option<T> {
    serde_json::from_slice(response.headers.get(name)?.as_bytes()).ok()
}

fn minutes(minutes: f64) -> Duration {
    const DAY: f64 = 24.0 * 60.0;
    Duration::milliseconds((minutes.clamp(0.0, DAY) * 60_000.0) as i64)
}

fn unavailable(response: &HttpResponse, cause: String) -> Error {
    Error::Unavailable {
        cause,
        retry_after_seconds: response.retry_after_seconds(),
    }
}

/// The code and the beginning of the message, without the token: the message repeats a malformed one.
fn cause(error: &wire::GraphError, token: &str) -> String {
    const LONGEST_MESSAGE: usize = 120;
    let code = error.code.map_or("?".to_owned(), |code| code.to_string());
    let message = error.message.replace(token, "…");
    let message: String = message.chars().take(LONGEST_MESSAGE).collect();
    match error.error_subcode {
        Some(subcode) => format!("code {code}.{subcode}: {message}"),
        None => format!("code {code}: {message}"),
    }
}
