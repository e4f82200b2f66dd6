//! Handles the messages of an SQS event or another batch concurrently.

use std::collections::HashMap;
use std::future::Future;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use chrono::{DateTime, Utc};
use futures::StreamExt as _;
use tokio::time::{Instant, timeout_at};

use super::Worker;
use super::cancelled::CancelledIngestions;
use super::ending::SettledMessage;
use super::settling::{TIME_TO_SETTLE, backoff_seconds, in_time};
use super::trying::ParsedBody;
use crate::domain::messages::{Delivery, Envelope, Outcome};
use crate::platform::db::is_interruption;
use crate::platform::error_text::{error_text, without_row_values};
use crate::store::loads::dropped_keys;

/// The time at the end of an invocation that is reserved for reporting unfinished messages.
const TIME_TO_REPORT: Duration = Duration::from_secs(3);
/// The time after the deadline in which the batch is ended.
const TIME_TO_END: Duration = Duration::from_millis(2500);
const _: () = assert!(TIME_TO_SETTLE.as_millis() < TIME_TO_END.as_millis());
const _: () = assert!(TIME_TO_END.as_millis() < TIME_TO_REPORT.as_millis());
/// The time of an invocation, for an emulator that does not state when it ends.
const UNSTATED_TIME: Duration = Duration::from_secs(60);

impl Worker {
    /// Handles the messages with which Lambda invokes a function until `end`. SQS delivers those in the
    /// response again and deletes the others.
    ///
    /// # Errors
    /// If a message has no id or no receipt, so that it could not be reported or delayed, if the database
    /// belongs to the other kind of queues, and as [`Worker::handle`]. SQS then delivers all messages of the
    /// event again.
    pub async fn handle_event<F, Fut>(
        &self,
        event: SqsEvent,
        end: SystemTime,
        handler: F,
    ) -> anyhow::Result<SqsBatchResponse>
    where
        F: Fn(Envelope, Instant) -> Fut,
        Fut: Future<Output = anyhow::Result<Outcome>>,
    {
        let deliveries = event.records.into_iter().map(delivery);
        let deliveries = deliveries.collect::<anyhow::Result<Vec<_>>>()?;
        let deadline = deadline(end);
        let begun = self.queues.begin_batch(&self.pool, deadline).await;
        begun.map_err(without_row_values)?;
        let mut response = SqsBatchResponse::default();
        response.set_failures(
            self.handle(deliveries, deadline, handler)
                .await
                .map_err(without_row_values)?,
        );
        Ok(response)
    }

    /// Handles messages until `deadline` and returns the ids of those to receive again. The others are
    /// settled and, in Postgres, deleted. Messages that request the same work are handled one after the
    /// other, so that the later ones find the work of the first one done.
    ///
    /// # Errors
    /// If the database is away at the end of the batch. All messages have to be received again then.
    pub async fn handle<F, Fut>(
        &self,
        deliveries: Vec<Delivery>,
        deadline: Instant,
        handler: F,
    ) -> anyhow::Result<Vec<String>>
    where
        F: Fn(Envelope, Instant) -> Fut,
        Fut: Future<Output = anyhow::Result<Outcome>>,
    {
        let started_at = self.pool.now();
        // Without an answer until the deadline, none of the messages is begun.
        let _ = timeout_at(deadline, self.end_open_starts()).await;
        let groups = group_by_key(&deliveries);
        let bodies = groups.iter().flatten().map(|(_, body)| body);
        let (cancelled, locked_until) =
            tokio::join!(self.list_cancelled(bodies, deadline), self.locked_until(deadline));
        let cancelled = &cancelled;
        // The futures are collected first: a stream that maps borrowed deliveries cannot be spawned.
        let work: Vec<_> = groups
            .into_iter()
            .map(|duplicates| {
                let handler = &handler;
                async move {
                    let mut settled = Vec::new();
                    for (delivery, body) in duplicates {
                        settled.push(
                            self.handle_one(delivery, body, cancelled, locked_until, deadline, handler)
                                .await,
                        );
                    }
                    settled
                }
            })
            .collect();
        let settled: Vec<Vec<_>> = futures::stream::iter(work)
            .buffer_unordered(self.concurrency.max(1))
            .collect()
            .await;
        let settled: Vec<_> = settled.into_iter().flatten().collect();
        let end = deadline + TIME_TO_END;
        self.remember_starts(settled.iter().filter(|message| message.is_left_open()));
        if let Err(error) = in_time(end, self.end_batch(started_at, &settled)).await {
            self.remember_starts(settled.iter());
            if is_interruption(&*error) || settled.iter().any(SettledMessage::is_left_open) {
                return Err(error.context("the database is away"));
            }
            tracing::warn!(error = error_text(&*error), "could not end the batch");
        }
        // What the database or the queue kept from being settled may be given back now. Otherwise it comes
        // back after its visibility time-out.
        for message in settled.iter().filter(|message| message.is_unsettled()) {
            let seconds = backoff_seconds(message.delivery.receive_count);
            let _ = in_time(end, self.give_back(message.delivery, seconds)).await;
        }
        let again = settled.iter().filter(|message| !message.is_off_queue);
        Ok(again.map(|message| message.delivery.message_id.clone()).collect())
    }

    /// When the messages are tried again if a load has locked the catalog. Without an answer they are tried
    /// now: a database that is away is noticed there.
    async fn locked_until(&self, deadline: Instant) -> Option<DateTime<Utc>> {
        let check = async {
            let client = self.pool.client().await?;
            anyhow::Ok(dropped_keys::find_lock(&client).await?)
        };
        in_time(deadline, check).await.ok().flatten()
    }

    async fn handle_one<'a, F, Fut>(
        &self,
        delivery: &'a Delivery,
        body: ParsedBody,
        cancelled: &CancelledIngestions,
        locked_until: Option<DateTime<Utc>>,
        deadline: Instant,
        handler: &F,
    ) -> SettledMessage<'a>
    where
        F: Fn(Envelope, Instant) -> Fut,
        Fut: Future<Output = anyhow::Result<Outcome>>,
    {
        let result = match cancelled.message(&body) {
            Some(envelope) => self.skip(envelope, delivery.receive_count).await,
            None => {
                self.try_message(delivery, &body, deadline, locked_until, handler)
                    .await
            }
        };
        let mut settled = SettledMessage {
            delivery,
            key: body.as_ref().ok().map(|envelope| envelope.message.key()),
            result: result.to_string(),
            is_off_queue: false,
        };
        let settling = self.settle(delivery, body.ok(), result);
        match in_time(deadline + TIME_TO_SETTLE, settling).await {
            Ok(is_off_queue) => settled.is_off_queue = is_off_queue,
            Err(error) => {
                tracing::error!(
                    message.id = delivery.message_id,
                    error = error_text(&*error),
                    "the message could not be settled; it will be received again"
                );
                settled.result = SettledMessage::UNSETTLED.to_owned();
            }
        }
        settled
    }
}

/// The deadline for the messages of an invocation that ends at `end`.
#[must_use]
pub fn deadline(end: SystemTime) -> Instant {
    let left = end.duration_since(SystemTime::now()).unwrap_or(UNSTATED_TIME);
    Instant::now() + left.saturating_sub(TIME_TO_REPORT)
}

/// The delivery of an SQS message. Its first one if SQS does not state the receive count.
pub(super) fn delivery(message: SqsMessage) -> anyhow::Result<Delivery> {
    let receive_count = message.attributes.get("ApproximateReceiveCount");
    Ok(Delivery {
        message_id: message.message_id.context("a message has no id")?,
        receipt: message.receipt_handle.context("a message has no receipt")?,
        body: message.body.unwrap_or_default(),
        receive_count: receive_count.and_then(|count| count.parse().ok()).unwrap_or(1),
    })
}

/// Parses the bodies and groups deliveries that request the same work, in the order of the first of each
/// group. A body that cannot be parsed forms a group of its own.
fn group_by_key(deliveries: &[Delivery]) -> Vec<Vec<(&Delivery, ParsedBody)>> {
    let mut indexes = HashMap::new();
    let mut groups = Vec::<Vec<_>>::new();
    for delivery in deliveries {
        let body: ParsedBody = serde_json::from_str(&delivery.body);
        let key = match &body {
            Ok(envelope) => envelope.message.key(),
            Err(_) => delivery.message_id.clone(),
        };
        let index = *indexes.entry(key).or_insert(groups.len());
        if index == groups.len() {
            groups.push(Vec::new());
        }
        groups[index].push((delivery, body));
    }
    groups
}
