//! The schedules: sweep every few seconds and rollup every hour, until the system stops.
//! A run that fails or takes too long is logged; the next one catches up.

use std::time::Duration;

use shared::platform::error_text::error_text;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::task_group::TaskEntry;

/// Time-out of a run, the same as that of the functions on Lambda.
const TIME_OUT: Duration = Duration::from_secs(50);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// Runs sweep periodically.
pub(super) async fn sweep(
    context: sweep::Context,
    period: Duration,
    entry: TaskEntry,
    stopping: CancellationToken,
) {
    let context = &context;
    let run = || async move {
        let swept = sweep::handle(context, period).await?;
        tracing::debug!(?swept, "swept");
        Ok(())
    };
    repeat(period, run, &entry, &stopping).await;
}

/// Runs rollup at the start and then every hour.
pub(super) async fn rollup(context: rollup::Context, entry: TaskEntry, stopping: CancellationToken) {
    let context = &context;
    let run = || async move {
        let changed = rollup::handle(context).await?;
        tracing::debug!(changed, "rolled up");
        Ok(())
    };
    repeat(HOUR, run, &entry, &stopping).await;
}

async fn repeat<F>(period: Duration, run: impl Fn() -> F, entry: &TaskEntry, stopping: &CancellationToken)
where
    F: Future<Output = anyhow::Result<()>>,
{
    loop {
        entry.report(Some("running".to_owned()), TIME_OUT);
        match timeout(TIME_OUT, run()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(error = error_text(&*error), "a scheduled run failed"),
            Err(_) => tracing::warn!(seconds = TIME_OUT.as_secs(), "a scheduled run took too long"),
        }
        entry.report(None, period);
        if timeout(period, stopping.cancelled()).await.is_ok() {
            return;
        }
    }
}
