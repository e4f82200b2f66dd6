//! The headers of every answer: an id that the log lines of the request carry too, as they do the id of its
//! API key, and what caches and browsers may do with it.

use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, COOKIE, VARY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;
use uuid::Uuid;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Middleware that gives the request an id, adds it to every log line of the request, and adds the headers.
/// An id that the caller sends is ignored, because it would let anybody write into the log.
pub(crate) async fn add(request: Request, next: Next) -> Response {
    let id = Uuid::new_v4().simple().to_string();
    let is_private = [AUTHORIZATION, COOKIE]
        .iter()
        .any(|name| request.headers().contains_key(name));
    // An error span, because a filter that drops a line's span would drop the id with it.
    let span = tracing::error_span!("request", request.id = id, key.id = tracing::field::Empty);
    let mut response = next.run(request).instrument(span).await;
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        VARY,
        HeaderValue::from_static("Authorization, Cookie, Accept, Accept-Encoding"),
    );
    let caching = if is_private {
        "no-store"
    } else {
        "private, no-cache" // Kept, but asked about with its ETag each time.
    };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}
