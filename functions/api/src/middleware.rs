//! What every request gets: limits on its body, its time and its response, a problem response for a panic,
//! and a log line. Those that use the database also get a limit on how many are answered at once.

use std::any::Any;
use std::error::Error as _;
use std::time::Instant;

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::error_handling::HandleErrorLayer;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::{BoxError, Router};
use http_body_util::LengthLimitError;
use shared::platform::api_keys;
use tower::ServiceBuilder;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::SizeAbove;

use crate::error::ApiError;
use crate::limits::{BODY_TIME_OUT, LARGEST_BODY_BYTES, MOST_REQUESTS, TIME_OUT};
use crate::{accepted_types, answer_headers, conditional_requests};

/// The [largest response of a Lambda
/// function](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html) (6 MB and 100 bytes),
/// minus space for status and headers. The body is a JSON string inside that response.
const LARGEST_TEXT_BYTES: usize = 6_291_556 - 64 * 1024;
/// The length of the longest JSON escape of one byte, such as `\u0001`.
const LONGEST_ESCAPE_BYTES: usize = 6;

/// Below this size, compressing costs more than it saves.
const SMALLEST_COMPRESSED_BYTES: u64 = 1024;

/// Adds the limits, the log and what HTTP asks of every route.
pub(crate) fn with_limits_and_log(routes: Router) -> Router {
    routes
        .layer(middleware::from_fn(enforce_time_out))
        .layer(middleware::from_fn(conditional_requests::answer))
        .layer(middleware::from_fn(accepted_types::require_json))
        .layer(middleware::from_fn(receive_body))
        .layer(CatchPanicLayer::custom(response_for_panic))
        .layer(middleware::from_fn(limit_size))
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(SMALLEST_COMPRESSED_BYTES)))
        .layer(middleware::from_fn(log))
        .layer(middleware::from_fn(answer_headers::add))
}

/// Refuses requests to routes while many others are answered.
pub(crate) fn with_shedding<S: Clone + Send + Sync + 'static>(routes: Router<S>) -> Router<S> {
    routes.route_layer(
        ServiceBuilder::new()
            .layer(HandleErrorLayer::new(async |_: BoxError| ApiError::Busy))
            .load_shed()
            .layer(GlobalConcurrencyLimitLayer::new(MOST_REQUESTS)),
    )
}

/// Receives the whole body first, so that a slow sender holds nothing that others need.
async fn receive_body(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let error = match tokio::time::timeout(BODY_TIME_OUT, to_bytes(body, LARGEST_BODY_BYTES)).await {
        Ok(Ok(body)) => return next.run(Request::from_parts(parts, Body::from(body))).await,
        Ok(Err(error)) if error.source().is_some_and(|cause| cause.is::<LengthLimitError>()) => {
            ApiError::TooLarge
        }
        Ok(Err(error)) => ApiError::Unreadable(error.to_string()),
        Err(_) => ApiError::BodyTimedOut,
    };
    error.into_response()
}

async fn enforce_time_out(request: Request, next: Next) -> Response {
    match tokio::time::timeout(TIME_OUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::TimedOut.into_response(),
    }
}

fn response_for_panic(panic: Box<dyn Any + Send>) -> Response {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    ApiError::Internal(anyhow::anyhow!("handler panicked: {message}")).into_response()
}

/// Logs one line per request, without the query, headers and body: those can contain names and keys.
async fn log(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let path = request.uri().path();
    let path = if api_keys::contains_key(path) {
        "a path with an API key"
    } else {
        path
    }
    .to_owned();
    let started = Instant::now();
    let response = next.run(request).await;
    tracing::info!(
        http.method = %method,
        http.path = path,
        http.status = response.status().as_u16(),
        duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        "request answered"
    );
    response
}

/// Replaces a response that is larger than Lambda can return with a problem: Lambda would drop it and report
/// only "internal error". Responses that fit even if every byte were escaped are passed on without reading
/// them.
async fn limit_size(request: Request, next: Next) -> Response {
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
    use std::sync::Arc;
    use std::time::Duration;

    use axum::http::StatusCode;
    use axum::routing::{get, post};
    use futures::StreamExt as _;
    use tokio::sync::Semaphore;
    use tokio::task::JoinSet;
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
                .layer(middleware::from_fn(limit_size));
            let request = Request::get("/").body(Body::empty()).unwrap();
            let response = router.oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::from_u16(status).unwrap(), "{case}");
            let received = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            assert_eq!(received == body, status == 200, "{case}");
        }
    }

    async fn send(router: &Router, request: Request) -> (u16, String) {
        let response = router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// A body of so many bytes, one every second.
    fn slow_body(bytes: u64) -> Body {
        let bytes = futures::stream::iter(0..bytes).then(async |_| {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok::<_, std::convert::Infallible>("x")
        });
        Body::from_stream(bytes)
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_must_arrive_in_time() {
        let router = with_limits_and_log(Router::new().route("/", post(async |body: String| body)));
        for (body, status, expected) in [
            (slow_body(9), 200, "xxxxxxxxx"),
            (slow_body(u64::MAX), 408, "body-timed-out"),
            (Body::from("x".repeat(LARGEST_BODY_BYTES)), 200, "xxx"),
            (
                Body::from("x".repeat(LARGEST_BODY_BYTES + 1)),
                413,
                "body-too-large",
            ),
        ] {
            let answer = send(&router, Request::post("/").body(body).unwrap()).await;
            assert_eq!(answer.0, status);
            assert!(answer.1.contains(expected), "{}", answer.1);
        }
    }

    #[tokio::test]
    async fn requests_beyond_the_most_at_once_are_refused_except_for_the_health() {
        let (under_way, goes_on) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let (begins, waits) = (Arc::clone(&under_way), Arc::clone(&goes_on));
        let wait = async move || {
            begins.add_permits(1);
            waits.acquire().await.unwrap().forget();
        };
        let get_from = |path: &str| Request::get(path).body(Body::empty()).unwrap();
        let routes = with_shedding(
            Router::new()
                .route("/a", get(wait.clone()))
                .route("/b", get(wait)),
        );
        let router = routes.route("/health", get(async || "ok"));
        let mut requests = JoinSet::new();
        for number in 0..MOST_REQUESTS {
            let router = router.clone();
            let request = get_from(if number % 2 == 0 { "/a" } else { "/b" });
            requests.spawn(async move { send(&router, request).await.0 });
        }
        let all = u32::try_from(MOST_REQUESTS).unwrap();
        under_way.acquire_many(all).await.unwrap().forget();
        let (status, body) = send(&router, get_from("/b")).await;
        assert_eq!(status, 503);
        assert!(body.contains("urn:linernotes:problem:busy"), "{body}");
        assert_eq!(send(&router, get_from("/health")).await.0, 200);

        goes_on.add_permits(MOST_REQUESTS + 1);
        assert_eq!(requests.join_all().await, vec![200; MOST_REQUESTS]);
        assert_eq!(send(&router, get_from("/b")).await.0, 200);
    }

    #[tokio::test]
    async fn a_panic_becomes_a_problem_without_the_panic_message() {
        async fn panics() -> &'static str {
            panic!("the secret is out");
        }
        let router = with_limits_and_log(Router::new().route("/", get(panics)));
        let request = Request::get("/").body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("secret"));
    }
}
