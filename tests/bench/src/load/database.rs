//! The databases of the load benchmark.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use linernotes::cluster::ScratchCluster;
use serde_json::Value;
use shared::platform::db::{self, DatabaseSettings, Statements};
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

/// How often the memory use of the load is read.
const MEMORY_INTERVAL: Duration = Duration::from_millis(20);

/// The result of one load.
pub(super) struct LoadRun {
    pub(super) releases: u64,
    pub(super) credits: u64,
    pub(super) seconds: f64,
    pub(super) peak_memory_mb: f64,
}

pub(super) struct LoadDatabase {
    pub(super) url: String,
    pub(super) client: tokio_postgres::Client,
}

/// The largest keys of a database before a load.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LargestKeys {
    pub(super) artists: i64,
    pub(super) albums: i64,
    pub(super) songs: i64,
    pub(super) tracks: i64,
    pub(super) producers: i64,
    pub(super) identities: i64,
    pub(super) credits: i64,
    pub(super) loads: i64,
}

impl LargestKeys {
    /// The SQL condition for rows of a table with larger keys.
    pub(super) fn later_rows(&self, table: &str) -> String {
        if table == "pressings" {
            let albums = self.albums;
            return format!(
                "(source, source_id) IN
                 (SELECT source, source_id FROM loaded_records WHERE album_id > {albums})"
            );
        }
        if table == "unsettled_names" {
            // This table is empty after a load.
            return "true".to_owned();
        }
        let (column, key) = match table {
            "artists" => ("id", self.artists),
            "artist_identities" => ("artist_id", self.artists),
            "producers" => ("id", self.producers),
            "producer_identities" => ("id", self.identities),
            "producer_names" => ("producer_id", self.producers),
            "albums" => ("id", self.albums),
            "normalized_tracks" => ("id", self.songs),
            "tracks" => ("id", self.tracks),
            "credits" => ("id", self.credits),
            "track_artists" | "track_links" | "track_producers" => ("track_id", self.tracks),
            _ => ("album_id", self.albums),
        };
        format!("{column} > {key}")
    }
}

impl LoadDatabase {
    pub(super) async fn create(scratch: &ScratchCluster, name: &str, template: &str) -> anyhow::Result<Self> {
        let url = scratch.database(name, template).await?;
        db::migrate(&DatabaseSettings::parse(&url, Statements::Prepared)?).await?;
        Self::open(&url).await
    }

    pub(super) async fn open(url: &str) -> anyhow::Result<Self> {
        let settings = DatabaseSettings::parse(url, Statements::Prepared)?;
        Ok(Self {
            url: url.to_owned(),
            client: settings.connect().await?,
        })
    }

    /// Closes the connection so that the database can be a template; returns its URL.
    pub(super) fn close(self) -> String {
        self.url
    }

    /// Runs the program on a file and records its peak memory.
    pub(super) async fn load(&self, file: &Path) -> anyhow::Result<LoadRun> {
        // `scripts/bench` builds the program beside this one.
        let program = std::env::current_exe()?.with_file_name("linernotes");
        let mut child = Command::new(&program)
            .args(["load", "discogs", "--all", "--json"])
            .arg(file)
            .env("DATABASE_URL", &self.url)
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("run {}", program.display()))?;
        let status_file = format!(
            "/proc/{}/status",
            child.id().context("the program ended at once")?
        );
        let mut stdout = child.stdout.take().context("read its output")?;
        let output = tokio::spawn(async move {
            let mut text = String::new();
            stdout.read_to_string(&mut text).await.map(|_| text)
        });
        let mut peak_kb = 0;
        let status = loop {
            if let Some(kb) = peak_memory_kb(&status_file) {
                peak_kb = kb;
            }
            if let Ok(status) = tokio::time::timeout(MEMORY_INTERVAL, child.wait()).await {
                break status?;
            }
        };
        ensure!(status.success(), "the load failed");
        let output = output.await??;
        let last = output.lines().last().context("the program printed nothing")?;
        let outcome: Value = serde_json::from_str(last)?;
        Ok(LoadRun {
            releases: outcome["counts"]["loaded"].as_u64().unwrap_or_default(),
            credits: outcome["counts"]["credits"].as_u64().unwrap_or_default(),
            seconds: outcome["seconds"].as_f64().context("the output has no time")?,
            peak_memory_mb: peak_kb as f64 / 1_000.0,
        })
    }

    /// Rows written so far, without those in `loads`.
    pub(super) async fn rows_written(&self) -> anyhow::Result<i64> {
        // Postgres counts the writes of a connection after it has ended.
        tokio::time::sleep(Duration::from_secs(2)).await;
        const COUNT: &str = "
            SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint AS rows
            FROM pg_stat_user_tables
            WHERE relname <> 'loads'";
        Ok(self.client.query_one(COUNT, &[]).await?.get("rows"))
    }

    pub(super) async fn largest_keys(&self) -> anyhow::Result<LargestKeys> {
        const LARGEST_KEYS: &str = "
            SELECT (SELECT max(id) FROM artists) AS artists,
                   (SELECT max(id) FROM albums) AS albums,
                   (SELECT max(id) FROM normalized_tracks) AS songs,
                   (SELECT max(id) FROM tracks) AS tracks,
                   (SELECT max(id) FROM producers) AS producers,
                   (SELECT max(id) FROM producer_identities) AS identities,
                   (SELECT max(id) FROM credits) AS credits,
                   (SELECT max(id) FROM loads) AS loads";
        let row = self.client.query_one(LARGEST_KEYS, &[]).await?;
        Ok(LargestKeys {
            artists: row.get("artists"),
            albums: row.get("albums"),
            songs: row.get("songs"),
            tracks: row.get("tracks"),
            producers: row.get("producers"),
            identities: row.get("identities"),
            credits: row.get("credits"),
            loads: row.get("loads"),
        })
    }
}

/// The peak memory of a process, from its status file.
fn peak_memory_kb(status_file: &str) -> Option<u64> {
    let status = std::fs::read_to_string(status_file).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
