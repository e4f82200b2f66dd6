//! An HTTP API of API Gateway in front of a function: turns requests into events of payload format 2.0 and
//! answers into responses, both within its size limits. Throttling and access logs are not emulated.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::emulator::{Emulator, InvocationResult};
use super::requests::http_event;

/// Maximum body size of API Gateway, and maximum size of events and answers of Lambda
/// ([quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)).
const MAX_BODY_BYTES: usize = 10 << 20;
const MAX_PAYLOAD_BYTES: usize = 6_291_556;

/// A running API in front of one instance, which answers one request at a time. Dropping this ends both.
#[derive(Debug)]
pub struct ApiGateway {
    /// Its URL.
    pub url: String,
    /// The function behind it.
    pub instance: Arc<Emulator>,
    server: JoinHandle<()>,
}

impl ApiGateway {
    /// Starts the API on a free port of the loopback address.
    ///
    /// # Errors
    /// If no port is free.
    pub async fn start(instance: Emulator) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .context("listen on the loopback address")?;
        let url = format!("http://{}", listener.local_addr()?);
        let instance = Arc::new(instance);
        let router = Router::new().fallback(answer).with_state(Arc::clone(&instance));
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the API gateway stopped");
            }
        });
        Ok(Self {
            url,
            instance,
            server,
        })
    }
}

impl Drop for ApiGateway {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(instance): State<Arc<Emulator>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        return error_response(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    };
    let event = event(&parts.method, &parts.uri, &parts.headers, &body);
    if event.to_string().len() > MAX_PAYLOAD_BYTES {
        return error_response(StatusCode::PAYLOAD_TOO_LARGE, "Request Too Long");
    }
    let response = match instance.invoke(&event).await {
        Ok(InvocationResult::Value(answer)) => response_from(&answer),
        Ok(InvocationResult::Failed(_)) | Err(_) => None,
    };
    response.unwrap_or_else(|| error_response(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"))
}

fn error_response(status: StatusCode, message: &str) -> Response {
    (status, axum::Json(json!({ "message": message }))).into_response()
}

fn event(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Value {
    let mut joined_headers = BTreeMap::<String, String>::new();
    for (name, value) in headers.iter().filter(|(name, _)| *name != COOKIE) {
        let value = String::from_utf8_lossy(value.as_bytes());
        joined_headers
            .entry(name.as_str().to_owned())
            .and_modify(|values| *values = format!("{values},{value}"))
            .or_insert_with(|| value.into_owned());
    }
    let path_and_query = uri.path_and_query().map_or("/", |path| path.as_str());
    let text = is_text(headers).then(|| std::str::from_utf8(body).ok()).flatten();
    let encoded = text.map_or_else(|| BASE64.encode(body), str::to_owned);
    let body = (!body.is_empty()).then_some(encoded.as_str());
    let mut event = http_event(method.as_str(), path_and_query, &joined_headers, body);
    event["isBase64Encoded"] = (body.is_some() && text.is_none()).into();
    let cookies: Vec<&str> = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split("; "))
        .collect();
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    event
}

/// Whether the body goes into the event as text. Other bodies are encoded in base64.
fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        kind.starts_with("text/")
            || ["application/json", "application/javascript", "application/xml"].contains(&kind)
    })
}

/// The response for a function's answer; `None` if the answer is malformed or exceeds Lambda's limit.
fn response_from(answer: &Value) -> Option<Response> {
    if answer.to_string().len() > MAX_PAYLOAD_BYTES {
        return None;
    }
    let Some(status) = answer.get("statusCode") else {
        // As documented by AWS: an answer without a status is the body.
        return Some(axum::Json(answer).into_response());
    };
    let status = u16::try_from(status.as_u64()?).ok()?;
    let body = answer["body"].as_str().unwrap_or_default();
    let body = if answer["isBase64Encoded"] == true {
        BASE64.decode(body).ok()?
    } else {
        body.as_bytes().to_vec()
    };
    let mut response = Response::builder().status(status);
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        response = response.header(name, value.as_str()?);
    }
    for cookie in answer["cookies"].as_array().into_iter().flatten() {
        response = response.header(SET_COOKIE, cookie.as_str()?);
    }
    response.body(Body::from(body)).ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_request_becomes_an_event() {
        let mut headers = HeaderMap::new();
        headers.append("Accept", HeaderValue::from_static("a"));
        headers.append("accept", HeaderValue::from_static("b"));
        headers.append("cookie", HeaderValue::from_static("one=1; two=2"));
        headers.append("content-type", HeaderValue::from_static("application/json"));
        let uri = Uri::from_static("/v1/producers?q=a%20b&q=c");
        let event = super::event(&Method::POST, &uri, &headers, b"{}");
        assert_eq!(event["rawPath"], "/v1/producers");
        assert_eq!(event["rawQueryString"], "q=a%20b&q=c");
        assert_eq!(event["headers"]["accept"], "a,b");
        assert_eq!(event["headers"].get("cookie"), None);
        assert_eq!(event["cookies"], json!(["one=1", "two=2"]));
        assert_eq!(
            (&event["body"], &event["isBase64Encoded"]),
            (&json!("{}"), &json!(false))
        );

        headers.insert("content-type", HeaderValue::from_static("image/png"));
        let event = super::event(&Method::POST, &uri, &headers, b"{}");
        assert_eq!(
            (&event["body"], &event["isBase64Encoded"]),
            (&json!("e30="), &json!(true))
        );
        let empty = super::event(&Method::GET, &uri, &HeaderMap::new(), b"");
        assert_eq!(
            (&empty["body"], &empty["isBase64Encoded"]),
            (&Value::Null, &json!(false))
        );
    }

    #[tokio::test]
    async fn an_answer_becomes_a_response() {
        let answer = json!({
            "statusCode": 201, "headers": {"x-kind": "k"}, "cookies": ["a=1", "b=2"], "body": "e30=",
            "isBase64Encoded": true,
        });
        let response = response_from(&answer).unwrap();
        assert_eq!(response.status(), 201);
        assert_eq!(response.headers()["x-kind"], "k");
        assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
        assert_eq!(to_bytes(response.into_body(), 10).await.unwrap(), "{}");
        assert!(response_from(&json!({"statusCode": "no number"})).is_none());
        let large = "x".repeat(MAX_PAYLOAD_BYTES);
        assert!(response_from(&json!({"statusCode": 200, "body": large})).is_none());
    }
}
