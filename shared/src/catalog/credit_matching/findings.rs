//! The findings of one source about an album, in one shape for all sources: the matched records, their
//! credits and the lookups to store.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::credits::{Credit, MatchMethod, Source};
use crate::domain::ids::{Isrc, TrackId};
use crate::store::credits::early_records::DatedRecord;
use crate::store::work::lookups::{Lookup, LookupOutcome};
use serde_json::json;

/// Kind of the lookups that say whether a source has a record of an album.
pub const ALBUM: &str = "album";
/// Kind of the lookups that say whether a source has records of an album's tracks.
pub const TRACK: &str = "track";

/// The findings of one source about an album.
pub struct SourceFindings {
    /// The source.
    pub source: Source,
    /// Record of the album.
    pub album: Option<MatchedRecord>,
    /// Whether the date of the album's record is early; `None` if it states none or was not fetched.
    pub is_early: Option<bool>,
    /// The same of its Discogs master.
    pub is_master_early: Option<bool>,
    /// Records of tracks, if the source has such records.
    pub tracks: BTreeMap<TrackId, MatchedRecord>,
    /// Id of the album's artist in the source, if the source states it.
    pub artist: Option<String>,
    /// ISRCs and durations in milliseconds of tracks.
    pub facts: BTreeMap<TrackId, (Option<Isrc>, Option<i32>)>,
    /// Credits of the matched records.
    pub credits: Vec<MatchedCredit>,
    /// Results of the requests to this source, and of those made to other sources on its behalf.
    pub lookups: Vec<Lookup>,
}

/// A record of a source that is the album or one of its tracks.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchedRecord {
    /// Kind of the record in the source's terms.
    pub kind: String,
    /// Id in the source.
    pub id: String,
    /// How the record was recognised.
    pub matched_by: MatchMethod,
    /// How well the record fits, from 0 to 1.
    pub score: f32,
}

/// A credit of a matched record.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchedCredit {
    /// Tracks that the credit is about.
    pub scope: CreditScope,
    /// Record that states the credit. Records state several credits.
    pub record: Arc<MatchedRecord>,
    /// The credit as stated.
    pub credit: Credit,
    /// Id of the credited producer in the source; `None` if the role or the artist makes no producer.
    pub producer: Option<String>,
}

/// The tracks that a credit is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreditScope {
    /// One track.
    Track(TrackId),
    /// The whole album.
    Album,
    /// Several tracks of the album, with the source's text for them if it has one.
    Tracks(Vec<TrackId>, Option<String>),
    /// Tracks of the album that the source's text does not identify.
    Unresolved(String),
}

impl SourceFindings {
    /// Empty findings.
    #[must_use]
    pub fn new(source: Source) -> Self {
        Self {
            source,
            album: None,
            is_early: None,
            is_master_early: None,
            tracks: BTreeMap::new(),
            artist: None,
            facts: BTreeMap::new(),
            credits: Vec::new(),
            lookups: Vec::new(),
        }
    }

    /// Whether nothing was looked up.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lookups.is_empty()
    }

    /// Whether the known dates of the album's record are early.
    pub fn known_ages(&self) -> impl Iterator<Item = (DatedRecord, bool)> {
        let ages = [
            (DatedRecord::Itself, self.is_early),
            (DatedRecord::Master, self.is_master_early),
        ];
        ages.into_iter()
            .filter_map(|(dated, is_early)| is_early.map(|is_early| (dated, is_early)))
    }

    /// The tracks whose lookup succeeded, whether or not a record was found.
    #[must_use]
    pub fn settled_tracks(&self) -> BTreeSet<TrackId> {
        self.settled(TRACK)
            .filter_map(|lookup| lookup.subject.parse().ok().map(TrackId))
            .collect()
    }

    /// Whether the lookup of the album succeeded, whether or not a record was found.
    #[must_use]
    pub fn is_album_settled(&self) -> bool {
        self.settled(ALBUM).next().is_some()
    }

    /// Whether a lookup failed or was blocked, so that it must be repeated.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.lookups.iter().any(|lookup| !is_settled(lookup))
    }

    fn settled(&self, kind: &str) -> impl Iterator<Item = &Lookup> {
        self.lookups
            .iter()
            .filter(move |lookup| lookup.source == self.source && lookup.kind == kind && is_settled(lookup))
    }

    /// The ids of all matched records whose credits are known, and of all records that state a credit. The
    /// credits of the record of a track that is not settled are unknown.
    #[must_use]
    pub fn record_ids(&self) -> BTreeSet<String> {
        let stating = self.credits.iter().map(|credit| &*credit.record);
        let settled = self.settled_tracks();
        let of_tracks = self.tracks.iter().filter(|(track, _)| settled.contains(track));
        stating
            .chain(of_tracks.map(|(_, record)| record))
            .chain(&self.album)
            .map(|record| record.id.clone())
            .collect()
    }
}

fn is_settled(lookup: &Lookup) -> bool {
    matches!(lookup.outcome, LookupOutcome::Found | LookupOutcome::NotFound)
}

impl MatchedRecord {
    /// The answer that a lookup stores: the record, how it was recognised and how well it fits.
    #[must_use]
    pub fn answer(&self) -> serde_json::Value {
        json!({"record": self.id, "kind": self.kind, "matched_by": self.matched_by, "score": self.score})
    }
}

/// The lookup of a subject: found if there is a record, otherwise not found.
#[must_use]
pub fn lookup_of_record(
    source: Source,
    kind: &str,
    subject: impl ToString,
    record: Option<&MatchedRecord>,
    looked_up_at: chrono::DateTime<chrono::Utc>,
) -> Lookup {
    let outcome = match record {
        Some(_) => LookupOutcome::Found,
        None => LookupOutcome::NotFound,
    };
    let mut lookup = Lookup::new(source, kind, subject, outcome, looked_up_at);
    if let Some(record) = record {
        lookup.answer = record.answer();
    }
    lookup
}

/// The outcome of a lookup whose request was refused or failed.
#[must_use]
pub fn lookup_outcome(error: &crate::work::budgets::BudgetError) -> LookupOutcome {
    use crate::work::budgets::BudgetError;
    match error {
        BudgetError::NotNow { .. } | BudgetError::Refused { .. } | BudgetError::SwitchedOff(..) => {
            LookupOutcome::Blocked
        }
        BudgetError::Upstream(..) | BudgetError::Pool(_) | BudgetError::Postgres(_) => LookupOutcome::Failed,
    }
}

impl CreditScope {
    /// The track, if the credit is about a single one.
    #[must_use]
    pub fn track(&self) -> Option<TrackId> {
        match self {
            CreditScope::Track(id) => Some(*id),
            CreditScope::Album | CreditScope::Tracks(..) | CreditScope::Unresolved(_) => None,
        }
    }

    /// The source's text for the tracks.
    #[must_use]
    pub fn range(&self) -> Option<&str> {
        match self {
            CreditScope::Tracks(_, range) => range.as_deref(),
            CreditScope::Unresolved(range) => Some(range),
            CreditScope::Track(_) | CreditScope::Album => None,
        }
    }
}
