//! Refuses responses that are larger than Lambda can return: Lambda would drop them and report only "internal
//! error".

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::error::ApiError;

/// The [largest response of a Lambda
/// function](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html) (6 MB and 100 bytes),
/// minus space for status and headers. The body is a JSON string inside that response.
const LARGEST_TEXT_BYTES: usize = 6_291_556 - 64 * 1024;
/// The length of the longest JSON escape of one byte, such as `\u0001`.
const LONGEST_ESCAPE_BYTES: usize = 6;

/// Middleware that replaces a response that is too large with a problem. Responses that fit even if every
/// byte were escaped are passed on without reading them.
pub(crate) async fn limit_size(request: Request, next: Next) -> Response {
    let (parts, body) = next.run(request).await.into_parts();
    let is_small = |bytes: u64| bytes <= (LARGEST_TEXT_BYTES / LONGEST_ESCAPE_BYTES) as u64;
    if body.size_hint().upper().is_some_and(is_small) {
        return Response::from_parts(parts, body);
    }
    match to_bytes(body, LARGEST_TEXT_BYTES).await {
        Ok(bytes) if json_string_bytes(&bytes) <= LARGEST_TEXT_BYTES => {
            Response::from_parts(parts, Body::from(bytes))
        }
        _ => ApiError::AnswerTooLarge.into_response(),
    }
}

/// The length of the body as a JSON string, in bytes and without the quotes.
fn json_string_bytes(body: &Bytes) -> usize {
    body.iter()
        .map(|byte| match byte {
            b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
            0..0x20 => LONGEST_ESCAPE_BYTES,
            _ => 1,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::http::StatusCode;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    #[test]
    fn the_length_equals_what_serde_json_writes() {
        let all: String = (0..=0x7f_u8)
            .map(char::from)
            .chain("å\u{2028}🎚".chars())
            .collect();
        let written = serde_json::to_string(&all).unwrap();
        assert_eq!(json_string_bytes(&Bytes::from(all)), written.len() - 2);
    }

    #[tokio::test]
    async fn only_a_body_that_fits_as_a_json_string_is_sent() {
        for (case, body, status) in [
            ("empty", String::new(), 200),
            (
                "plain text of the largest size",
                "x".repeat(LARGEST_TEXT_BYTES),
                200,
            ),
            ("one byte larger", "x".repeat(LARGEST_TEXT_BYTES + 1), 422),
            ("as many quotes as fit", "\"".repeat(LARGEST_TEXT_BYTES / 2), 200),
            ("one quote more", "\"".repeat(LARGEST_TEXT_BYTES / 2 + 1), 422),
        ] {
            let sent = body.clone();
            let router = Router::new()
                .route("/", get(async || sent))
                .layer(axum::middleware::from_fn(limit_size));
            let request = Request::get("/").body(Body::empty()).unwrap();
            let response = router.oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::from_u16(status).unwrap(), "{case}");
            let received = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            assert_eq!(received == body, status == 200, "{case}");
        }
    }
}
