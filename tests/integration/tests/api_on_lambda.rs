//! The API behind API Gateway: events and responses of payload format 2.0.
#![expect(clippy::unwrap_used, reason = "a failing test panics")]

use api::Context;
use integration::{Database, EVERY_SOURCE, bootstrap, database, make_key};
use lambda_http::lambda_runtime::{self, LambdaEvent, Service as _};
use lambda_http::request::LambdaRequest;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::platform::api_keys::Scope;

/// An event as API Gateway sends it.
fn event(method: &str, raw_path: &str, raw_query: &str) -> Value {
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": raw_path, "rawQueryString": raw_query,
        "headers": {
            "accept": "*/*", "content-length": "0", "host": "abc.execute-api.eu-west-1.amazonaws.com",
            "x-forwarded-for": "192.0.2.1", "x-forwarded-port": "443", "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "123456789012", "apiId": "abc",
                "domainName": "abc.execute-api.eu-west-1.amazonaws.com",
            "domainPrefix": "abc", "requestId": "r1", "routeKey": "$default", "stage": "$default",
            "time": "12/Mar/2026:19:03:58 +0000", "timeEpoch": 1_773_342_238_000_i64,
            "http": {"method": method, "path": raw_path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1",
                "userAgent": "test"},
        },
        "isBase64Encoded": false,
    })
}

fn post(body: &str, is_base64_encoded: bool, key: &str) -> Value {
    let mut event = event("POST", "/v1/ingestions", "");
    event["body"] = body.into();
    event["isBase64Encoded"] = is_base64_encoded.into();
    event["headers"]["content-type"] = "application/json".into();
    event["headers"]["authorization"] = format!("Bearer {key}").into();
    event
}

struct Function {
    database: Database,
    key: String,
}

impl Function {
    async fn new() -> Self {
        let database = database().await;
        let (_, key) = make_key(&database.pool, "a test", &[Scope::Write]).await;
        Self { database, key }
    }

    /// The response that API Gateway gets for an event.
    async fn invoke(&self, event: Value) -> Value {
        let bootstrap = bootstrap(&self.database.pool, api::SETTINGS, EVERY_SOURCE);
        let router = api::router(Context::new(&bootstrap));
        let request: LambdaRequest = serde_json::from_value(event).unwrap();
        let event = LambdaEvent::new(request, lambda_runtime::Context::default());
        let answer = api::lambda::service(router).call(event).await.unwrap();
        serde_json::to_value(answer).unwrap()
    }

    /// The status and the body of the answer to an event.
    async fn answer(&self, event: Value) -> (u64, Value) {
        let answer = self.invoke(event).await;
        assert_eq!(answer["isBase64Encoded"], false);
        let status = answer["statusCode"].as_u64().unwrap();
        let kind = if status < 400 {
            "application/json"
        } else {
            "application/problem+json"
        };
        assert_eq!(answer["headers"]["content-type"], kind);
        (
            status,
            serde_json::from_str(answer["body"].as_str().unwrap()).unwrap(),
        )
    }
}

#[tokio::test]
async fn a_plain_or_base64_body_is_read() {
    let function = Function::new().await;
    let what = r#"{"what":["Beyoncé"]}"#;
    let encoded = "eyJ3aGF0IjpbIkJleW9uY8OpIl19";
    for event in [
        post(what, false, &function.key),
        post(encoded, true, &function.key),
    ] {
        let (status, body) = function.answer(event).await;
        assert_eq!(status, 202, "{body}");
    }
    let requested = "SELECT what[1] FROM ingestions ORDER BY id";
    assert_eq!(
        function.database.texts(requested).await,
        ["name:Beyoncé", "name:Beyoncé"]
    );

    let not_encoded = function.answer(post(encoded, false, &function.key)).await;
    assert_eq!(
        (not_encoded.0, &not_encoded.1["type"]),
        (400, &json!("urn:linernotes:problem:unreadable-body"))
    );
    let binary = function
        .answer(post("/9j/4AAQSkZJRg==", true, &function.key))
        .await;
    assert_eq!(
        (binary.0, &binary.1["type"]),
        (400, &json!("urn:linernotes:problem:unreadable-body"))
    );
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_in_every_encoding() {
    let function = Function::new().await;
    let long = format!(r#"{{"what":["{}"]}}"#, "a".repeat(256 * 1024));
    // Base64 encodes three bytes as four characters: "aaa" is "YWFh".
    let encoded = "YWFh".repeat(100 * 1024);
    for event in [
        post(&long, false, &function.key),
        post(&encoded, true, &function.key),
    ] {
        let (status, body) = function.answer(event).await;
        assert_eq!(
            (status, &body["type"]),
            (413, &json!("urn:linernotes:problem:body-too-large"))
        );
    }
}

#[tokio::test]
async fn malformed_paths_and_queries_are_refused() {
    let function = Function::new().await;
    for raw_path in [
        "",
        "/",
        "/prod/v1/health",
        "/v1",
        "/v1/producers/a b",
        "/v1/producers/ö",
        "/v1/producers/%",
        "//x//",
        "/v1/../v1/x",
    ] {
        let (status, body) = function.answer(event("GET", raw_path, "")).await;
        assert_eq!(
            (status, &body["type"]),
            (404, &json!("urn:linernotes:problem:not-found")),
            "{raw_path}"
        );
    }
    let mut staged = event("GET", "/prod/v1/health", "");
    staged["requestContext"]["stage"] = "prod".into();
    assert_eq!(function.answer(staged).await.0, 404);
    assert_eq!(
        function.answer(event("GET", "/v1/health", "")).await,
        (200, json!({"status": "ok"}))
    );
    for (raw_query, status) in [
        ("q=bj%C3%B6rk", 200),
        ("q=björk", 200),
        ("q=%FF", 200),
        ("q=\"a\"&limit=<1>", 422),
        ("&&&=", 422),
    ] {
        let answered = function.answer(event("GET", "/v1/producers", raw_query)).await;
        assert_eq!(answered.0, status, "{raw_query} {}", answered.1);
    }
}

#[tokio::test]
async fn a_response_that_is_too_large_for_lambda_becomes_an_error_that_says_what_to_do() {
    let function = Function::new().await;
    // 100 songs with names of 64 KB: more than six megabytes in one page.
    function
        .database
        .client()
        .await
        .execute(
            "WITH artist AS (INSERT INTO artists (name) VALUES ('A') RETURNING id),
                  album AS (INSERT INTO albums (artist_id, name, album_type) SELECT id, 'Album', 'album'
                  FROM artist RETURNING id),
                  songs AS (INSERT INTO tracks (album_id, name, track_number)
                  SELECT album.id, repeat('x', 65536), n FROM album, generate_series(1, 100) AS n
                  RETURNING id),
                  producer AS (INSERT INTO producers (name, normalized_name) VALUES ('P', 'p') RETURNING id)
             INSERT INTO track_producers (track_id, producer_id, role, source, confidence)
             SELECT songs.id, producer.id, 'producer', 'musicbrainz', 1 FROM songs, producer",
            &[],
        )
        .await
        .unwrap();
    let songs = |limit: u32| event("GET", "/v1/producers/1/tracks", &format!("limit={limit}"));
    let (status, body) = function.answer(songs(100)).await;
    assert_eq!(
        (status, &body["type"]),
        (422, &json!("urn:linernotes:problem:answer-too-large"))
    );
    assert!(
        body["detail"].as_str().unwrap().contains("a smaller limit"),
        "{body}"
    );
    let answer = function.invoke(songs(90)).await;
    assert_eq!(answer["statusCode"], 200);
    assert!(answer.to_string().len() <= 6_291_556);
}

#[test]
fn an_event_of_another_kind_is_refused() {
    for event in [
        json!({}),
        json!({"Records": [{"messageId": "m", "receiptHandle": "r", "body": "{}"}]}),
        json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}),
    ] {
        assert!(
            serde_json::from_value::<LambdaRequest>(event.clone()).is_err(),
            "{event}"
        );
    }
}
