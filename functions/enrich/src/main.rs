//! The enrich function as a Lambda function that handles SQS batches of the enrichment queue.

use enrich::Context;
use lambda_runtime::{LambdaEvent, service_fn};
use shared::domain::messages::QueueName;
use shared::platform::config::Config;
use shared::platform::db::Pool;
use shared::upstreams::Clients;
use shared::work::budgets::Budgets;
use shared::work::queue::Queues;
use shared::work::sqs_events::{SqsBatchResponse, SqsEvent};
use shared::work::worker::{self, Worker};

/// Messages of a batch that are handled concurrently.
const CONCURRENCY: usize = 4;
/// Connections per instance. Postgres has few connections for many instances.
const CONNECTIONS: usize = 2;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = Config::load().await?;
    shared::platform::telemetry::start(&config.log);
    let pool = Pool::new(&config.database()?, CONNECTIONS)?;
    pool.connect_ahead().await;
    let queues = Queues::from_config(&config, &pool).await?;
    let clients = Clients::new(&config)?;
    let context = &Context {
        pool: pool.clone(),
        budgets: Budgets::new(pool.clone(), config.request_rates),
        musicbrainz: clients.musicbrainz,
        discogs: clients.discogs,
        genius: clients.genius,
        instagram: clients.instagram,
    };
    let worker = &Worker {
        pool,
        queues,
        queue: QueueName::Enrichment,
        name: "enrich",
        max_receive_count: config.attempts,
        concurrency: CONCURRENCY,
    };
    lambda_runtime::run(service_fn(|event: LambdaEvent<SqsEvent>| async move {
        let deadline = worker::deadline(event.context.deadline());
        let failed = worker
            .handle(event.payload.into(), deadline, |envelope, deadline| {
                enrich::handle(context, envelope, deadline)
            })
            .await;
        anyhow::Ok(SqsBatchResponse::failed(failed))
    }))
    .await
}
