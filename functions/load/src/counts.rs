//! Counts what a load did with each record of a dump.

use std::collections::BTreeMap;

use serde::Serialize;

/// Ids listed for each reason; further records are only counted.
const LISTED_IDS: usize = 100;

/// Why a record was not loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// It cannot be parsed, or has no id.
    Malformed,
    /// An earlier record of the file has the same id.
    Repeated,
    /// It has no production credit.
    NoProduction,
    /// Another release of its release group is the album.
    OtherOfGroup,
    /// It has no audio tracks or no artist.
    NotHeard,
    /// No loaded release names this artist.
    NotHere,
}

impl SkipReason {
    /// Every reason, in the order in which they are shown.
    pub const ALL: &[Self] = &[
        Self::Malformed,
        Self::Repeated,
        Self::NoProduction,
        Self::OtherOfGroup,
        Self::NotHeard,
        Self::NotHere,
    ];
}

/// Records that were skipped for one reason.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SkippedRecords {
    /// How many.
    pub count: u64,
    /// Ids of the first ones, for reasons where an id helps the user.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<String>,
}

/// The records of a dump by what was done with them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LoadCounts {
    /// Records read.
    pub read: u64,
    /// Records that were not stored before and are now.
    pub loaded: u64,
    /// Records that were stored before and did not change.
    pub unchanged: u64,
    /// Records that were stored before and changed.
    pub changed: u64,
    /// Stored records that are no longer in the dump.
    pub vanished: u64,
    /// Records that were not loaded, by reason.
    pub skipped: BTreeMap<SkipReason, SkippedRecords>,
    /// Credits of the records that were written.
    pub credits: u64,
}

impl LoadCounts {
    /// Counts a skipped record that has a numeric id, or none worth listing.
    pub(crate) fn skip(&mut self, reason: SkipReason, id: Option<i64>) {
        self.skip_text_id(reason, id.map(|id| id.to_string()));
    }

    /// Counts a skipped record whose id is a text.
    pub(crate) fn skip_text_id(&mut self, reason: SkipReason, id: Option<String>) {
        let skipped = self.skipped.entry(reason).or_default();
        skipped.count += 1;
        if skipped.ids.len() < LISTED_IDS {
            skipped.ids.extend(id);
        }
    }

    /// Adds the counts of further records.
    pub(crate) fn add(&mut self, other: &Self) {
        self.read += other.read;
        self.loaded += other.loaded;
        self.unchanged += other.unchanged;
        self.changed += other.changed;
        self.vanished += other.vanished;
        self.credits += other.credits;
        for (reason, records) in &other.skipped {
            let skipped = self.skipped.entry(*reason).or_default();
            skipped.count += records.count;
            let room = LISTED_IDS.saturating_sub(skipped.ids.len());
            skipped.ids.extend(records.ids.iter().take(room).cloned());
        }
    }

    /// Number of records skipped for a reason.
    #[must_use]
    pub fn skipped(&self, reason: SkipReason) -> u64 {
        self.skipped.get(&reason).map_or(0, |records| records.count)
    }
}
