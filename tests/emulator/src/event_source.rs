//! An event source mapping: receives messages from a queue in batches, passes them to a function and deletes
//! those that the function does not report as failed. The others become visible again, or go to the
//! dead-letter queue by the queue's redrive policy.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::emulator::{Emulator, InvocationResult};
use super::moto::{AwsClient, REGION};
use super::template::EventSourceMapping;

/// How long a receive call waits for a message.
const WAIT_SECONDS: u64 = 1;
const PAUSE_AFTER_ERROR: Duration = Duration::from_millis(200);

/// Counts of events and messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EventCounts {
    /// Events passed to the function.
    pub events: u64,
    /// Messages in them.
    pub messages: u64,
    /// Messages that the function reported as failed.
    pub reported: u64,
    /// Events that failed as a whole.
    pub failed_events: u64,
}

/// A running event source mapping. Dropping this ends it and the instances of the function.
#[derive(Debug)]
pub struct EventSource {
    /// The instances, one per lane.
    pub instances: Vec<Arc<Emulator>>,
    counts: Arc<Mutex<EventCounts>>,
    _lanes: JoinSet<()>,
}

impl EventSource {
    pub(super) fn start(
        aws: &AwsClient,
        queue_url: &str,
        queue_arn: &str,
        mapping: &EventSourceMapping,
        instances: Vec<Emulator>,
    ) -> Self {
        let instances: Vec<_> = instances.into_iter().map(Arc::new).collect();
        let counts = Arc::default();
        let mut lanes = JoinSet::new();
        for instance in &instances {
            let lane = EventSourceLane {
                aws: aws.clone(),
                queue_url: queue_url.to_owned(),
                queue_arn: queue_arn.to_owned(),
                mapping: mapping.clone(),
                instance: Arc::clone(instance),
                counts: Arc::clone(&counts),
            };
            lanes.spawn(lane.work());
        }
        Self {
            instances,
            counts,
            _lanes: lanes,
        }
    }

    /// The counts so far.
    #[must_use]
    pub fn counts(&self) -> EventCounts {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Passes one batch at a time to one instance.
struct EventSourceLane {
    aws: AwsClient,
    queue_url: String,
    queue_arn: String,
    mapping: EventSourceMapping,
    instance: Arc<Emulator>,
    counts: Arc<Mutex<EventCounts>>,
}

impl EventSourceLane {
    async fn work(self) {
        loop {
            if let Err(error) = self.work_once().await {
                tracing::warn!(queue = self.queue_arn, "{error:#}");
                tokio::time::sleep(PAUSE_AFTER_ERROR).await;
            }
        }
    }

    async fn work_once(&self) -> anyhow::Result<()> {
        let messages = self.gather().await?;
        if messages.is_empty() {
            return Ok(());
        }
        let event = sqs_event(&self.queue_arn, &messages);
        let answer = self.instance.invoke(&event).await?;
        let failed = failed(&answer, &messages);
        self.count(&messages, &failed);
        for message in &messages {
            // A failed message becomes visible again after its time-out.
            if let Ok(failed) = &failed
                && !failed.contains(&message["MessageId"])
            {
                self.delete(message).await?;
            }
        }
        Ok(())
    }

    /// A batch: the messages that are there, and those that arrive within the batching window.
    async fn gather(&self) -> anyhow::Result<Vec<Value>> {
        let mut messages = self.receive(self.mapping.batch_size).await?;
        let started_at = Instant::now();
        while !messages.is_empty()
            && messages.len() < self.mapping.batch_size
            && started_at.elapsed() < self.mapping.window
        {
            let remaining = self.mapping.batch_size - messages.len();
            messages.extend(self.receive(remaining).await?);
        }
        Ok(messages)
    }

    async fn receive(&self, limit: usize) -> anyhow::Result<Vec<Value>> {
        let request = json!({
            "QueueUrl": self.queue_url,
            "MaxNumberOfMessages": limit.min(10),
            "WaitTimeSeconds": WAIT_SECONDS,
            "AttributeNames": ["All"],
        });
        let mut answer = self.aws.sqs("ReceiveMessage", &request).await?;
        match answer["Messages"].take() {
            Value::Null => Ok(Vec::new()),
            Value::Array(messages) => Ok(messages),
            other => bail!("expected a list of messages from moto, got {other}"),
        }
    }

    async fn delete(&self, message: &Value) -> anyhow::Result<()> {
        let request = json!({"QueueUrl": self.queue_url, "ReceiptHandle": message["ReceiptHandle"]});
        self.aws.sqs("DeleteMessage", &request).await.map(drop)
    }

    fn count(&self, messages: &[Value], failed: &anyhow::Result<Vec<Value>>) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.events += 1;
        counts.messages += messages.len() as u64;
        match failed {
            Ok(failed) => counts.reported += failed.len() as u64,
            Err(error) => {
                counts.failed_events += 1;
                tracing::warn!(queue = self.queue_arn, "a batch failed: {error:#}");
            }
        }
    }
}

/// The event for messages as SQS returns them.
#[must_use]
pub fn sqs_event(queue_arn: &str, messages: &[Value]) -> Value {
    let records: Vec<Value> = messages
        .iter()
        .map(|message| {
            json!({
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
                "messageAttributes": {},
                "md5OfBody": message["MD5OfBody"],
                "eventSource": "aws:sqs",
                "eventSourceARN": queue_arn,
                "awsRegion": REGION,
            })
        })
        .collect();
    json!({ "Records": records })
}

/// The ids of the failed messages, or an error if the whole batch failed. As [on
/// AWS](https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html), an answer that names
/// an unknown message fails the whole batch.
fn failed(answer: &InvocationResult, messages: &[Value]) -> anyhow::Result<Vec<Value>> {
    let value = match answer {
        InvocationResult::Value(value) => value,
        InvocationResult::Failed(cause) => bail!("{cause}"),
    };
    let failures = match &value["batchItemFailures"] {
        Value::Null => return Ok(Vec::new()),
        failures => failures.as_array().context("batchItemFailures is not a list")?,
    };
    failures
        .iter()
        .map(|failure| {
            let id = &failure["itemIdentifier"];
            if !messages.iter().any(|message| message["MessageId"] == *id) {
                bail!("{id} is not a message of the batch");
            }
            Ok(id.clone())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_messages_fail_or_the_whole_batch() {
        let messages = [json!({"MessageId": "m1"}), json!({"MessageId": "m2"})];
        let failed = |answer: Value| failed(&InvocationResult::Value(answer), &messages).ok();
        assert_eq!(failed(Value::Null), Some(vec![]));
        assert_eq!(failed(json!({"batchItemFailures": null})), Some(vec![]));
        assert_eq!(failed(json!({"batchItemFailures": []})), Some(vec![]));
        let one = |id: Value| json!({"batchItemFailures": [{"itemIdentifier": id}]});
        assert_eq!(failed(one(json!("m2"))), Some(vec![json!("m2")]));
        assert_eq!(failed(one(json!("m3"))), None);
        assert_eq!(failed(one(json!(null))), None);
        assert_eq!(failed(json!({"batchItemFailures": "m1"})), None);
        assert!(super::failed(&InvocationResult::Failed("no".to_owned()), &messages).is_err());
    }
}
