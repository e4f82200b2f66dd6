//! Sends the messages of steps again that are gone although an ingestion waits for them, once. A step whose
//! message is gone for the second time has failed.

use std::collections::BTreeMap;

use anyhow::Context as _;
use shared::domain::messages::{Envelope, Message, QueueName};
use shared::platform::db::{Client, Pool};
use shared::store::work::lost_tasks::{self, LostTask};
use shared::store::work::worker_issues::{self, WorkerIssue};
use shared::store::work::{outgoing_messages, refreshes};
use shared::work::queue::Queues;

/// The most steps per transaction.
const BATCH_SIZE: i64 = 1_000;
/// Why a step failed whose message is gone, and what to do.
const REASON: &str = "its message was lost twice; request it again";

/// Handles all steps whose messages are gone. The function sweep sends the messages that are written here.
pub(crate) async fn send_again(pool: &Pool, queues: &Queues) -> anyhow::Result<()> {
    let known_queues = queues.list_known().await;
    let known_queues = known_queues.context("ask the queues what they hold")?;
    let mut client = pool.client().await?;
    loop {
        let transaction = client.transaction().await?;
        if !refreshes::try_lock_schedule(&transaction, "lost_steps").await? {
            return Ok(());
        }
        let count = send_batch_again(&transaction, &known_queues).await?;
        transaction.commit().await?;
        if count < BATCH_SIZE as usize {
            return Ok(());
        }
    }
}

async fn send_batch_again(client: &Client<'_>, known_queues: &[QueueName]) -> anyhow::Result<usize> {
    let tasks = lost_tasks::list(client, known_queues, BATCH_SIZE).await?;
    let count = tasks.len();
    let (mut again, mut failed) = (Vec::new(), Vec::new());
    let mut envelopes = BTreeMap::<String, Envelope>::new();
    for task in tasks {
        match Message::from_step(&task.kind, &task.subject) {
            Some(message) if !task.is_lost_again => {
                let envelope = envelopes
                    .entry(message.key())
                    .or_insert_with(|| Envelope::requested(message, None));
                *envelope = envelope.clone().awaited_by(&[task.ingestion_id]);
                envelope.fresh_after = envelope.fresh_after.max(task.fresh_after);
                again.push(task);
            }
            _ => failed.push(task),
        }
    }
    lost_tasks::mark_sent_again(client, &again).await?;
    let envelopes: Vec<Envelope> = envelopes.into_values().collect();
    outgoing_messages::upsert(client, &envelopes).await?;
    fail(client, &failed).await?;
    Ok(count)
}

async fn fail(client: &Client<'_>, tasks: &[LostTask]) -> anyhow::Result<()> {
    lost_tasks::mark_failed(client, tasks, REASON).await?;
    for task in tasks {
        let message = format!(
            "{}:{} of ingestion {} failed: {REASON}",
            task.kind, task.subject, task.ingestion_id
        );
        let issue = WorkerIssue {
            worker_name: "rollup",
            issue_type: "lost",
            fingerprint: &task.kind,
            message: &message,
            details: serde_json::json!({ "ingestion": task.ingestion_id, "subject": task.subject }),
        };
        worker_issues::raise(client, &issue).await?;
    }
    Ok(())
}
