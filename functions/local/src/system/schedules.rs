//! The schedules: sweep every few seconds and rollup every hour, until the system stops.
//! A failed run is logged; the next one catches up.

use std::time::Duration;

use shared::platform::error_text::error_text;
use tokio_util::sync::CancellationToken;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Runs sweep periodically.
pub(super) async fn sweep(context: sweep::Context, period: Duration, stopping: CancellationToken) {
    loop {
        match sweep::handle(&context, period).await {
            Ok(swept) => tracing::debug!(?swept, "swept"),
            Err(error) => tracing::warn!(error = error_text(&*error), "sweep failed"),
        }
        if is_stopped_within(period, &stopping).await {
            return;
        }
    }
}

/// Runs rollup at the start and then every hour.
pub(super) async fn rollup(context: rollup::Context, stopping: CancellationToken) {
    loop {
        match rollup::handle(&context).await {
            Ok(changed) => tracing::debug!(changed, "rolled up"),
            Err(error) => tracing::warn!(error = error_text(&*error), "rollup failed"),
        }
        if is_stopped_within(HOUR, &stopping).await {
            return;
        }
    }
}

async fn is_stopped_within(period: Duration, stopping: &CancellationToken) -> bool {
    tokio::time::timeout(period, stopping.cancelled()).await.is_ok()
}
