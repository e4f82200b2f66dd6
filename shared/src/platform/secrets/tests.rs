//! Tests with a stand-in for AWS on a free port of the loopback address.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use tokio::net::TcpListener;

use super::*;

/// The recorded requests: action, signed service and body.
type RecordedCalls = Arc<Mutex<Vec<String>>>;
/// The responses to give, the last one first.
type Responses = Arc<Mutex<Vec<(u16, Value)>>>;

/// A stand-in for AWS that gives each response in turn and then repeats the last one.
async fn stand_in(answers: &[(u16, Value)]) -> (SecretService, RecordedCalls) {
    let calls = RecordedCalls::default();
    let mut answers: Vec<_> = answers.to_vec();
    answers.reverse();
    let state: (RecordedCalls, Responses) = (Arc::clone(&calls), Arc::new(Mutex::new(answers)));
    let router = Router::new().fallback(respond).with_state(state);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, router).await });
    (service(&format!("http://{address}")), calls)
}

async fn respond(
    State((calls, answers)): State<(RecordedCalls, Responses)>,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, String) {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/x-amz-json-1.1");
    assert_eq!(header("x-amz-security-token"), "the session");
    let authorization = header("authorization");
    let signed = authorization.split('/').nth(3).unwrap_or_default();
    let call = format!("{} {signed} {body}", header("x-amz-target"));
    calls.lock().unwrap().push(call);
    let mut answers = answers.lock().unwrap();
    let (status, answer) = answers.last().unwrap().clone();
    if answers.len() > 1 {
        answers.pop();
    }
    (StatusCode::from_u16(status).unwrap(), answer.to_string())
}

fn service(endpoint: &str) -> SecretService {
    SecretService {
        connector: aws::connector(),
        credentials: Credentials::new("id", "key", Some("the session".to_owned()), None, "test"),
        region: Region::from_static("eu-west-1"),
        endpoint: Some(endpoint.to_owned()),
        deadline: Instant::now() + TIME_LIMIT,
    }
}

fn parse_references(texts: &[(&'static str, &str)]) -> Vec<(&'static str, Reference)> {
    texts
        .iter()
        .map(|(variable, reference)| (*variable, Reference::parse(reference).unwrap()))
        .collect()
}

#[tokio::test]
async fn each_location_is_fetched_once() {
    let secret = json!({"SecretString": r#"{"URL": "postgres://u:p@h/d", "ID": "an id"}"#});
    let parameter = json!({"Parameter": {"Name": "/p", "Value": "a parameter"}});
    let (service, calls) = stand_in(&[(200, secret), (200, parameter)]).await;
    let references = parse_references(&[
        ("A", "secretsmanager:s#URL"),
        ("B", "secretsmanager:s#ID"),
        ("C", "secretsmanager:s#MISSING"),
        ("D", "ssm:/p"),
    ]);
    let values = service.fetch_all(&references).await.unwrap();
    let values: Vec<_> = values
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    assert_eq!(
        values,
        [("A", "postgres://u:p@h/d"), ("B", "an id"), ("D", "a parameter")]
    );
    let calls = calls.lock().unwrap().join("\n");
    assert_eq!(
        calls,
        "secretsmanager.GetSecretValue secretsmanager {\"SecretId\":\"s\"}\n\
         AmazonSSM.GetParameter ssm {\"Name\":\"/p\",\"WithDecryption\":true}"
    );
}

#[tokio::test]
async fn temporary_failures_are_retried_and_others_are_reported_at_once() {
    let there = json!({"SecretString": "hunter2"});
    let throttled = json!({"__type": "ThrottlingException", "message": "Rate exceeded"});
    let (service, calls) = stand_in(&[(500, Value::Null), (400, throttled), (200, there)]).await;
    let references = parse_references(&[("A", "secretsmanager:s")]);
    assert_eq!(service.fetch_all(&references).await.unwrap()["A"], "hunter2");
    assert_eq!(calls.lock().unwrap().len(), 3);

    let gone = json!({
        "__type": "ResourceNotFoundException",
        "Message": "Secrets Manager can't find the specified secret.",
    });
    let (service, calls) = stand_in(&[(400, gone)]).await;
    let error = service.fetch_all(&references).await.unwrap_err();
    let cause = "secretsmanager:s cannot be read: 400 ResourceNotFoundException \
                 Secrets Manager can't find the specified secret.";
    assert_eq!(error, ("A", cause.to_owned()));
    assert_eq!(calls.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_missing_or_silent_server_is_reported_in_time() {
    let references = parse_references(&[("A", "ssm:/p")]);
    let mut nobody = service("http://127.0.0.1:1");
    nobody.deadline = Instant::now() + Duration::from_millis(500);
    let (variable, cause) = nobody.fetch_all(&references).await.unwrap_err();
    assert_eq!(variable, "A");
    assert!(
        cause.starts_with("ssm:/p cannot be read: no connection"),
        "{cause}"
    );

    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let mut silence = service(&format!("http://{}", silent.local_addr().unwrap()));
    silence.deadline = Instant::now() + Duration::from_millis(300);
    let (_, cause) = silence.fetch_all(&references).await.unwrap_err();
    assert_eq!(
        cause,
        "ssm:/p cannot be read: there was no response within 5 seconds"
    );
}

#[test]
fn a_reference_is_distinguished_from_a_value_and_printed_unchanged() {
    for reference in [
        "ssm:/linernotes/database-url",
        "secretsmanager:linernotes",
        "secretsmanager:linernotes#DATABASE_URL",
        "secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:linernotes-AbCdEf#KEY",
    ] {
        let parsed = Reference::parse(reference).unwrap_or_else(|| panic!("{reference}"));
        assert_eq!(parsed.to_string(), reference);
    }
    for value in ["", "postgres://u:p@h/d", "ssm", "SSM:x", "https://ssm:x"] {
        assert_eq!(Reference::parse(value), None, "{value}");
    }
}

#[test]
fn a_key_is_looked_up_in_the_json_and_errors_do_not_contain_the_value() {
    let kept = r#"{"URL": "postgres://u:hunter2@h/d", "EMPTY": "", "NONE": null, "PORT": 5432}"#;
    for (reference, kept, expected) in [
        ("secretsmanager:s", "hunter2", Ok(Some("hunter2"))),
        ("ssm:p", kept, Ok(Some(kept))),
        ("secretsmanager:s#URL", kept, Ok(Some("postgres://u:hunter2@h/d"))),
        ("secretsmanager:s#EMPTY", kept, Ok(Some(""))),
        ("secretsmanager:s#NONE", kept, Ok(None)),
        ("secretsmanager:s#MISSING", kept, Ok(None)),
        ("secretsmanager:s#PORT", kept, Err("its PORT is not a text")),
        ("secretsmanager:s#URL", "hunter2", Err("it is not a JSON object")),
        (
            "secretsmanager:s#URL",
            r#"["hunter2"]"#,
            Err("it is not a JSON object"),
        ),
    ] {
        let value = Reference::parse(reference).expect(reference).value(kept);
        let value = value.map_err(|error| format!("{error:#}"));
        let expected = expected.map(|value: Option<&str>| value.map(str::to_owned));
        assert_eq!(value, expected.map_err(str::to_owned), "{reference}");
    }
}

#[test]
fn an_error_line_does_not_contain_the_signed_text() {
    let answer = json!({
        "__type": "com.amazonaws.ssm#InvalidSignatureException",
        "message": "The signature does not match.\n\nThe Canonical String was\nx-amz-security-token:hunter2",
    });
    assert_eq!(
        error_line(&answer),
        "InvalidSignatureException The signature does not match."
    );
    assert_eq!(
        error_line(&json!({"__type": "AccessDenied", "Message": "no"})),
        "AccessDenied no"
    );
    assert_eq!(error_line(&Value::Null), " ");
}
