//! What Instagram's refusals mean, by the codes of the Graph API (<https://developers.facebook.com/docs/graph-api/guides/error-handling>),
//! and how near its limit we are. Statuses without such a code are read as everywhere.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};

use super::wire;
use crate::platform::http::Error;
use crate::platform::http::HttpResponse;

/// From here on a call may be the one too many: other calls of the same app count, too.
const NEARLY_USED_UP_PERCENT: f64 = 95.0;
/// The allowance is that of the last hour, so some of it comes back all the time.
const REST_MINUTES: f64 = 15.0;
/// How long to stay away from a limit that is reached and does not say.
const THROTTLED_MINUTES: f64 = 60.0;

/// What a refusal says of the account that was asked for: nothing (`Ok`) where there is none that Business Discovery shows.
/// The token is cut out of what an error repeats.
pub(super) fn read_refusal(answer: &HttpResponse, token: &str, now: DateTime<Utc>) -> Result<(), Error> {
    let Ok(wire::Failure { error }) = serde_json::from_slice(&answer.body) else {
        return Err(without_code(answer));
    };
    let cause = cause(&error, token);
    match (error.code, error.error_subcode) {
        (Some(110), _) | (_, Some(2_207_013)) => Ok(()),
        (Some(4 | 17 | 32 | 613 | 80_000..=80_014), _) => Err(Error::RateLimited {
            until: now + minutes(minutes_to_regain_access(answer).unwrap_or(THROTTLED_MINUTES)),
            quota: true,
        }),
        (Some(1 | 2), _) => Err(unavailable(answer, cause)),
        (Some(10 | 102 | 190 | 200..=299), _) | (Some(100), Some(33)) => Err(Error::Refused(cause)),
        _ if error.is_transient => Err(unavailable(answer, cause)),
        (Some(_), _) => Err(Error::Decode(cause)),
        (None, _) => Err(without_code(answer)),
    }
}

/// As statuses are read everywhere, but that 404 is no word on an account: a wrong address would make every one unknown.
fn without_code(answer: &HttpResponse) -> Error {
    match answer.read::<serde::de::IgnoredAny>() {
        Err(error) => error,
        Ok(_) => Error::Decode(format!("{} without a code", answer.status)),
    }
}

/// Until when to make no more calls, where an answer says that the allowance is nearly used up.
pub(super) fn rest_until(answer: &HttpResponse, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let usage: wire::AppUsage = header(answer, "x-app-usage")?;
    let used = usage.call_count.max(usage.total_time).max(usage.total_cputime);
    (used >= NEARLY_USED_UP_PERCENT).then(|| now + minutes(REST_MINUTES))
}

/// What the headers say of a limit that was reached.
fn minutes_to_regain_access(answer: &HttpResponse) -> Option<f64> {
    let usages: Option<HashMap<String, Vec<wire::UseCaseUsage>>> =
        header(answer, "x-business-use-case-usage");
    let longest = usages
        .into_iter()
        .flat_map(HashMap::into_values)
        .flatten()
        .map(|usage| usage.estimated_time_to_regain_access)
        .fold(0.0, f64::max);
    let retry_after = answer
        .retry_after_seconds()
        .map(|seconds| f64::from(seconds) / 60.0);
    Some(longest).filter(|&longest| longest > 0.0).or(retry_after)
}

fn header<T: serde::de::DeserializeOwned>(answer: &HttpResponse, name: &str) -> Option<T> {
    serde_json::from_slice(answer.headers.get(name)?.as_bytes()).ok()
}

fn minutes(minutes: f64) -> Duration {
    const DAY: f64 = 24.0 * 60.0;
    Duration::milliseconds((minutes.clamp(0.0, DAY) * 60_000.0) as i64)
}

fn unavailable(answer: &HttpResponse, cause: String) -> Error {
    Error::Unavailable {
        cause,
        retry_after_seconds: answer.retry_after_seconds(),
    }
}

/// The code and the beginning of the message, which repeats a malformed token.
fn cause(error: &wire::Cause, token: &str) -> String {
    const SHOWN: usize = 120;
    let code = error.code.map_or("?".to_owned(), |code| code.to_string());
    let message = error.message.replace(token, "…");
    let message: String = message.chars().take(SHOWN).collect();
    match error.error_subcode {
        Some(subcode) => format!("code {code}.{subcode}: {message}"),
        None => format!("code {code}: {message}"),
    }
}
