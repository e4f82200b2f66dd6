//! The sweep function as a Lambda function on a schedule.

use aws_lambda_events::eventbridge::EventBridgeEvent;
use lambda_runtime::{LambdaEvent, service_fn};
use shared::platform::config::Config;
use shared::platform::db::Pool;
use shared::work::queue::Queues;
use sweep::Context;

/// The interval of its schedule.
const PERIOD: std::time::Duration = std::time::Duration::from_secs(60);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = Config::load().await?;
    shared::platform::telemetry::start(&config.log);
    let pool = Pool::new(&config.database()?, 2)?;
    pool.connect_ahead().await;
    let queues = Queues::from_config(&config, &pool).await?;
    let context = &Context {
        pool,
        queues,
        sources: config.enabled_sources(),
    };
    lambda_runtime::run(service_fn(|_: LambdaEvent<EventBridgeEvent>| {
        sweep::handle(context, PERIOD)
    }))
    .await
}
