//! `linernotes ingest`: requests artists and records, works on them and reports the result.
//! While another process runs the workers of this data directory, this one only watches.

mod lookups;
mod missing_credits;
mod requested_lines;
pub(super) mod result;

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use shared::domain::credits::Source;
use shared::domain::ids::{IngestionId, RequestedItem};
use shared::platform::config::{Config, missing_for};
use shared::platform::db::Pool;
use shared::store::work::ingestions::InsertedIngestion;
use shared::upstreams::Clients;
use shared::work::ingestion_requests::{self, IngestionRequest};
use shared::work::queue::Queues;

use super::signals::StopSignals;
use super::up::SWEEP_EVERY;
use crate::cli::IngestArguments;
use crate::cluster;
use crate::commands::ingestion_progress::{self, IngestionProgress};
use crate::database::{CommandDatabase, Purpose};
use crate::output;
use crate::system::{System, SystemOptions};
use requested_lines::RequestedLine;
use result::IngestionReport;

/// The exit status for arguments that cannot be used.
const INVALID_ARGUMENTS: u8 = 2;
/// The exit status of a program that Ctrl-C stopped.
const INTERRUPTED: u8 = 130;
/// How often a process that watches looks whether it can take over the workers.
const CLAIM_EVERY: Duration = Duration::from_secs(1);

/// The database and queues of an ingestion, and the workers if this process runs them.
struct Session {
    database: CommandDatabase,
    queues: Queues,
    /// `None` if another process or Lambda runs the workers.
    system: Option<System>,
}

impl Session {
    async fn open(config: &Config, data_dir: Option<PathBuf>, clients: &Clients) -> anyhow::Result<Self> {
        let mut database = CommandDatabase::open(config, data_dir, Purpose::Write).await?;
        let queues = Queues::from_config(config, &database.pool).await?;
        let are_workers_ours = config.queue_urls.is_empty() && database.claim_workers()?;
        let mut session = Self {
            database,
            queues,
            system: None,
        };
        if are_workers_ours {
            session.start_workers(config, clients).await?;
        }
        Ok(session)
    }

    async fn start_workers(&mut self, config: &Config, clients: &Clients) -> anyhow::Result<()> {
        let options = SystemOptions {
            sweep_every: SWEEP_EVERY,
            is_alone: self.database.is_ours_alone(),
        };
        let system = System::start(config, &self.database.pool, clients, options).await?;
        self.queues = system.queues().clone();
        self.system = Some(system);
        Ok(())
    }

    /// Waits until the workers of this process or their database fail, and returns the error.
    async fn failure(&mut self) -> anyhow::Error {
        let workers = async {
            match &mut self.system {
                Some(system) => system.failure().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            error = workers => error,
            error = self.database.failure() => error,
        }
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
    let lines = requested_lines::read(&arguments)?;
    if arguments.dry_run {
        return dry_run(&lines, arguments.json);
    }
    let what = requested_lines::items(lines).unwrap_or_else(|error| error.exit());
    check_settings(config, data_dir.as_deref(), &what)?;
    let clients = Clients::new(config)?;
    let mut session = Session::open(config, data_dir, &clients).await?;
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
    let id = request(&session.database.pool, &session.queues, what, &arguments).await?;
    let mut progress = IngestionProgress::new(!json);
    let is_over = tokio::select! {
        watched = watch(config, &clients, &mut session, id, &mut progress) => {
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

/// Prints what each line was read as. The exit status is that of invalid arguments if one cannot be read.
fn dry_run(lines: &[RequestedLine], json: bool) -> anyhow::Result<ExitCode> {
    if json {
        output::print_json(&requested_lines::document(lines))?;
    } else {
        output::print(requested_lines::table(lines))?;
    }
    let is_valid = lines.iter().all(RequestedLine::is_read);
    Ok(if is_valid {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(INVALID_ARGUMENTS)
    })
}

/// Fails if an item needs a setting that is missing, before anything is stored. Workers elsewhere have
/// settings of their own.
fn check_settings(config: &Config, data_dir: Option<&Path>, what: &[RequestedItem]) -> anyhow::Result<()> {
    let disabled = config.disabled_sources();
    let Some(missing) = what.iter().find_map(|item| missing_for(item, &disabled)) else {
        return Ok(());
    };
    let is_private = config.database_url.is_none();
    if !config.queue_urls.is_empty() || is_private && cluster::is_worked_on(data_dir) {
        return Ok(());
    }
    bail!(missing)
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

async fn request(
    pool: &Pool,
    queues: &Queues,
    what: Vec<RequestedItem>,
    arguments: &IngestArguments,
) -> anyhow::Result<IngestionId> {
    let fresh_after = match arguments.fresh {
        true => Some(pool.client().await?.read_clock().await?),
        false => None,
    };
    let request = IngestionRequest {
        what,
        appears_on: arguments.appears_on,
        fresh_after,
        api_key_id: None,
        idempotency_key: None,
    };
    match ingestion_requests::submit(pool, queues, &request).await? {
        InsertedIngestion::New(id) | InsertedIngestion::Known(id) => Ok(id),
        InsertedIngestion::Conflict(id) => bail!("ingestion {id} has the same key but other contents"),
    }
}

/// Watches until the ingestion is over. If the process that runs the workers ends before that, this one takes
/// them over.
async fn watch(
    config: &Config,
    clients: &Clients,
    session: &mut Session,
    id: IngestionId,
    progress: &mut IngestionProgress,
) -> anyhow::Result<()> {
    let pool = session.database.pool.clone();
    let mut watching = pin!(ingestion_progress::watch(&pool, id, progress));
    if session.system.is_none() && config.queue_urls.is_empty() {
        tokio::select! {
            watched = &mut watching => return watched.map(drop),
            claimed = claim_workers(&mut session.database) => claimed?,
        }
        session.start_workers(config, clients).await?;
    }
    tokio::select! {
        watched = watching => watched.map(drop),
        error = session.failure() => Err(error),
    }
}

async fn claim_workers(database: &mut CommandDatabase) -> anyhow::Result<()> {
    while !database.claim_workers()? {
        tokio::time::sleep(CLAIM_EVERY).await;
    }
    Ok(())
}
