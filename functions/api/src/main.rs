//! The API as a Lambda function behind an HTTP API of API Gateway. What it answers is in the library.

use anyhow::Context as _;
use api::{Access, Context};
use shared::config::Config;
use shared::db::Pool;
use shared::queue::Queues;
use shared::telemetry;

/// An instance answers one request at a time, with one connection after the other; the second is for one that is broken.
const CONNECTIONS: usize = 2;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let config = Config::load().await?;
    telemetry::start(&config.log);
    let context = context(&config).await?;
    let service = api::lambda::service(api::router(context));
    lambda_http::lambda_runtime::run(service).await
}

async fn context(config: &Config) -> anyhow::Result<Context> {
    let pool = Pool::new(&config.database()?, CONNECTIONS).context("prepare the database pool")?;
    pool.connect_ahead().await;
    let queues = Queues::from_config(config, &pool)
        .await
        .context("prepare the queues")?;
    Ok(Context {
        pool,
        queues,
        access: Access::Keys,
        switched_off: config.switched_off(),
    })
}
