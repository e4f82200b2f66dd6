//! The migration as a CloudFormation custom resource: whatever happens, CloudFormation gets a response.
#![expect(clippy::unwrap_used, reason = "a failing test panics")]

use std::future::Future;

use anyhow::anyhow;
use integration::waiting::give_up_at;
use integration::{empty_database, settings};
use migrate::custom_resource;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use shared::platform::db::MigrationReport;
use tokio::time::Instant;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// Starts the server at which CloudFormation waits for a response.
async fn start_receiver() -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("PUT"))
        .and(path("/response"))
        .respond_with(ResponseTemplate::new(200))
        .mount(&server)
        .await;
    server
}

async fn answers(receiver: &MockServer) -> Vec<Value> {
    let requests = receiver.received_requests().await.unwrap();
    let answers = requests.iter().map(|request| {
        assert_eq!(request.headers["content-type"], "");
        assert_eq!(request.headers["content-length"], request.body.len().to_string());
        request.body_json().unwrap()
    });
    answers.collect()
}

fn event(request_type: &str, url: &str, physical_resource_id: Option<&str>) -> Value {
    let mut event = json!({
        "RequestType": request_type, "ResponseURL": format!("{url}/response?X-Amz-Signature=abc"),
        "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/linernotes/1", "RequestId": "r1",
        "LogicalResourceId": "Schema", "ResourceType": "Custom::Schema",
        "AFieldOfTomorrow": {"is": ["unknown"]},
    });
    if let Some(id) = physical_resource_id {
        event["PhysicalResourceId"] = id.into();
    }
    event
}

/// As [`event`], with the properties that the template gives to the resource.
fn event_with_properties(request_type: &str, url: &str, physical_resource_id: Option<&str>) -> Value {
    let mut event = event(request_type, url, physical_resource_id);
    let function = "arn:aws:lambda:eu-west-1:123456789012:function:migrate";
    event["ServiceToken"] = function.into();
    event["ResourceProperties"] = json!({"ServiceToken": function, "ServiceTimeout": "1200", "Version": "2"});
    event["OldResourceProperties"] = json!({"ServiceToken": function, "Version": "1"});
    event
}

fn answer(status: &str, reason: &str, physical_resource_id: &str, data: Value) -> Value {
    json!({
        "Status": status, "Reason": reason, "PhysicalResourceId": physical_resource_id, "Data": data,
        "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/linernotes/1", "RequestId": "r1",
        "LogicalResourceId": "Schema",
    })
}

async fn must_not_migrate() -> anyhow::Result<MigrationReport> {
    panic!("nothing should be migrated")
}

/// The response to CloudFormation after a migration.
async fn response_to(
    deadline: Instant,
    migrate: impl Future<Output = anyhow::Result<MigrationReport>>,
) -> Value {
    let receiver = start_receiver().await;
    custom_resource::handle(event("Create", &receiver.uri(), None), deadline, migrate)
        .await
        .unwrap();
    let [answer] = <[Value; 1]>::try_from(answers(&receiver).await).unwrap();
    answer
}

#[tokio::test]
async fn creating_and_updating_a_stack_migrates_and_deleting_it_keeps_the_schema() {
    let receiver = start_receiver().await;
    let url = receiver.uri();
    let settings = settings(&empty_database().await);
    let migrate = async || anyhow::Ok(migrate::handle(&settings).await?);
    let deadline = give_up_at();
    for event in [
        event_with_properties("Create", &url, None),
        event_with_properties("Update", &url, Some("earlier-id")),
    ] {
        let report = custom_resource::handle(event, deadline, migrate()).await.unwrap();
        assert_eq!(report, json!({"status": "SUCCESS"}));
    }
    let delete = event_with_properties("Delete", &url, Some("earlier-id"));
    custom_resource::handle(delete, deadline, must_not_migrate())
        .await
        .unwrap();

    let version = migrate().await.unwrap().version;
    let answers = answers(&receiver).await;
    let first = &answers[0]["Data"]["applied"];
    assert_eq!(first.as_array().unwrap().len(), version as usize);
    assert_eq!(
        answers,
        [
            answer(
                "SUCCESS",
                "",
                "schema",
                json!({"applied": first, "version": version})
            ),
            answer(
                "SUCCESS",
                "",
                "earlier-id",
                json!({"applied": [], "version": version})
            ),
            answer("SUCCESS", "", "earlier-id", json!({})),
        ]
    );
}

#[tokio::test]
async fn a_request_of_each_type_without_properties_gets_a_response() {
    let receiver = start_receiver().await;
    let url = receiver.uri();
    for (request_type, id) in [("Create", None), ("Update", Some("id")), ("Delete", Some("id"))] {
        let migrate = async { Err(anyhow!("no database")) };
        custom_resource::handle(event(request_type, &url, id), give_up_at(), migrate)
            .await
            .unwrap();
    }
    assert_eq!(
        answers(&receiver).await,
        [
            answer("FAILED", "no database", "schema", json!({})),
            answer("FAILED", "no database", "id", json!({})),
            answer("SUCCESS", "", "id", json!({})),
        ]
    );
}

#[tokio::test]
async fn a_failure_a_panic_and_a_time_out_fail_the_deployment() {
    let failure = async {
        Err(
            anyhow!("ERROR: there are two\nDETAIL: Key (e_mail)=(somebody@example.org)")
                .context("migrating the schema failed"),
        )
    };
    let reason = "migrating the schema failed: ERROR: there are two";
    assert_eq!(
        response_to(give_up_at(), failure).await,
        answer("FAILED", reason, "schema", json!({}))
    );
    let panic = async { panic!("a test") };
    let reason = "the migration panicked; see the log of the function";
    assert_eq!(
        response_to(give_up_at(), panic).await,
        answer("FAILED", reason, "schema", json!({}))
    );
    let reason = "the migration took longer than the time limit of the function";
    let late = std::future::pending();
    assert_eq!(
        response_to(Instant::now(), late).await,
        answer("FAILED", reason, "schema", json!({}))
    );

    let long = async { Err(anyhow!("é".repeat(10_000))) };
    assert!(response_to(give_up_at(), long).await.to_string().len() <= 4096);
    let settings = settings("postgres://u:hunter2@127.0.0.1:1/d");
    let unreachable = response_to(give_up_at(), async { Ok(migrate::handle(&settings).await?) }).await;
    let reason = unreachable["Reason"].as_str().unwrap();
    assert!(
        reason.starts_with("cannot connect to the database at 127.0.0.1:1") && !reason.contains("hunter2"),
        "{reason}"
    );
}

#[tokio::test]
async fn a_response_that_is_not_accepted_fails_the_function_and_keeps_the_address_secret() {
    let deadline = give_up_at();
    let receiver = start_receiver().await;
    let refused = receiver.uri() + "/elsewhere";
    for url in ["http://127.0.0.1:1", &refused] {
        let event = event("Delete", url, Some("schema"));
        let error = custom_resource::handle(event, deadline, must_not_migrate())
            .await
            .unwrap_err();
        let error = format!("{error:#}");
        assert!(
            error.starts_with("send the response to CloudFormation") && !error.contains("abc"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_person_gets_the_result_or_the_error() {
    let settings = settings(&empty_database().await);
    let deadline = give_up_at();
    let report = custom_resource::handle(json!({}), deadline, async {
        Ok(migrate::handle(&settings).await?)
    });
    let report = report.await.unwrap();
    assert_eq!(report["version"], report["applied"].as_array().unwrap().len());
    let failure = custom_resource::handle(Value::Null, deadline, async { Err(anyhow!("no database")) });
    assert_eq!(failure.await.unwrap_err().to_string(), "no database");
}
