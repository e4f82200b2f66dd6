//! What SQS asks for: the URLs of its queues, groups of messages, and the attribute of a dead letter.

use std::collections::BTreeMap;

use anyhow::Context as _;
use aws_sdk_sqs::types::{BatchResultErrorEntry, MessageAttributeValue, SendMessageBatchRequestEntry};

use crate::domain::messages::{Envelope, QueueName};
use crate::platform::config::SqsUrls;

/// The attribute of a dead letter that has the reason.
pub(in crate::work) const REASON: &str = "reason";
const MAX_REASON_CHARACTERS: usize = 1_000;

/// A message body that a queue refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The place of the body among those sent.
    pub place: usize,
    /// The reason, as the queue states it.
    pub reason: String,
    /// Whether the queue will refuse it every time.
    pub is_final: bool,
}

/// The reason as an attribute. SQS allows no empty value and few control characters, and counts the attribute
/// as part of the message, whose length is limited.
pub(super) fn reason_attribute(reason: &str) -> anyhow::Result<MessageAttributeValue> {
    let is_allowed = |c: char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    let mut text: String = reason
        .chars()
        .filter(|c| is_allowed(*c))
        .take(MAX_REASON_CHARACTERS)
        .collect();
    if text.is_empty() {
        "unknown".clone_into(&mut text);
    }
    let value = MessageAttributeValue::builder()
        .data_type("String")
        .string_value(text);
    Ok(value.build()?)
}

/// The URLs of a queue.
///
/// # Errors
/// If the settings have none.
pub(in crate::work) fn sqs_urls(
    urls: &BTreeMap<QueueName, SqsUrls>,
    queue: QueueName,
) -> anyhow::Result<&SqsUrls> {
    urls.get(&queue).with_context(|| {
        format!(
            "{0}_QUEUE_URL and {0}_DEAD_LETTER_QUEUE_URL are not set",
            queue.as_str().to_uppercase()
        )
    })
}

/// The group of a message. SQS hands out the messages of a standard queue so that a long group does not hold
/// up the others.
fn group(body: &str) -> String {
    let envelope = serde_json::from_str::<Envelope>(body).ok();
    match envelope.as_ref().and_then(Envelope::newest_ingestion) {
        Some(ingestion) => format!("ingestion-{ingestion}"),
        None => "background".to_owned(),
    }
}

/// Sends message bodies in one request. Returns those that SQS refused.
pub(super) async fn send(
    client: &aws_sdk_sqs::Client,
    url: &str,
    bodies: &[String],
) -> anyhow::Result<Vec<Refusal>> {
    let entries = bodies
        .iter()
        .enumerate()
        .map(|(index, body)| {
            SendMessageBatchRequestEntry::builder()
                .id(index.to_string())
                .message_body(body)
                .message_group_id(group(body))
                .build()
        })
        .collect::<Result<Vec<_>, _>>()?;
    let response = client
        .send_message_batch()
        .queue_url(url)
        .set_entries(Some(entries))
        .send()
        .await?;
    let refusal = |failed: &BatchResultErrorEntry| {
        Ok(Refusal {
            place: failed.id().parse().context("read the id of a refused message")?,
            reason: failed.message().unwrap_or(failed.code()).to_owned(),
            is_final: failed.sender_fault(),
        })
    };
    response.failed().iter().map(refusal).collect()
}
