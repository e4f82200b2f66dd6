//! Runs every minute (every few seconds on one machine): sends due messages, recomputes outdated statistics,
//! and schedules refreshes while the sources are idle.

mod context;
mod refreshing;
mod sending;
mod statistics;

use std::time::Duration;

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

/// Runs one sweep. `period` is the time until the next one: the sweep releases only as many messages as fit
/// into it.
///
/// # Errors
/// If the database belongs to the other kind of queues. Otherwise the first error of its parts, none of which
/// holds up the others. Nothing is lost, and the next sweep continues.
pub async fn handle(context: &Context, period: Duration) -> anyhow::Result<SweepCounts> {
    let client = context.pool.client().await?;
    client.read_clock().await?;
    context.queues.claim_database(&client).await?;
    context.report_sources(&client).await?;
    drop(client);
    let sent = sending::send_due_messages(context, period).await;
    let statistics = compute_statistics(&context.pool).await;
    let refreshed = refreshing::schedule_refreshes(context).await;
    Ok(SweepCounts {
        sent: sent?,
        statistics: statistics?,
        refreshed: refreshed?,
    })
}
