//! The workers: lanes that each take one message at a time from a queue and give it to the queue's function.
//! What comes of a message is decided and carried out by `shared::work::worker`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use shared::domain::messages::Delivery;
use shared::domain::messages::{Envelope, Outcome, QueueName};
use shared::platform::config::CreditSources;
use shared::platform::db::Pool;
use shared::upstreams::Clients;
use shared::work::budgets::Budgets;
use shared::work::queue::{Queues, ReceiveOptions};
use shared::work::worker::Worker;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How long a handler may take: as long as a function on Lambda.
const TIME_OUT: Duration = Duration::from_secs(60);
/// How long nobody else gets a message: six times the time-out, as AWS advises, so that none is handled twice while
/// its handler lives, however long settling it takes.
const VISIBILITY: Duration = Duration::from_secs(6 * 60);
/// How often an idle lane looks for messages that another process sent; its own wake it at once.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How long a lane leaves the database alone that failed it.
const PAUSE: Duration = Duration::from_secs(2);

/// How many messages of a queue are worked on at once. The sources' paces are the limit: a few messages that wait for
/// their turn keep a source busy while another one writes what it found, and more would only wait longer. Every album of
/// a producer has him enriched, often at the same moment: one at a time, the second finds what the first one looked up.
fn lanes(queue: QueueName) -> usize {
    match queue {
        QueueName::Catalog | QueueName::Identification => 4,
        QueueName::Enrichment => 1,
    }
}

fn function(queue: QueueName) -> &'static str {
    match queue {
        QueueName::Catalog => "ingest",
        QueueName::Identification => "identify",
        QueueName::Enrichment => "enrich",
    }
}

/// The functions that handle messages.
pub(super) struct Functions {
    ingest: ingest::Context,
    identify: identify::Context,
    enrich: enrich::Context,
}

impl Functions {
    pub(super) fn new(
        pool: &Pool,
        queues: &Queues,
        budgets: &Budgets,
        clients: &Clients,
        credit_sources: CreditSources,
    ) -> Self {
        Self {
            ingest: ingest::Context {
                pool: pool.clone(),
                queues: queues.clone(),
                budgets: budgets.clone(),
                spotify: clients.spotify.clone(),
                musicbrainz: clients.musicbrainz.clone(),
            },
            identify: identify::Context {
                pool: pool.clone(),
                queues: queues.clone(),
                budgets: budgets.clone(),
                credit_sources,
                spotify: clients.spotify.clone(),
                musicbrainz: clients.musicbrainz.clone(),
                discogs: clients.discogs.clone(),
                genius: clients.genius.clone(),
            },
            enrich: enrich::Context {
                pool: pool.clone(),
                queues: queues.clone(),
                budgets: budgets.clone(),
                musicbrainz: clients.musicbrainz.clone(),
                discogs: clients.discogs.clone(),
                genius: clients.genius.clone(),
                instagram: clients.instagram.clone(),
            },
        }
    }

    async fn handle(
        &self,
        queue: QueueName,
        envelope: Envelope,
        deadline: Instant,
    ) -> anyhow::Result<Outcome> {
        match queue {
            QueueName::Catalog => ingest::handle(&self.ingest, envelope, deadline).await,
            QueueName::Identification => identify::handle(&self.identify, envelope, deadline).await,
            QueueName::Enrichment => enrich::handle(&self.enrich, envelope, deadline).await,
        }
    }
}

/// The messages that are being worked on, by receipt.
#[derive(Clone, Default)]
pub(super) struct Held(Arc<Mutex<HashMap<String, QueueName>>>);

impl Held {
    fn add(&self, queue: QueueName, delivery: &Delivery) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(delivery.receipt.clone(), queue);
    }

    fn remove(&self, delivery: &Delivery) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.remove(&delivery.receipt);
    }

    /// Makes what is held visible again, for whoever comes next.
    pub(super) async fn release(&self, queues: &Queues) {
        let held = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for (receipt, queue) in held {
            if let Err(error) = queues.retry_after(queue, &receipt, 0).await {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "a message was not given back; it comes back by itself"
                );
            }
        }
    }
}

/// Works on one message of a queue at a time.
pub(super) struct Lane {
    worker: Worker,
}

impl Lane {
    /// Every lane of every queue.
    pub(super) fn all(pool: &Pool, queues: &Queues, max_receive_count: i32) -> Vec<Self> {
        let lane = |queue: QueueName| Self {
            worker: Worker {
                pool: pool.clone(),
                queues: queues.clone(),
                queue,
                name: function(queue),
                max_receive_count,
                concurrency: 1,
            },
        };
        QueueName::ALL
            .iter()
            .flat_map(|queue| std::iter::repeat_with(move || lane(*queue)).take(lanes(*queue)))
            .collect()
    }

    /// Works until told to stop; what is received by then is still handled.
    pub(super) async fn work(self, functions: Arc<Functions>, held: Held, stopping: CancellationToken) {
        let queue = self.worker.queue;
        let receive = ReceiveOptions {
            limit: 1,
            visibility: VISIBILITY,
            wait: LOOK_EVERY,
            // Once more than is tried, so that the worker can say that it gives up.
            max_receive_count: self.worker.max_receive_count + 1,
        };
        while !stopping.is_cancelled() {
            match self.worker.queues.receive(queue, &receive).await {
                Ok(deliveries) => {
                    for delivery in deliveries {
                        self.handle(&functions, &held, delivery).await;
                    }
                }
                Err(error) => {
                    tracing::warn!(
                        queue = queue.as_str(),
                        error = format!("{error:#}"),
                        "nothing could be received"
                    );
                    let _ = tokio::time::timeout(PAUSE, stopping.cancelled()).await;
                }
            }
        }
    }

    async fn handle(&self, functions: &Functions, held: &Held, delivery: Delivery) {
        let queue = self.worker.queue;
        held.add(queue, &delivery);
        let deadline = Instant::now() + TIME_OUT;
        let handler = |envelope, deadline| functions.handle(queue, envelope, deadline);
        self.worker
            .handle(vec![delivery.clone()], deadline, handler)
            .await;
        held.remove(&delivery);
    }
}
