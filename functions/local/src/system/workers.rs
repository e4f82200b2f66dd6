//! The workers: lanes that each receive one message at a time and pass it to the function of the queue.
//! For how the outcome of a message is settled see `shared::work::worker`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use shared::domain::messages::{Delivery, Envelope, Outcome, QueueName};
use shared::platform::error_text::error_text;
use shared::upstreams::Clients;
use shared::work::bootstrap::Bootstrap;
use shared::work::queue::{MAX_RECEIVE_COUNT, ReceiveOptions};
use shared::work::worker::Worker;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::task_group::TaskEntry;

/// Time-out of a handler, the same as that of the functions on Lambda.
const TIME_OUT: Duration = Duration::from_secs(60);
/// How long a received message stays invisible to others: six times the time-out, as AWS advises. This keeps
/// a message from being handled twice while its handler runs, however long settling takes.
const VISIBILITY: Duration = Duration::from_secs(6 * 60);
/// How often an idle lane polls for messages of other processes. Messages of this process wake it at once.
const POLL_EVERY: Duration = Duration::from_secs(2);
/// How long receiving may take, with the wait between two polls. A database that does not answer must not
/// make the lane look as if it hung.
const RECEIVE_TIME_OUT: Duration = Duration::from_secs(30);
/// How long giving a message back may take.
const GIVE_BACK_TIME_OUT: Duration = Duration::from_secs(15);
/// Pause of a lane after a database error.
const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(2);

/// Number of messages of a queue that are handled at once. The rate limits of the sources are the bottleneck:
/// a few waiting messages keep a source busy while another one writes its results, and more would only wait
/// longer. Several albums often request the enrichment of one producer at the same moment. With a single
/// lane, the later requests find what the first one looked up.
fn lane_count(queue: QueueName) -> usize {
    match queue {
        QueueName::Catalog | QueueName::Identification => 4,
        QueueName::Enrichment => 1,
    }
}

/// The functions that handle messages.
pub(super) struct MessageHandlers {
    ingest: ingest::Context,
    identify: identify::Context,
    enrich: enrich::Context,
}

impl MessageHandlers {
    pub(super) fn new(bootstrap: &Bootstrap, clients: &Clients) -> Self {
        Self {
            ingest: ingest::Context::new(bootstrap, clients),
            identify: identify::Context::new(bootstrap, clients),
            enrich: enrich::Context::new(bootstrap, clients),
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

/// The messages being handled, by receipt.
#[derive(Clone, Default)]
pub(super) struct HeldMessages(Arc<Mutex<HashMap<String, (QueueName, Delivery)>>>);

impl HeldMessages {
    fn add(&self, queue: QueueName, delivery: &Delivery) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(delivery.receipt.clone(), (queue, delivery.clone()));
    }

    fn remove(&self, delivery: &Delivery) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.remove(&delivery.receipt);
    }

    /// Gives the messages back for the next worker.
    pub(super) async fn release(&self, bootstrap: &Bootstrap) {
        let held = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for (queue, delivery) in held.into_values() {
            if let Err(error) = Worker::new(bootstrap, queue).give_back(&delivery, 0).await {
                tracing::warn!(
                    error = error_text(&*error),
                    "a message was not released; it becomes visible after its time-out"
                );
            }
        }
    }
}

/// Handles one message of a queue at a time.
pub(super) struct WorkerLane {
    worker: Worker,
}

impl WorkerLane {
    /// All lanes of all queues, with their names.
    pub(super) fn all(bootstrap: &Bootstrap) -> Vec<(String, Self)> {
        let lane = |queue: QueueName, number: usize| {
            let worker = Worker::new(bootstrap, queue);
            (format!("{queue} {number}"), Self { worker })
        };
        QueueName::ALL
            .iter()
            .flat_map(|queue| (1..=lane_count(*queue)).map(move |number| lane(*queue, number)))
            .collect()
    }

    /// Handles messages until the system stops. A message that was received before is still handled.
    pub(super) async fn work(
        self,
        handlers: Arc<MessageHandlers>,
        held: HeldMessages,
        entry: TaskEntry,
        stopping: CancellationToken,
    ) {
        let queue = self.worker.queue;
        let receive = ReceiveOptions {
            limit: 1,
            visibility: VISIBILITY,
            wait: POLL_EVERY,
            max_receive_count: MAX_RECEIVE_COUNT,
        };
        while !stopping.is_cancelled() {
            entry.report(None, RECEIVE_TIME_OUT);
            let received = timeout(RECEIVE_TIME_OUT, self.worker.queues.receive(queue, &receive)).await;
            match received.context("the database did not answer").flatten() {
                Ok(deliveries) => {
                    for delivery in deliveries {
                        entry.report(Some(message_key(&delivery)), TIME_OUT);
                        self.handle(&handlers, &held, &entry, &stopping, delivery).await;
                    }
                }
                Err(error) => {
                    tracing::warn!(
                        queue = queue.as_str(),
                        error = error_text(&*error),
                        "receiving messages failed"
                    );
                    let _ = timeout(PAUSE_AFTER_ERROR, stopping.cancelled()).await;
                }
            }
        }
    }

    async fn handle(
        &self,
        handlers: &MessageHandlers,
        held: &HeldMessages,
        entry: &TaskEntry,
        stopping: &CancellationToken,
        delivery: Delivery,
    ) {
        let queue = self.worker.queue;
        held.add(queue, &delivery);
        let deadline = Instant::now() + TIME_OUT;
        let handler = |envelope, deadline| handlers.handle(queue, envelope, deadline);
        let handled = self
            .worker
            .handle(vec![delivery.clone()], deadline, handler)
            .await;
        if let Err(error) = handled {
            let error = error_text(&*error);
            tracing::warn!(queue = queue.as_str(), error, "a message waits for the database");
            self.give_back(&delivery, entry, stopping).await;
        }
        held.remove(&delivery);
    }

    /// Gives a message back as soon as the database is there again, or leaves it to its time-out if the
    /// system stops before.
    async fn give_back(&self, delivery: &Delivery, entry: &TaskEntry, stopping: &CancellationToken) {
        while !stopping.is_cancelled() {
            entry.report(
                Some(message_key(delivery)),
                PAUSE_AFTER_ERROR + GIVE_BACK_TIME_OUT,
            );
            let _ = timeout(PAUSE_AFTER_ERROR, stopping.cancelled()).await;
            let given_back = timeout(GIVE_BACK_TIME_OUT, self.worker.give_back(delivery, 0)).await;
            if matches!(given_back, Ok(Ok(()))) {
                return;
            }
        }
    }
}

/// The key of a message, as `status` shows it.
fn message_key(delivery: &Delivery) -> String {
    let envelope = serde_json::from_str::<Envelope>(&delivery.body);
    envelope.map_or_else(|_| "unreadable".to_owned(), |envelope| envelope.message.key())
}
