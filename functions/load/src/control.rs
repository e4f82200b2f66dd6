//! Watching and stopping a running load from outside.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::counts::LoadCounts;

/// The part of its work that a load is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadStage {
    /// Reading and writing records.
    Records,
    /// Looking for stored records that are gone from the dump.
    Vanished,
    /// Creating keys and indexes.
    Indexes,
}

/// Shared between a running load and whoever shows its progress or stops it.
#[derive(Debug)]
pub struct LoadControl {
    has_begun: AtomicBool,
    is_stopping: AtomicBool,
    records: AtomicU64,
    stage: Mutex<LoadStage>,
}

impl Default for LoadControl {
    fn default() -> Self {
        Self {
            has_begun: AtomicBool::new(false),
            is_stopping: AtomicBool::new(false),
            records: AtomicU64::new(0),
            stage: Mutex::new(LoadStage::Records),
        }
    }
}

impl LoadControl {
    /// Asks the load to stop after the current batch.
    pub fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }

    /// Whether the file was recognised as a dump and no other load is running. Nothing is written before
    /// that.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.has_begun.load(Ordering::Relaxed)
    }

    /// The number of records read so far.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records.load(Ordering::Relaxed)
    }

    /// The current stage.
    #[must_use]
    pub fn stage(&self) -> LoadStage {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn enter(&self, stage: LoadStage) {
        self.has_begun.store(true, Ordering::Relaxed);
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = stage;
    }

    pub(crate) fn report(&self, counts: &LoadCounts) {
        self.records.store(counts.read, Ordering::Relaxed);
    }
}
