//! The functions as one process runs them, on the database of a test and with stand-ins for the upstreams.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use linernotes::demo::{self, StandIns};
use shared::domain::buckets::RequestRates;
use shared::domain::ids::IngestionId;
use shared::domain::messages::{Envelope, Message, Outcome, QueueName};
use shared::platform::config::{Config, Variable};
use shared::platform::db::Pool;
use shared::store::work::{ingestions, outgoing_messages};
use shared::work::bootstrap::Bootstrap;
use shared::work::budgets;
use shared::work::queue::{MAX_RECEIVE_COUNT, Queues, ReceiveOptions};
use shared::work::worker::Worker;
use tokio::time::Instant;

use crate::database::Database;
use crate::waiting::{give_up_at, must_end};

/// All functions on one database, with their upstreams.
pub struct Machine {
    /// The database.
    pub pool: Pool,
    /// The queues.
    pub queues: Queues,
    /// The function that sends the messages that are due. Every source is switched on for it.
    pub sweep: sweep::Context,
    ingest: ingest::Context,
    identify: identify::Context,
    enrich: enrich::Context,
    variables: BTreeMap<String, String>,
}

/// Request rates that make no test wait.
pub const FAST: RequestRates = RequestRates {
    spotify: 1000.0,
    musicbrainz: 1000.0,
    discogs: 1000.0,
    genius: 1000.0,
    instagram: 1000.0,
};

/// The variables that switch every source on.
pub const EVERY_SOURCE: &[(&str, &str)] = &[
    ("SPOTIFY_CLIENT_ID", demo::SPOTIFY_CLIENT_ID),
    ("SPOTIFY_CLIENT_SECRET", demo::SPOTIFY_CLIENT_SECRET),
    ("CONTACT", "https://localhost/"),
    ("DISCOGS_TOKEN", "token"),
    ("GENIUS_TOKEN", "token"),
    ("INSTAGRAM_TOKEN", "token"),
    ("INSTAGRAM_USER_ID", "1"),
];

/// What a function works with that lists its settings and runs with these environment variables. Its queues
/// are in Postgres.
pub fn bootstrap(pool: &Pool, listed: &[Variable], variables: &[(&str, &str)]) -> Bootstrap {
    let get = |name: &str| {
        let mut set = variables.iter();
        set.find(|(variable, _)| *variable == name)
            .map(|(_, value)| (*value).to_owned())
    };
    Bootstrap {
        config: Config::read(listed, get).unwrap(),
        pool: pool.clone(),
        queues: Queues::postgres(pool.clone()),
    }
}

impl Machine {
    /// The functions, with the stand-ins of the demo as their upstreams.
    pub fn new(database: &Database, stand_ins: &StandIns) -> Self {
        let variables = [
            ("SPOTIFY_CLIENT_ID", demo::SPOTIFY_CLIENT_ID),
            ("SPOTIFY_CLIENT_SECRET", demo::SPOTIFY_CLIENT_SECRET),
            ("SPOTIFY_URL", &stand_ins.spotify_url),
            ("SPOTIFY_TOKEN_URL", &stand_ins.spotify_token_url),
            ("MUSICBRAINZ_URL", &stand_ins.musicbrainz_url),
        ];
        Self::with(database, &variables)
    }

    /// The functions with these environment variables, of which each gets those that it lists. CONTACT and
    /// request rates that make no test wait are set already.
    pub fn with(database: &Database, variables: &[(&str, &str)]) -> Self {
        let defaults = [
            ("CONTACT", "https://localhost/"),
            ("SPOTIFY_PER_SECOND", "1000"),
            ("MUSICBRAINZ_PER_SECOND", "1000"),
            ("DISCOGS_PER_SECOND", "1000"),
            ("GENIUS_PER_SECOND", "1000"),
        ];
        let variables = defaults.iter().chain(variables);
        let variables = variables.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self::of(database.pool.clone(), variables.collect())
    }

    /// Changes environment variables of the functions; an empty value removes one.
    pub fn set(&mut self, variables: &[(&str, &str)]) {
        let mut all = std::mem::take(&mut self.variables);
        all.extend(
            variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        *self = Self::of(self.pool.clone(), all);
    }

    fn of(pool: Pool, variables: BTreeMap<String, String>) -> Self {
        let start = |listed| {
            let bootstrap = function(&pool, listed, &variables);
            let clients = bootstrap.clients().unwrap();
            (bootstrap, clients)
        };
        let (ingest, identify, enrich) = (
            start(ingest::SETTINGS),
            start(identify::SETTINGS),
            start(enrich::SETTINGS),
        );
        Self {
            ingest: ingest::Context::new(&ingest.0, &ingest.1),
            identify: identify::Context::new(&identify.0, &identify.1),
            enrich: enrich::Context::new(&enrich.0, &enrich.1),
            sweep: sweep::Context::new(&bootstrap(&pool, sweep::SETTINGS, EVERY_SOURCE)),
            queues: Queues::postgres(pool.clone()),
            pool,
            variables,
        }
    }

    /// Requests an ingestion with one step per message, as a person does.
    pub async fn request(&self, messages: &[Message]) -> IngestionId {
        self.request_after(messages, None).await
    }

    /// As [`Machine::request`], but does work again that was done before `fresh_after`.
    pub async fn request_after(
        &self,
        messages: &[Message],
        fresh_after: Option<DateTime<Utc>>,
    ) -> IngestionId {
        let mut client = self.pool.client().await.unwrap();
        let transaction = client.transaction().await.unwrap();
        let what: Vec<String> = messages.iter().map(Message::subject).collect();
        let asked = ingestions::NewIngestion {
            what: &what,
            appears_on: false,
            fresh_after,
            api_key_id: None,
            idempotency_key: None,
        };
        let ingestions::InsertedIngestion::New(id) = ingestions::insert(&transaction, &asked).await.unwrap()
        else {
            panic!("an ingestion without a key is new");
        };
        ingestions::insert_tasks(&transaction, id, messages)
            .await
            .unwrap();
        let envelopes: Vec<_> = messages
            .iter()
            .map(|message| Envelope::requested(message.clone(), fresh_after).awaited_by(&[id]))
            .collect();
        let written = outgoing_messages::upsert(&transaction, &envelopes).await.unwrap();
        transaction.commit().await.unwrap();
        self.queues.send_written(&self.pool, &written).await;
        id
    }

    /// Handles one message as a worker would, without its queue.
    pub async fn handle(&self, envelope: Envelope) -> anyhow::Result<Outcome> {
        let deadline = give_up_at();
        match envelope.message.queue() {
            QueueName::Catalog => ingest::handle(&self.ingest, envelope, deadline).await,
            QueueName::Identification => identify::handle(&self.identify, envelope, deadline).await,
            QueueName::Enrichment => enrich::handle(&self.enrich, envelope, deadline).await,
        }
    }

    /// The outcome of one message that is requested now, whatever is known already.
    pub async fn outcome(&self, message: Message) -> Outcome {
        let envelope = Envelope::requested(message, Some(Utc::now()));
        self.handle(envelope).await.unwrap_or_else(|error| {
            let error = error.downcast::<budgets::BudgetError>();
            error
                .unwrap_or_else(|error| panic!("{error:#}"))
                .into_outcome()
                .unwrap()
        })
    }

    /// A worker for a queue.
    pub fn worker(&self, queue: QueueName) -> Worker {
        let listed = match queue {
            QueueName::Catalog => ingest::SETTINGS,
            QueueName::Identification => identify::SETTINGS,
            QueueName::Enrichment => enrich::SETTINGS,
        };
        Worker::new(&function(&self.pool, listed, &self.variables), queue)
    }

    /// Receives and handles one batch from a queue; gives the number of its messages.
    pub async fn work_once(&self, queue: QueueName) -> usize {
        let receive = ReceiveOptions {
            limit: 10,
            visibility: Duration::from_secs(360),
            wait: Duration::ZERO,
            max_receive_count: MAX_RECEIVE_COUNT,
        };
        let deliveries = self.queues.receive(queue, &receive).await.unwrap();
        let count = deliveries.len();
        let deadline = give_up_at();
        self.worker(queue)
            .handle(deliveries, deadline, |envelope, _| self.handle(envelope))
            .await
            .unwrap();
        count
    }

    /// Works on all queues until no message is left, and sweeps in between.
    pub async fn drain(&self, database: &Database) {
        let until = give_up_at();
        loop {
            let left = must_end("the messages are handled", self.work_and_sweep(database)).await;
            if left == 0 {
                return;
            }
            assert!(Instant::now() < until, "{left} messages are not handled");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Works on all queues until none gives a message, then sweeps. Returns how many messages are left.
    async fn work_and_sweep(&self, database: &Database) -> i64 {
        loop {
            let (catalog, identification, enrichment) = tokio::join!(
                self.work_once(QueueName::Catalog),
                self.work_once(QueueName::Identification),
                self.work_once(QueueName::Enrichment)
            );
            if catalog + identification + enrichment == 0 {
                break;
            }
        }
        sweep::handle(&self.sweep, Duration::from_secs(1)).await.unwrap();
        let left = "SELECT (SELECT count(*) FROM queue_messages) + (SELECT count(*) FROM outgoing_messages)";
        database.count(left).await
    }
}

/// As [`bootstrap`]. The settings do not allow a rate for Instagram that makes no test wait.
fn function(pool: &Pool, listed: &[Variable], variables: &BTreeMap<String, String>) -> Bootstrap {
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let mut bootstrap = bootstrap(pool, listed, &variables);
    bootstrap.config.request_rates.instagram = FAST.instagram;
    bootstrap
}
