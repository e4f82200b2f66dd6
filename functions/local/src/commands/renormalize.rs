//! `linernotes renormalize`: regroups songs after the title rules changed.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use shared::domain::ids::ArtistId;
use shared::platform::config::Config;
use shared::store::catalog::regrouping::count_older;

use crate::commands::decisions;
use crate::database::{CommandDatabase, Purpose};
use crate::output::{self, count};
use shared::curation::regrouping::{self, RegroupingCounts};

const PROGRESS_EVERY: Duration = Duration::from_secs(5);

pub(super) async fn run(config: &Config, data_dir: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let database = CommandDatabase::open(config, data_dir, Purpose::Write).await?;
    let result = regroup(&database).await;
    decisions::finish(database, result).await
}

async fn regroup(database: &CommandDatabase) -> anyhow::Result<()> {
    let all = count_older(&database.pool.client().await?).await?;
    let (mut totals, mut after, mut reported_at) = (RegroupingCounts::default(), ArtistId(0), Instant::now());
    while let Some(artist) = regrouping::regroup_next_artist(&database.pool, after, &mut totals).await? {
        after = artist;
        if reported_at.elapsed() >= PROGRESS_EVERY {
            output::print(format!("{} of {} regrouped", totals.songs, count(all, "song")))?;
            reported_at = Instant::now();
        }
    }
    if totals.artists == 0 {
        output::print("all songs follow the current title rules already")?;
        return Ok(());
    }
    output::print(format!(
        "regrouped {} of {}: {} moved, {} merged, {} created",
        count(totals.songs.cast_signed(), "song"),
        count(totals.artists.cast_signed(), "artist"),
        count(totals.tracks_moved.cast_signed(), "track"),
        count(totals.songs_joined.cast_signed(), "song"),
        count(totals.songs_split.cast_signed(), "song"),
    ))?;
    Ok(())
}
