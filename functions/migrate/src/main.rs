//! The migrate function as a Lambda function: a custom resource of the CloudFormation stack, or invoked by
//! hand.

use futures::TryFutureExt as _;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use shared::platform::db::MigrationReport;
use shared::platform::error_text::without_row_values;
use shared::work::bootstrap;
use shared::work::worker::handling;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| {
        let deadline = handling::deadline(event.context.deadline());
        let handled = migrate::custom_resource::handle(event.payload, deadline, migrate());
        handled.map_err(without_row_values)
    }))
    .await
}

/// Everything that can fail happens here, so that failures are reported to CloudFormation: if the function
/// failed to start, CloudFormation would wait an hour.
async fn migrate() -> anyhow::Result<MigrationReport> {
    let config = bootstrap::load_config(migrate::SETTINGS).await?;
    Ok(migrate::handle(&config.database()?).await?)
}
