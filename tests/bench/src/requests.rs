//! Measures what slow requests to the API cost an ingestion under way: the demo's artists are imported by
//! `linernotes up` alone, and again while many callers send searches that take seconds in Postgres.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use linernotes::demo::{self, StandIns};
use linernotes::output;
use reqwest::header::RETRY_AFTER;
use serde::Serialize;
use shared::domain::ids::IngestionId;
use shared::platform::db::{DatabaseSettings, Pool, Statements};
use shared::platform::http;
use shared::store::work::ingestions::InsertedIngestion;
use shared::work::ingestion_requests::{self, IngestionRequest};
use shared::work::queue::Queues;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;

/// Callers that each send one search after the other.
const CALLERS: usize = 300;
/// How often the end of the ingestion is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What a slow search does in Postgres.
const SLEEPS: &str = "PERFORM pg_sleep(5);";
const COMPUTES: &str = "FOR number IN 1..100000000 LOOP END LOOP;";

/// The time of an ingestion alone and beside slow requests.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct RequestFigures {
    /// Alone, the mean of a run before and one after the others.
    pub(crate) alone_seconds: f64,
    /// Beside searches that sleep in Postgres, compared with alone.
    pub(crate) beside_sleeping_ratio: f64,
    /// Searches that were answered meanwhile.
    pub(crate) sleeping: AnswerCounts,
    /// Beside searches that keep a core busy, compared with alone.
    pub(crate) beside_computing_ratio: f64,
    /// Searches that were answered meanwhile.
    pub(crate) computing: AnswerCounts,
}

/// The answers to the callers.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct AnswerCounts {
    /// With a result.
    pub(crate) answered: u64,
    /// With 503 and Retry-After.
    pub(crate) refused: u64,
    /// In any other way.
    pub(crate) other: u64,
}

/// Measures four ingestions, each by a process with a private Postgres of its own.
///
/// # Errors
/// If the program does not start, or an ingestion does not end.
pub(crate) async fn measure_requests() -> anyhow::Result<RequestFigures> {
    output::say("an ingestion alone");
    let (before, _) = measure(None).await?;
    output::say("beside searches that sleep");
    let (beside_sleeping, sleeping) = measure(Some(SLEEPS)).await?;
    output::say("beside searches that compute");
    let (beside_computing, computing) = measure(Some(COMPUTES)).await?;
    output::say("an ingestion alone again");
    let (after, _) = measure(None).await?;
    let alone = (before + after) / 2.0;
    Ok(RequestFigures {
        alone_seconds: alone,
        beside_sleeping_ratio: beside_sleeping / alone,
        sleeping,
        beside_computing_ratio: beside_computing / alone,
        computing,
    })
}

/// The seconds of an ingestion while callers send searches that do `work`, and the answers to them.
async fn measure(work: Option<&str>) -> anyhow::Result<(f64, AnswerCounts)> {
    let stand_ins = demo::start().await?;
    let server = Server::start(&stand_ins).await?;
    let answers = Arc::new(Answers::default());
    let mut callers = JoinSet::new();
    if let Some(work) = work {
        server.slow_down(work).await?;
        let http = http::client("bench")?;
        for number in 0..CALLERS {
            let search = format!("http://{}/v1/producers?q=quincy%20{number}", server.address);
            callers.spawn(call(http.clone(), search, Arc::clone(&answers)));
        }
    }
    let seconds = server.ingest(&stand_ins).await;
    callers.shutdown().await;
    server.stop().await?;
    Ok((seconds?, answers.counts()))
}

#[derive(Default)]
struct Answers {
    answered: AtomicU64,
    refused: AtomicU64,
    other: AtomicU64,
}

impl Answers {
    fn counts(&self) -> AnswerCounts {
        AnswerCounts {
            answered: self.answered.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            other: self.other.load(Ordering::Relaxed),
        }
    }
}

/// Sends the same search again and again, and waits as long as a refusal asks for.
async fn call(http: reqwest::Client, search: String, answers: Arc<Answers>) {
    loop {
        let answer = http.get(&search).send().await;
        let status = answer.as_ref().map_or(0, |answer| answer.status().as_u16());
        let wait = answer.as_ref().ok().and_then(|answer| {
            let seconds = answer.headers().get(RETRY_AFTER)?.to_str().ok()?;
            seconds.parse().ok()
        });
        match (status, wait) {
            (200, _) => answers.answered.fetch_add(1, Ordering::Relaxed),
            (503, Some(_)) => answers.refused.fetch_add(1, Ordering::Relaxed),
            _ => answers.other.fetch_add(1, Ordering::Relaxed),
        };
        tokio::time::sleep(Duration::from_secs(wait.unwrap_or(1))).await;
    }
}

/// A running `linernotes up`.
struct Server {
    child: Child,
    address: String,
    data_dir: PathBuf,
    settings: DatabaseSettings,
}

impl Server {
    async fn start(stand_ins: &StandIns) -> anyhow::Result<Self> {
        let data_dir = std::env::temp_dir().join(format!("linernotes-bench-{}", uuid::Uuid::new_v4()));
        // `scripts/bench` builds the program beside this one.
        let program = std::env::current_exe()?.with_file_name("linernotes");
        let mut child = Command::new(&program)
            .args(["up", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(&data_dir)
            .envs([
                ("SPOTIFY_URL", stand_ins.spotify_url.as_str()),
                ("SPOTIFY_TOKEN_URL", &stand_ins.spotify_token_url),
                ("SPOTIFY_CLIENT_ID", demo::SPOTIFY_CLIENT_ID),
                ("SPOTIFY_CLIENT_SECRET", demo::SPOTIFY_CLIENT_SECRET),
                ("SPOTIFY_PER_SECOND", "10"),
                ("MUSICBRAINZ_URL", &stand_ins.musicbrainz_url),
                ("MUSICBRAINZ_PER_SECOND", "20"),
                ("CONTACT", "https://linernotes.invalid/bench"),
                ("LOG", "error"),
            ])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("run {}", program.display()))?;
        let stdout = child.stdout.take().context("read its output")?;
        let mut lines = BufReader::new(stdout).lines();
        let greeting = lines.next_line().await?.context("it ended at once")?;
        let address = greeting
            .split("http://")
            .nth(1)
            .and_then(|rest| rest.split(';').next());
        Ok(Self {
            child,
            address: address.context("it prints no address")?.to_owned(),
            settings: private_database(&data_dir).await?,
            data_dir,
        })
    }

    /// Makes each search do `work` first.
    async fn slow_down(&self, work: &str) -> anyhow::Result<()> {
        let replace = format!(
            "CREATE OR REPLACE FUNCTION search_producers(query text, max_results integer DEFAULT 20)
             RETURNS TABLE (producer_id bigint, name text, matched_name text, match_kind text, score real,
                            track_count integer, artist_count integer)
             LANGUAGE plpgsql STABLE AS $$ BEGIN {work} END $$"
        );
        Ok(self.settings.connect().await?.batch_execute(&replace).await?)
    }

    /// Imports the demo's artists; returns the seconds until all steps have ended.
    async fn ingest(&self, stand_ins: &StandIns) -> anyhow::Result<f64> {
        let pool = Pool::new(&self.settings, 2)?;
        let artists = stand_ins.artists().iter();
        let request = IngestionRequest {
            what: artists
                .map(|artist| format!("spotify:artist:{}", artist.id).parse())
                .collect::<Result<_, _>>()?,
            appears_on: false,
            fresh_after: None,
            api_key_id: None,
            idempotency_key: None,
        };
        let began = Instant::now();
        let inserted = ingestion_requests::submit(&pool, &Queues::postgres(pool.clone()), &request).await?;
        let InsertedIngestion::New(id) = inserted else {
            anyhow::bail!("the ingestion is not new");
        };
        while self.count_open_steps(&pool, id).await? > 0 {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(began.elapsed().as_secs_f64())
    }

    async fn count_open_steps(&self, pool: &Pool, id: IngestionId) -> anyhow::Result<i64> {
        const COUNT: &str = "
            SELECT count(*) AS steps FROM ingestion_tasks WHERE ingestion_id = $1 AND outcome IS NULL";
        let row = pool.client().await?.query_one(COUNT, &[&id]).await?;
        Ok(row.get("steps"))
    }

    async fn stop(mut self) -> anyhow::Result<()> {
        let id = self.child.id().context("it has ended by itself")?;
        let signal = Command::new("kill").args(["-TERM", &id.to_string()]).status();
        ensure!(signal.await?.success(), "it could not be stopped");
        ensure!(self.child.wait().await?.success(), "it failed");
        tokio::fs::remove_dir_all(&self.data_dir)
            .await
            .with_context(|| format!("remove {}", self.data_dir.display()))
    }
}

async fn private_database(data_dir: &Path) -> anyhow::Result<DatabaseSettings> {
    let url = tokio::fs::read_to_string(data_dir.join("url")).await?;
    Ok(DatabaseSettings::parse(&url, Statements::Prepared)?)
}
