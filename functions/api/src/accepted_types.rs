//! Refuses requests for a type that is not served.

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::middleware::Next;
use axum::response::Response;

use crate::error::ApiError;

/// Middleware for routes that answer with JSON.
pub(crate) async fn require_json(request: Request, next: Next) -> Result<Response, ApiError> {
    if accepts_json(request.headers()) {
        Ok(next.run(request).await)
    } else {
        Err(ApiError::NotAcceptable)
    }
}

/// Whether the Accept header allows JSON. A request without the header accepts everything.
fn accepts_json(headers: &HeaderMap) -> bool {
    let mut ranges = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|range| !range.is_empty())
        .peekable();
    if ranges.peek().is_none() {
        return true;
    }
    // Of the ranges that fit, the most exact one decides.
    let mut accepted = None;
    for range in ranges {
        let mut parts = range.split(';').map(str::trim);
        let media_type = parts.next().unwrap_or_default();
        let exactness = ["*/*", "application/*", "application/json"]
            .iter()
            .position(|known| known.eq_ignore_ascii_case(media_type));
        let is_refused = parts
            .filter_map(|part| part.split_once('='))
            .any(|(name, value)| {
                name.trim().eq_ignore_ascii_case("q") && value.trim().parse() == Ok(0.0_f32)
            });
        if let Some(exactness) = exactness {
            accepted = accepted.max(Some((exactness, !is_refused)));
        }
    }
    accepted.is_some_and(|(_, is_accepted)| is_accepted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_accepted_unless_the_header_excludes_it() {
        for (accept, is_accepted) in [
            ("", true),
            ("*/*", true),
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("text/html, application/xhtml+xml, */*;q=0.8", true),
            ("text/html;q=1, application/*;q=0.1", true),
            ("text/html", false),
            ("text/csv, application/xml", false),
            ("application/json;q=0", false),
            ("application/json;q=0.0, */*", false),
            ("application/json, */*;q=0", true),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, accept.parse().unwrap());
            assert_eq!(accepts_json(&headers), is_accepted, "{accept}");
        }
        assert!(accepts_json(&HeaderMap::new()));
    }
}
