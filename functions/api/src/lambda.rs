//! The router as a Lambda function behind an HTTP API of API Gateway (payload format 2.0). Reading events and writing
//! answers is lambda_http's work; what it would panic at is mended here.

use std::convert::Infallible;

use axum::Router;
use lambda_http::Adapter;
use lambda_http::lambda_runtime::LambdaEvent;
use lambda_http::request::LambdaRequest;
use lambda_http::tower::{Service, ServiceExt as _};
use serde::Serialize;

/// What answers an event.
pub fn service(
    router: Router,
) -> impl Service<LambdaEvent<LambdaRequest>, Response: Serialize, Error = Infallible, Future: Send> {
    Adapter::from(router).map_request(with_a_readable_query)
}

/// A query comes as the client wrote it. Browsers encode what no URL can hold, programs may not.
fn with_a_readable_query(mut event: LambdaEvent<LambdaRequest>) -> LambdaEvent<LambdaRequest> {
    if let LambdaRequest::ApiGatewayV2(request) = &mut event.payload
        && let Some(query) = &mut request.raw_query_string
    {
        *query = encoded(query);
    }
    event
}

fn encoded(query: &str) -> String {
    query
        .bytes()
        .map(|byte| match byte {
            b'"' | b'#' | b'<' | b'>' | ..=b' ' | 0x7f.. => format!("%{byte:02X}"),
            _ => char::from(byte).to_string(),
        })
        .collect()
}
