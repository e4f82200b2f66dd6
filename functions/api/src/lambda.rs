//! Serves the router as a Lambda function behind an API Gateway HTTP API (payload format 2.0). It encodes the
//! query string first, because lambda_http panics on characters that a URL cannot contain, and says which
//! address sent the request.

use std::convert::Infallible;

use axum::Router;
use axum::extract::Request;
use axum::middleware::map_request;
use lambda_http::Adapter;
use lambda_http::lambda_runtime::LambdaEvent;
use lambda_http::request::{LambdaRequest, RequestContext};
use lambda_http::tower::{Service, ServiceExt as _};
use serde::Serialize;

use crate::wrong_keys::Peer;

/// The service that answers Lambda events with the router.
pub fn service(
    router: Router,
) -> impl Service<LambdaEvent<LambdaRequest>, Response: Serialize, Error = Infallible, Future: Send> {
    Adapter::from(router.layer(map_request(with_peer))).map_request(with_encoded_query)
}

async fn with_peer(mut request: Request) -> Request {
    if let Some(RequestContext::ApiGatewayV2(context)) = request.extensions().get()
        && let Some(address) = &context.http.source_ip
        && let Ok(address) = address.parse()
    {
        request.extensions_mut().insert(Peer(address));
    }
    request
}

/// API Gateway passes the query string on as the client wrote it. Browsers percent-encode the characters that
/// a URL cannot contain, but other programs may not.
fn with_encoded_query(mut event: LambdaEvent<LambdaRequest>) -> LambdaEvent<LambdaRequest> {
    if let LambdaRequest::ApiGatewayV2(request) = &mut event.payload
        && let Some(query) = &mut request.raw_query_string
    {
        *query = percent_encoded(query);
    }
    event
}

fn percent_encoded(query: &str) -> String {
    query
        .bytes()
        .map(|byte| match byte {
            b'"' | b'#' | b'<' | b'>' | ..=b' ' | 0x7f.. => format!("%{byte:02X}"),
            _ => char::from(byte).to_string(),
        })
        .collect()
}
