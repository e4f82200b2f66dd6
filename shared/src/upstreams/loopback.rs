//! What the tests of the clients need of a local HTTP server: prepared responses and the received requests.

use chrono::Utc;
use wiremock::http::HeaderName;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::platform::http::Error;

pub(super) const RETRY_AFTER: HeaderName = HeaderName::from_static("retry-after");

/// Starts a server that sends the same response to every request.
pub(super) async fn with_response(status: u16, headers: &[(HeaderName, &str)], body: &[u8]) -> MockServer {
    let response = ResponseTemplate::new(status).set_body_bytes(body);
    let response = headers.iter().fold(response, |response, (name, value)| {
        response.insert_header(name.clone(), *value)
    });
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(response).mount(&server).await;
    server
}

/// The requests that a server received so far.
pub(super) async fn requests(server: &MockServer) -> Vec<Request> {
    server.received_requests().await.expect("recorded requests")
}

/// The only request so far. Fails the test if there were none or several.
pub(super) async fn single_request(server: &MockServer) -> Request {
    let [request] = <[Request; 1]>::try_from(requests(server).await).expect("exactly one request");
    request
}

/// The decoded query parameters of a request, in order.
pub(super) fn query(request: &Request) -> Vec<(String, String)> {
    request.url.query_pairs().into_owned().collect()
}

/// The HTTP client for the clients under test.
pub(super) fn http() -> reqwest::Client {
    crate::platform::http::client("linernotes-tests/0 ( https://example.org )").expect("a client")
}

/// Query parameters in the form of [`query`].
pub(super) fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|&(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// Asserts that the client made one request and reports a pause of so many seconds, not an exhausted quota.
pub(super) async fn assert_pause(server: &MockServer, error: Error, seconds: i64, case: &str) {
    let Error::RateLimited { until, quota: false } = error else {
        panic!("{case}: {error}")
    };
    let wait = (until - Utc::now()).num_milliseconds();
    assert!(
        (seconds * 1000 - 900..=seconds * 1000).contains(&wait),
        "{case}: {wait} ms"
    );
    single_request(server).await;
}

/// Asserts that the client made one request, and that its error message starts with `kind` and does not
/// contain `secret`.
pub(super) async fn assert_refusal(server: &MockServer, error: &Error, kind: &str, secret: &str) {
    let message = error.to_string();
    assert!(message.starts_with(kind), "{kind}: {message}");
    assert!(secret.is_empty() || !message.contains(secret), "{message}");
    single_request(server).await;
}
