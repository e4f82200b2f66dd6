//! No answer larger than Lambda carries: it would drop the answer and say nothing but "internal error". What an answer
//! holds is the routes' affair, and each list has a limit of its own.

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::error::ApiError;

/// What [Lambda carries](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html) (6 MB and 100 bytes),
/// without room for status and headers. The answer is a text in a JSON object there.
const LARGEST_TEXT_BYTES: usize = 6_291_556 - 64 * 1024;
/// What the longest escape of a byte adds up to, as in `\u0001`.
const LONGEST_ESCAPE_BYTES: usize = 6;

/// Answers with a problem instead of what cannot be sent. An answer of ordinary size is not looked at.
pub(crate) async fn limit(request: Request, next: Next) -> Response {
    let (parts, body) = next.run(request).await.into_parts();
    let is_small = |bytes: u64| bytes <= (LARGEST_TEXT_BYTES / LONGEST_ESCAPE_BYTES) as u64;
    if body.size_hint().upper().is_some_and(is_small) {
        return Response::from_parts(parts, body);
    }
    match to_bytes(body, LARGEST_TEXT_BYTES).await {
        Ok(bytes) if text_bytes(&bytes) <= LARGEST_TEXT_BYTES => {
            Response::from_parts(parts, Body::from(bytes))
        }
        _ => ApiError::AnswerTooLarge.into_response(),
    }
}

/// How many bytes a body has as a text of JSON, without the quotes.
fn text_bytes(body: &Bytes) -> usize {
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
    fn a_text_is_as_long_as_json_writes_it() {
        let all: String = (0..=0x7f_u8)
            .map(char::from)
            .chain("å\u{2028}🎚".chars())
            .collect();
        let written = serde_json::to_string(&all).unwrap();
        assert_eq!(text_bytes(&Bytes::from(all)), written.len() - 2);
    }

    #[tokio::test]
    async fn what_does_not_fit_as_a_text_is_a_problem_and_what_does_is_sent_as_it_is() {
        for (case, body, status) in [
            ("nothing", String::new(), 200),
            (
                "plain and as large as can be",
                "x".repeat(LARGEST_TEXT_BYTES),
                200,
            ),
            ("one byte larger", "x".repeat(LARGEST_TEXT_BYTES + 1), 422),
            ("quotes, as many as fit", "\"".repeat(LARGEST_TEXT_BYTES / 2), 200),
            ("and one more", "\"".repeat(LARGEST_TEXT_BYTES / 2 + 1), 422),
        ] {
            let sent = body.clone();
            let router = Router::new()
                .route("/", get(async || sent))
                .layer(axum::middleware::from_fn(limit));
            let request = Request::get("/").body(Body::empty()).unwrap();
            let response = router.oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::from_u16(status).unwrap(), "{case}");
            let received = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            assert_eq!(received == body, status == 200, "{case}");
        }
    }
}
