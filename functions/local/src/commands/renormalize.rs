//! `linernotes renormalize`: songs told apart by older title rules are told apart by today's.
//! How is `renormalizing`'s matter.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use shared::domain::ids::ArtistId;
use shared::platform::config::Config;
use shared::store::catalog::regrouping::count_older;

use super::deciding;
use crate::database::{Database, Purpose};
use crate::output::{self, count};
use shared::curation::regrouping::{self, Renormalized};

/// How often it is told how far it is.
const PROGRESS: Duration = Duration::from_secs(5);

pub(super) async fn run(config: &Config, data_dir: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let database = Database::open(config, data_dir, Purpose::Write).await?;
    let done = renormalize(&database).await;
    deciding::finish(database, done).await
}

async fn renormalize(database: &Database) -> anyhow::Result<()> {
    let all = count_older(&database.pool.client().await?).await?;
    let (mut sum, mut after, mut told) = (Renormalized::default(), ArtistId(0), Instant::now());
    while let Some(artist) = regrouping::next(&database.pool, after, &mut sum).await? {
        after = artist;
        if told.elapsed() >= PROGRESS {
            output::print(format!("{} of {} read anew", sum.songs, count(all, "song")))?;
            told = Instant::now();
        }
    }
    if sum.artists == 0 {
        output::print("every song was read by today's rules already")?;
        return Ok(());
    }
    output::print(format!(
        "{} of {} read anew: {} moved, {} joined, {} made",
        count(sum.songs.cast_signed(), "song"),
        count(sum.artists.cast_signed(), "artist"),
        count(sum.tracks_moved.cast_signed(), "track"),
        count(sum.songs_joined.cast_signed(), "song"),
        count(sum.songs_split.cast_signed(), "song"),
    ))?;
    Ok(())
}
