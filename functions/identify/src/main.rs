//! The identify function: messages of the identification queue from SQS. What it does with one is in the library.

use anyhow::Context as _;
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use identify::Context;
use lambda_runtime::{LambdaEvent, service_fn};
use shared::batch::{self, Worker};
use shared::budgets::Budgets;
use shared::config::Config;
use shared::db::Pool;
use shared::messages::QueueName;
use shared::queue::{Delivery, Queues};
use shared::upstreams::Clients;

/// Messages of a batch worked on at once, and connections for them: Postgres has few for many instances.
const CONCURRENCY: usize = 4;
const CONNECTIONS: usize = 2;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = Config::from_env()?;
    shared::telemetry::start(&config.log);
    let pool = Pool::new(&config.database()?, CONNECTIONS)?;
    let queues = Queues::from_config(&config, &pool).await?;
    let clients = Clients::new(&config)?;
    let context = &Context {
        pool: pool.clone(),
        queues: queues.clone(),
        budgets: Budgets::new(pool.clone(), config.paces),
        spotify: clients.spotify,
        musicbrainz: clients.musicbrainz,
    };
    let worker = &Worker {
        pool,
        queues,
        queue: QueueName::Identification,
        name: "identify",
        max_receive_count: config.max_receive_count,
        concurrency: CONCURRENCY,
    };
    lambda_runtime::run(service_fn(|event: LambdaEvent<SqsEvent>| async move {
        let deadline = batch::deadline(event.context.deadline());
        let deliveries = event
            .payload
            .records
            .into_iter()
            .map(delivery)
            .collect::<anyhow::Result<Vec<_>>>()?;
        let failed = worker
            .handle(deliveries, deadline, |envelope, deadline| {
                identify::handle(context, envelope, deadline)
            })
            .await;
        anyhow::Ok(failures(failed))
    }))
    .await
}

/// A message without an id could not be reported, so the invocation fails and all are received again.
fn delivery(message: aws_lambda_events::sqs::SqsMessage) -> anyhow::Result<Delivery> {
    Ok(Delivery {
        message_id: message.message_id.context("a message has no id")?,
        receipt: message.receipt_handle.context("a message has no receipt")?,
        body: message.body.unwrap_or_default(),
        receive_count: message
            .attributes
            .get("ApproximateReceiveCount")
            .and_then(|count| count.parse().ok())
            .unwrap_or(1),
    })
}

fn failures(failed: Vec<String>) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failed
        .into_iter()
        .map(|id| {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            failure
        })
        .collect();
    response
}
