//! The queues: SQS, or tables in Postgres with the same semantics. A message is delivered at least once, in
//! any order. [`crate::work::worker`] handles the messages.

pub(super) mod sqs;
mod wake_ups;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use aws_smithy_runtime_api::client::http::http_client_fn;

pub use self::sqs::Refusal;
use self::sqs::sqs_urls;
pub use self::wake_ups::WakeUps;
use crate::domain::messages::{Delivery, QueueName};
use crate::platform::aws;
use crate::platform::config::{Config, SqsUrls};
use crate::platform::db::{Client, Pool};
use crate::platform::error_text::error_text;
use crate::store::work::dead_messages;
use crate::store::work::outgoing_messages::{self, OutgoingMessage};
use crate::store::work::queue_messages::{self, Receipt};

/// The longest time that SQS delays a message or keeps it invisible.
const MAX_RETRY_SECONDS: u32 = 12 * 60 * 60;
/// The maximum number of messages in one SQS request.
pub const BATCH_SIZE: usize = 10;
/// A message that was received this often without an end goes to the dead letters. Attempts are counted by
/// [`crate::work::worker`]; this only keeps a message from being received for ever.
pub const MAX_RECEIVE_COUNT: i32 = 1_000;

/// The queues, on SQS or in Postgres.
#[derive(Clone)]
pub enum Queues {
    /// SQS. Lambda receives the messages; this client only sends them, delays them and moves them to the dead
    /// letters.
    Sqs {
        /// The client.
        client: aws_sdk_sqs::Client,
        /// The URLs of each queue.
        urls: BTreeMap<QueueName, SqsUrls>,
    },
    /// Tables in Postgres.
    Postgres {
        /// The database.
        pool: Pool,
        /// Wakes the receivers of this process.
        wake_ups: Arc<WakeUps>,
    },
}

impl Queues {
    /// Queues in Postgres.
    #[must_use]
    pub fn postgres(pool: Pool) -> Self {
        Self::Postgres {
            pool,
            wake_ups: Arc::default(),
        }
    }

    /// The same queues, with another pool of the same database. Messages that are sent through them wake the
    /// same workers.
    #[must_use]
    pub fn through(&self, pool: &Pool) -> Self {
        let mut queues = self.clone();
        if let Self::Postgres { pool: before, .. } = &mut queues {
            *before = pool.clone();
        }
        queues
    }

    /// The queues of the settings: on SQS if there are URLs, otherwise in the pool's database.
    pub async fn from_config(config: &Config, pool: &Pool) -> anyhow::Result<Self> {
        if config.queue_urls.is_empty() {
            return Ok(Self::postgres(pool.clone()));
        }
        Self::sqs(config.queue_urls.clone(), config.aws_endpoint_url.as_deref()).await
    }

    /// Queues on SQS. `endpoint` is another address than that of AWS.
    ///
    /// # Errors
    /// If AWS_REGION is not set.
    pub async fn sqs(urls: BTreeMap<QueueName, SqsUrls>, endpoint: Option<&str>) -> anyhow::Result<Self> {
        let connector = aws::connector();
        let mut config = aws_sdk_sqs::Config::builder()
            .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
            .region(aws::region().await?)
            .credentials_provider(aws::credentials())
            .http_client(http_client_fn(move |_, _| connector.clone()));
        config.set_endpoint_url(endpoint.map(str::to_owned));
        Ok(Self::Sqs {
            client: aws_sdk_sqs::Client::from_conf(config.build()),
            urls,
        })
    }

    /// Sends message bodies to a queue.
    ///
    /// # Errors
    /// If the queue did not accept all of them; some may have been sent.
    pub async fn send(&self, queue: QueueName, bodies: &[String]) -> anyhow::Result<()> {
        let size = match self {
            Self::Sqs { .. } => BATCH_SIZE,
            Self::Postgres { .. } => bodies.len().max(1),
        };
        for batch in bodies.chunks(size) {
            let refusals = self.send_batch(queue, batch).await?;
            if let Some(first) = refusals.first() {
                let (refused, all) = (refusals.len(), batch.len());
                anyhow::bail!(
                    "the {queue} queue refused {refused} of {all} messages: {}",
                    first.reason
                );
            }
        }
        Ok(())
    }

    /// Sends message bodies to a queue in one request, to SQS up to [`BATCH_SIZE`]. Returns those that it
    /// refused.
    ///
    /// # Errors
    /// If the queue did not answer. None, some or all may have been sent.
    pub async fn send_batch(&self, queue: QueueName, bodies: &[String]) -> anyhow::Result<Vec<Refusal>> {
        match self {
            Self::Sqs { client, urls } => {
                // Boxed, because every handler's future contains this one, and the SDK's is large and deep.
                let sent = Box::pin(sqs::send(client, &sqs_urls(urls, queue)?.url, bodies));
                sent.await
                    .with_context(|| format!("sending to the {queue} queue"))
            }
            Self::Postgres { pool, wake_ups } => {
                let queues = vec![queue.as_str(); bodies.len()];
                let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
                queue_messages::send(&pool.client().await?, &queues, &bodies).await?;
                wake_ups.wake_one(queue);
                Ok(Vec::new())
            }
        }
    }

    /// Sends messages of the outbox after their transaction is committed, and deletes their rows. A failure
    /// is only logged and does no harm: the function sweep sends the rows that remain.
    pub async fn send_written(&self, pool: &Pool, written: &[OutgoingMessage]) {
        if written.is_empty() {
            return;
        }
        let sent = async {
            self.send_all(written).await?;
            outgoing_messages::delete(&pool.client().await?, written).await?;
            anyhow::Ok(())
        };
        if let Err(error) = sent.await {
            tracing::warn!(
                error = error_text(&*error),
                "messages could not be sent; the function sweep will send them"
            );
        }
    }

    /// Sends messages to their queues, in the given order within each.
    ///
    /// # Errors
    /// As [`Queues::send`], and for a row of an unknown queue.
    pub async fn send_all(&self, written: &[OutgoingMessage]) -> anyhow::Result<()> {
        let mut by_queue = BTreeMap::<QueueName, Vec<String>>::new();
        for row in written {
            by_queue
                .entry(row.queue.parse()?)
                .or_default()
                .push(row.body.clone());
        }
        for (queue, bodies) in &by_queue {
            self.send(*queue, bodies).await?;
        }
        Ok(())
    }

    /// Makes a message visible again after `seconds`.
    pub async fn retry_after(&self, queue: QueueName, receipt: &str, seconds: u32) -> anyhow::Result<()> {
        let seconds = seconds.min(MAX_RETRY_SECONDS);
        match self {
            Self::Sqs { client, urls } => {
                client
                    .change_message_visibility()
                    .queue_url(&sqs_urls(urls, queue)?.url)
                    .receipt_handle(receipt)
                    .visibility_timeout(i32::try_from(seconds).unwrap_or(i32::MAX))
                    .send()
                    .await?;
            }
            Self::Postgres { pool, .. } => {
                if let Ok(receipt) = receipt.parse() {
                    queue_messages::change_visibility(&pool.client().await?, receipt, seconds.into()).await?;
                }
            }
        }
        Ok(())
    }

    /// Moves a message that can never succeed to the dead letters.
    pub async fn move_to_dead_letters(
        &self,
        queue: QueueName,
        delivery: &Delivery,
        reason: &str,
    ) -> anyhow::Result<()> {
        match self {
            Self::Sqs { client, urls } => {
                client
                    .send_message()
                    .queue_url(&sqs_urls(urls, queue)?.dead_letter_url)
                    .message_body(&delivery.body)
                    .message_attributes(sqs::REASON, sqs::reason_attribute(reason)?)
                    .send()
                    .await?;
            }
            Self::Postgres { pool, .. } => {
                dead_messages::insert(
                    &pool.client().await?,
                    queue.as_str(),
                    &delivery.body,
                    reason,
                    delivery.receive_count,
                )
                .await?;
            }
        }
        Ok(())
    }

    /// Receives messages from Postgres and waits up to `wait` for the first. On SQS, the event source mapping
    /// of Lambda receives them.
    pub async fn receive(&self, queue: QueueName, receive: &ReceiveOptions) -> anyhow::Result<Vec<Delivery>> {
        let Self::Postgres { pool, wake_ups } = self else {
            anyhow::bail!("messages on SQS are received by its event source mapping");
        };
        let mut deliveries = receive_postgres(pool, queue, receive).await?;
        if deliveries.is_empty() {
            wake_ups.wait(queue, receive.wait).await;
            deliveries = receive_postgres(pool, queue, receive).await?;
        }
        if deliveries.len() as i64 == receive.limit {
            // There may be more of them, for another receiver.
            wake_ups.wake_one(queue);
        }
        Ok(deliveries)
    }

    /// Deletes handled messages from Postgres, with a connection to the same database. On SQS, the event
    /// source mapping deletes them. A receipt that is unknown or has expired deletes nothing.
    pub async fn acknowledge(&self, client: &Client<'_>, deliveries: &[&Delivery]) -> anyhow::Result<()> {
        if let Self::Postgres { .. } = self
            && !deliveries.is_empty()
        {
            let receipts: Vec<Receipt> = deliveries
                .iter()
                .filter_map(|delivery| delivery.receipt.parse().ok())
                .collect();
            queue_messages::delete(client, &receipts).await?;
        }
        Ok(())
    }
}

/// The options for receiving messages.
#[derive(Debug, Clone, Copy)]
pub struct ReceiveOptions {
    /// The maximum number of messages.
    pub limit: i64,
    /// How long the messages are invisible to other receivers.
    pub visibility: Duration,
    /// How long to wait for the first message.
    pub wait: Duration,
    /// A message that was received this often goes to the dead letters instead.
    pub max_receive_count: i32,
}

async fn receive_postgres(
    pool: &Pool,
    queue: QueueName,
    receive: &ReceiveOptions,
) -> anyhow::Result<Vec<Delivery>> {
    let client = pool.client().await?;
    Ok(queue_messages::receive(
        &client,
        queue.as_str(),
        receive.limit,
        receive.visibility.as_secs_f64(),
        receive.max_receive_count,
    )
    .await?)
}
