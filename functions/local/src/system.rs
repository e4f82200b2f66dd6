//! The system in one process: the workers of the three queues, the schedules, and the heartbeat.

mod heartbeat;
mod schedules;
mod task_group;
mod workers;

use std::sync::Arc;
use std::time::Duration;

use shared::platform::config::Config;
use shared::platform::db::Pool;
use shared::store::work::queue_messages;
use shared::upstreams::Clients;
use shared::work::bootstrap::Bootstrap;
use shared::work::queue::Queues;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use heartbeat::Heartbeat;
use task_group::{TaskBoard, TaskGroup, first_failure};
use workers::{HeldMessages, MessageHandlers, WorkerLane};

/// How long running messages may take to finish when the system is stopped.
const STOP_TIME_OUT: Duration = Duration::from_secs(30);

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
    lanes: TaskBoard,
    schedules: TaskBoard,
    heartbeat: Heartbeat,
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
        let lanes = TaskBoard::new("the lane");
        let rollup = rollup::Context::new(&bootstrap);
        let mut system = Self {
            heartbeat: Heartbeat::new(pool, &lanes),
            bootstrap,
            stopping: CancellationToken::new(),
            held: HeldMessages::default(),
            tasks: TaskGroup::default(),
            lanes,
            schedules: TaskBoard::new("the schedule of"),
        };
        for (name, lane) in WorkerLane::all(&system.bootstrap) {
            let entry = system.lanes.add(name.clone());
            let (handlers, held) = (Arc::clone(&handlers), system.held.clone());
            let work = lane.work(handlers, held, entry, system.stopping.clone());
            system.tasks.spawn(format!("the lane {name}"), work);
        }
        let stopping = || system.stopping.clone();
        let entry = |name: &str| system.schedules.add(name.to_owned());
        let sweep = schedules::sweep(sweep, options.sweep_every, entry("sweep"), stopping());
        let rollup = schedules::rollup(rollup, entry("rollup"), stopping());
        let heartbeat = system.heartbeat.clone().run(stopping());
        system.tasks.spawn("the schedule of sweep".to_owned(), sweep);
        system.tasks.spawn("the schedule of rollup".to_owned(), rollup);
        system.tasks.spawn("the heartbeat".to_owned(), heartbeat);
        Ok(system)
    }

    /// Waits until a lane or a schedule ends or hangs, and returns the error.
    pub async fn failure(&mut self) -> anyhow::Error {
        let failure = first_failure(&mut self.tasks, &[&self.lanes, &self.schedules]).await;
        anyhow::anyhow!("{failure}: see the log, and start linernotes again")
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
        if let Queues::Postgres { wake_ups, .. } = self.queues() {
            wake_ups.wake_all();
        }
        if timeout(STOP_TIME_OUT, self.tasks.join_all()).await.is_err() {
            self.tasks.abort_all().await;
            self.held.release(&self.bootstrap).await;
        }
        self.heartbeat.end().await;
    }
}
