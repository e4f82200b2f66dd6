//! Measures how fast the program loads a Discogs dump: into empty tables, a second time, and into a catalog
//! of the same size. The baselines are decompressing the dump, and a COPY of the same finished rows into the
//! same tables and indexes.

mod database;
mod renumbered;

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use futures::{SinkExt as _, TryStreamExt as _};
use linernotes::cluster::ScratchCluster;
use linernotes::output;
use serde::Serialize;
use shared::store::loads::loading::COPIES;
use tokio::process::Command;

use self::database::{LargestKeys, LoadDatabase};
use self::renumbered::write_renumbered_dump;

/// The speed and memory use of the loader.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LoadFigures {
    /// Releases loaded.
    pub(crate) releases: u64,
    /// Credits loaded.
    pub(crate) credits: u64,
    /// Time of `gzip -dc FILE`, the mean of a run before and one after the load.
    pub(crate) gunzip_seconds: f64,
    /// COPY of the finished rows into empty tables with their keys and indexes.
    pub(crate) copy_floor_seconds: f64,
    /// Load into empty tables, until all keys and indexes exist.
    pub(crate) seconds: f64,
    /// Load into a catalog of the same size.
    pub(crate) filled_seconds: f64,
    /// COPY of the same rows into a catalog of the same size.
    pub(crate) filled_copy_floor_seconds: f64,
    /// Peak memory of the load into empty tables.
    pub(crate) peak_memory_mb: f64,
    /// Second load of the same file.
    pub(crate) second_run_seconds: f64,
    /// Rows that the second load wrote, as counted by Postgres, without its row in `loads`.
    pub(crate) second_run_rows_written: i64,
}

/// Measures with all of a dump file, on a Postgres of its own.
///
/// # Errors
/// If the file is not a dump, Postgres cannot be started, or a load fails.
pub(crate) async fn measure_load(file: &Path) -> anyhow::Result<LoadFigures> {
    let scratch = ScratchCluster::start().await?;
    let before = gunzip(file).await?;
    let empty = LoadDatabase::create(&scratch, "loaded", "template1").await?;
    output::say("load into empty tables");
    let first = empty.load(file).await?;
    let after = gunzip(file).await?;
    let written = empty.rows_written().await?;
    output::say("load the same file again");
    let second = empty.load(file).await?;
    let second_run_rows_written = empty.rows_written().await? - written;

    output::say("copy the rows into empty tables");
    let floor = LoadDatabase::create(&scratch, "floor", "template1").await?;
    let copy_floor_seconds = copy(&empty, &floor, LargestKeys::default()).await?;

    output::say("load into a catalog of the same size");
    let other = write_renumbered_dump(file)?;
    let base = LoadDatabase::create(&scratch, "base", "template1").await?;
    base.load(&other).await?;
    let keys_before = base.largest_keys().await?;
    base.client.batch_execute("VACUUM ANALYZE").await?;
    let base = base.close();
    let filled = LoadDatabase::create(&scratch, "filled", "base").await?;
    let beside = filled.load(file).await?;
    let base = LoadDatabase::open(&base).await?;
    let filled_copy_floor_seconds = copy(&filled, &base, keys_before).await?;
    std::fs::remove_file(&other).context("remove the other dump")?;
    Ok(LoadFigures {
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

/// Copies the rows with keys larger than `keys_before` in one transaction; returns the time spent writing.
async fn copy(from: &LoadDatabase, to: &LoadDatabase, keys_before: LargestKeys) -> anyhow::Result<f64> {
    let later = format!("SELECT * FROM loads WHERE id > {}", keys_before.loads);
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
        let rows = format!(
            "SELECT {columns} FROM {table} WHERE {}",
            keys_before.later_rows(table)
        );
        time += stream(from, to, &rows, copy).await?;
    }
    let start = Instant::now();
    to.client.batch_execute("COMMIT").await?;
    Ok((time + start.elapsed()).as_secs_f64())
}

async fn stream(from: &LoadDatabase, to: &LoadDatabase, rows: &str, copy: &str) -> anyhow::Result<Duration> {
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
