//! Answers to reads have an ETag. A caller who sends it back gets 304 without a body if the answer is still
//! the same. A HEAD request gets the headers of the answer to GET.

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use headers::{ETag, HeaderMapExt as _, IfNoneMatch};
use sha2::{Digest as _, Sha256};

/// The largest answer that gets an ETag: hashing a larger one costs more than sending it.
const LARGEST_HASHED_BYTES: u64 = 1024 * 1024;
/// The bytes of the hash that make an ETag.
const HASH_BYTES: usize = 16;

/// Middleware for the routes.
pub(crate) async fn answer(mut request: Request, next: Next) -> Response {
    let is_head = request.method() == Method::HEAD;
    if is_head {
        *request.method_mut() = Method::GET;
    }
    let is_read = request.method() == Method::GET;
    let known = request.headers().typed_get::<IfNoneMatch>();
    let mut response = next.run(request).await;
    if is_read && response.status() == StatusCode::OK {
        response = with_etag(response, known).await;
    }
    if is_head { without_body(response) } else { response }
}

async fn with_etag(response: Response, known: Option<IfNoneMatch>) -> Response {
    let is_small = |bytes| bytes <= LARGEST_HASHED_BYTES;
    if !response.body().size_hint().upper().is_some_and(is_small) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return Response::from_parts(parts, Body::empty());
    };
    let tag = etag(&bytes);
    let is_known = tag
        .parse::<ETag>()
        .is_ok_and(|tag| known.is_some_and(|known| !known.precondition_passes(&tag)));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        parts.headers.insert(ETAG, tag);
    }
    if is_known {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(CONTENT_TYPE);
        parts.headers.remove(CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// A weak tag, because the same answer can be compressed or not.
fn etag(bytes: &Bytes) -> String {
    let hash = Sha256::digest(bytes);
    let digits: String = hash[..HASH_BYTES]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("W/\"{digits}\"")
}

fn without_body(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    if let Some(bytes) = body
        .size_hint()
        .exact()
        .filter(|_| parts.status != StatusCode::NOT_MODIFIED)
    {
        parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes));
    }
    Response::from_parts(parts, Body::empty())
}
