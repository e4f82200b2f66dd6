//! `linernotes demo`: the whole system on real facts, against stand-ins for the upstreams, in a database of its own.
//! The facts and the stand-ins are in [`crate::demo`]; the system is the one that `up` runs.

mod report;

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use shared::domain::ids::IngestionId;
use shared::platform::config::Config;
use shared::store::work::ingestions::InsertedIngestion;
use shared::upstreams::Clients;
use shared::work::ingestion_requests::{self, IngestionRequest};
use tokio::time::Instant;

use super::ingest;
use super::serving::Served;
use super::signals::Signals;
use super::watching::{self, Shown};
use crate::cluster::ScratchCluster;
use crate::database::Database;
use crate::demo::{self, StandIns};
use crate::output;
use crate::system::{System, SystemOptions};
use report::Report;

/// So that what was put off for a second goes on after a second.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

const FIRST_LINE: &str = "\
This demo asks stand-ins for Spotify and MusicBrainz that run on this machine, not the real ones. \
What they know are real facts, each credit with its public source.";

/// The demo's own system; nothing of it outlives the process.
struct Stage {
    stand_ins: StandIns,
    config: Config,
    clients: Clients,
    database: Database,
    system: System,
    // Dropped last: it is where the database is.
    _scratch: ScratchCluster,
}

impl Stage {
    async fn set() -> anyhow::Result<Self> {
        let scratch = ScratchCluster::start().await?;
        let stand_ins = demo::start().await?;
        let config = settings(&stand_ins)?;
        let clients = Clients::new(&config)?;
        let database = Database::at(&scratch.url()).await?;
        let options = SystemOptions {
            sweep_every: SWEEP_EVERY,
            is_alone: true,
        };
        let system = System::start(&config, &database.pool, &clients, options).await?;
        Ok(Self {
            stand_ins,
            config,
            clients,
            database,
            system,
            _scratch: scratch,
        })
    }

    async fn ask(&self) -> anyhow::Result<IngestionId> {
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

    /// Shows how far it is, to the end.
    async fn watch(&self, id: IngestionId, signals: &mut Signals) -> anyhow::Result<()> {
        let mut shown = Shown::on_standard_error(true);
        let is_over = tokio::select! {
            watched = watching::watch(&self.database.pool, id, &mut shown) => watched.map(|_| true),
            () = signals.next() => Ok(false),
        };
        shown.end();
        if !is_over? {
            bail!("broken off; nothing is left of it");
        }
        Ok(())
    }

    async fn clear(self) -> anyhow::Result<()> {
        self.system.stop().await;
        self.database.close().await
    }
}

/// The stand-ins' addresses, and their paces: no setting of the machine's reaches the demo.
fn settings(stand_ins: &StandIns) -> anyhow::Result<Config> {
    Ok(Config::read(|name| {
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
    let begun = Instant::now();
    narrate(json, FIRST_LINE)?;
    let stage = Stage::set().await?;
    let mut signals = Signals::listen()?;
    let artists = output::count(stage.stand_ins.artists().len() as i64, "artist");
    let id = stage.ask().await?;
    let asked = format!("Asked for {artists}: their albums are brought in, then their producers found.\n");
    narrate(json, &asked)?;
    stage.watch(id, &mut signals).await?;

    let pool = &stage.database.pool;
    let results = ingest::results(pool, stage.system.queues(), id).await?;
    let report = Report::read(&pool.client().await?, &stage.stand_ins, begun.elapsed()).await?;
    let mut tracks_without = results.tracks_without(&stage.clients);
    if let Some(why) = results.why(true) {
        tracks_without.push_str(&format!("\n\n{why}"));
    }
    narrate(json, &report.text(&stage.stand_ins, &tracks_without))?;
    if !results.is_all_found() {
        let left_over = output::one_line_of(&results.left_over());
        bail!("the demo failed: {left_over}");
    }
    if let Some(fault) = report.faults(&stage.stand_ins).first() {
        bail!("the demo failed: {fault}");
    }
    if json {
        output::print(serde_json::to_string(&report.line())?)?;
    }
    if !once {
        serve(&stage, &mut signals, &report).await?;
    }
    stage.clear().await?;
    Ok(ExitCode::SUCCESS)
}

/// Tells people what goes on, out of the way of the line for programs.
fn narrate(json: bool, text: &str) -> std::io::Result<()> {
    if json {
        output::say(text);
        return Ok(());
    }
    output::print(text)
}

async fn serve(stage: &Stage, signals: &mut Signals, report: &Report) -> anyhow::Result<()> {
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let queues = stage.system.queues();
    let served = Served::start(anywhere, &stage.database.pool, queues, &stage.config).await?;
    output::say(report.invitation(served.address));
    signals.next().await;
    served.stop().await;
    Ok(())
}
