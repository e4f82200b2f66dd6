//! Runs every minute (every few seconds on one machine): sends due messages, recomputes outdated statistics,
//! and schedules refreshes while the sources are idle.

mod context;
mod refreshing;
mod statistics;

use std::time::Duration;

use shared::store::work::{outgoing_messages, refreshes};

pub use context::{Context, SETTINGS};
pub use statistics::compute_statistics;

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct SweepCounts {
    /// Messages sent.
    pub sent: usize,
    /// Producers whose statistics were computed.
    pub statistics: u64,
    /// Messages written to refresh what was due.
    pub refreshed: usize,
}

/// The most messages that one sweep sends, so that it ends before the next one begins.
const MOST_MESSAGES: i64 = 1_000;
/// The age after which an unsent message is certainly left over: its sender would have sent it by now.
const LEFT_OVER_SECONDS: f64 = 10.0;

/// Runs one sweep. `period` is the time until the next one: the sweep releases only as many messages as fit
/// into it. After an error nothing is lost, and the next sweep continues.
pub async fn handle(context: &Context, period: Duration) -> anyhow::Result<SweepCounts> {
    Ok(SweepCounts {
        sent: send_due_messages(context, period).await?,
        statistics: compute_statistics(&context.pool).await?,
        refreshed: refreshing::schedule_refreshes(context).await?,
    })
}

/// Rows stay locked until they are sent and deleted: if a sweep is killed in between, they are sent twice
/// rather than not at all.
async fn send_due_messages(context: &Context, period: Duration) -> anyhow::Result<usize> {
    let mut client = context.pool.client().await?;
    let transaction = client.transaction().await?;
    if !refreshes::try_lock_schedule(&transaction, "sweep").await? {
        return Ok(0);
    }
    let due = outgoing_messages::lock_due(
        &transaction,
        MOST_MESSAGES,
        period.as_secs_f64(),
        LEFT_OVER_SECONDS,
    )
    .await?;
    if !due.is_empty() {
        context.queues.send_all(&due).await?;
        outgoing_messages::delete(&transaction, &due).await?;
    }
    transaction.commit().await?;
    Ok(due.len())
}
