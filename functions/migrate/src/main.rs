//! The migrate function, invoked by a deployment. What it does is in the library.

use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::{Value, json};
use shared::config::Config;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = Config::load().await?;
    shared::telemetry::start(&config.log);
    let settings = &config.database()?;
    lambda_runtime::run(service_fn(|_: LambdaEvent<Value>| async move {
        let migrated = migrate::handle(settings).await?;
        anyhow::Ok(json!({ "applied": migrated.applied, "version": migrated.version }))
    }))
    .await
}
