//! The rollup function as a Lambda function on a schedule.

use aws_lambda_events::eventbridge::EventBridgeEvent;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use rollup::{Context, SETTINGS};
use shared::platform::error_text::without_row_values;
use shared::work::bootstrap::Bootstrap;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let context = &Context::new(&Bootstrap::load(SETTINGS).await?);
    run(service_fn(async |_: LambdaEvent<EventBridgeEvent>| {
        rollup::handle(context).await.map_err(without_row_values)
    }))
    .await
}
