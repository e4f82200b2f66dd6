//! The system in one process: the workers of the three queues, and the schedules.

mod schedules;
mod workers;

use std::sync::Arc;
use std::time::Duration;

use shared::platform::config::Config;
use shared::platform::db::Pool;
use shared::store::work::queue_messages;
use shared::upstreams::Clients;
use shared::work::bootstrap::Bootstrap;
use shared::work::queue::Queues;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

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
    tasks: JoinSet<()>,
}

impl System {
    /// Starts the workers and the schedules on a migrated database.
    ///
    /// # Errors
    /// If the database cannot be reached.
    pub async fn start(
        config: &Config,
        pool: &Pool,
        clients: &Clients,
        options: SystemOptions,
    ) -> anyhow::Result<Self> {
        if options.is_alone {
            queue_messages::release_all(&pool.client().await?).await?;
        }
        let bootstrap = Bootstrap {
            config: config.clone(),
            pool: pool.clone(),
            queues: Queues::postgres(pool.clone()),
        };
        bootstrap.budgets().forget_other_refusals().await?;
        let handlers = Arc::new(MessageHandlers::new(&bootstrap, clients));
        let lanes = WorkerLane::all(&bootstrap);
        let sweep = sweep::Context::new(&bootstrap);
        let rollup = rollup::Context::new(&bootstrap);
        let mut system = Self {
            bootstrap,
            stopping: CancellationToken::new(),
            held: HeldMessages::default(),
            tasks: JoinSet::new(),
        };
        for lane in lanes {
            let (handlers, held) = (Arc::clone(&handlers), system.held.clone());
            system
                .tasks
                .spawn(lane.work(handlers, held, system.stopping.clone()));
        }
        system.tasks.spawn(schedules::sweep(
            sweep,
            options.sweep_every,
            system.stopping.clone(),
        ));
        system
            .tasks
            .spawn(schedules::rollup(rollup, system.stopping.clone()));
        Ok(system)
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
        let finished = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_TIME_OUT, finished).await.is_err() {
            self.tasks.shutdown().await;
            self.held.release(&self.bootstrap).await;
        }
    }
}
