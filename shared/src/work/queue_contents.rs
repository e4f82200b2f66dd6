//! Whether a queue can hold messages that the database does not know of.

use aws_sdk_sqs::types::QueueAttributeName as Attribute;

use crate::domain::messages::QueueName;
use crate::work::queue::Queues;

/// The messages of a queue on SQS: those that wait, those that were received, and those that are delayed.
const COUNTS: [Attribute; 3] = [
    Attribute::ApproximateNumberOfMessages,
    Attribute::ApproximateNumberOfMessagesNotVisible,
    Attribute::ApproximateNumberOfMessagesDelayed,
];

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
        let request = client.get_queue_attributes().queue_url(&urls.url);
        let answer = request.set_attribute_names(Some(COUNTS.to_vec())).send().await?;
        let count = |name: &Attribute| answer.attributes()?.get(name)?.parse::<u64>().ok();
        if COUNTS.iter().all(|name| count(name) == Some(0)) {
            known.push(*queue);
        }
    }
    Ok(known)
}
