//! Whether a queue can hold messages that the database does not know of.

use crate::domain::messages::QueueName;
use crate::work::queue::Queues;
use crate::work::queue_depths::fetch_counts;

/// The queues whose messages are all in the tables of the database: all of them in Postgres; on SQS, those
/// that hold no message.
///
/// # Errors
/// If SQS does not answer.
pub async fn list_known_queues(queues: &Queues) -> anyhow::Result<Vec<QueueName>> {
    let Queues::Sqs { client, urls } = queues else {
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
