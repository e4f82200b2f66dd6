//! Loads the dumps of the sources into the same tables that online work fills, by the same rules. Reading one is its source's
//! room; which command it is and how it is shown stays out.
//!
//! # Which way is taken when
//! Into a catalog without a row, Discogs' keys and indexes are dropped and made at the end; until then nothing else should
//! write. What such a load wrote it remembers, up to 2.5 million artists, songs, albums and names; past that it makes the few
//! indexes that it looks things up in, and goes on without the others and without foreign keys. So does one that goes on where
//! another was ended from outside. One that is asked to stop makes all of them first, and the next goes on as beside anything
//! else. Beside anything else, and for MusicBrainz always, they stay, every batch of releases is a transaction of a second or
//! less, and the API and the workers go on. A load that stopped is never begun anew: what is here is passed over by its hash.
//!
//! # How long and how much
//! Measured with `scripts/bench load` on an excerpt of Discogs' of 2020 that has many credits, repeated to 49,118 releases (220
//! MB of XML, 477,370 credits), on two cores of which one does `gzip -dc` of it in 0.76 s: 9,300 releases a second into empty
//! tables, 7.0 times as long as `gzip -dc`, of which two fifths are spent making keys and indexes; 2,200 beside as much, 1.2
//! times as long as a COPY of the finished rows; 160,000 passed over as unchanged. By hand: repeated to 311,764
//! releases, 16,900 were written a second as long as it remembered and 6,700 past that, 7,200 with all indexes. Of
//! MusicBrainz', made-up releases in the real format of 32 kB each: 600 written a second, and 9,000, 280 MB, read and passed
//! over.
//!
//! | the whole dumps | estimate from those rates, nothing so large was run |
//! | --- | --- |
//! | Discogs' 19 million releases, `--all` | 1 to 2 hours into empty tables, as long as what is looked up stays in memory; 2.5 beside anything else |
//! | of them what has a production credit, about two in five | half an hour to an hour |
//! | a newer one, of which 300,000 releases are new or changed | 2 minutes to pass over the rest, 3 for what is new; what changed is written one by one |
//! | MusicBrainz' 301 GB | 20 minutes of a core to read, and what `xz` takes; half an hour for each million of albums with a production credit |
//! | memory of the load | 150 MB at most, of which half is what was written so far, and 4 the numbers seen |
//! | disk | 8 kB a release with its keys and indexes: 150 GB for all of Discogs', 60 without `--all`, and half as much again while indexes are made |
//!
//! Where the database is in the cloud, the load runs on a machine beside it, never as a function: it takes hours, wants a
//! direct connection (no pooler, for its lock lasts as long as a connection does), and a round trip for each table of a
//! batch. Two cores and 1 GB are enough for it; the database's are what it waits for.

mod batch;
mod bulk;
mod copy;
mod counts;
pub mod discogs;
mod elements;
pub mod input;
pub mod musicbrainz;
mod progress;
mod seen;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio_postgres::error::SqlState;

use crate::db::{Client, Pool};
use crate::ids::{AlbumId, NormalizedTrackId, TrackId};
use crate::store::{loaded_records, loads, normalized_tracks, track_producers};
pub use counts::{Counts, Skipped, SkippedRecords};

/// What a load is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Reading and writing records.
    Records,
    /// Looking for what is gone.
    Vanished,
    /// Making keys and indexes.
    Indexes,
}

/// How a load is watched and stopped from outside.
#[derive(Debug)]
pub struct Control {
    has_begun: AtomicBool,
    is_stopping: AtomicBool,
    records: AtomicU64,
    stage: Mutex<Stage>,
}

impl Default for Control {
    fn default() -> Self {
        Self {
            has_begun: AtomicBool::new(false),
            is_stopping: AtomicBool::new(false),
            records: AtomicU64::new(0),
            stage: Mutex::new(Stage::Records),
        }
    }
}

impl Control {
    /// Lets the load stop after what is under way.
    pub fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }

    /// Whether the file is such a dump and no other load is at work: nothing is touched before.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.has_begun.load(Ordering::Relaxed)
    }

    /// How many records are done.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records.load(Ordering::Relaxed)
    }

    /// What it is doing.
    #[must_use]
    pub fn stage(&self) -> Stage {
        *self
            .stage
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn enter(&self, stage: Stage) {
        self.has_begun.store(true, Ordering::Relaxed);
        *self
            .stage
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = stage;
    }

    fn tell(&self, counts: &Counts) {
        self.records.store(counts.read, Ordering::Relaxed);
    }
}

/// Runs one load at a time.
///
/// # Errors
/// The load's, and where another is at work.
async fn alone<T>(pool: &Pool, load: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let client = pool.client().await?;
    if !loads::try_lock(&client).await? {
        anyhow::bail!("another load is at work on this database: let it end first");
    }
    let came_to = load.await;
    let unlocked = loads::unlock(&client).await;
    let came_to = came_to?;
    unlocked?;
    Ok(came_to)
}

/// Counts an album's tracks anew after a record of it went; an album that no other record is goes, too.
async fn leave_album(
    transaction: &Client<'_>,
    album: AlbumId,
    tracks: &[TrackId],
) -> Result<(), tokio_postgres::Error> {
    if loaded_records::has_links(transaction, album).await? {
        return track_producers::refresh(transaction, tracks).await.map(drop);
    }
    let songs = loaded_records::delete_album(transaction, album).await?;
    let songs: Vec<NormalizedTrackId> = songs.into_iter().map(NormalizedTrackId).collect();
    normalized_tracks::refresh(transaction, &songs).await.map(drop)
}

/// Whether somebody else stood in the way, and another try may do.
fn is_conflict(error: &anyhow::Error) -> bool {
    let conflicts = [
        SqlState::UNIQUE_VIOLATION,
        SqlState::FOREIGN_KEY_VIOLATION,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::T_R_SERIALIZATION_FAILURE,
    ];
    let causes = error.chain().filter_map(|cause| cause.downcast_ref());
    causes
        .filter_map(tokio_postgres::Error::code)
        .any(|code| conflicts.contains(code))
}

/// What a load came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// What became of the dump's records.
    pub counts: Counts,
    /// How many rows were written; one that is written one by one counts as one.
    pub rows: u64,
    /// False where it was stopped before the end.
    pub is_complete: bool,
}
