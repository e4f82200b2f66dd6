//! The API as a Lambda function behind an API Gateway HTTP API.

use anyhow::Context as _;
use api::{Access, Context};
use shared::platform::config::Config;
use shared::platform::db::Pool;
use shared::platform::telemetry;
use shared::work::queue::Queues;

/// An instance answers one request at a time and uses one connection. The second replaces a broken one.
const CONNECTIONS: usize = 2;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let config = Config::load().await?;
    telemetry::start(&config.log);
    let context = new_context(&config).await?;
    let service = api::lambda::service(api::router(context));
    lambda_http::lambda_runtime::run(service).await
}

async fn new_context(config: &Config) -> anyhow::Result<Context> {
    let pool = Pool::new(&config.database()?, CONNECTIONS).context("prepare the database pool")?;
    pool.connect_ahead().await;
    let queues = Queues::from_config(config, &pool)
        .await
        .context("prepare the queues")?;
    Ok(Context {
        pool,
        queues,
        access: Access::Keys,
        switched_off: config.disabled_sources(),
    })
}
