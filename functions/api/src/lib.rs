//! The HTTP API: asking for music, and asking who produced it. It reads and writes Postgres and never asks a source;
//! bringing in and identifying is the work of the functions behind the queues.
//!
//! | | |
//! | --- | --- |
//! | `POST /v1/ingestions` | asks for artists, albums and tracks |
//! | `GET /v1/ingestions/{id}` | how far that is |
//! | `GET /v1/producers?q=` | producers by name |
//! | `GET /v1/producers/{id}` | one producer |
//! | `GET /v1/producers/{id}/tracks` | what the producer did |
//! | `GET /v1/producers/{id}/collaborations` | for whom |
//! | `GET /v1/artists/{id}/producers` | who produced an artist |
//! | `GET /v1/tracks/{id}` | who made a track, and who says so |
//! | `POST /v1/tracks/{id}/verdicts` | says that a producer did, or did not, make the song |
//! | `DELETE /v1/tracks/{id}/verdicts/{producer_id}` | takes that back |
//! | `DELETE /v1/producers/{id}/contact` | erases how to reach a producer, for good |
//! | `GET /v1/health` | whether the database answers |
//!
//! Fields are in snake case, ids are numbers, times RFC 3339 in UTC. A list is `{"items":[…],"next":cursor|null}`, an
//! error a problem of RFC 9457.

mod access;
mod answer_size;
mod error;
mod extract;
pub mod lambda;
mod page;
mod routes;

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post};
use shared::config::SwitchedOff;
use shared::db::Pool;
use shared::queue::Queues;
use tower_http::catch_panic::CatchPanicLayer;

pub use crate::access::Access;
use crate::error::ApiError;
use crate::routes::{artists, health, ingestions, producers, tracks, verdicts};

/// A hundred names of the longest kind fit in several times.
pub(crate) const LARGEST_BODY_BYTES: usize = 256 * 1024;
/// Shorter than the function may run.
pub(crate) const TIME_OUT: Duration = Duration::from_secs(13);

/// What requests are answered with.
pub struct Context {
    /// The database.
    pub pool: Pool,
    /// Where messages of new ingestions go.
    pub queues: Queues,
    /// Who must show a key.
    pub access: Access,
    /// The sources that are not asked, as answers to "why is there no producer here?".
    pub switched_off: Vec<SwitchedOff>,
}

/// Every endpoint, ready to be served.
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
            access::identify,
        ))
        .route("/v1/health", get(health::show))
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .fallback(async || {
            ApiError::NotFound("there is nothing at this path: all paths begin with /v1/".to_owned())
        })
        .with_state(context);
    guarded(routes)
}

/// What holds for every request: a body of limited size, a limited time, a problem instead of a panic, an answer of
/// limited size, a line of log.
fn guarded(routes: Router) -> Router {
    routes
        .layer(DefaultBodyLimit::max(LARGEST_BODY_BYTES))
        .layer(middleware::from_fn(end_in_time))
        .layer(CatchPanicLayer::custom(problem_of_panic))
        .layer(middleware::from_fn(answer_size::limit))
        .layer(middleware::from_fn(log))
}

async fn end_in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(TIME_OUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::TimedOut.into_response(),
    }
}

fn problem_of_panic(panic: Box<dyn Any + Send>) -> Response {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    ApiError::Internal(anyhow::anyhow!("a handler panicked: {message}")).into_response()
}

/// One line a request, without the values of its query, its headers and its body: those can hold names and keys.
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
        "answered"
    );
    response
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_problem_and_keeps_its_words_to_itself() {
        async fn panics() -> &'static str {
            panic!("the secret is out");
        }
        let router = guarded(Router::new().route("/", get(panics)));
        let request = Request::get("/").body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("secret"));
    }
}
