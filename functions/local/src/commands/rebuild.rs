//! `linernotes rebuild`: computes the producers of tracks, the main tracks and first dates of songs, and the
//! statistics again. It leaves the tables of search alone.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use shared::curation::rebuilding::{self, RebuildCounts};
use shared::domain::ids::{NormalizedTrackId, TrackId};
use shared::platform::config::Config;
use shared::store::producers::statistics;

use crate::commands::decisions;
use crate::database::{CommandDatabase, Purpose};
use crate::output::{self, count};

const PROGRESS_EVERY: Duration = Duration::from_secs(5);

pub(super) async fn run(config: &Config, data_dir: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let database = CommandDatabase::open(config, data_dir, Purpose::Write).await?;
    let result = rebuild(&database).await;
    decisions::finish(database, result).await
}

async fn rebuild(database: &CommandDatabase) -> anyhow::Result<()> {
    let pool = &database.pool;
    let (mut counts, mut reported_at) = (RebuildCounts::default(), Instant::now());
    let mut track = TrackId(0);
    while let Some(last) = rebuilding::rebuild_next_tracks(pool, track, &mut counts).await? {
        track = last;
        report(&mut reported_at, counts.tracks, "track")?;
    }
    let mut song = NormalizedTrackId(0);
    while let Some(last) = rebuilding::rebuild_next_songs(pool, song, &mut counts).await? {
        song = last;
        report(&mut reported_at, counts.songs, "song")?;
    }
    let producers = statistics::mark_all_stale(&pool.client().await?).await?;
    output::print(format!(
        "computed the producers of {} ({} changed), the main track and first date of {} ({} changed), and \
         the statistics of {}",
        count(counts.tracks.cast_signed(), "track"),
        count(counts.producers_changed.cast_signed(), "row"),
        count(counts.songs.cast_signed(), "song"),
        counts.songs_changed,
        count(producers.cast_signed(), "producer"),
    ))?;
    Ok(())
}

fn report(reported_at: &mut Instant, done: u64, noun: &str) -> anyhow::Result<()> {
    if reported_at.elapsed() >= PROGRESS_EVERY {
        output::print(format!("{} done", count(done.cast_signed(), noun)))?;
        *reported_at = Instant::now();
    }
    Ok(())
}
