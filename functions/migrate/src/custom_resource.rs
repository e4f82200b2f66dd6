//! The schema migration as a custom resource of a CloudFormation stack: CloudFormation creates it before the
//! functions that need the schema. CloudFormation waits up to an hour for a response at the URL in its
//! request, so every request gets one.
//!
//! [Requests](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html),
//! [responses](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html).

use std::future::Future;
use std::panic::AssertUnwindSafe;

use anyhow::{Context as _, anyhow, ensure};
use futures::FutureExt as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::platform::db::MigrationReport;
use shared::platform::http;
use tokio::time::Instant;

/// The name of a new resource. If an update returned another name, CloudFormation would delete the old
/// resource.
const PHYSICAL_RESOURCE_ID: &str = "schema";
/// Keeps the response below its limit of 4096 bytes.
const LONGEST_REASON_CHARACTERS: usize = 500;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResourceRequest {
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
struct ResourceResponse<'a> {
    status: &'static str,
    reason: &'a str,
    physical_resource_id: &'a str,
    stack_id: &'a str,
    request_id: &'a str,
    logical_resource_id: &'a str,
    data: Value,
}

/// Migrates the schema on request. A request of CloudFormation gets a response by `deadline`, whether
/// `migrate` succeeds or not; a request to delete does nothing, because the schema outlives the stack. Any
/// other event comes from a person, and the return value is the result.
///
/// # Errors
/// If CloudFormation could not be answered, or if the migration that a person requested failed.
pub async fn handle<F>(event: Value, deadline: Instant, migrate: F) -> anyhow::Result<Value>
where
    F: Future<Output = anyhow::Result<MigrationReport>>,
{
    if event.get("RequestType").is_none() {
        return Ok(summary(&migrate.await?));
    }
    let request: ResourceRequest =
        serde_json::from_value(event).context("read the request of CloudFormation")?;
    let migrated = match request.request_type {
        RequestType::Create | RequestType::Update => with_deadline(deadline, migrate).await,
        RequestType::Delete => Ok(json!({})),
    };
    let (status, reason, data) = match migrated {
        Ok(data) => ("SUCCESS", String::new(), data),
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "the schema migration failed");
            ("FAILED", one_line(&error), json!({}))
        }
    };
    let response = ResourceResponse {
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
    put_response(&request.response_url, &response)
        .await
        .context("send the response to CloudFormation")?;
    Ok(json!({ "status": status }))
}

async fn with_deadline(
    deadline: Instant,
    migrate: impl Future<Output = anyhow::Result<MigrationReport>>,
) -> anyhow::Result<Value> {
    match tokio::time::timeout_at(deadline, AssertUnwindSafe(migrate).catch_unwind()).await {
        Ok(Ok(migrated)) => Ok(summary(&migrated?)),
        Ok(Err(_)) => Err(anyhow!("the migration panicked; see the log of the function")),
        Err(_) => Err(anyhow!(
            "the migration took longer than the time limit of the function"
        )),
    }
}

fn summary(migrated: &MigrationReport) -> Value {
    json!({ "applied": migrated.applied, "version": migrated.version })
}

/// The error in one line, without the further lines in which Postgres quotes row values.
fn one_line(error: &anyhow::Error) -> String {
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

/// Sends the response to the signed URL. The signature holds only for a request without a content type.
async fn put_response(url: &str, response: &ResourceResponse<'_>) -> anyhow::Result<()> {
    let request = http::client("Linernotes")?
        .put(url)
        .header("content-type", "")
        .body(serde_json::to_string(response)?);
    let reply = http::send(request).await?;
    ensure!(
        reply.status.is_success(),
        "the response was refused with status {}",
        reply.status
    );
    Ok(())
}
