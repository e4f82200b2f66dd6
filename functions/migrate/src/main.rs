//! The migrate function, a custom resource of the stack or invoked by hand. What it does is in the library.

use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use shared::batch;
use shared::config::Config;
use shared::db::MigrationReport;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| {
        let deadline = batch::deadline(event.context.deadline());
        migrate::custom_resource::handle(event.payload, deadline, migrate())
    }))
    .await
}

/// Everything that can fail is done here, where CloudFormation is told of it: it waits an hour for a function that does
/// not start.
async fn migrate() -> anyhow::Result<MigrationReport> {
    let config = Config::load().await?;
    shared::telemetry::start(&config.log);
    Ok(migrate::handle(&config.database()?).await?)
}
