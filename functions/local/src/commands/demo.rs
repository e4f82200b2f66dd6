//! `linernotes demo`: runs the whole system on real facts, with stand-ins for the upstreams and a temporary
//! database. For the facts and the stand-ins see [`crate::demo`].

mod report;

use std::net::{Ipv4Addr, SocketAddr};
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
use super::signals::StopSignals;
use crate::cluster::ScratchCluster;
use crate::commands::api_server::ApiServer;
use crate::commands::ingestion_progress::{self, IngestionProgress};
use crate::database::CommandDatabase;
use crate::demo::{self, StandIns};
use crate::output;
use crate::system::{System, SystemOptions};
use report::DemoReport;

/// The stand-ins ask for pauses of one second; the demo should resume right after them.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

const INTRODUCTION: &str = "\
This demo calls stand-ins for Spotify and MusicBrainz on this machine, not the real services.\n\
They answer with real facts; every credit names its public source.";

/// Everything the demo runs. Nothing of it outlives the process.
struct DemoSystem {
    stand_ins: StandIns,
    clients: Clients,
    database: CommandDatabase,
    system: System,
    // Dropped last: the database runs on it.
    _scratch: ScratchCluster,
}

impl DemoSystem {
    async fn start() -> anyhow::Result<Self> {
        let scratch = ScratchCluster::start().await?;
        let stand_ins = demo::start().await?;
        let config = settings(&stand_ins)?;
        let clients = Clients::new(&config)?;
        let database = CommandDatabase::at(&scratch.url()).await?;
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

    /// Shows the progress until the ingestion is over.
    async fn watch(&self, id: IngestionId, signals: &mut StopSignals) -> anyhow::Result<()> {
        let mut progress = IngestionProgress::new(true);
        let watched = ingestion_progress::watch(&self.database.pool, id, &mut progress);
        let is_over = tokio::select! {
            watched = watched => watched.map(|_| true),
            () = signals.next() => Ok(false),
        };
        progress.end();
        if !is_over? {
            bail!("stopped; the demo leaves nothing behind");
        }
        Ok(())
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

pub(super) async fn run(once: bool, json: bool) -> anyhow::Result<ExitCode> {
    let started_at = Instant::now();
    narrate(json, INTRODUCTION)?;
    let demo = DemoSystem::start().await?;
    let mut signals = StopSignals::listen()?;
    let artists = output::count(demo.stand_ins.artists().len() as i64, "artist");
    let id = demo.request_ingestion().await?;
    let requested = format!("Requested {artists}: importing their albums, then finding their producers.\n");
    narrate(json, &requested)?;
    demo.watch(id, &mut signals).await?;

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
    if !once {
        serve(&demo, &mut signals, &report).await?;
    }
    demo.stop().await?;
    Ok(ExitCode::SUCCESS)
}

/// Prints to standard output, or to standard error if that is reserved for JSON.
fn narrate(json: bool, text: &str) -> std::io::Result<()> {
    if json {
        output::say(text);
        return Ok(());
    }
    output::print(text)
}

async fn serve(demo: &DemoSystem, signals: &mut StopSignals, report: &DemoReport) -> anyhow::Result<()> {
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let server = ApiServer::start(any_port, demo.system.bootstrap()).await?;
    output::say(report.api_examples(server.address));
    signals.next().await;
    server.stop().await;
    Ok(())
}
