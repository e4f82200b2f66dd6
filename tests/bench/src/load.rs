//! How fast a dump of Discogs is loaded by the program itself, beside decompressing it alone and beside a bare COPY of the
//! same finished rows into the same tables and indexes: into empty tables, again, and beside as much that is there already.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use futures::{SinkExt as _, TryStreamExt as _};
use load::input;
use serde::Serialize;
use serde_json::Value;
use shared::platform::db::{self, DatabaseSettings, Statements};
use shared::store::loads::loading::COPIES;
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

use linernotes::cluster::ScratchCluster;
use linernotes::output;

/// How often the memory of the load is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What was measured.
#[derive(Debug, Clone, Serialize)]
pub struct LoadMeasured {
    /// Releases loaded.
    pub releases: u64,
    /// Credits that came with them.
    pub credits: u64,
    /// `gzip -dc FILE`, the mean of before and after the load.
    pub gunzip_seconds: f64,
    /// A bare COPY of the finished rows into empty tables with their keys and indexes.
    pub copy_floor_seconds: f64,
    /// Into empty tables, until every key and index is there.
    pub seconds: f64,
    /// Beside as much.
    pub filled_seconds: f64,
    /// A bare COPY of the same rows beside as much.
    pub filled_copy_floor_seconds: f64,
    /// The most memory that the load into empty tables held.
    pub peak_memory_mb: f64,
    /// The same file again.
    pub second_run_seconds: f64,
    /// What that wrote, by the database's own count, without the row of the load itself.
    pub second_run_rows_written: i64,
}

/// Measures with a file that is loaded whole, on a Postgres of its own.
///
/// # Errors
/// Where the file is no dump, Postgres cannot be started, or a load fails.
pub async fn load(file: &Path) -> anyhow::Result<LoadMeasured> {
    let scratch = ScratchCluster::start().await?;
    let before = gunzip(file).await?;
    let empty = Database::create(&scratch, "loaded", "template1").await?;
    output::say("into empty tables");
    let first = empty.load(file).await?;
    let after = gunzip(file).await?;
    let written = empty.rows_written().await?;
    output::say("the same again");
    let second = empty.load(file).await?;
    let second_run_rows_written = empty.rows_written().await? - written;

    output::say("the bare rows");
    let floor = Database::create(&scratch, "floor", "template1").await?;
    let copy_floor_seconds = copy(&empty, &floor, Kept::default()).await?;

    output::say("beside as much");
    let other = shifted(file)?;
    let base = Database::create(&scratch, "base", "template1").await?;
    base.load(&other).await?;
    let kept = base.kept().await?;
    base.client.batch_execute("VACUUM ANALYZE").await?;
    let base = base.closed();
    let filled = Database::create(&scratch, "filled", "base").await?;
    let beside = filled.load(file).await?;
    let base = Database::open(&base).await?;
    let filled_copy_floor_seconds = copy(&filled, &base, kept).await?;
    std::fs::remove_file(&other).context("remove the other dump")?;
    Ok(LoadMeasured {
        releases: first.releases,
        credits: first.credits,
        gunzip_seconds: (before + after) / 2.0,
        copy_floor_seconds,
        seconds: first.seconds,
        filled_seconds: beside.seconds,
        filled_copy_floor_seconds,
        peak_memory_mb: first.peak_memory_mb,
        second_run_seconds: second.seconds,
        second_run_rows_written,
    })
}

async fn gunzip(file: &Path) -> anyhow::Result<f64> {
    let start = Instant::now();
    let status = Command::new("gzip")
        .arg("-dc")
        .arg(file)
        .stdout(Stdio::null())
        .status()
        .await
        .context("run gzip")?;
    ensure!(status.success(), "gzip cannot read {}", file.display());
    Ok(start.elapsed().as_secs_f64())
}

/// The same dump under other numbers and barcodes, so that nothing of it is in the first.
fn shifted(file: &Path) -> anyhow::Result<PathBuf> {
    const OFFSET: i64 = 500_000_000_000;
    let mut text = String::new();
    input::open(file)?.reader.read_to_string(&mut text)?;
    let other = std::env::temp_dir().join(format!("linernotes-bench-{}.xml", std::process::id()));
    let mut written = std::io::BufWriter::new(std::fs::File::create(&other)?);
    for (number, part) in text.split("<release id=\"").enumerate() {
        if number == 0 {
            written.write_all(part.as_bytes())?;
            continue;
        }
        written.write_all(b"<release id=\"")?;
        let part = renumbered(part, OFFSET, true);
        for (number, piece) in part.split("<artist><id>").enumerate() {
            match number {
                0 => written.write_all(with_other_keys(piece, OFFSET).as_bytes())?,
                _ => {
                    let piece = with_other_keys(&renumbered(piece, OFFSET, false), OFFSET);
                    written.write_all(format!("<artist><id>{piece}").as_bytes())?;
                }
            }
        }
    }
    written.flush()?;
    Ok(other)
}

/// The text with the number that it begins with moved; those who are nobody stay.
fn renumbered(text: &str, offset: i64, always: bool) -> String {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    match text[..end].parse::<i64>() {
        Ok(id) if always || ![0, 194, 355, 118_760].contains(&id) => {
            format!("{}{}", id + offset, &text[end..])
        }
        _ => text.to_owned(),
    }
}

fn with_other_keys(text: &str, offset: i64) -> String {
    let text = match text.split_once("<master_id") {
        Some((before, rest)) => match rest.split_once('>') {
            Some((tag, rest)) => {
                format!("{before}<master_id{tag}>{}", renumbered(rest, offset, true))
            }
            None => text.to_owned(),
        },
        None => text.to_owned(),
    };
    let mut parts = text.split("type=\"Barcode\"");
    let mut changed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (tag, rest) = part.split_once("/>").unwrap_or((part, ""));
        let digit = |c: char| match c.to_digit(10) {
            Some(digit) => char::from_digit((digit + 3) % 10, 10).unwrap_or(c),
            None => c,
        };
        let tag: String = tag.chars().map(digit).collect();
        changed.push_str(&format!("type=\"Barcode\"{tag}/>{rest}"));
    }
    changed
}

/// What a run of the program came to.
struct Run {
    releases: u64,
    credits: u64,
    seconds: f64,
    peak_memory_mb: f64,
}

struct Database {
    url: String,
    client: tokio_postgres::Client,
}

/// The largest keys that were there before.
#[derive(Debug, Clone, Copy, Default)]
struct Kept {
    artists: i64,
    albums: i64,
    songs: i64,
    tracks: i64,
    producers: i64,
    identities: i64,
    credits: i64,
    loads: i64,
}

impl Kept {
    /// Which rows of a table came after them.
    fn later(&self, table: &str) -> String {
        if table == "pressings" {
            let albums = self.albums;
            return format!(
                "(source, source_id) IN (SELECT source, source_id FROM loaded_records WHERE album_id > {albums})"
            );
        }
        if table == "unsettled_names" {
            // A load leaves none.
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

impl Database {
    async fn create(scratch: &ScratchCluster, name: &str, template: &str) -> anyhow::Result<Self> {
        let url = scratch.database(name, template).await?;
        db::migrate(&DatabaseSettings::parse(&url, Statements::Prepared)?).await?;
        Self::open(&url).await
    }

    async fn open(url: &str) -> anyhow::Result<Self> {
        let settings = DatabaseSettings::parse(url, Statements::Prepared)?;
        Ok(Self {
            url: url.to_owned(),
            client: settings.connect().await?,
        })
    }

    /// Where it is, with no connection to it, so that it can be a template.
    fn closed(self) -> String {
        self.url
    }

    /// Runs the program on a file, and watches what it holds.
    async fn load(&self, file: &Path) -> anyhow::Result<Run> {
        let program = std::env::current_exe().context("find the program")?;
        let mut child = Command::new(program)
            .args(["load", "discogs", "--all", "--json"])
            .arg(file)
            .env("DATABASE_URL", &self.url)
            .stdout(Stdio::piped())
            .spawn()
            .context("run the program")?;
        let status_file = format!("/proc/{}/status", child.id().context("it ended at once")?);
        let mut stdout = child.stdout.take().context("read what it says")?;
        let said = tokio::spawn(async move {
            let mut said = String::new();
            stdout.read_to_string(&mut said).await.map(|_| said)
        });
        let mut peak_kb = 0;
        let status = loop {
            if let Some(kb) = peak_memory_kb(&status_file) {
                peak_kb = kb;
            }
            if let Ok(status) = tokio::time::timeout(LOOK_EVERY, child.wait()).await {
                break status?;
            }
        };
        ensure!(status.success(), "the load failed");
        let said = said.await??;
        let last = said.lines().last().context("it said nothing")?;
        let came_to: Value = serde_json::from_str(last)?;
        Ok(Run {
            releases: came_to["counts"]["loaded"].as_u64().unwrap_or_default(),
            credits: came_to["counts"]["credits"].as_u64().unwrap_or_default(),
            seconds: came_to["seconds"].as_f64().context("no time")?,
            peak_memory_mb: peak_kb as f64 / 1_000.0,
        })
    }

    /// Rows written so far, but for what is kept of loads themselves.
    async fn rows_written(&self) -> anyhow::Result<i64> {
        // What a backend wrote is counted when it ends.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let row = self
            .client
            .query_one(
                "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint FROM pg_stat_user_tables WHERE relname <> 'loads'",
                &[],
            )
            .await?;
        Ok(row.get(0))
    }

    async fn kept(&self) -> anyhow::Result<Kept> {
        let row = self
            .client
            .query_one(
                "SELECT (SELECT max(id) FROM artists), (SELECT max(id) FROM albums), (SELECT max(id) FROM normalized_tracks), (SELECT max(id) FROM tracks),
                        (SELECT max(id) FROM producers), (SELECT max(id) FROM producer_identities), (SELECT max(id) FROM credits), (SELECT max(id) FROM loads)",
                &[],
            )
            .await?;
        Ok(Kept {
            artists: row.get(0),
            albums: row.get(1),
            songs: row.get(2),
            tracks: row.get(3),
            producers: row.get(4),
            identities: row.get(5),
            credits: row.get(6),
            loads: row.get(7),
        })
    }
}

/// The most memory that a process has held.
fn peak_memory_kb(status_file: &str) -> Option<u64> {
    let status = std::fs::read_to_string(status_file).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Copies the rows that came after what was kept, in one transaction; gives the time that writing them took.
async fn copy(from: &Database, to: &Database, kept: Kept) -> anyhow::Result<f64> {
    let later = format!("SELECT * FROM loads WHERE id > {}", kept.loads);
    to.client.batch_execute("BEGIN").await?;
    stream(from, to, &later, "COPY loads FROM STDIN BINARY").await?;
    let mut time = Duration::ZERO;
    let start = Instant::now();
    to.client
        .batch_execute("SET LOCAL synchronous_commit = off; SET CONSTRAINTS ALL DEFERRED")
        .await?;
    time += start.elapsed();
    for (table, copy) in COPIES {
        let columns = copy.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
        let (columns, _) = columns.context("a COPY names its columns")?;
        let rows = format!("SELECT {columns} FROM {table} WHERE {}", kept.later(table));
        time += stream(from, to, &rows, copy).await?;
    }
    let start = Instant::now();
    to.client.batch_execute("COMMIT").await?;
    Ok((time + start.elapsed()).as_secs_f64())
}

async fn stream(from: &Database, to: &Database, rows: &str, copy: &str) -> anyhow::Result<Duration> {
    let rows = from
        .client
        .copy_out(&format!("COPY ({rows}) TO STDOUT BINARY"))
        .await?;
    let rows: Vec<_> = rows.try_collect().await?;
    let start = Instant::now();
    let sink = to.client.copy_in(copy).await?;
    let mut sink = std::pin::pin!(sink);
    let mut rows = futures::stream::iter(rows.into_iter().map(Ok::<_, tokio_postgres::Error>));
    sink.send_all(&mut rows).await?;
    sink.finish().await?;
    Ok(start.elapsed())
}
