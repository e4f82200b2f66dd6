//! The HTTP API: requests to ingest music, and queries about who produced it. It only uses Postgres and the
//! queues; the functions behind the queues talk to the sources.
//!
//! | | |
//! | --- | --- |
//! | `POST /v1/ingestions` | requests artists, albums and tracks |
//! | `GET /v1/ingestions/{id}` | the progress of such a request |
//! | `DELETE /v1/ingestions/{id}` | cancels the steps that are not done |
//! | `GET /v1/search?q=` | finds producers, artists, songs, albums and credited people |
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
//! [`endpoints()`] has the rule of each endpoint on who may send requests to it.

mod accepted_types;
mod access;
mod answer_headers;
mod conditional_requests;
mod context;
mod endpoints;
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

pub use crate::access::AccessRule;
pub use crate::context::{Context, SETTINGS};
pub use crate::endpoints::{Endpoint, endpoints};
use crate::middleware::with_limits_and_log;
pub use crate::wrong_keys::Peer;

/// The router with every endpoint and middleware.
pub fn router(context: Context) -> Router {
    let context = Arc::new(context);
    let routes = endpoints::routes(&context)
        .method_not_allowed_fallback(other_paths::other_method)
        .fallback(other_paths::other_path)
        .with_state(context);
    with_limits_and_log(routes)
}
