//! What became of a dump's records, exactly.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::text_enums::text_enum;

/// Ids that are named of each reason; the rest is counted.
const NAMED: usize = 100;

text_enum! {
    /// Why a record was not loaded.
    Skipped {
        /// It cannot be read, or has no id.
        Malformed = "malformed",
        /// The file has one of the same id before it.
        Repeated = "repeated",
        /// Nobody is credited with producing anything on it.
        NoProduction = "no_production",
        /// Another release of its group is the album.
        OtherOfGroup = "other_of_group",
        /// Nothing is to be heard on it, or it names no artist.
        NotHeard = "not_heard",
        /// Nobody here is that artist.
        NotHere = "not_here",
    }
}

/// Records that were skipped for one reason.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SkippedRecords {
    /// How many.
    pub count: u64,
    /// The ids of the first of them, where that says anything.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<String>,
}

/// What became of a dump's records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// How many there were.
    pub read: u64,
    /// How many are here now that were not.
    pub loaded: u64,
    /// How many were here as they are.
    pub unchanged: u64,
    /// How many were here and say something else now.
    pub changed: u64,
    /// How many were here and are in the dump no more.
    pub vanished: u64,
    /// How many were not loaded, by the reason.
    pub skipped: BTreeMap<Skipped, SkippedRecords>,
    /// How many credits came with what was loaded.
    pub credits: u64,
}

impl Counts {
    /// Counts one that is not loaded.
    pub(super) fn skip(&mut self, why: Skipped, id: Option<i64>) {
        self.skip_named(why, id.map(|id| id.to_string()));
    }

    /// Counts one that is not loaded, whose id is no number.
    pub(super) fn skip_named(&mut self, why: Skipped, id: Option<String>) {
        let skipped = self.skipped.entry(why).or_default();
        skipped.count += 1;
        if skipped.ids.len() < NAMED {
            skipped.ids.extend(id);
        }
    }

    /// Adds what became of others.
    pub(super) fn add(&mut self, other: &Self) {
        self.read += other.read;
        self.loaded += other.loaded;
        self.unchanged += other.unchanged;
        self.changed += other.changed;
        self.vanished += other.vanished;
        self.credits += other.credits;
        for (why, records) in &other.skipped {
            let skipped = self.skipped.entry(*why).or_default();
            skipped.count += records.count;
            let room = NAMED.saturating_sub(skipped.ids.len());
            skipped.ids.extend(records.ids.iter().take(room).cloned());
        }
    }

    /// How many were skipped for a reason.
    #[must_use]
    pub fn skipped(&self, why: Skipped) -> u64 {
        self.skipped.get(&why).map_or(0, |records| records.count)
    }
}
