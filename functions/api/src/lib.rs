//! The HTTP API: requests to ingest music, and queries about who produced it. It only uses Postgres and the
//! queues; the functions behind the queues talk to the sources.
//!
//! | | |
//! | --- | --- |
//! | `POST /v1/ingestions` | requests artists, albums and tracks |
//! | `GET /v1/ingestions/{id}` | the progress of such a request |
//! | `DELETE /v1/ingestions/{id}` | cancels the steps that are not done |
//! | `GET /v1/producers?q=` | finds producers by name |
//! | `GET /v1/producers/{id}` | one producer |
//! | `GET /v1/producers/{id}/tracks` | the songs of a producer |
//! | `GET /v1/producers/{id}/collaborations` | the artists that a producer worked with |
//! | `GET /v1/artists/{id}/producers` | the producers of an artist |
//! | `GET /v1/tracks/{id}` | the producers of a track, with the evidence |
//! | `POST /v1/tracks/{id}/verdicts` | states that a producer did, or did not, produce the song |
//! | `DELETE /v1/tracks/{id}/verdicts/{producer_id}` | withdraws that verdict |
//! | `DELETE /v1/producers/{id}/contact` | hides a producer's contact details, and deletes them after a day |
//! | `GET /v1/health` | reports whether the database answers |
//! | `GET /v1/ready` | reports whether the catalog can be written, too |
//!
//! Field names are in snake case, ids are numbers, and times are RFC 3339 in UTC. A list is
//! `{"items":[…],"next":cursor|null}`. An error is an RFC 9457 problem.

mod accepted_types;
mod access;
mod answer_headers;
mod conditional_requests;
mod context;
mod error;
pub mod lambda;
mod limits;
mod middleware;
mod other_paths;
mod page;
mod routes;
mod wrong_keys;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post};

pub use crate::context::{Access, Context, SETTINGS};
use crate::middleware::{with_limits_and_log, with_shedding};
use crate::routes::{artists, health, ingestions, producers, tracks, verdicts};
pub use crate::wrong_keys::Peer;
use crate::wrong_keys::WrongKeys;

/// The router with every endpoint and middleware.
pub fn router(context: Context) -> Router {
    let context = Arc::new(context);
    let routes = Router::new()
        .route("/v1/ingestions", post(ingestions::create))
        .route(
            "/v1/ingestions/{id}",
            get(ingestions::show).delete(ingestions::cancel),
        )
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
        .route_layer(from_fn_with_state(Arc::clone(&context), access::authenticate))
        .route_layer(from_fn_with_state(
            Arc::<WrongKeys>::default(),
            wrong_keys::slow_down,
        ));
    // Outside of the limit, health shows whether a busy server has its database.
    let routes = with_shedding(routes)
        .route("/v1/health", get(health::show))
        .route("/v1/ready", get(health::show_ready))
        .method_not_allowed_fallback(other_paths::other_method)
        .fallback(other_paths::other_path)
        .with_state(context);
    with_limits_and_log(routes)
}
