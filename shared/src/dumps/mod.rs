//! Loads the dumps of the sources into the same tables that online work fills, by the same rules. Reading one is its source's
//! room; which command it is and how it is shown stays out.

mod bulk;
mod copy;
mod counts;
pub mod discogs;
mod elements;
pub mod input;
pub mod musicbrainz;
mod seen;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::db::Pool;
use crate::store::loads;
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
    is_stopping: AtomicBool,
    records: AtomicU64,
    stage: Mutex<Stage>,
}

impl Default for Control {
    fn default() -> Self {
        Self {
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
