//! The rollup function as a Lambda function on a schedule.

use aws_lambda_events::eventbridge::EventBridgeEvent;
use lambda_runtime::{LambdaEvent, service_fn};
use rollup::Context;
use shared::platform::config::Config;
use shared::platform::db::Pool;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = Config::load().await?;
    shared::platform::telemetry::start(&config.log);
    let pool = Pool::new(&config.database()?, 1)?;
    pool.connect_ahead().await;
    let context = &Context { pool };
    lambda_runtime::run(service_fn(|_: LambdaEvent<EventBridgeEvent>| {
        rollup::handle(context)
    }))
    .await
}
