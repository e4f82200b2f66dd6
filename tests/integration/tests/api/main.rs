//! The API on a real Postgres: the answers and errors of each endpoint. The tests insert the rows by SQL, so
//! that they depend on no other function.

#![expect(clippy::unwrap_used, reason = "a failing test panics")]

mod headers;
mod http;
mod ingestions;
mod keys;
mod load;
mod producers;
mod role;
mod routes;
mod search;
mod tracks;

use api::Context;
use axum::Router;
use axum::body::Body;
use axum::http::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Request, StatusCode};
use integration::{Database, bootstrap, make_key};
use serde_json::{Value, json};
use shared::platform::api_keys::Scope;
use shared::platform::db::{self, Pool, Statements};
use tower::ServiceExt as _;

/// The API on a database of its own.
struct Service {
    router: Router,
    pool: Pool,
    sql: tokio_postgres::Client,
    /// A key with all scopes.
    owner: String,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

impl Service {
    /// Starts the API with the rows of `catalog.sql`.
    async fn start() -> Self {
        Self::with_settings(&[]).await
    }

    /// As [`Service::start`], with more settings.
    async fn with_settings(settings: &[(&str, &str)]) -> Self {
        let Database { url, pool } = integration::database().await;
        let (sql, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls)
            .await
            .unwrap();
        tokio::spawn(connection);
        sql.batch_execute(include_str!("catalog.sql")).await.unwrap();
        // As the role that cannot change the schema, which shows that its rights are enough.
        let role = db::prepare_api_role(&integration::settings(&url)).await.unwrap();
        let api_pool = Pool::for_requests(&role, 8).unwrap();
        let router = router(&api_pool, settings);
        let (_, owner) = make_key(&pool, "the owner", Scope::ALL).await;
        Self {
            router,
            pool,
            sql,
            owner,
        }
    }

    /// Reports the sources as sweep does that has these settings.
    async fn report_sources(&self, set: &[&str]) {
        let variables: Vec<_> = set.iter().map(|name| (*name, "set")).collect();
        let sweep = sweep::Context::new(&bootstrap(&self.pool, sweep::SETTINGS, &variables));
        let client = self.pool.client().await.unwrap();
        sweep.report_sources(&client).await.unwrap();
    }

    async fn key(&self, scopes: &[Scope]) -> (i64, String) {
        make_key(&self.pool, "a test", scopes).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    async fn get_with(&self, path: &str, key: &str) -> Answer {
        let request = Request::get(path).header("authorization", format!("Bearer {key}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn delete(&self, path: &str, key: &str) -> Answer {
        let request = Request::delete(path).header(AUTHORIZATION, format!("Bearer {key}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Requests an ingestion, with the owner's key unless the headers have one.
    async fn post(&self, body: &Value, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::post("/v1/ingestions").header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if headers.iter().all(|(name, _)| *name != "authorization") {
            request = request.header(AUTHORIZATION, format!("Bearer {}", self.owner));
        }
        self.send(request.body(Body::from(body.to_string())).unwrap())
            .await
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        send(&self.router, request).await
    }

    async fn count(&self, sql: &str) -> i64 {
        self.sql.query_one(sql, &[]).await.unwrap().get(0)
    }
}

fn router(pool: &Pool, settings: &[(&str, &str)]) -> Router {
    api::router(Context::new(&bootstrap(pool, api::SETTINGS, settings)))
}

/// Sends a request. Its host is this machine unless the request names another one.
async fn send(router: &Router, mut request: Request<Body>) -> Answer {
    request
        .headers_mut()
        .entry("host")
        .or_insert("127.0.0.1:8080".parse().unwrap());
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let answer = Answer {
        status: parts.status,
        headers: parts.headers,
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    };
    if answer.status.is_client_error() || answer.status.is_server_error() {
        assert_eq!(answer.headers[CONTENT_TYPE], "application/problem+json");
        assert_eq!(answer.body["status"], answer.status.as_u16());
        assert!(answer.body["type"].is_string() && answer.body["title"].is_string());
        assert!(answer.body["detail"].is_string());
    }
    answer
}

fn kind(answer: &Answer) -> (u16, &str) {
    let kind = answer.body["type"].as_str().unwrap();
    let word = kind.strip_prefix("urn:linernotes:problem:").unwrap();
    (answer.status.as_u16(), word)
}

#[tokio::test]
async fn an_unknown_id_is_not_found() {
    let service = Service::start().await;
    for id in [
        "99",
        "0",
        "-1",
        "1.0",
        "x",
        "9223372036854775808",
        "%00",
        "%FF",
        "1%20",
        "0123456789abcdefABCDEF",
    ] {
        for path in [
            format!("/v1/producers/{id}"),
            format!("/v1/producers/{id}/tracks"),
            format!("/v1/producers/{id}/collaborations"),
            format!("/v1/artists/{id}/producers"),
            format!("/v1/tracks/{id}"),
        ] {
            let answer = service.get(&path).await;
            assert_eq!(kind(&answer), (404, "not-found"), "{path}");
        }
    }
    assert_eq!(kind(&service.get("/v2").await), (404, "not-found"));
    for id in ["1", "x", "%FF", "00000000-0000-4000-8000-000000000000"] {
        let path = format!("/v1/ingestions/{id}");
        let shown = service.get_with(&path, &service.owner).await;
        let cancelled = service.delete(&path, &service.owner).await;
        for answer in [shown, cancelled] {
            assert_eq!(kind(&answer), (404, "not-found"), "{id}");
        }
    }
    let delete = Request::delete("/v1/producers").body(Body::empty()).unwrap();
    let answer = service.send(delete).await;
    assert_eq!(kind(&answer), (405, "method-not-allowed"));
    assert_eq!(answer.headers[ALLOW], "GET,HEAD");
}

#[tokio::test]
async fn the_health_is_that_of_the_database() {
    let service = Service::start().await;
    let answer = service.get("/v1/health").await;
    assert_eq!(
        (answer.status, answer.body),
        (StatusCode::OK, json!({"status": "ok"}))
    );

    // No server listens on port 9.
    let settings =
        db::DatabaseSettings::parse("postgres://u:secret@127.0.0.1:9/d", Statements::Prepared).unwrap();
    let without = router(&Pool::new(&settings, 1).unwrap(), &[]);
    for path in ["/v1/health", "/v1/producers?q=a", "/v1/tracks/1"] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = send(&without, request).await;
        assert_eq!(kind(&answer), (503, "unavailable"), "{path}");
        assert!(!answer.body.to_string().contains("127.0.0.1"), "{}", answer.body);
    }
}
