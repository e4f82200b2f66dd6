//! Handles the messages of an SQS event or another batch concurrently, and determines the outcome of each.

use std::collections::HashMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use chrono::Utc;
use futures::{FutureExt as _, StreamExt as _};
use tokio::time::Instant;

use super::Worker;
use super::settling::{SettledMessage, TIME_TO_SETTLE, in_time};
use crate::domain::messages::{Delivery, Envelope, Outcome};
use crate::platform::db::PoolError;
use crate::work::budgets;

/// The delay if the database is unreachable because it restarts or fails over. It is long enough that the
/// attempts last until it is back.
const DATABASE_RETRY_SECONDS: u32 = 120;
/// The time at the end of an invocation that is reserved for reporting unfinished messages.
const TIME_TO_REPORT: Duration = Duration::from_secs(3);
const _: () = assert!(TIME_TO_SETTLE.as_millis() < TIME_TO_REPORT.as_millis());
/// The time of an invocation, for an emulator that does not state when it ends.
const UNSTATED_TIME: Duration = Duration::from_secs(60);

impl Worker {
    /// Handles the messages with which Lambda invokes a function until `end`. SQS delivers those in the
    /// response again and deletes the others.
    ///
    /// # Errors
    /// If a message has no id or no receipt, so that it could not be reported or delayed. SQS then delivers
    /// all messages of the event again.
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
        let mut response = SqsBatchResponse::default();
        response.set_failures(self.handle(deliveries, deadline(end), handler).await);
        Ok(response)
    }

    /// Handles messages until `deadline` and returns the ids of those to receive again. The others are
    /// settled and, in Postgres, deleted. Messages that request the same work are handled one after the
    /// other, so that the later ones find the work of the first one done.
    pub async fn handle<F, Fut>(
        &self,
        deliveries: Vec<Delivery>,
        deadline: Instant,
        handler: F,
    ) -> Vec<String>
    where
        F: Fn(Envelope, Instant) -> Fut,
        Fut: Future<Output = anyhow::Result<Outcome>>,
    {
        let started_at = Utc::now();
        // The futures are collected first: a stream that maps borrowed deliveries cannot be spawned.
        let work: Vec<_> = group_by_key(&deliveries)
            .into_iter()
            .map(|duplicates| {
                let handler = &handler;
                async move {
                    let mut settled = Vec::new();
                    for (delivery, envelope) in duplicates {
                        let one = self.handle_one(delivery, envelope, deadline, handler).await;
                        settled.push((delivery, one));
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
        if let Err(error) = in_time(deadline, self.store_metrics(started_at, &settled)).await {
            tracing::warn!(
                error = format!("{error:#}"),
                "could not store the metrics of the batch"
            );
        }
        settled
            .iter()
            .filter(|(_, settled)| !settled.is_acknowledged)
            .map(|(delivery, _)| delivery.message_id.clone())
            .collect()
    }

    async fn handle_one<F, Fut>(
        &self,
        delivery: &Delivery,
        envelope: ParsedBody,
        deadline: Instant,
        handler: &F,
    ) -> SettledMessage
    where
        F: Fn(Envelope, Instant) -> Fut,
        Fut: Future<Output = anyhow::Result<Outcome>>,
    {
        let outcome = self.outcome(delivery, &envelope, deadline, handler).await;
        let name = outcome.to_string();
        match in_time(deadline, self.settle(delivery, envelope.ok(), outcome)).await {
            Ok(is_acknowledged) => SettledMessage {
                outcome: name,
                is_acknowledged,
            },
            Err(error) => {
                tracing::error!(
                    message.id = delivery.message_id,
                    error = format!("{error:#}"),
                    "the message could not be settled; it will be received again"
                );
                SettledMessage {
                    outcome: "unsettled".to_owned(),
                    is_acknowledged: false,
                }
            }
        }
    }

    /// What becomes of a message: what the handler says, unless it cannot be handled.
    async fn outcome<F, Fut>(
        &self,
        delivery: &Delivery,
        envelope: &ParsedBody,
        deadline: Instant,
        handler: &F,
    ) -> Outcome
    where
        F: Fn(Envelope, Instant) -> Fut,
        Fut: Future<Output = anyhow::Result<Outcome>>,
    {
        match envelope {
            // The workers of the last attempt were killed and could not report the failure.
            _ if delivery.receive_count > self.max_receive_count => Outcome::Discard {
                reason: format!(
                    "it was received {} times without success",
                    delivery.receive_count - 1
                ),
            },
            // The parser's message is dropped: it could quote the body, whose content is unknown.
            Err(error) => Outcome::Discard {
                reason: format!(
                    "the body is not a message: {:?} at column {}",
                    error.classify(),
                    error.column()
                ),
            },
            Ok(envelope) if envelope.message.queue() != self.queue => Outcome::Discard {
                reason: format!("{} was sent on the {} queue", envelope.message.kind(), self.queue),
            },
            Ok(_) if Instant::now() >= deadline => Outcome::Retry {
                cause: "there was no time left".to_owned(),
                after_seconds: Some(0),
            },
            Ok(envelope) => {
                // The handler is called inside the future, so that a panic before its first await is caught
                // as well.
                let handled = async { handler(envelope.clone(), deadline).await };
                outcome_of(deadline, handled).await
            }
        }
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

type ParsedBody = Result<Envelope, serde_json::Error>;

/// Parses the bodies and groups deliveries that request the same work, in the order of the first of each
/// group. A body that cannot be parsed forms a group of its own.
fn group_by_key(deliveries: &[Delivery]) -> Vec<Vec<(&Delivery, ParsedBody)>> {
    let mut indexes = HashMap::new();
    let mut groups = Vec::<Vec<_>>::new();
    for delivery in deliveries {
        let envelope: ParsedBody = serde_json::from_str(&delivery.body);
        let key = match &envelope {
            Ok(envelope) => envelope.message.key(),
            Err(_) => delivery.message_id.clone(),
        };
        let index = *indexes.entry(key).or_insert(groups.len());
        if index == groups.len() {
            groups.push(Vec::new());
        }
        groups[index].push((delivery, envelope));
    }
    groups
}

/// Runs a handler. An error, a panic or a missed deadline is a retry of this message alone.
pub(super) async fn outcome_of(
    deadline: Instant,
    handler: impl Future<Output = anyhow::Result<Outcome>>,
) -> Outcome {
    match tokio::time::timeout_at(deadline, AssertUnwindSafe(handler).catch_unwind()).await {
        Err(_) => Outcome::Retry {
            cause: "it exceeded the time limit".to_owned(),
            after_seconds: Some(0),
        },
        Ok(Err(panic)) => {
            let cause = panic
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or_else(|| panic.downcast_ref::<String>().cloned());
            tracing::error!(cause, "a handler panicked");
            Outcome::Retry {
                cause: "a handler panicked; see the log".to_owned(),
                after_seconds: None,
            }
        }
        Ok(Ok(Ok(outcome))) => outcome,
        Ok(Ok(Err(error))) => outcome_of_error(&error),
    }
}

/// The outcome for an error. The cause is shown to the person who requested the work; database errors appear
/// only in the log.
fn outcome_of_error(error: &anyhow::Error) -> Outcome {
    let is_unreachable = error.chain().any(|cause| cause.is::<PoolError>());
    if is_unreachable || error.chain().any(|cause| cause.is::<tokio_postgres::Error>()) {
        tracing::error!(error = format!("{error:#}"), "the database failed");
        return Outcome::Retry {
            cause: "the database failed; see the log".to_owned(),
            after_seconds: is_unreachable.then_some(DATABASE_RETRY_SECONDS),
        };
    }
    match error.downcast_ref::<budgets::BudgetError>() {
        Some(error) => error.outcome(),
        None => Outcome::Retry {
            cause: format!("{error:#}"),
            after_seconds: None,
        },
    }
}
