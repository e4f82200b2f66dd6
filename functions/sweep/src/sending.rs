//! Sends the messages that are due, ten at a time. Each ten is sent and deleted by itself, so that nothing
//! holds up the others: neither a message that cannot be sent nor a queue that does not answer.

use std::collections::BTreeMap;
use std::time::Duration;

use shared::domain::messages::QueueName;
use shared::platform::db::Client;
use shared::store::work::outgoing_messages::{self, OutgoingMessage};
use shared::store::work::refreshes;
use shared::store::work::worker_issues::{self, WorkerIssue};
use shared::work::queue::{BATCH_SIZE, Refusal};

use crate::context::Context;

/// The most messages that one sweep sends, so that it ends before the next one begins.
const MOST_MESSAGES: i64 = 1_000;
/// The age after which an unsent message is certainly left over: its sender would have sent it by now.
const LEFT_OVER_SECONDS: f64 = 10.0;

/// Sends as many due messages as fit into the `period` until the next sweep, and returns how many. If it is
/// killed between sending and deleting ten messages, they are sent twice rather than not at all.
///
/// # Errors
/// If the database fails, or if a queue does not answer. The messages of the other queues are sent then.
pub(crate) async fn send_due_messages(context: &Context, period: Duration) -> anyhow::Result<usize> {
    let mut holder = context.pool.client().await?;
    let lock = holder.transaction().await?;
    if !refreshes::try_lock_schedule(&lock, "sweep").await? {
        return Ok(0);
    }
    let due = outgoing_messages::list_due(&lock, MOST_MESSAGES, period.as_secs_f64(), LEFT_OVER_SECONDS);
    let mut by_queue = BTreeMap::<String, Vec<OutgoingMessage>>::new();
    for row in due.await? {
        by_queue.entry(row.queue.clone()).or_default().push(row);
    }
    let (mut sent, mut failure) = (0, None);
    for (queue, rows) in &by_queue {
        for ten in rows.chunks(BATCH_SIZE) {
            match send_ten(context, queue, ten).await {
                Ok(count) => sent += count,
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
    }
    lock.commit().await?;
    match failure {
        Some(error) => Err(error),
        None => Ok(sent),
    }
}

/// Sends up to ten messages of a queue, deletes those that were sent, and sets aside those that never can be.
/// Returns the number of those that were sent.
async fn send_ten(context: &Context, queue: &str, rows: &[OutgoingMessage]) -> anyhow::Result<usize> {
    let refusals = match queue.parse::<QueueName>() {
        Ok(queue) => {
            let bodies: Vec<String> = rows.iter().map(|row| row.body.clone()).collect();
            context.queues.send_batch(queue, &bodies).await?
        }
        Err(_) => refuse_all(rows),
    };
    let is_sent = |place: usize| refusals.iter().all(|refusal| refusal.place != place);
    let sent: Vec<OutgoingMessage> = (0..)
        .zip(rows)
        .filter(|(place, _)| is_sent(*place))
        .map(|(_, row)| row.clone())
        .collect();
    let client = context.pool.client().await?;
    outgoing_messages::delete(&client, &sent).await?;
    for refusal in &refusals {
        let row = &rows[refusal.place];
        tracing::warn!(
            message.key = row.message_key,
            queue,
            reason = refusal.reason,
            "a message could not be sent"
        );
        if refusal.is_final {
            set_aside(&client, row, &refusal.reason).await?;
        }
    }
    Ok(sent.len())
}

/// The refusals of messages for a queue that this version does not know, as after a rollback.
fn refuse_all(rows: &[OutgoingMessage]) -> Vec<Refusal> {
    let refusal = |place| Refusal {
        place,
        reason: "this version knows no such queue".to_owned(),
        is_final: true,
    };
    (0..rows.len()).map(refusal).collect()
}

async fn set_aside(client: &Client<'_>, row: &OutgoingMessage, reason: &str) -> anyhow::Result<()> {
    let OutgoingMessage {
        id,
        queue,
        message_key,
        ..
    } = row;
    let message = format!(
        "{message_key} cannot be sent to the queue {queue}: {reason}; it is tried again every hour. Install \
         a version that can send it, or delete row {id} of outgoing_messages"
    );
    let issue = WorkerIssue {
        worker_name: "sweep",
        issue_type: "unsendable",
        fingerprint: queue,
        message: &message,
        details: serde_json::json!({ "queue": queue, "message_key": message_key, "id": id }),
    };
    worker_issues::raise(client, &issue).await?;
    Ok(outgoing_messages::set_aside(client, *id).await?)
}
