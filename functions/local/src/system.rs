//! The system in one process: the workers of the three queues, and the schedules.

mod schedules;
mod task_group;
mod workers;

use std::sync::Arc;
use std::time::Duration;

use shared::platform::config::Config;
use shared::platform::db::Pool;
use shared::platform::error_text::error_text;
use shared::store::work::{queue_messages, worker_processes};
use shared::upstreams::Clients;
use shared::work::bootstrap::Bootstrap;
use shared::work::queue::Queues;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use task_group::{LaneBoard, TaskGroup};
use workers::{HeldMessages, MessageHandlers, WorkerLane};

/// How long running messages may take to finish when the system is stopped.
const STOP_TIME_OUT: Duration = Duration::from_secs(30);
/// How often the system stores what its lanes are doing and looks whether one hangs.
const REPORT_EVERY: Duration = Duration::from_secs(10);
/// How long storing that may take. A database that hangs must not keep the system from noticing more.
const REPORT_TIME_OUT: Duration = Duration::from_secs(5);

/// How the system runs.
#[derive(Debug, Clone, Copy)]
pub struct SystemOptions {
    /// Interval between runs of sweep.
    pub sweep_every: Duration,
    /// Whether no other process can be working on this database. If so, messages that a killed process held
    /// are released at the start.
    pub is_alone: bool,
}

/// The running system. Dropping it without [`System::stop`] aborts running messages, which are then received
/// again.
pub struct System {
    bootstrap: Bootstrap,
    stopping: CancellationToken,
    held: HeldMessages,
    tasks: TaskGroup,
    lanes: LaneBoard,
    process_id: Uuid,
}

impl System {
    /// Starts the workers and the schedules on a migrated database.
    ///
    /// # Errors
    /// If the database cannot be reached, or belongs to queues on SQS.
    pub async fn start(
        config: &Config,
        pool: &Pool,
        clients: &Clients,
        options: SystemOptions,
    ) -> anyhow::Result<Self> {
        let bootstrap = Bootstrap {
            config: config.clone(),
            pool: pool.clone(),
            queues: Queues::postgres(pool.clone()),
        };
        let client = pool.client().await?;
        bootstrap.queues.claim_database(&client).await?;
        if options.is_alone {
            queue_messages::release_all(&client).await?;
        }
        let sweep = sweep::Context::new(&bootstrap);
        sweep.report_sources(&client).await?;
        drop(client);
        bootstrap.budgets().forget_other_refusals().await?;
        let handlers = Arc::new(MessageHandlers::new(&bootstrap, clients));
        let lanes = WorkerLane::all(&bootstrap);
        let rollup = rollup::Context::new(&bootstrap);
        let mut system = Self {
            bootstrap,
            stopping: CancellationToken::new(),
            held: HeldMessages::default(),
            tasks: TaskGroup::default(),
            lanes: LaneBoard::default(),
            process_id: Uuid::new_v4(),
        };
        for (name, lane) in lanes {
            let entry = system.lanes.add(name.clone());
            let (handlers, held) = (Arc::clone(&handlers), system.held.clone());
            let work = lane.work(handlers, held, entry, system.stopping.clone());
            system.tasks.spawn(format!("the lane {name}"), work);
        }
        let sweep = schedules::sweep(sweep, options.sweep_every, system.stopping.clone());
        system.tasks.spawn("the schedule of sweep".to_owned(), sweep);
        let rollup = schedules::rollup(rollup, system.stopping.clone());
        system.tasks.spawn("the schedule of rollup".to_owned(), rollup);
        Ok(system)
    }

    /// Watches the system until a lane or a schedule ends or hangs, and returns the error. Meanwhile it
    /// stores what the lanes are doing.
    pub async fn failure(&mut self) -> anyhow::Error {
        let mut ticks = tokio::time::interval(REPORT_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let ended = loop {
            tokio::select! {
                ended = self.tasks.first_end() => break ended,
                _ = ticks.tick() => {
                    if let Some(hanging) = self.lanes.hanging(Instant::now()) {
                        break hanging;
                    }
                }
            }
            match timeout(REPORT_TIME_OUT, self.report()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::debug!(error = error_text(&*error), "the lanes were not reported");
                }
                Err(_) => tracing::debug!("the lanes were not reported in time"),
            }
        };
        anyhow::anyhow!("{ended}: see the log, and start linernotes again")
    }

    async fn report(&self) -> anyhow::Result<()> {
        let client = self.bootstrap.pool.client().await?;
        let name = format!("process {}", std::process::id());
        worker_processes::upsert(&client, self.process_id, &name, &self.lanes.reports()).await?;
        Ok(())
    }

    /// What the functions of the system work with, for others in this process.
    #[must_use]
    pub fn bootstrap(&self) -> &Bootstrap {
        &self.bootstrap
    }

    /// The queues of the system. Sending through them wakes an idle worker at once.
    #[must_use]
    pub fn queues(&self) -> &Queues {
        &self.bootstrap.queues
    }

    /// Stops receiving, waits up to 30 seconds for running messages, and releases the unfinished ones.
    pub async fn stop(mut self) {
        self.stopping.cancel();
        if let Queues::Postgres { sent, .. } = self.queues() {
            sent.notify_waiters();
        }
        if timeout(STOP_TIME_OUT, self.tasks.join_all()).await.is_err() {
            self.tasks.abort_all().await;
            self.held.release(&self.bootstrap).await;
        }
        let forget = async {
            let client = self.bootstrap.pool.client().await?;
            anyhow::Ok(worker_processes::delete(&client, self.process_id).await?)
        };
        if !matches!(timeout(REPORT_TIME_OUT, forget).await, Ok(Ok(()))) {
            tracing::debug!("the process stays listed as one that was killed");
        }
    }
}
