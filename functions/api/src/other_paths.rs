//! Answers for requests that no endpoint takes: OPTIONS, other methods, paths that end with a slash, and
//! unknown paths.

use axum::http::header::LOCATION;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};

use crate::error::ApiError;

/// A method that the endpoint does not have. The router adds the Allow header, which is all that OPTIONS asks
/// for.
pub(crate) async fn other_method(method: Method) -> Response {
    if method == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        ApiError::MethodNotAllowed.into_response()
    }
}

/// A path without an endpoint.
pub(crate) async fn other_path(uri: Uri) -> Response {
    if let Some(location) = without_slash(&uri) {
        return (StatusCode::PERMANENT_REDIRECT, [(LOCATION, location)]).into_response();
    }
    ApiError::NotFound("no endpoint has this path: all paths begin with /v1/".to_owned()).into_response()
}

/// The address of an endpoint without slashes at its end. It is relative to the address of the request, so
/// that it also holds behind a proxy or a stage that puts a prefix before the path.
fn without_slash(uri: &Uri) -> Option<String> {
    let path = uri.path();
    let shorter = path.trim_end_matches('/');
    let (_, last) = shorter.rsplit_once('/')?;
    let up = "../".repeat(path.len() - shorter.len());
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let may_be_endpoint = path.starts_with("/v1/") && shorter.len() < path.len();
    may_be_endpoint.then(|| format!("{up}{last}{query}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_at_the_end_is_left_out() {
        let base = url::Url::parse("https://example.org/stage").unwrap();
        for (path, expected) in [
            ("/v1/producers/", Some("/stage/v1/producers")),
            ("/v1/producers/7//", Some("/stage/v1/producers/7")),
            ("/v1/?q=a/", Some("/stage/v1?q=a/")),
            ("/v1/producers", None),
            ("/", None),
            ("//", None),
            ("//example.com/", None),
        ] {
            let location = without_slash(&path.parse().unwrap());
            let asked = base.join(&format!("/stage{path}")).unwrap();
            let led_to = location.map(|location| asked.join(&location).unwrap().to_string());
            let expected = expected.map(|path| format!("https://example.org{path}"));
            assert_eq!(led_to, expected, "{path}");
        }
    }
}
