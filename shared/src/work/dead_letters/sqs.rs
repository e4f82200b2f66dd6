//! Dead letters on SQS. A dead-letter queue is read by receiving all of its messages.

use std::collections::BTreeMap;

use anyhow::Context as _;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use chrono::{DateTime, Utc};

use super::letter::DeadLetter;
use crate::domain::messages::QueueName;
use crate::platform::config::SqsUrls;
use crate::work::queue::Queues;
use crate::work::queue::sqs::{REASON, sqs_urls};

/// How long received letters are hidden from others. A dead-letter queue of some thousands is received within
/// it.
const VISIBILITY_SECONDS: i32 = 300;
/// With long polling, an empty answer means that the queue is empty.
const WAIT_SECONDS: i32 = 1;
/// The maximum number of messages in one answer.
const BATCH_SIZE: i32 = 10;

/// Receives all dead letters, or those of one queue.
pub(super) async fn receive_all(
    client: &aws_sdk_sqs::Client,
    urls: &BTreeMap<QueueName, SqsUrls>,
    queue: Option<QueueName>,
) -> anyhow::Result<Vec<DeadLetter>> {
    let queues = QueueName::ALL
        .iter()
        .filter(|name| queue.is_none_or(|queue| queue == **name));
    let received = queues.map(async |queue| {
        let url = &sqs_urls(urls, *queue)?.dead_letter_url;
        let mut letters = Vec::new();
        loop {
            let answer = client
                .receive_message()
                .queue_url(url)
                .max_number_of_messages(BATCH_SIZE)
                .visibility_timeout(VISIBILITY_SECONDS)
                .wait_time_seconds(WAIT_SECONDS)
                .message_attribute_names(REASON)
                .message_system_attribute_names(MessageSystemAttributeName::All)
                .send()
                .await
                .with_context(|| format!("receive the dead letters of the {queue} queue"))?;
            let messages = answer.messages.unwrap_or_default();
            if messages.is_empty() {
                return anyhow::Ok(letters);
            }
            letters.extend(messages.into_iter().map(|message| letter(*queue, message)));
        }
    });
    let letters = futures::future::try_join_all(received).await?;
    Ok(letters.into_iter().flatten().collect())
}

fn letter(queue: QueueName, message: Message) -> DeadLetter {
    let system = |name| message.attributes().and_then(|attributes| attributes.get(&name));
    let receive_count = system(MessageSystemAttributeName::ApproximateReceiveCount);
    let receive_count = receive_count.and_then(|text| text.parse().ok()).unwrap_or(0);
    let sent_at = system(MessageSystemAttributeName::SentTimestamp);
    let sent_at = sent_at.and_then(|text| DateTime::from_timestamp_millis(text.parse().ok()?));
    let reason = message
        .message_attributes()
        .and_then(|attributes| attributes.get(REASON));
    let reason = reason.and_then(|reason| reason.string_value());
    DeadLetter {
        reason: reason
            .unwrap_or("SQS gave up: it was received too often")
            .to_owned(),
        id: message.message_id().unwrap_or_default().to_owned(),
        queue: queue.to_string(),
        receive_count,
        died_at: sent_at.unwrap_or(DateTime::<Utc>::UNIX_EPOCH),
        receipt: message.receipt_handle().map(str::to_owned),
        body: message.body.unwrap_or_default(),
    }
}

/// Makes letters visible to others again, if they are on SQS. A failure does no harm: they become visible by
/// themselves.
pub(super) async fn release(queues: &Queues, letters: &[DeadLetter]) {
    let Queues::Sqs { client, urls } = queues else {
        return;
    };
    for letter in letters {
        if let Ok((url, receipt)) = place(urls, letter) {
            let release = client
                .change_message_visibility()
                .queue_url(url)
                .receipt_handle(receipt);
            if let Err(error) = release.visibility_timeout(0).send().await {
                tracing::warn!(%error, "a dead letter stays hidden for some minutes");
            }
        }
    }
}

/// Sends letters to their queues, and then deletes them from the dead ones.
pub(super) async fn retry(
    queues: &Queues,
    client: &aws_sdk_sqs::Client,
    urls: &BTreeMap<QueueName, SqsUrls>,
    letters: &[DeadLetter],
) -> anyhow::Result<u64> {
    let mut sent = 0;
    for letter in letters {
        queues
            .send(letter.queue.parse()?, std::slice::from_ref(&letter.body))
            .await?;
        sent += delete(client, urls, std::slice::from_ref(letter)).await?;
    }
    Ok(sent)
}

/// Deletes letters.
pub(super) async fn delete(
    client: &aws_sdk_sqs::Client,
    urls: &BTreeMap<QueueName, SqsUrls>,
    letters: &[DeadLetter],
) -> anyhow::Result<u64> {
    let mut deleted = 0;
    for letter in letters {
        let (url, receipt) = place(urls, letter)?;
        let delete = client.delete_message().queue_url(url).receipt_handle(receipt);
        delete.send().await.context("delete a dead letter on SQS")?;
        deleted += 1;
    }
    Ok(deleted)
}

/// The dead-letter queue of a letter, and its receipt.
fn place<'a>(
    urls: &'a BTreeMap<QueueName, SqsUrls>,
    letter: &'a DeadLetter,
) -> anyhow::Result<(&'a str, &'a str)> {
    let url = &sqs_urls(urls, letter.queue.parse()?)?.dead_letter_url;
    let receipt = letter
        .receipt
        .as_deref()
        .context("a letter of SQS has a receipt")?;
    Ok((url, receipt))
}
