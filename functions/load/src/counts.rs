//! Counts what a load did with each record of a dump.

use std::collections::BTreeMap;

use serde::Serialize;
use shared::platform::http::Error;

/// Records listed for each reason; further ones are only counted.
const LISTED: usize = 100;
/// Characters of a problem that are kept; it may quote the record.
const PROBLEM_CHARS: usize = 200;

/// Why a record was not loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// It cannot be read, or has no id.
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

/// A record that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MalformedRecord {
    /// Its number in the file, from 1.
    pub number: u64,
    /// Its id, if that can be read.
    pub id: Option<String>,
    /// What is wrong with it.
    pub problem: String,
}

impl MalformedRecord {
    pub(crate) fn new(number: u64, id: Option<String>, problem: &str) -> Self {
        Self {
            number,
            id,
            problem: problem.chars().take(PROBLEM_CHARS).collect(),
        }
    }
}

/// What is wrong with a record whose parser failed.
pub(crate) fn problem(error: Error) -> String {
    match error {
        Error::Decode(problem) => problem,
        error => error.to_string(),
    }
}

/// Why a load keeps stored records that its dump lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeepReason {
    /// The dump has less than 98 % of the stored records.
    IncompleteDump,
    /// A dump of the same or a later date was loaded before.
    NotNewer,
    /// The date of the dump, or of the last one, is unknown.
    UnknownDate,
}

/// Records that were skipped for one reason.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SkippedRecords {
    /// How many.
    pub count: u64,
    /// Ids of the first ones, for reasons where an id helps the user.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<String>,
    /// The first ones of those that cannot be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<MalformedRecord>,
}

impl SkippedRecords {
    /// Adds later records, and lists no more than [`LISTED`].
    fn add(&mut self, later: &Self) {
        fn extend<T: Clone>(listed: &mut Vec<T>, later: &[T]) {
            let room = LISTED.saturating_sub(listed.len());
            listed.extend(later.iter().take(room).cloned());
        }
        self.count += later.count;
        extend(&mut self.ids, &later.ids);
        extend(&mut self.problems, &later.problems);
    }
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
    /// Stored records that are no longer in the dump and were removed.
    pub vanished: u64,
    /// How many of these had tracks with credits or verdicts of people; these tracks stay, marked as removed.
    pub kept: u64,
    /// Stored records that are not in the dump and were not removed.
    pub not_removed: u64,
    /// Why they were not removed.
    pub not_removed_because: Option<KeepReason>,
    /// Records that were not loaded, by reason.
    pub skipped: BTreeMap<SkipReason, SkippedRecords>,
    /// Credits of the records that were written.
    pub credits: u64,
    /// What is odd about the file, although it was read to its end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl LoadCounts {
    /// Counts a skipped record that has a numeric id, or none worth listing.
    pub(crate) fn skip(&mut self, reason: SkipReason, id: Option<i64>) {
        self.skip_text_id(reason, id.map(|id| id.to_string()));
    }

    /// Counts a skipped record whose id is a text.
    pub(crate) fn skip_text_id(&mut self, reason: SkipReason, id: Option<String>) {
        self.skipped.entry(reason).or_default().add(&SkippedRecords {
            count: 1,
            ids: id.into_iter().collect(),
            problems: Vec::new(),
        });
    }

    /// Counts a record that cannot be read.
    pub(crate) fn skip_malformed(&mut self, record: MalformedRecord) {
        self.skipped
            .entry(SkipReason::Malformed)
            .or_default()
            .add(&SkippedRecords {
                count: 1,
                ids: record.id.clone().into_iter().collect(),
                problems: vec![record],
            });
    }

    /// Adds the counts of further records.
    pub(crate) fn add(&mut self, other: &Self) {
        self.read += other.read;
        self.loaded += other.loaded;
        self.unchanged += other.unchanged;
        self.changed += other.changed;
        self.vanished += other.vanished;
        self.kept += other.kept;
        self.not_removed += other.not_removed;
        self.not_removed_because = self.not_removed_because.or(other.not_removed_because);
        self.credits += other.credits;
        for (reason, records) in &other.skipped {
            self.skipped.entry(*reason).or_default().add(records);
        }
        self.notes.extend_from_slice(&other.notes);
    }

    /// Number of records skipped for a reason.
    #[must_use]
    pub fn skipped(&self, reason: SkipReason) -> u64 {
        self.skipped.get(&reason).map_or(0, |records| records.count)
    }
}
