//! The whole system in one process: the workers of the three queues and the schedules, until it is stopped.
//! The HTTP API is served beside it; what a message or a schedule does is its function's matter.

mod schedules;
mod workers;

use std::sync::Arc;
use std::time::Duration;

use shared::platform::config::Config;
use shared::platform::db::Pool;
use shared::store::work::queue_messages;
use shared::upstreams::Clients;
use shared::work::budgets::Budgets;
use shared::work::queue::Queues;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use workers::{Functions, Held, Lane};

/// How long what is under way may take to end when the system is stopped.
const TIME_TO_END: Duration = Duration::from_secs(30);

/// How the system runs.
#[derive(Debug, Clone, Copy)]
pub struct SystemOptions {
    /// How often sweep runs.
    pub sweep_every: Duration,
    /// Whether no other process can be at work on this database. Then a message that a killed process held is worked
    /// on at once.
    pub is_alone: bool,
}

/// The running system. Dropped without [`System::stop`], it breaks off, and what was under way is worked on again.
pub struct System {
    queues: Queues,
    stopping: CancellationToken,
    held: Held,
    tasks: JoinSet<()>,
}

impl System {
    /// Starts the workers and the schedules on a database that is up to date.
    ///
    /// # Errors
    /// Where the database cannot be reached.
    pub async fn start(
        config: &Config,
        pool: &Pool,
        clients: &Clients,
        options: SystemOptions,
    ) -> anyhow::Result<Self> {
        if options.is_alone {
            queue_messages::release_all(&pool.client().await?).await?;
        }
        let queues = Queues::postgres(pool.clone());
        let mut system = Self {
            queues: queues.clone(),
            stopping: CancellationToken::new(),
            held: Held::default(),
            tasks: JoinSet::new(),
        };
        let budgets = Budgets::new(pool.clone(), config.request_rates);
        let functions = Arc::new(Functions::new(
            pool,
            &queues,
            &budgets,
            clients,
            config.credit_sources,
        ));
        for lane in Lane::all(pool, &queues, config.attempts) {
            let (functions, held) = (Arc::clone(&functions), system.held.clone());
            system
                .tasks
                .spawn(lane.work(functions, held, system.stopping.clone()));
        }
        let sweep = sweep::Context {
            pool: pool.clone(),
            queues,
            sources: config.enabled_sources(),
        };
        system.tasks.spawn(schedules::sweep(
            sweep,
            options.sweep_every,
            system.stopping.clone(),
        ));
        let rollup = rollup::Context { pool: pool.clone() };
        system
            .tasks
            .spawn(schedules::rollup(rollup, system.stopping.clone()));
        Ok(system)
    }

    /// The queues that it works on. A message sent through them is received without waiting for the next look.
    #[must_use]
    pub fn queues(&self) -> &Queues {
        &self.queues
    }

    /// Receives nothing more, lets what is under way end for up to 30 seconds, and gives back the rest.
    pub async fn stop(mut self) {
        self.stopping.cancel();
        if let Queues::Postgres { sent, .. } = &self.queues {
            sent.notify_waiters();
        }
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(TIME_TO_END, ended).await.is_err() {
            self.tasks.shutdown().await;
            self.held.release(&self.queues).await;
        }
    }
}
