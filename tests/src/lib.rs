//! What the integration tests share: a database of their own each, and the functions run against stand-in upstreams.
//! The tests are in `tests/`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

pub mod deliveries;
pub mod disk;
pub mod dumps;
pub mod program;
pub mod records;
pub mod scene;
pub mod seed;
pub mod sources;
pub mod sqs;
pub mod tap;
pub mod upstream;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use linernotes::cluster;
use linernotes::demo::{self, StandIns};
use shared::batch::Worker;
use shared::buckets::RequestRates;
use shared::budgets::{self, Budgets};
use shared::config::CreditSources;
use shared::credits::Source;
use shared::db::{self, DatabaseSettings, Pool, Statements};
use shared::ids::IngestionId;
use shared::messages::{Envelope, Message, Outcome, QueueName};
use shared::queue::{Queues, ReceiveOptions};
use shared::store::{fingerprint, ingestions, outgoing_messages};
use shared::upstreams::{musicbrainz::MusicBrainz, spotify};
use tokio::sync::OnceCell;
use tokio::time::Instant;

const TEMPLATE: &str = "migrated_template";

/// A migrated database that no other test sees.
pub struct Database {
    /// Where it is.
    pub url: String,
    /// Connections to it.
    pub pool: Pool,
}

/// Makes a database: a copy of one that was migrated once.
pub async fn database() -> Database {
    static MIGRATED: OnceCell<()> = OnceCell::const_new();
    let scratch = cluster::shared_for_tests().await.unwrap();
    MIGRATED
        .get_or_init(|| async {
            let url = scratch.database(TEMPLATE, "template1").await.unwrap();
            db::migrate(&settings(&url)).await.unwrap();
        })
        .await;
    let url = copy_of(TEMPLATE).await;
    let pool = Pool::new(&settings(&url), 16).unwrap();
    Database { url, pool }
}

/// Makes a database that nobody migrated, and says where it is.
pub async fn empty_database() -> String {
    copy_of("template1").await
}

async fn copy_of(template: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let scratch = cluster::shared_for_tests().await.unwrap();
    let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    scratch.database(&name, template).await.unwrap()
}

/// The settings of a database at a URL.
pub fn settings(url: &str) -> DatabaseSettings {
    DatabaseSettings::parse(url, Statements::Prepared).unwrap()
}

impl Database {
    /// A connection.
    pub async fn client(&self) -> db::Client<'static> {
        self.pool.client().await.unwrap()
    }

    /// Runs a statement; gives how many rows it wrote.
    pub async fn execute(&self, sql: &str) -> u64 {
        self.client().await.execute(sql, &[]).await.unwrap()
    }

    /// The first column of a query that gives texts.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self.client().await.query(sql, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// The one value of a query that gives a number.
    pub async fn count(&self, sql: &str) -> i64 {
        self.client().await.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// The fingerprint.
    pub async fn fingerprint(&self) -> fingerprint::Fingerprint {
        fingerprint::compute(&self.client().await).await.unwrap()
    }
}

/// The functions on one database, with their upstreams.
pub struct Machine {
    /// The database.
    pub pool: Pool,
    /// The queues.
    pub queues: Queues,
    /// Brings music in.
    pub ingest: ingest::Context,
    /// Finds producers.
    pub identify: identify::Context,
    /// Finds contacts.
    pub enrich: enrich::Context,
    /// Sends what is due.
    pub sweep: sweep::Context,
}

/// Paces that no stand-in minds.
pub const FAST: RequestRates = RequestRates {
    spotify: 1000.0,
    musicbrainz: 1000.0,
    discogs: 1000.0,
    genius: 1000.0,
    instagram: 1000.0,
};

impl Machine {
    /// The functions, asking these stand-ins.
    pub fn new(database: &Database, stand_ins: &StandIns, paces: RequestRates) -> Self {
        let settings = shared::config::SpotifySettings {
            api_url: stand_ins.spotify_url.clone(),
            token_url: stand_ins.spotify_token_url.clone(),
            client_id: demo::SPOTIFY_CLIENT_ID.to_owned(),
            client_secret: demo::SPOTIFY_CLIENT_SECRET.to_owned(),
            market: "US".to_owned(),
        };
        Self::with(database, Some(settings), &stand_ins.musicbrainz_url, paces)
    }

    /// The functions, asking whatever is at these addresses.
    pub fn with(
        database: &Database,
        spotify: Option<shared::config::SpotifySettings>,
        musicbrainz_url: &str,
        paces: RequestRates,
    ) -> Self {
        let pool = database.pool.clone();
        let queues = Queues::postgres(pool.clone());
        let budgets = Budgets::new(pool.clone(), paces);
        let http = shared::http::client("Linernotes-tests/0 ( https://localhost/ )").unwrap();
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
                queues: queues.clone(),
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

    /// Asks for messages as a person does: an ingestion with a step each.
    pub async fn ask(&self, messages: &[Message]) -> IngestionId {
        self.ask_after(messages, None).await
    }

    /// As [`Machine::ask`], taking no work from before a time.
    pub async fn ask_after(&self, messages: &[Message], fresh_after: Option<DateTime<Utc>>) -> IngestionId {
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

    /// Handles one message, as a worker would, but for its queue.
    pub async fn handle(&self, envelope: Envelope) -> anyhow::Result<Outcome> {
        let deadline = Instant::now() + Duration::from_secs(60);
        match envelope.message.queue() {
            QueueName::Catalog => ingest::handle(&self.ingest, envelope, deadline).await,
            QueueName::Identification => identify::handle(&self.identify, envelope, deadline).await,
            QueueName::Enrichment => enrich::handle(&self.enrich, envelope, deadline).await,
        }
    }

    /// What comes of one message by itself, asked for now whatever is known.
    pub async fn outcome(&self, message: Message) -> Outcome {
        let envelope = Envelope::requested(message, Some(Utc::now()));
        self.handle(envelope).await.unwrap_or_else(|error| {
            match error.downcast_ref::<budgets::BudgetError>() {
                Some(error) => error.outcome(),
                None => panic!("{error:#}"),
            }
        })
    }

    /// A worker of a queue.
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

    /// Receives and handles one batch of a queue; gives how many messages it had.
    pub async fn work_once(&self, queue: QueueName) -> usize {
        let receive = ReceiveOptions {
            limit: 10,
            visibility: Duration::from_secs(360),
            wait: Duration::ZERO,
            max_receive_count: 5,
        };
        let deliveries = self.queues.receive(queue, &receive).await.unwrap();
        let count = deliveries.len();
        let deadline = Instant::now() + Duration::from_secs(60);
        self.worker(queue)
            .handle(deliveries, deadline, |envelope, _| self.handle(envelope))
            .await;
        count
    }

    /// Works on all queues until there is nothing left, sweeping in between; at most a minute.
    pub async fn drain(&self, database: &Database) {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let (catalog, identification, enrichment) = tokio::join!(
                self.work_once(QueueName::Catalog),
                self.work_once(QueueName::Identification),
                self.work_once(QueueName::Enrichment)
            );
            if catalog + identification + enrichment > 0 {
                continue;
            }
            sweep::handle(&self.sweep, Duration::from_secs(1)).await.unwrap();
            let left = database
                .count(
                    "SELECT (SELECT count(*) FROM queue_messages) + (SELECT count(*) FROM outgoing_messages)",
                )
                .await;
            if left == 0 {
                return;
            }
            assert!(
                Instant::now() < until,
                "{left} messages are still there after a minute"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
