//! `linernotes ingest`: asks for artists and records, works on them, and tells what came of it.
//! Where another process is the system on this data directory, that one works and this one watches.

mod result;
mod why;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use chrono::Utc;
use shared::domain::credits::Source;
use shared::domain::ids::IngestionId;
use shared::platform::config::Config;
use shared::platform::db::Pool;
use shared::store::work::ingestions::InsertedIngestion;
use shared::upstreams::Clients;
use shared::work::ingestion_requests::{self, IngestionRequest};
use shared::work::queue::Queues;

use super::signals::Signals;
use super::up::SWEEP_EVERY;
use super::watching::{self, Shown};
use crate::cli::Ingest;
use crate::database::{Database, Purpose};
use crate::output;
use crate::system::{System, SystemOptions};
use result::Results;

/// How a program that Ctrl-C stopped ends.
const INTERRUPTED: u8 = 130;
/// How often another process's Postgres may end while we watch; each time, the work goes on here or at the next one.
const JOINED_AGAIN: usize = 5;

/// A database with whoever works on its queues.
struct Workplace {
    database: Database,
    queues: Queues,
    /// None where the work is done elsewhere.
    system: Option<System>,
}

impl Workplace {
    async fn open(config: &Config, data_dir: Option<PathBuf>, clients: &Clients) -> anyhow::Result<Self> {
        let database = Database::open(config, data_dir, Purpose::Write).await?;
        if !config.queue_urls.is_empty() || database.is_run_elsewhere() {
            let queues = Queues::from_config(config, &database.pool).await?;
            return Ok(Self {
                database,
                queues,
                system: None,
            });
        }
        let options = SystemOptions {
            sweep_every: SWEEP_EVERY,
            is_alone: database.is_ours_alone(),
        };
        let system = System::start(config, &database.pool, clients, options).await?;
        let queues = system.queues().clone();
        Ok(Self {
            database,
            queues,
            system: Some(system),
        })
    }

    async fn close(self) -> anyhow::Result<()> {
        if let Some(system) = self.system {
            system.stop().await;
        }
        self.database.close().await
    }
}

pub(super) async fn run(
    config: &Config,
    data_dir: Option<PathBuf>,
    asked: Ingest,
) -> anyhow::Result<ExitCode> {
    let clients = Clients::new(config)?;
    let mut workplace = Workplace::open(config, data_dir.clone(), &clients).await?;
    if workplace.system.is_some() {
        // Without these two little works; where another might have told more, the result says so.
        let needed = [Source::Spotify, Source::MusicBrainz];
        let off = config.disabled_sources().into_iter();
        for off in off.filter(|off| needed.contains(&off.source)) {
            output::say(format!("note: {}", off.reason));
        }
    } else if !asked.json {
        output::say("another process works on it; this one watches");
    }
    let mut signals = Signals::listen()?;
    let json = asked.json;
    let id = ask(&workplace.database.pool, &workplace.queues, asked).await?;
    let mut shown = Shown::on_standard_error(!json);
    let is_over = tokio::select! {
        watched = watch(config, data_dir, &clients, &mut workplace, id, &mut shown) => watched.map(|()| true),
        () = signals.next() => Ok(false),
    };
    shown.end();
    if !is_over? {
        return break_off(workplace, &mut signals).await;
    }
    let results = results(&workplace.database.pool, &workplace.queues, id).await?;
    workplace.close().await?;
    if json {
        output::print_json(&results.document())?;
    } else {
        output::print(results.text(&clients))?;
    }
    Ok(if results.is_all_found() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn break_off(workplace: Workplace, signals: &mut Signals) -> anyhow::Result<ExitCode> {
    output::say("stopping; what was begun is kept, and the same command goes on with it");
    tokio::select! {
        closed = workplace.close() => closed?,
        () = signals.next() => {}
    }
    Ok(ExitCode::from(INTERRUPTED))
}

/// What came of an ingestion, with statistics that hold now.
pub(super) async fn results(pool: &Pool, queues: &Queues, id: IngestionId) -> anyhow::Result<Results> {
    sweep::compute_statistics(&sweep::Context {
        pool: pool.clone(),
        queues: queues.clone(),
        sources: Vec::new(),
    })
    .await?;
    Ok(Results::read(&pool.client().await?, id).await?)
}

async fn ask(pool: &Pool, queues: &Queues, asked: Ingest) -> anyhow::Result<IngestionId> {
    let request = IngestionRequest {
        what: asked.what,
        appears_on: asked.appears_on,
        fresh_after: asked.fresh.then(Utc::now),
        api_key_id: None,
        idempotency_key: None,
    };
    match ingestion_requests::submit(pool, queues, &request).await? {
        InsertedIngestion::New(id) | InsertedIngestion::Known(id) => Ok(id),
        InsertedIngestion::Conflict(id) => bail!("ingestion {id} was asked for otherwise"),
    }
}

/// Watches to the end, also where the process ends whose Postgres this is: then the work is taken over.
async fn watch(
    config: &Config,
    data_dir: Option<PathBuf>,
    clients: &Clients,
    workplace: &mut Workplace,
    id: IngestionId,
    shown: &mut Shown,
) -> anyhow::Result<()> {
    for _ in 0..JOINED_AGAIN {
        match watching::watch(&workplace.database.pool, id, shown).await {
            Err(_) if workplace.database.is_run_elsewhere() => {
                *workplace = Workplace::open(config, data_dir.clone(), clients).await?;
            }
            watched => return watched.map(drop),
        }
    }
    bail!("the process whose Postgres this is keeps ending: run the same command again to go on")
}
