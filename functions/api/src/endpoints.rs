//! The list of endpoints: the method, the path and who may send the request. The router is made from it, so
//! that no endpoint is without a rule.

use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};
use shared::platform::api_keys::Scope;

use crate::access::{self, AccessRule};
use crate::context::Context;
use crate::middleware::with_shedding;
use crate::routes::{artists, health, ingestions, producers, search, tracks, verdicts};
use crate::wrong_keys::{self, WrongKeys};

/// An endpoint of the API.
pub struct Endpoint {
    /// The method of its requests.
    pub method: Method,
    /// Its path, with `{…}` for the parts that vary.
    pub path: &'static str,
    /// Who may send requests to it.
    pub rule: AccessRule,
    routes: MethodRouter<Arc<Context>>,
}

/// Every endpoint.
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    const WRITE: AccessRule = AccessRule::Scopes(&[Scope::Write]);
    vec![
        post("/v1/ingestions", WRITE, ingestions::create),
        get(
            "/v1/ingestions/{id}",
            AccessRule::Ingestion(&[]),
            ingestions::show,
        ),
        delete(
            "/v1/ingestions/{id}",
            AccessRule::Ingestion(&[Scope::Write]),
            ingestions::cancel,
        ),
        get("/v1/search", AccessRule::Read, search::find),
        get("/v1/producers", AccessRule::Read, producers::search),
        get("/v1/producers/{id}", AccessRule::Read, producers::show),
        get(
            "/v1/producers/{id}/tracks",
            AccessRule::Read,
            producers::list_tracks,
        ),
        get(
            "/v1/producers/{id}/collaborations",
            AccessRule::Read,
            producers::list_collaborations,
        ),
        delete(
            "/v1/producers/{id}/contact",
            AccessRule::Scopes(&[Scope::Write, Scope::Contacts]),
            producers::erase_contact,
        ),
        get(
            "/v1/artists/{id}/producers",
            AccessRule::Read,
            artists::list_producers,
        ),
        get("/v1/tracks/{id}", AccessRule::Read, tracks::show),
        post("/v1/tracks/{id}/verdicts", WRITE, verdicts::create),
        delete("/v1/tracks/{id}/verdicts/{producer_id}", WRITE, verdicts::remove),
        get("/v1/health", AccessRule::Open, health::show),
        get("/v1/ready", AccessRule::Open, health::show_ready),
    ]
}

/// The routes of every endpoint, each behind its rule. All but the open ones are refused while the server is
/// busy: health shows whether a busy server has its database.
pub(crate) fn routes(context: &Arc<Context>) -> Router<Arc<Context>> {
    let (mut open, mut limited) = (Router::new(), Router::new());
    for endpoint in endpoints() {
        let guard = from_fn_with_state((Arc::clone(context), endpoint.rule), access::guard);
        let routes = endpoint.routes.route_layer(guard);
        if endpoint.rule == AccessRule::Open {
            open = open.route(endpoint.path, routes);
        } else {
            limited = limited.route(endpoint.path, routes);
        }
    }
    let slow_down = from_fn_with_state(Arc::<WrongKeys>::default(), wrong_keys::slow_down);
    with_shedding(limited.route_layer(slow_down)).merge(open)
}

fn get<H: Handler<T, Arc<Context>>, T: 'static>(
    path: &'static str,
    rule: AccessRule,
    handler: H,
) -> Endpoint {
    let routes = on(MethodFilter::GET, handler);
    Endpoint {
        method: Method::GET,
        path,
        rule,
        routes,
    }
}

fn post<H: Handler<T, Arc<Context>>, T: 'static>(
    path: &'static str,
    rule: AccessRule,
    handler: H,
) -> Endpoint {
    let routes = on(MethodFilter::POST, handler);
    Endpoint {
        method: Method::POST,
        path,
        rule,
        routes,
    }
}

fn delete<H: Handler<T, Arc<Context>>, T: 'static>(
    path: &'static str,
    rule: AccessRule,
    handler: H,
) -> Endpoint {
    let routes = on(MethodFilter::DELETE, handler);
    Endpoint {
        method: Method::DELETE,
        path,
        rule,
        routes,
    }
}
