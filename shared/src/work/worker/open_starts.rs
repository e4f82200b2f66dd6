//! The recorded starts whose end could not be recorded because the database was away.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// The keys of messages whose tries began, with a record, and ended without one. They are kept in memory: the
/// process is still there, so the messages have not ended it.
#[derive(Debug, Clone, Default)]
pub struct OpenStarts(Arc<Mutex<BTreeSet<String>>>);

impl OpenStarts {
    pub(super) fn add(&self, keys: impl IntoIterator<Item = String>) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.extend(keys);
    }

    pub(super) fn keys(&self) -> BTreeSet<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn remove(&self, keys: &BTreeSet<String>) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|key| !keys.contains(key));
    }
}
