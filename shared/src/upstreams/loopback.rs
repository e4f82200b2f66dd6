//! A source on loopback for the tests of clients: it gives the answers it was told to and keeps what it was asked.
//! What the answers mean stays with each source's tests.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, Response, Uri, header};
use chrono::Utc;

use super::Error;

/// One request, as it arrived.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) path: String,
    /// As it was sent.
    pub(super) raw_query: String,
    /// Decoded, in order.
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
}

impl Asked {
    /// A header's text; empty where it is missing.
    pub(super) fn header(&self, name: HeaderName) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("text"))
    }
}

pub(super) struct Loopback {
    pub(super) base_url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Loopback {
    /// Answers everything alike.
    pub(super) async fn saying(
        status: u16,
        headers: &[(HeaderName, &'static str)],
        body: &'static [u8],
    ) -> Self {
        let headers = headers.to_vec();
        Self::answering(move |_| {
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

    /// Answers by what it is asked for.
    pub(super) async fn answering(
        answer: impl Fn(&Uri) -> Response<Body> + Clone + Send + Sync + 'static,
    ) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        let router = Router::new().fallback(move |uri: Uri, request: Request| {
            let url = url::Url::parse(&format!("http://localhost{uri}")).expect("a URL");
            kept.lock().expect("nobody panics with it").push(Asked {
                path: url.path().to_owned(),
                raw_query: uri.query().unwrap_or_default().to_owned(),
                query: url.query_pairs().into_owned().collect(),
                headers: request.headers().clone(),
            });
            let response = answer(&uri);
            async move { response }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let base_url = format!("http://{}", listener.local_addr().expect("bound"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base_url, asked }
    }

    /// Breaks off in the middle of an answer.
    pub(super) async fn breaking_off(body: &'static [u8]) -> Self {
        Self::saying(200, &[(header::CONTENT_LENGTH, "1000000")], body).await
    }

    /// How often it was asked.
    pub(super) fn count(&self) -> usize {
        self.asked.lock().expect("nobody panics with it").len()
    }

    /// What it was asked; anything but once fails the test.
    pub(super) fn asked_once(&self) -> Asked {
        let asked = self.asked.lock().expect("nobody panics with it");
        let [once] = asked.as_slice() else {
            panic!("asked {asked:?}")
        };
        once.clone()
    }
}

/// The client that every source is asked with.
pub(super) fn http() -> reqwest::Client {
    crate::platform::http::client("linernotes-tests/0 ( https://example.org )").expect("a client")
}

/// A query as [`Asked`] has it.
pub(super) fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|&(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// That a call was refused for so long, as a pause and not for a quota used up, and made once.
pub(super) fn assert_pause(server: &Loopback, error: Error, seconds: i64, case: &str) {
    let Error::RateLimited { until, quota: false } = error else {
        panic!("{case}: {error}")
    };
    let wait = (until - Utc::now()).num_milliseconds();
    assert!(
        (seconds * 1000 - 900..=seconds * 1000).contains(&wait),
        "{case}: {wait} ms"
    );
    server.asked_once();
}

/// That a call was made once, and refused in words that begin so and hold no secret.
pub(super) fn assert_refusal(server: &Loopback, error: &Error, kind: &str, secret: &str) {
    let said = error.to_string();
    assert!(said.starts_with(kind), "{kind}: {said}");
    assert!(secret.is_empty() || !said.contains(secret), "{said}");
    server.asked_once();
}
