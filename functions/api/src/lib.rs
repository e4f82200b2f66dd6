//! The HTTP API: requests to ingest music, and queries about who produced it. It only uses Postgres and the
//! queues; the functions behind the queues talk to the sources.
//!
//! | | |
//! | --- | --- |
//! | `POST /v1/ingestions` | requests artists, albums and tracks |
//! | `GET /v1/ingestions/{id}` | the progress of such a request |
//! | `GET /v1/producers?q=` | finds producers by name |
//! | `GET /v1/producers/{id}` | one producer |
//! | `GET /v1/producers/{id}/tracks` | the songs of a producer |
//! | `GET /v1/producers/{id}/collaborations` | the artists that a producer worked with |
//! | `GET /v1/artists/{id}/producers` | the producers of an artist |
//! | `GET /v1/tracks/{id}` | the producers of a track, with the evidence |
//! | `POST /v1/tracks/{id}/verdicts` | states that a producer did, or did not, produce the song |
//! | `DELETE /v1/tracks/{id}/verdicts/{producer_id}` | withdraws that verdict |
//! | `DELETE /v1/producers/{id}/contact` | erases a producer's contact details permanently |
//! | `GET /v1/health` | reports whether the database answers |
//!
//! Field names are in snake case, ids are numbers, and times are RFC 3339 in UTC. A list is
//! `{"items":[…],"next":cursor|null}`. An error is an RFC 9457 problem.

mod access;
mod answer_size;
mod context;
mod error;
mod extract;
pub mod lambda;
mod limits;
mod page;
mod routes;

use std::any::Any;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post};
use tower_http::catch_panic::CatchPanicLayer;

pub use crate::context::{Access, Context, SETTINGS};
use crate::error::ApiError;
use crate::limits::{LARGEST_BODY_BYTES, TIME_OUT};
use crate::routes::{artists, health, ingestions, producers, tracks, verdicts};

/// The router with every endpoint and middleware.
pub fn router(context: Context) -> Router {
    let context = Arc::new(context);
    let routes = Router::new()
        .route("/v1/ingestions", post(ingestions::create))
        .route("/v1/ingestions/{id}", get(ingestions::show))
        .route("/v1/producers", get(producers::search))
        .route("/v1/producers/{id}", get(producers::show))
        .route("/v1/producers/{id}/tracks", get(producers::list_tracks))
        .route(
            "/v1/producers/{id}/collaborations",
            get(producers::list_collaborations),
        )
        .route("/v1/producers/{id}/contact", delete(producers::erase_contact))
        .route("/v1/artists/{id}/producers", get(artists::list_producers))
        .route("/v1/tracks/{id}", get(tracks::show))
        .route("/v1/tracks/{id}/verdicts", post(verdicts::create))
        .route("/v1/tracks/{id}/verdicts/{producer_id}", delete(verdicts::remove))
        .route_layer(middleware::from_fn_with_state(
            Arc::clone(&context),
            access::authenticate,
        ))
        .route("/v1/health", get(health::show))
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .fallback(async || {
            ApiError::NotFound("no endpoint has this path: all paths begin with /v1/".to_owned())
        })
        .with_state(context);
    with_limits_and_log(routes)
}

/// Adds what every request needs: limits on body size, time and response size, a problem response for a
/// panic, and a log line.
fn with_limits_and_log(routes: Router) -> Router {
    routes
        .layer(DefaultBodyLimit::max(LARGEST_BODY_BYTES))
        .layer(middleware::from_fn(enforce_time_out))
        .layer(CatchPanicLayer::custom(response_for_panic))
        .layer(middleware::from_fn(answer_size::limit_size))
        .layer(middleware::from_fn(log))
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
    let path = request.uri().path().to_owned();
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

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use tower::ServiceExt as _;

    use super::*;

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
