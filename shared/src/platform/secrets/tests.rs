//! Tests with a stand-in for AWS.

use std::net::Ipv4Addr;

use tokio::net::TcpListener;
use wiremock::matchers::header;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;

/// A stand-in for AWS that gives each response once.
async fn stand_in(answers: &[(u16, Value)]) -> (SecretService, MockServer) {
    let server = MockServer::start().await;
    for (status, answer) in answers {
        Mock::given(header("content-type", "application/x-amz-json-1.1"))
            .and(header("x-amz-security-token", "the session"))
            .respond_with(ResponseTemplate::new(*status).set_body_json(answer))
            .up_to_n_times(1)
            .mount(&server)
            .await;
    }
    (service(&server.uri()), server)
}

/// The requests: action, signed service and body.
async fn calls(server: &MockServer) -> Vec<String> {
    let requests = server.received_requests().await.unwrap();
    let calls = requests.iter().map(|request| {
        let header = |name: &str| request.headers[name].to_str().unwrap();
        let signed = header("authorization").split('/').nth(3).unwrap_or_default();
        let body = String::from_utf8_lossy(&request.body);
        format!("{} {signed} {body}", header("x-amz-target"))
    });
    calls.collect()
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
    let (service, server) = stand_in(&[(200, secret), (200, parameter)]).await;
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
    assert_eq!(
        calls(&server).await.join("\n"),
        "secretsmanager.GetSecretValue secretsmanager {\"SecretId\":\"s\"}\n\
         AmazonSSM.GetParameter ssm {\"Name\":\"/p\",\"WithDecryption\":true}"
    );
}

#[tokio::test]
async fn temporary_failures_are_retried_and_others_are_reported_at_once() {
    let there = json!({"SecretString": "hunter2"});
    let throttled = json!({"__type": "ThrottlingException", "message": "Rate exceeded"});
    let (service, server) = stand_in(&[(500, Value::Null), (400, throttled), (200, there)]).await;
    let references = parse_references(&[("A", "secretsmanager:s")]);
    assert_eq!(service.fetch_all(&references).await.unwrap()["A"], "hunter2");
    assert_eq!(calls(&server).await.len(), 3);

    let gone = json!({
        "__type": "ResourceNotFoundException",
        "Message": "Secrets Manager can't find the specified secret.",
    });
    let (service, server) = stand_in(&[(400, gone)]).await;
    let error = service.fetch_all(&references).await.unwrap_err();
    let cause = "secretsmanager:s cannot be read: 400 ResourceNotFoundException \
                 Secrets Manager can't find the specified secret.";
    assert_eq!(error, ("A", cause.to_owned()));
    assert_eq!(calls(&server).await.len(), 1);
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
