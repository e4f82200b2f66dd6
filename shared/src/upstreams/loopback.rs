//! An HTTP server on loopback for the tests of the clients. It sends prepared responses and records the
//! requests.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, Response, Uri, header};
use chrono::Utc;

use crate::platform::http::Error;

/// A request that the server received.
#[derive(Debug, Clone)]
pub(super) struct ReceivedRequest {
    pub(super) path: String,
    /// The query string as it was sent.
    pub(super) raw_query: String,
    /// The decoded query parameters, in order.
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
}

impl ReceivedRequest {
    /// The value of a header; empty if it is missing.
    pub(super) fn header(&self, name: HeaderName) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("text"))
    }
}

pub(super) struct Loopback {
    pub(super) base_url: String,
    requests: Arc<Mutex<Vec<ReceivedRequest>>>,
}

impl Loopback {
    /// Starts a server that sends the same response to every request.
    pub(super) async fn with_response(
        status: u16,
        headers: &[(HeaderName, &'static str)],
        body: &'static [u8],
    ) -> Self {
        let headers = headers.to_vec();
        Self::with_handler(move |_| {
            headers
                .iter()
                .fold(Response::builder().status(status), |response, (name, value)| {
                    response.header(name, *value)
                })
                .body(Body::from(body))
                .expect("a response")
        })
        .await
    }

    /// Starts a server whose response depends on the requested URL.
    pub(super) async fn with_handler(
        handler: impl Fn(&Uri) -> Response<Body> + Clone + Send + Sync + 'static,
    ) -> Self {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let recorded = Arc::clone(&requests);
        let router = Router::new().fallback(move |uri: Uri, request: Request| {
            let url = url::Url::parse(&format!("http://localhost{uri}")).expect("a URL");
            recorded.lock().expect("no poisoned lock").push(ReceivedRequest {
                path: url.path().to_owned(),
                raw_query: uri.query().unwrap_or_default().to_owned(),
                query: url.query_pairs().into_owned().collect(),
                headers: request.headers().clone(),
            });
            let response = handler(&uri);
            async move { response }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let base_url = format!("http://{}", listener.local_addr().expect("bound"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base_url, requests }
    }

    /// Starts a server that closes the connection in the middle of the body.
    pub(super) async fn with_truncated_body(body: &'static [u8]) -> Self {
        Self::with_response(200, &[(header::CONTENT_LENGTH, "1000000")], body).await
    }

    /// The number of requests so far.
    pub(super) fn request_count(&self) -> usize {
        self.requests.lock().expect("no poisoned lock").len()
    }

    /// The only request so far. Fails the test if there were none or several.
    pub(super) fn single_request(&self) -> ReceivedRequest {
        let requests = self.requests.lock().expect("no poisoned lock");
        let [request] = requests.as_slice() else {
            panic!("not exactly one request: {requests:?}")
        };
        request.clone()
    }
}

/// The HTTP client for the clients under test.
pub(super) fn http() -> reqwest::Client {
    crate::platform::http::client("linernotes-tests/0 ( https://example.org )").expect("a client")
}

/// Query parameters in the form of [`ReceivedRequest::query`].
pub(super) fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|&(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// Asserts that the client made one request and reports a pause of so many seconds, not an exhausted quota.
pub(super) fn assert_pause(server: &Loopback, error: Error, seconds: i64, case: &str) {
    let Error::RateLimited { until, quota: false } = error else {
        panic!("{case}: {error}")
    };
    let wait = (until - Utc::now()).num_milliseconds();
    assert!(
        (seconds * 1000 - 900..=seconds * 1000).contains(&wait),
        "{case}: {wait} ms"
    );
    server.single_request();
}

/// Asserts that the client made one request, and that its error message starts with `kind` and does not
/// contain `secret`.
pub(super) fn assert_refusal(server: &Loopback, error: &Error, kind: &str, secret: &str) {
    let message = error.to_string();
    assert!(message.starts_with(kind), "{kind}: {message}");
    assert!(secret.is_empty() || !message.contains(secret), "{message}");
    server.single_request();
}
