//! The event in which Lambda delivers SQS messages, and its response. Three functions receive it. It is plain
//! JSON and needs none of Lambda's crates.

use serde::{Deserialize, Serialize};

use crate::domain::messages::Delivery;

/// The messages of one queue. An event of another kind has no `Records` and is rejected.
#[derive(Debug, Deserialize)]
pub struct SqsEvent {
    #[serde(rename = "Records")]
    records: Vec<SqsRecord>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SqsRecord {
    // A message without an id could not be reported as failed. The event is rejected, and all of it is
    // received again.
    message_id: String,
    receipt_handle: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    attributes: SqsAttributes,
}

#[derive(Debug, Default, Deserialize)]
struct SqsAttributes {
    #[serde(rename = "ApproximateReceiveCount", default)]
    receive_count: Option<String>,
}

impl From<SqsEvent> for Vec<Delivery> {
    fn from(event: SqsEvent) -> Self {
        event.records.into_iter().map(delivery).collect()
    }
}

fn delivery(record: SqsRecord) -> Delivery {
    let receive_count = record
        .attributes
        .receive_count
        .and_then(|count| count.parse().ok());
    Delivery {
        message_id: record.message_id,
        receipt: record.receipt_handle,
        body: record.body,
        receive_count: receive_count.unwrap_or(1),
    }
}

/// The messages to receive again; the others are deleted.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SqsBatchResponse {
    batch_item_failures: Vec<BatchItemFailure>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct BatchItemFailure {
    item_identifier: String,
}

impl SqsBatchResponse {
    /// A response that lists the ids of the failed messages.
    #[must_use]
    pub fn failed(message_ids: Vec<String>) -> Self {
        let batch_item_failures = message_ids
            .into_iter()
            .map(|item_identifier| BatchItemFailure { item_identifier })
            .collect();
        Self { batch_item_failures }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(event: serde_json::Value) -> Result<Vec<Delivery>, serde_json::Error> {
        serde_json::from_value::<SqsEvent>(event).map(Vec::from)
    }

    #[test]
    fn messages_are_parsed_with_their_receive_count() {
        let event = json!({"Records": [
            {
                "messageId": "m1", "receiptHandle": "r1", "body": "{}", "eventSource": "aws:sqs",
                "attributes": {"ApproximateReceiveCount": "3", "SenderId": "x"}, "messageAttributes": {}
            },
            {"messageId": "m2", "receiptHandle": "r2"},
        ]});
        let deliveries = read(event).unwrap();
        assert_eq!(
            (deliveries[0].body.as_str(), deliveries[0].receive_count),
            ("{}", 3)
        );
        assert_eq!(
            (deliveries[1].body.as_str(), deliveries[1].receive_count),
            ("", 1)
        );
        assert!(read(json!({"Records": []})).unwrap().is_empty());
    }

    #[test]
    fn an_event_of_another_kind_or_without_an_id_is_rejected() {
        for event in [
            json!({}),
            json!({"source": "aws.events", "detail": {}}),
            json!({"Records": [{"receiptHandle": "r", "body": "{}"}]}),
        ] {
            assert!(read(event.clone()).is_err(), "{event}");
        }
    }

    #[test]
    fn the_response_lists_the_failed_messages() {
        let response = serde_json::to_value(SqsBatchResponse::failed(vec!["m2".to_owned()])).unwrap();
        assert_eq!(response, json!({"batchItemFailures": [{"itemIdentifier": "m2"}]}));
        let none = serde_json::to_value(SqsBatchResponse::failed(Vec::new())).unwrap();
        assert_eq!(none, json!({"batchItemFailures": []}));
    }
}
