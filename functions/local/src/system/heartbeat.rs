//! Stores every ten seconds what the lanes of this process are doing. `linernotes status` shows it.

use std::time::Duration;

use shared::platform::db::Pool;
use shared::platform::error_text::error_text;
use shared::store::work::worker_processes;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::task_group::TaskBoard;

const EVERY: Duration = Duration::from_secs(10);
/// How long storing it may take.
const TIME_OUT: Duration = Duration::from_secs(5);

/// The row of this process.
#[derive(Clone)]
pub(super) struct Heartbeat {
    pool: Pool,
    process_id: Uuid,
    lanes: TaskBoard,
}

impl Heartbeat {
    /// The row of a process that has these lanes. Nothing is stored yet.
    pub(super) fn new(pool: &Pool, lanes: &TaskBoard) -> Self {
        Self {
            pool: pool.clone(),
            process_id: Uuid::new_v4(),
            lanes: lanes.clone(),
        }
    }

    /// Stores the row periodically until the system stops.
    pub(super) async fn run(self, stopping: CancellationToken) {
        loop {
            match timeout(TIME_OUT, self.store()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::debug!(error = error_text(&*error), "the lanes were not reported");
                }
                Err(_) => tracing::debug!("the lanes were not reported in time"),
            }
            if timeout(EVERY, stopping.cancelled()).await.is_ok() {
                return;
            }
        }
    }

    async fn store(&self) -> anyhow::Result<()> {
        let client = self.pool.client().await?;
        let name = format!("process {}", std::process::id());
        worker_processes::upsert(&client, self.process_id, &name, &self.lanes.lane_reports()).await?;
        Ok(())
    }

    /// Deletes the row. If that fails, the process stays listed as one that was killed.
    pub(super) async fn end(&self) {
        let delete = async {
            let client = self.pool.client().await?;
            anyhow::Ok(worker_processes::delete(&client, self.process_id).await?)
        };
        if !matches!(timeout(TIME_OUT, delete).await, Ok(Ok(()))) {
            tracing::debug!("the process stays listed as one that was killed");
        }
    }
}
