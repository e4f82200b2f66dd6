//! Migrating as a part of a CloudFormation stack: a custom resource that CloudFormation has made before the functions that
//! need its schema. It waits up to an hour for an answer at the address it gives, so there is always one; how the schema
//! is migrated stays out.
//!
//! [Requests](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html),
//! [responses](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html).

use std::future::Future;
use std::panic::AssertUnwindSafe;

use anyhow::{Context as _, anyhow, ensure};
use futures::FutureExt as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::db::MigrationReport;
use shared::http;
use tokio::time::Instant;

/// What the resource is called where there is none yet. Another name at an update would have the old one deleted.
const PHYSICAL_RESOURCE_ID: &str = "schema";
/// A response has at most 4096 bytes.
const LONGEST_REASON_CHARACTERS: usize = 500;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    request_type: RequestType,
    #[serde(rename = "ResponseURL")]
    response_url: String,
    stack_id: String,
    request_id: String,
    logical_resource_id: String,
    physical_resource_id: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum RequestType {
    Create,
    Update,
    Delete,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Response<'a> {
    status: &'static str,
    reason: &'a str,
    physical_resource_id: &'a str,
    stack_id: &'a str,
    request_id: &'a str,
    logical_resource_id: &'a str,
    data: Value,
}

/// Migrates as an event asks for. What CloudFormation asks is answered to it by `deadline`, whatever comes of `migrate`;
/// any other event is a person's, who is told what was done. A schema outlives its stack: there, deleting is doing nothing.
///
/// # Errors
/// Where CloudFormation could not be answered; for a person, where the schema could not be migrated.
pub async fn handle<F>(event: Value, deadline: Instant, migrate: F) -> anyhow::Result<Value>
where
    F: Future<Output = anyhow::Result<MigrationReport>>,
{
    if event.get("RequestType").is_none() {
        return Ok(told(&migrate.await?));
    }
    let request: Request = serde_json::from_value(event).context("read what CloudFormation asks")?;
    let migrated = match request.request_type {
        RequestType::Create | RequestType::Update => in_time(deadline, migrate).await,
        RequestType::Delete => Ok(json!({})),
    };
    let (status, reason, data) = match migrated {
        Ok(data) => ("SUCCESS", String::new(), data),
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "the schema was not migrated");
            ("FAILED", reason(&error), json!({}))
        }
    };
    let response = Response {
        status,
        reason: &reason,
        physical_resource_id: request
            .physical_resource_id
            .as_deref()
            .unwrap_or(PHYSICAL_RESOURCE_ID),
        stack_id: &request.stack_id,
        request_id: &request.request_id,
        logical_resource_id: &request.logical_resource_id,
        data,
    };
    put(&request.response_url, &response)
        .await
        .context("answer CloudFormation")?;
    Ok(json!({ "status": status }))
}

async fn in_time(
    deadline: Instant,
    migrate: impl Future<Output = anyhow::Result<MigrationReport>>,
) -> anyhow::Result<Value> {
    match tokio::time::timeout_at(deadline, AssertUnwindSafe(migrate).catch_unwind()).await {
        Ok(Ok(migrated)) => Ok(told(&migrated?)),
        Ok(Err(_)) => Err(anyhow!("migrating panicked; the function's log says where")),
        Err(_) => Err(anyhow!("migrating took longer than the function may run")),
    }
}

fn told(migrated: &MigrationReport) -> Value {
    json!({ "applied": migrated.applied, "version": migrated.version })
}

/// The error in one line without what the database adds in further ones, where it quotes rows.
fn reason(error: &anyhow::Error) -> String {
    let causes: Vec<String> = error
        .chain()
        .filter_map(|cause| cause.to_string().lines().next().map(str::to_owned))
        .collect();
    causes
        .join(": ")
        .chars()
        .take(LONGEST_REASON_CHARACTERS)
        .collect()
}

/// The address is signed for a request without a content type.
async fn put(url: &str, response: &Response<'_>) -> anyhow::Result<()> {
    let request = http::client("Linernotes")?
        .put(url)
        .header("content-type", "")
        .body(serde_json::to_string(response)?);
    let answer = http::send(request).await?;
    ensure!(
        answer.status.is_success(),
        "it was refused with {}",
        answer.status
    );
    Ok(())
}
