//! `linernotes ingest`: requests artists and records, works on them and reports the result.
//! If another process runs the workers of this data directory, this one only watches.

mod lookups;
mod missing_credits;
mod result;

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

use super::signals::StopSignals;
use super::up::SWEEP_EVERY;
use crate::cli::IngestArguments;
use crate::commands::ingestion_progress::{self, IngestionProgress};
use crate::database::{CommandDatabase, Purpose};
use crate::output;
use crate::system::{System, SystemOptions};
use result::IngestionReport;

/// The exit status of a program that Ctrl-C stopped.
const INTERRUPTED: u8 = 130;
/// How often the Postgres of another process may disappear while this one watches. Each time, the database is
/// opened again, and this process or the next one continues the work.
const MAX_REOPENINGS: usize = 5;

/// The database and queues of an ingestion, and the workers if this process runs them.
struct Session {
    database: CommandDatabase,
    queues: Queues,
    /// `None` if another process or Lambda runs the workers.
    system: Option<System>,
}

impl Session {
    async fn open(config: &Config, data_dir: Option<PathBuf>, clients: &Clients) -> anyhow::Result<Self> {
        let database = CommandDatabase::open(config, data_dir, Purpose::Write).await?;
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
    arguments: IngestArguments,
) -> anyhow::Result<ExitCode> {
    let clients = Clients::new(config)?;
    let mut session = Session::open(config, data_dir.clone(), &clients).await?;
    if session.system.is_some() {
        // Without these two, little works. The report names the others if one of them could have helped.
        let needed = [Source::Spotify, Source::MusicBrainz];
        let disabled = config.disabled_sources().into_iter();
        for source in disabled.filter(|disabled| needed.contains(&disabled.source)) {
            output::say(format!("note: {}", source.reason));
        }
    } else if !arguments.json {
        output::say("another process runs the workers; this one watches");
    }
    let mut signals = StopSignals::listen()?;
    let json = arguments.json;
    let id = request(&session.database.pool, &session.queues, arguments).await?;
    let mut progress = IngestionProgress::new(!json);
    let is_over = tokio::select! {
        watched = watch(config, data_dir, &clients, &mut session, id, &mut progress) => {
            watched.map(|()| true)
        }
        () = signals.next() => Ok(false),
    };
    progress.end();
    if !is_over? {
        return interrupt(session, &mut signals).await;
    }
    let report = report(&session.database.pool, id).await?;
    session.close().await?;
    if json {
        output::print_json(&report.document())?;
    } else {
        output::print(report.text(&clients))?;
    }
    Ok(if report.is_complete() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn interrupt(session: Session, signals: &mut StopSignals) -> anyhow::Result<ExitCode> {
    output::say("stopping; progress is saved: run the same command again to resume");
    tokio::select! {
        closed = session.close() => closed?,
        () = signals.next() => {}
    }
    Ok(ExitCode::from(INTERRUPTED))
}

/// Reports the result of an ingestion, after recomputing the statistics it shows.
pub(super) async fn report(pool: &Pool, id: IngestionId) -> anyhow::Result<IngestionReport> {
    sweep::compute_statistics(pool).await?;
    Ok(IngestionReport::read(&pool.client().await?, id).await?)
}

async fn request(pool: &Pool, queues: &Queues, arguments: IngestArguments) -> anyhow::Result<IngestionId> {
    let request = IngestionRequest {
        what: arguments.what,
        appears_on: arguments.appears_on,
        fresh_after: arguments.fresh.then(Utc::now),
        api_key_id: None,
        idempotency_key: None,
    };
    match ingestion_requests::submit(pool, queues, &request).await? {
        InsertedIngestion::New(id) | InsertedIngestion::Known(id) => Ok(id),
        InsertedIngestion::Conflict(id) => bail!("ingestion {id} has the same key but other contents"),
    }
}

/// Watches until the ingestion is over. If the process that runs Postgres exits meanwhile, this one takes
/// over its work.
async fn watch(
    config: &Config,
    data_dir: Option<PathBuf>,
    clients: &Clients,
    session: &mut Session,
    id: IngestionId,
    progress: &mut IngestionProgress,
) -> anyhow::Result<()> {
    for _ in 0..MAX_REOPENINGS {
        match ingestion_progress::watch(&session.database.pool, id, progress).await {
            Err(_) if session.database.is_run_elsewhere() => {
                *session = Session::open(config, data_dir.clone(), clients).await?;
            }
            watched => return watched.map(drop),
        }
    }
    bail!("the processes that run Postgres keep exiting: run the same command again to resume")
}
