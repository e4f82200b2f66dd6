//! The endpoints, one file per resource. Each reads its request, calls the store and builds the response.
//! This module has what several of them read: ids in paths, and query parameters.

pub(crate) mod artists;
pub(crate) mod health;
pub(crate) mod ingestions;
pub(crate) mod producers;
pub(crate) mod search;
pub(crate) mod tracks;
pub(crate) mod verdicts;

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::error::ApiError;

/// What a step waits for, to callers who may not see why.
const WAITING_WORDS: &str = "a source asks to wait, or is switched off; the work continues by itself";

/// The `{id}` of a path. If it is not valid UTF-8, the response is "not found".
pub(crate) struct PathId(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Path::from_request_parts(parts, state)
            .await
            .map(|Path(id)| Self(id))
            .map_err(|_| ApiError::NotFound("the id in the path is not valid UTF-8".to_owned()))
    }
}

/// The query parameters, deserialized into `T`.
pub(crate) struct QueryParameters<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for QueryParameters<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Query(parameters) = Query::from_request_parts(parts, state).await?;
        Ok(Self(parameters))
    }
}

/// Reads one of our own ids from a path: a positive 64-bit number without leading zeros, because a Spotify id
/// of digits only could begin with zeros. Any other text gives `None`.
fn own_id(text: &str) -> Option<i64> {
    let is_plain = text.starts_with(|c: char| c.is_ascii_digit() && c != '0');
    text.parse().ok().filter(|_| is_plain)
}

/// Longer than any name. The searches use only the first 300 characters.
const LONGEST_QUERY: usize = 300;

/// The text of the parameter `q`, which is for example that of `example`.
fn search_text<'a>(q: Option<&'a str>, example: &str) -> Result<&'a str, ApiError> {
    let text = q.map_or("", str::trim);
    if text.is_empty() {
        return Err(ApiError::in_parameter(
            "q",
            format!("the parameter q is missing: it is the text to search for, as in {example}"),
        ));
    }
    if text.chars().count() > LONGEST_QUERY || text.contains('\0') {
        return Err(ApiError::in_parameter(
            "q",
            format!("q must be a text of at most {LONGEST_QUERY} characters, without NUL"),
        ));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::own_id;

    #[test]
    fn an_own_id_is_a_positive_64_bit_number() {
        assert_eq!(own_id("7"), Some(7));
        assert_eq!(own_id("9223372036854775807"), Some(i64::MAX));
        for text in ["", "0", "07", "-7", "+7", "7.0", "9223372036854775808", "x", "٧"] {
            assert_eq!(own_id(text), None, "{text}");
        }
    }
}
