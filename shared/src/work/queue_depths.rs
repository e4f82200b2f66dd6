//! How much waits in the queues. SQS is asked where the queues are there; its numbers are approximate.

use anyhow::Context as _;
use aws_sdk_sqs::types::QueueAttributeName;

use super::queue::Queues;
use super::queue::sqs::sqs_urls;
use crate::domain::messages::QueueName;
use crate::store::work::queue_messages::{self, QueueDepth};

impl Queues {
    /// The depth of each queue, in the order of the steps.
    ///
    /// # Errors
    /// If the database or SQS does not answer.
    pub async fn list_depths(&self) -> anyhow::Result<Vec<QueueDepth>> {
        match self {
            Self::Sqs { client, urls } => {
                let depths = QueueName::ALL.iter().map(async |queue| {
                    let urls = sqs_urls(urls, *queue)?;
                    let (waiting, dead) = futures::try_join!(
                        fetch_counts(client, &urls.url),
                        fetch_counts(client, &urls.dead_letter_url)
                    )
                    .with_context(|| format!("ask SQS about the {queue} queue"))?;
                    Ok(QueueDepth {
                        queue: queue.to_string(),
                        waiting: waiting.visible + waiting.delayed,
                        in_flight: waiting.in_flight,
                        dead: dead.visible,
                        oldest_seconds: None,
                    })
                });
                futures::future::try_join_all(depths).await
            }
            Self::Postgres { pool, .. } => {
                let names: Vec<&str> = QueueName::ALL.iter().map(|queue| queue.as_str()).collect();
                Ok(queue_messages::list_depths(&pool.client().await?, &names).await?)
            }
        }
    }

    /// The queues whose messages are all in the tables of the database: all of them in Postgres; on SQS,
    /// those that hold no message.
    ///
    /// # Errors
    /// If SQS does not answer.
    pub async fn list_known(&self) -> anyhow::Result<Vec<QueueName>> {
        let Self::Sqs { client, urls } = self else {
            return Ok(QueueName::ALL.to_vec());
        };
        let mut known = Vec::new();
        for (queue, urls) in urls {
            let counts = fetch_counts(client, &urls.url).await?;
            if counts.visible + counts.in_flight + counts.delayed == 0 {
                known.push(*queue);
            }
        }
        Ok(known)
    }
}

/// The approximate numbers of messages of a queue on SQS.
struct SqsCounts {
    /// Those that can be received.
    visible: i64,
    /// Those that were received and are invisible.
    in_flight: i64,
    /// Those that cannot be received yet.
    delayed: i64,
}

/// Asks SQS how many messages a queue has.
async fn fetch_counts(client: &aws_sdk_sqs::Client, url: &str) -> anyhow::Result<SqsCounts> {
    let names = [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        QueueAttributeName::ApproximateNumberOfMessagesDelayed,
    ];
    let answer = client
        .get_queue_attributes()
        .queue_url(url)
        .set_attribute_names(Some(names.to_vec()))
        .send()
        .await?;
    let count = |name: &QueueAttributeName| {
        let text = answer.attributes().and_then(|attributes| attributes.get(name));
        text.and_then(|text| text.parse().ok())
            .with_context(|| format!("SQS states no {name}"))
    };
    Ok(SqsCounts {
        visible: count(&names[0])?,
        in_flight: count(&names[1])?,
        delayed: count(&names[2])?,
    })
}
