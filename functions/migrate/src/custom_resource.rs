//! The schema migration as a custom resource of a CloudFormation stack: CloudFormation creates it before the
//! functions that need the schema. CloudFormation waits up to an hour for a response at the URL in its
//! request, so every request gets one.
//!
//! [Requests](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html),
//! [responses](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html).

use std::future::Future;
use std::panic::AssertUnwindSafe;

use anyhow::{Context as _, anyhow, bail, ensure};
use aws_lambda_events::cloudformation::CloudFormationCustomResourceRequest;
use futures::FutureExt as _;
use serde::Serialize;
use serde_json::{Value, json};
use shared::platform::db::MigrationReport;
use shared::platform::error_text::error_text;
use shared::platform::http;
use tokio::time::Instant;

/// The name of a new resource. If an update returned another name, CloudFormation would delete the old
/// resource.
const PHYSICAL_RESOURCE_ID: &str = "schema";
/// Keeps the response below its limit of 4096 bytes.
const LONGEST_REASON_CHARACTERS: usize = 500;

/// A request whose properties may be missing, because they are not needed to respond.
type ResourceRequest = CloudFormationCustomResourceRequest<Option<Value>, Option<Value>>;

/// The response. The type of `aws_lambda_events` has only texts in `Data`; ours has the list of migrations.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ResourceResponse {
    status: &'static str,
    reason: String,
    physical_resource_id: String,
    stack_id: String,
    request_id: String,
    logical_resource_id: String,
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
    let is_deletion = matches!(request, ResourceRequest::Delete(_));
    let (url, mut response) = response_to(request)?;
    let migrated = if is_deletion {
        Ok(json!({}))
    } else {
        with_deadline(deadline, migrate).await
    };
    match migrated {
        Ok(data) => response.data = data,
        Err(error) => {
            tracing::error!(error = error_text(&*error), "the schema migration failed");
            response.status = "FAILED";
            response.reason = one_line(&error);
        }
    }
    put_response(&url, &response)
        .await
        .context("send the response to CloudFormation")?;
    Ok(json!({ "status": response.status }))
}

/// The URL for the response to a request, and the response if nothing fails.
fn response_to(request: ResourceRequest) -> anyhow::Result<(String, ResourceResponse)> {
    let (url, physical_resource_id, stack_id, request_id, logical_resource_id) = match request {
        ResourceRequest::Create(it) => (
            it.response_url,
            PHYSICAL_RESOURCE_ID.to_owned(),
            it.stack_id,
            it.request_id,
            it.logical_resource_id,
        ),
        ResourceRequest::Update(it) => (
            it.response_url,
            it.physical_resource_id,
            it.stack_id,
            it.request_id,
            it.logical_resource_id,
        ),
        ResourceRequest::Delete(it) => (
            it.response_url,
            it.physical_resource_id,
            it.stack_id,
            it.request_id,
            it.logical_resource_id,
        ),
        _ => bail!("the request of CloudFormation is of an unknown type"),
    };
    let response = ResourceResponse {
        status: "SUCCESS",
        reason: String::new(),
        physical_resource_id,
        stack_id,
        request_id,
        logical_resource_id,
        data: json!({}),
    };
    Ok((url, response))
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
async fn put_response(url: &str, response: &ResourceResponse) -> anyhow::Result<()> {
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
