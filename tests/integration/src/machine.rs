//! The functions as one process runs them, on the database of a test and with stand-ins for the upstreams.

use chrono::{DateTime, Utc};
use linernotes::demo::{self, StandIns};
use shared::domain::buckets::RequestRates;
use shared::domain::credits::Source;
use shared::domain::ids::IngestionId;
use shared::domain::messages::{Envelope, Message, Outcome, QueueName};
use shared::platform::config::CreditSources;
use shared::platform::db::Pool;
use shared::store::work::{ingestions, outgoing_messages};
use shared::upstreams::{musicbrainz::MusicBrainz, spotify};
use shared::work::budgets::{self, Budgets};
use shared::work::queue::{Queues, ReceiveOptions};
use shared::work::worker::Worker;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

use crate::database::Database;
use crate::waiting::{give_up_at, must_end};

/// All functions on one database, with their upstreams.
pub struct Machine {
    /// The database.
    pub pool: Pool,
    /// The queues.
    pub queues: Queues,
    /// The function that brings artists and albums in.
    pub ingest: ingest::Context,
    /// The function that finds producers.
    pub identify: identify::Context,
    /// The function that finds contacts.
    pub enrich: enrich::Context,
    /// The function that sends the messages that are due.
    pub sweep: sweep::Context,
}

/// Request rates that make no test wait.
pub const FAST: RequestRates = RequestRates {
    spotify: 1000.0,
    musicbrainz: 1000.0,
    discogs: 1000.0,
    genius: 1000.0,
    instagram: 1000.0,
};

impl Machine {
    /// The functions, with the stand-ins of the demo as their upstreams.
    pub fn new(database: &Database, stand_ins: &StandIns, rates: RequestRates) -> Self {
        let settings = shared::platform::config::SpotifySettings {
            api_url: stand_ins.spotify_url.clone(),
            token_url: stand_ins.spotify_token_url.clone(),
            client_id: demo::SPOTIFY_CLIENT_ID.to_owned(),
            client_secret: demo::SPOTIFY_CLIENT_SECRET.to_owned(),
            market: "US".to_owned(),
        };
        Self::with(database, Some(settings), &stand_ins.musicbrainz_url, rates)
    }

    /// The functions, with the upstreams at these addresses.
    pub fn with(
        database: &Database,
        spotify: Option<shared::platform::config::SpotifySettings>,
        musicbrainz_url: &str,
        rates: RequestRates,
    ) -> Self {
        let pool = database.pool.clone();
        let queues = Queues::postgres(pool.clone());
        let budgets = Budgets::new(pool.clone(), rates);
        let http = shared::platform::http::client("Linernotes-tests/0 ( https://localhost/ )").unwrap();
        let spotify = spotify.map(|settings| Arc::new(spotify::Spotify::new(http.clone(), settings)));
        let musicbrainz = Some(Arc::new(MusicBrainz::new(http, musicbrainz_url.to_owned())));
        Self {
            ingest: ingest::Context {
                pool: pool.clone(),
                queues: queues.clone(),
                budgets: budgets.clone(),
                spotify: spotify.clone(),
                musicbrainz: musicbrainz.clone(),
            },
            identify: identify::Context {
                pool: pool.clone(),
                queues: queues.clone(),
                budgets: budgets.clone(),
                credit_sources: CreditSources::All,
                spotify,
                musicbrainz: musicbrainz.clone(),
                discogs: None,
                genius: None,
            },
            enrich: enrich::Context {
                pool: pool.clone(),
                budgets,
                musicbrainz,
                discogs: None,
                genius: None,
                instagram: None,
            },
            sweep: sweep::Context {
                pool: pool.clone(),
                queues: queues.clone(),
                sources: Source::ALL.to_vec(),
            },
            pool,
            queues,
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
            .map(|message| Envelope::requested(message.clone(), fresh_after))
            .collect();
        let written = outgoing_messages::upsert(&transaction, &envelopes).await.unwrap();
        transaction.commit().await.unwrap();
        self.queues.send_written(&self.pool, &written).await.unwrap();
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
            match error.downcast_ref::<budgets::BudgetError>() {
                Some(error) => error.outcome(),
                None => panic!("{error:#}"),
            }
        })
    }

    /// A worker for a queue.
    pub fn worker(&self, queue: QueueName) -> Worker {
        let name = match queue {
            QueueName::Catalog => "ingest",
            QueueName::Identification => "identify",
            QueueName::Enrichment => "enrich",
        };
        Worker {
            pool: self.pool.clone(),
            queues: self.queues.clone(),
            queue,
            name,
            max_receive_count: 5,
            concurrency: 4,
        }
    }

    /// Receives and handles one batch from a queue; gives the number of its messages.
    pub async fn work_once(&self, queue: QueueName) -> usize {
        let receive = ReceiveOptions {
            limit: 10,
            visibility: Duration::from_secs(360),
            wait: Duration::ZERO,
            max_receive_count: 5,
        };
        let deliveries = self.queues.receive(queue, &receive).await.unwrap();
        let count = deliveries.len();
        let deadline = give_up_at();
        self.worker(queue)
            .handle(deliveries, deadline, |envelope, _| self.handle(envelope))
            .await;
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
