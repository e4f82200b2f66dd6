//! The messages of the stand-in for SQS.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wiremock::{Request, Respond, ResponseTemplate};

/// The maximum number of messages in one answer.
const MAX_RECEIVED: usize = 10;

/// A message on a queue.
struct StoredMessage {
    queue_url: Value,
    id: String,
    body: Value,
    attributes: Value,
    receipt: Option<String>,
    receive_count: u32,
    visible_at: Instant,
}

/// All messages of all queues.
#[derive(Default)]
pub(super) struct StoredMessages(Mutex<Vec<StoredMessage>>);

impl Respond for StoredMessages {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let action = request.headers["x-amz-target"].to_str().unwrap();
        let asked: Value = request.body_json().unwrap();
        let mut messages = self.0.lock().unwrap();
        let answer = match action.trim_start_matches("AmazonSQS.") {
            "SendMessage" => json!({ "MessageId": send(&mut messages, &asked["QueueUrl"], &asked) }),
            "SendMessageBatch" => {
                let entries = asked["Entries"].as_array().unwrap().iter();
                let sent = entries.map(|entry| {
                    json!({ "Id": entry["Id"], "MessageId": send(&mut messages, &asked["QueueUrl"], entry) })
                });
                json!({ "Successful": sent.collect::<Vec<_>>(), "Failed": [] })
            }
            "ReceiveMessage" => json!({ "Messages": receive(&mut messages, &asked) }),
            "DeleteMessage" => {
                messages.retain(|message| !is_receipt_of(message, &asked));
                json!({})
            }
            "ChangeMessageVisibility" => {
                let seconds = asked["VisibilityTimeout"].as_u64().unwrap();
                for message in messages
                    .iter_mut()
                    .filter(|message| is_receipt_of(message, &asked))
                {
                    message.visible_at = Instant::now() + Duration::from_secs(seconds);
                }
                json!({})
            }
            action => panic!("the stand-in does not know {action}"),
        };
        ResponseTemplate::new(200).set_body_json(answer)
    }
}

fn is_receipt_of(message: &StoredMessage, asked: &Value) -> bool {
    message.queue_url == asked["QueueUrl"] && message.receipt.as_deref() == asked["ReceiptHandle"].as_str()
}

/// Stores a message; returns its id.
fn send(messages: &mut Vec<StoredMessage>, queue_url: &Value, sent: &Value) -> String {
    let id = uuid::Uuid::new_v4().to_string();
    messages.push(StoredMessage {
        queue_url: queue_url.clone(),
        id: id.clone(),
        body: sent["MessageBody"].clone(),
        attributes: sent["MessageAttributes"].clone(),
        receipt: None,
        receive_count: 0,
        visible_at: Instant::now(),
    });
    id
}

/// The visible messages of a queue, up to ten, which are hidden from then on.
fn receive(messages: &mut [StoredMessage], asked: &Value) -> Vec<Value> {
    let now = Instant::now();
    let hidden = Duration::from_secs(asked["VisibilityTimeout"].as_u64().unwrap());
    let visible = messages
        .iter_mut()
        .filter(|message| message.queue_url == asked["QueueUrl"] && message.visible_at <= now);
    let received = visible.take(MAX_RECEIVED).map(|message| {
        message.receive_count += 1;
        message.visible_at = now + hidden;
        let receipt = format!("{} {}", message.id, message.receive_count);
        message.receipt = Some(receipt.clone());
        json!({
            "MessageId": message.id, "ReceiptHandle": receipt, "Body": message.body,
            "MessageAttributes": message.attributes,
            "Attributes": {
                "ApproximateReceiveCount": message.receive_count.to_string(),
                "SentTimestamp": "1700000000000",
            },
        })
    });
    received.collect()
}
