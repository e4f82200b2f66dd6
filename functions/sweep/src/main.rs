//! The sweep function as a Lambda function on a schedule.

use aws_lambda_events::eventbridge::EventBridgeEvent;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use shared::platform::error_text::without_row_values;
use shared::work::bootstrap::Bootstrap;
use sweep::{Context, SETTINGS};

/// The interval of its schedule.
const PERIOD: std::time::Duration = std::time::Duration::from_secs(60);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let context = &Context::new(&Bootstrap::load(SETTINGS).await?);
    run(service_fn(async |_: LambdaEvent<EventBridgeEvent>| {
        let swept = sweep::handle(context, PERIOD).await.map_err(without_row_values);
        context.log_state().await.map_err(without_row_values)?;
        swept
    }))
    .await
}
