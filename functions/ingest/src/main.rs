//! The ingest function as a Lambda function that handles SQS batches of the catalog queue.

use ingest::{Context, SETTINGS};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use shared::domain::messages::QueueName;
use shared::work::bootstrap::Bootstrap;
use shared::work::worker::Worker;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let bootstrap = Bootstrap::load(SETTINGS).await?;
    let context = &Context::new(&bootstrap, &bootstrap.clients()?);
    let worker = &Worker::new(&bootstrap, QueueName::Catalog);
    run(service_fn(|event: LambdaEvent<_>| {
        let end = event.context.deadline();
        worker.handle_event(event.payload, end, move |envelope, deadline| {
            ingest::handle(context, envelope, deadline)
        })
    }))
    .await
}
