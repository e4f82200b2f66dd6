//! Malformed requests and responses that are too large: the client gets an error, and the next request is
//! answered.

use emulator::{ApiGateway, Stack, http_event};
use integration::upstream::Upstream;
use integration::{Database, database};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::stage::{Setting, invoke, key, stack};

struct Scene {
    database: Database,
    stack: Stack,
    front: ApiGateway,
    key: String,
    _upstream: Upstream,
}

impl Scene {
    async fn new() -> Self {
        let (upstream, database) = (Upstream::start().await, database().await);
        let stack = stack(&database.url, &Setting::with_upstream(&upstream)).await;
        let front = ApiGateway::start(stack.start("api").await.unwrap())
            .await
            .unwrap();
        Self {
            key: key(&database).await,
            database,
            stack,
            front,
            _upstream: upstream,
        }
    }

    /// Requests an ingestion with this body. Returns the status and the body of the response.
    async fn post(&self, body: String) -> (u16, Value) {
        let http = shared::platform::http::client("e2e").unwrap();
        let request = http
            .post(format!("{}/v1/ingestions", self.front.url))
            .bearer_auth(&self.key)
            .header("content-type", "application/json")
            .body(body);
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let http = shared::platform::http::client("e2e").unwrap();
        let request = http.get(format!("{}{path}", self.front.url));
        let response = request.bearer_auth(&self.key).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base64_body_is_read_and_an_invalid_one_is_refused() {
    let scene = Scene::new().await;
    let headers = [
        ("content-type".to_owned(), "application/json".to_owned()),
        ("authorization".to_owned(), format!("Bearer {}", scene.key)),
    ];
    // {"what":["upc:602527291840"]}
    let body = "eyJ3aGF0IjpbInVwYzo2MDI1MjcyOTE4NDAiXX0=";
    let mut event = http_event("POST", "/v1/ingestions", &headers.into(), Some(body));
    event["isBase64Encoded"] = true.into();
    let answer = invoke(&scene.front.instance, &event).await;
    assert_eq!(answer["statusCode"], 202, "{answer}");
    assert_eq!(scene.stack.count("CatalogQueue").await.unwrap(), 1);

    // API Gateway would not send these bodies, but they must be refused, too.
    for (body, is_base64) in [("this is no base64!", true), (body, false)] {
        event["body"] = body.into();
        event["isBase64Encoded"] = is_base64.into();
        let answer = scene.front.instance.invoke(&event).await.unwrap();
        let is_refused = match &answer {
            emulator::InvocationResult::Value(answer) => {
                (400..500).contains(&answer["statusCode"].as_u64().unwrap())
            }
            emulator::InvocationResult::Failed(_) => true,
        };
        assert!(is_refused, "{body}: {answer:?}");
    }
    assert_eq!(scene.stack.count("CatalogQueue").await.unwrap(), 1);
    assert_eq!(scene.get("/v1/health").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_refused() {
    let scene = Scene::new().await;
    let body = |bytes: usize| json!({"what": ["x".repeat(bytes)]}).to_string();
    let (status, problem) = scene.post(body(300 << 10)).await;
    assert_eq!((status, &problem["status"]), (413, &json!(413)));
    for bytes in [7 << 20, 11 << 20] {
        let (status, refusal) = scene.post(body(bytes)).await;
        assert_eq!(status, 413, "{bytes}");
        assert!(refusal["message"].is_string(), "{refusal}");
    }
    assert_eq!(scene.stack.count("CatalogQueue").await.unwrap(), 0);
    assert_eq!(scene.get("/v1/health").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_above_the_limit_becomes_an_error_and_one_below_it_is_sent() {
    let scene = Scene::new().await;
    let producer = async |megabytes: f64| {
        let sql = format!(
            "INSERT INTO producers (name, normalized_name) VALUES (repeat('x', {}), 'x') RETURNING id",
            (megabytes * 1e6) as u64
        );
        scene.database.count(&sql).await
    };
    let (fits, is_too_large) = (producer(5.9).await, producer(6.4).await);
    let (status, page) = scene.get(&format!("/v1/producers/{fits}")).await;
    assert_eq!(
        (status, page["name"].as_str().map(str::len)),
        (200, Some(5_900_000))
    );
    let (status, problem) = scene.get(&format!("/v1/producers/{is_too_large}")).await;
    assert_eq!((status, &problem["status"]), (422, &json!(422)), "{problem}");
    assert_eq!(scene.get("/v1/health").await.0, 200);
}
