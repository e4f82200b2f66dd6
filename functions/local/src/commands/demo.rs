//! `linernotes demo`: runs the whole system on real facts, with stand-ins for the upstreams and a database of
//! its own, which is temporary unless it is to be kept. For the facts and the stand-ins see [`crate::demo`].

mod report;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use shared::domain::ids::IngestionId;
use shared::platform::config::{Config, VARIABLES};
use shared::store::work::ingestions::InsertedIngestion;
use shared::upstreams::Clients;
use shared::work::ingestion_requests::{self, IngestionRequest};
use tokio::time::Instant;

use super::ingest;
use super::served_address::ServedAddress;
use super::signals::StopSignals;
use crate::cli::DemoArguments;
use crate::cluster::{self, ScratchCluster};
use crate::commands::api_server::ApiServer;
use crate::commands::ingestion_progress::{self, IngestionProgress};
use crate::database::{CommandDatabase, Purpose};
use crate::demo::{self, StandIns};
use crate::output;
use crate::owner_key;
use crate::system::{System, SystemOptions};
use report::DemoReport;

/// The stand-ins ask for pauses of one second; the demo should resume right after them.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// The name of the directory that keeps the demo's database, beside the default data directory.
const KEPT_DIR: &str = "linernotes-demo";

const INTRODUCTION: &str = "\
This demo calls stand-ins for Spotify and MusicBrainz on this machine, not the real services.\n\
They answer with real facts; every credit names its public source.";

/// Everything the demo runs.
struct DemoSystem {
    stand_ins: StandIns,
    clients: Clients,
    database: CommandDatabase,
    system: System,
    data_dir: PathBuf,
    // Dropped last: a database that is not kept runs on it.
    _scratch: Option<ScratchCluster>,
}

impl DemoSystem {
    /// Starts it on the database in `kept_in`. Without that, the database is temporary.
    async fn start(kept_in: Option<PathBuf>) -> anyhow::Result<Self> {
        let stand_ins = demo::start().await?;
        let config = settings(&stand_ins)?;
        let clients = Clients::new(&config)?;
        let (database, scratch) = match kept_in {
            Some(_) => (
                CommandDatabase::open(&config, kept_in, Purpose::Serve).await?,
                None,
            ),
            None => {
                let scratch = ScratchCluster::start().await?;
                (CommandDatabase::at(&scratch.url()).await?, Some(scratch))
            }
        };
        let data_dir = match &scratch {
            Some(scratch) => scratch.dir().to_owned(),
            None => database.data_dir()?,
        };
        owner_key::ensure(&database.pool.client().await?, &data_dir).await?;
        let options = SystemOptions {
            sweep_every: SWEEP_EVERY,
            is_alone: true,
        };
        let system = System::start(&config, &database.pool, &clients, options).await?;
        Ok(Self {
            stand_ins,
            clients,
            database,
            system,
            data_dir,
            _scratch: scratch,
        })
    }

    async fn request_ingestion(&self) -> anyhow::Result<IngestionId> {
        let artists = self.stand_ins.artists().iter();
        let request = IngestionRequest {
            what: artists
                .map(|artist| format!("spotify:artist:{}", artist.id).parse())
                .collect::<Result<_, _>>()?,
            appears_on: false,
            fresh_after: None,
            api_key_id: None,
            idempotency_key: None,
        };
        match ingestion_requests::submit(&self.database.pool, self.system.queues(), &request).await? {
            InsertedIngestion::New(id) | InsertedIngestion::Known(id) | InsertedIngestion::Conflict(id) => {
                Ok(id)
            }
        }
    }

    /// Shows the progress until the ingestion is over. Returns false if a signal comes first.
    async fn watch(&mut self, id: IngestionId, signals: &mut StopSignals) -> anyhow::Result<bool> {
        let mut progress = IngestionProgress::new(true);
        let watched = ingestion_progress::watch(&self.database.pool, id, &mut progress);
        let is_over = tokio::select! {
            watched = watched => watched.map(|_| true),
            () = signals.next() => Ok(false),
            error = self.system.failure() => Err(error),
        };
        progress.end();
        is_over
    }

    async fn stop(self) -> anyhow::Result<()> {
        self.system.stop().await;
        self.database.close().await
    }
}

/// The addresses and rate limits of the stand-ins. Environment variables have no effect on the demo.
fn settings(stand_ins: &StandIns) -> anyhow::Result<Config> {
    Ok(Config::read(VARIABLES, |name| {
        let value = match name {
            "SPOTIFY_URL" => &stand_ins.spotify_url,
            "SPOTIFY_TOKEN_URL" => &stand_ins.spotify_token_url,
            "SPOTIFY_CLIENT_ID" => demo::SPOTIFY_CLIENT_ID,
            "SPOTIFY_CLIENT_SECRET" => demo::SPOTIFY_CLIENT_SECRET,
            "SPOTIFY_PER_SECOND" => "10",
            "MUSICBRAINZ_URL" => &stand_ins.musicbrainz_url,
            "MUSICBRAINZ_PER_SECOND" => "20",
            "CONTACT" => "https://linernotes.invalid/demo",
            _ => return None,
        };
        Some(value.to_owned())
    })?)
}

/// The directory that keeps the demo's database; `None` if nothing is to be kept. A directory with a database
/// is refused, since the demo would mix its records with others.
fn kept_dir(keep: bool, data_dir: Option<PathBuf>) -> anyhow::Result<Option<PathBuf>> {
    if !keep {
        if data_dir.is_some() {
            bail!("the demo uses a temporary database: add --keep to keep it in the data directory");
        }
        return Ok(None);
    }
    let dir = match data_dir {
        Some(dir) => dir,
        None => cluster::default_data_dir()?.with_file_name(KEPT_DIR),
    };
    if cluster::has_cluster(&dir) {
        bail!(
            "{0} has a database already: look into it with --data-dir {0}, remove it, or name another \
             directory \
             with --data-dir",
            dir.display()
        );
    }
    Ok(Some(dir))
}

pub(super) async fn run(arguments: DemoArguments, data_dir: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let DemoArguments { once, keep, json } = arguments;
    let started_at = Instant::now();
    let kept_in = kept_dir(keep, data_dir)?;
    narrate(json, INTRODUCTION)?;
    let mut demo = DemoSystem::start(kept_in.clone()).await?;
    let mut signals = StopSignals::listen()?;
    let artists = output::count(demo.stand_ins.artists().len() as i64, "artist");
    let id = demo.request_ingestion().await?;
    let requested = format!("Requested {artists}: importing their albums, then finding their producers.\n");
    narrate(json, &requested)?;
    if !demo.watch(id, &mut signals).await? {
        match kept_in {
            Some(dir) => bail!("stopped; the unfinished database is in {}", dir.display()),
            None => bail!("stopped; the demo leaves nothing behind"),
        }
    }

    let pool = &demo.database.pool;
    let ingestion = ingest::report(pool, id).await?;
    let report = DemoReport::read(&pool.client().await?, &demo.stand_ins, started_at.elapsed()).await?;
    let mut missing_text = ingestion.missing_text(&demo.clients);
    if let Some(example) = ingestion.example_text(true) {
        missing_text.push_str(&format!("\n\n{example}"));
    }
    narrate(json, &report.text(&demo.stand_ins, &missing_text))?;
    if !ingestion.is_complete() {
        let problems = output::single_line(&ingestion.problems_text());
        bail!("the demo failed: {problems}");
    }
    if let Some(fault) = report.faults(&demo.stand_ins).first() {
        bail!("the demo failed: {fault}");
    }
    if json {
        output::print(serde_json::to_string(&report.figures())?)?;
    }
    if let Some(dir) = &kept_in {
        narrate(json, &kept_text(dir))?;
    }
    if !once {
        serve(&mut demo, &mut signals, &report).await?;
    }
    demo.stop().await?;
    Ok(ExitCode::SUCCESS)
}

fn kept_text(dir: &Path) -> String {
    format!(
        "\nThe database is kept in {0}. Every command can look into it, for example:\n  \
         linernotes --data-dir {0} search \"rick rubin\"\n\
         The MusicBrainz ids in it are made up.",
        dir.display()
    )
}

/// Prints to standard output, or to standard error if that is reserved for JSON.
fn narrate(json: bool, text: &str) -> std::io::Result<()> {
    if json {
        output::say(text);
        return Ok(());
    }
    output::print(text)
}

async fn serve(demo: &mut DemoSystem, signals: &mut StopSignals, report: &DemoReport) -> anyhow::Result<()> {
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let bootstrap = demo.system.bootstrap();
    let bootstrap = bootstrap.with_pool(demo.database.api_pool(&bootstrap.config).await?);
    let server = ApiServer::start(any_port, &bootstrap).await?;
    let served = ServedAddress::write(&demo.data_dir, server.address)?;
    output::say(report.api_examples(server.address, &demo.data_dir));
    let result = tokio::select! {
        () = signals.next() => Ok(()),
        error = demo.system.failure() => Err(error),
        error = server.failure() => Err(error),
    };
    drop(served);
    server.stop().await;
    result
}
