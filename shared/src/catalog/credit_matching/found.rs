//! What a source said of an album, in one shape for all of them: which records our tracks are, what those claim, and what
//! came of each question. Asking stays out, and so does writing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::credits::{Credit, MatchMethod, Source};
use crate::domain::ids::{Isrc, TrackId};
use crate::store::work::lookups::{Lookup, LookupOutcome};
use serde_json::json;

use super::{ALBUM, TRACK};

/// What one source said.
pub struct SourceFindings {
    /// Who said it.
    pub source: Source,
    /// The record that the album is.
    pub album: Option<MatchedRecord>,
    /// The records that tracks are, where the source has records of tracks.
    pub tracks: BTreeMap<TrackId, MatchedRecord>,
    /// The album's artist, where the source says who that is.
    pub artist: Option<String>,
    /// ISRCs and lengths of tracks.
    pub facts: BTreeMap<TrackId, (Option<Isrc>, Option<i32>)>,
    /// What its records claim.
    pub credits: Vec<MatchedCredit>,
    /// What was asked, of this source and on its behalf, and what came of it.
    pub lookups: Vec<Lookup>,
}

/// A record of a source that is ours.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchedRecord {
    /// What kind of record it is, in the source's word.
    pub kind: String,
    /// Which one.
    pub id: String,
    /// How it was recognised.
    pub matched_by: MatchMethod,
    /// How well it fits, 0 to 1.
    pub score: f32,
}

/// A claim of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchedCredit {
    /// What it is about.
    pub scope: CreditScope,
    /// The record that states it, which states others, too.
    pub record: Arc<MatchedRecord>,
    /// What it states.
    pub credit: Credit,
    /// Whom it makes a producer, in the source's terms; None where the role or the artist makes none.
    pub producer: Option<String>,
}

/// What a claim is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreditScope {
    /// One track.
    Track(TrackId),
    /// The whole album.
    Album,
    /// These tracks of it, with the source's words for them where it has any.
    Tracks(Vec<TrackId>, Option<String>),
    /// Tracks of it that nobody can tell from the source's words.
    Unresolved(String),
}

impl SourceFindings {
    /// Nothing yet.
    #[must_use]
    pub fn new(source: Source) -> Self {
        Self {
            source,
            album: None,
            tracks: BTreeMap::new(),
            artist: None,
            facts: BTreeMap::new(),
            credits: Vec::new(),
            lookups: Vec::new(),
        }
    }

    /// Whether nothing was asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lookups.is_empty()
    }

    /// The tracks that were settled now, whichever way.
    #[must_use]
    pub fn settled_tracks(&self) -> BTreeSet<TrackId> {
        self.settled(TRACK)
            .filter_map(|lookup| lookup.subject.parse().ok().map(TrackId))
            .collect()
    }

    /// Whether the album was settled now, whichever way.
    #[must_use]
    pub fn is_album_settled(&self) -> bool {
        self.settled(ALBUM).next().is_some()
    }

    /// Whether something has to be asked again.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.lookups.iter().any(|lookup| !is_answer(lookup))
    }

    fn settled(&self, kind: &str) -> impl Iterator<Item = &Lookup> {
        self.lookups
            .iter()
            .filter(move |lookup| lookup.source == self.source && lookup.kind == kind && is_answer(lookup))
    }

    /// The ids of the records that state something or that tracks are.
    #[must_use]
    pub fn record_ids(&self) -> BTreeSet<String> {
        let stating = self.credits.iter().map(|claim| &*claim.record);
        stating
            .chain(self.tracks.values())
            .chain(&self.album)
            .map(|record| record.id.clone())
            .collect()
    }
}

fn is_answer(lookup: &Lookup) -> bool {
    matches!(lookup.outcome, LookupOutcome::Found | LookupOutcome::NotFound)
}

impl MatchedRecord {
    /// What a lookup keeps of it: which record it is, how it was recognised and how well it fits.
    #[must_use]
    pub fn answer(&self) -> serde_json::Value {
        json!({"record": self.id, "kind": self.kind, "matched_by": self.matched_by, "score": self.score})
    }
}

/// The lookup of something that a source was asked about, with the record it answered with.
#[must_use]
pub fn lookup_of_record(
    source: Source,
    kind: &str,
    subject: impl ToString,
    record: Option<&MatchedRecord>,
    at: chrono::DateTime<chrono::Utc>,
) -> Lookup {
    let outcome = if record.is_some() {
        LookupOutcome::Found
    } else {
        LookupOutcome::NotFound
    };
    let mut lookup = Lookup::new(source, kind, subject, outcome, at);
    if let Some(record) = record {
        lookup.answer = record.answer();
    }
    lookup
}

/// What a refusal or failure means for what was asked.
#[must_use]
pub fn outcome_of_error(error: &crate::work::budgets::BudgetError) -> LookupOutcome {
    use crate::work::budgets::BudgetError;
    match error {
        BudgetError::NotNow { .. } | BudgetError::Refused { .. } => LookupOutcome::Blocked,
        BudgetError::Upstream(..) | BudgetError::Pool(_) | BudgetError::Postgres(_) => LookupOutcome::Failed,
    }
}

impl CreditScope {
    /// The one track it is about.
    #[must_use]
    pub fn track(&self) -> Option<TrackId> {
        match self {
            CreditScope::Track(id) => Some(*id),
            CreditScope::Album | CreditScope::Tracks(..) | CreditScope::Unresolved(_) => None,
        }
    }

    /// The source's words for the tracks.
    #[must_use]
    pub fn range(&self) -> Option<&str> {
        match self {
            CreditScope::Tracks(_, range) => range.as_deref(),
            CreditScope::Unresolved(range) => Some(range),
            CreditScope::Track(_) | CreditScope::Album => None,
        }
    }

    /// The tracks it counts for.
    #[must_use]
    pub fn tracks(&self, all: &[crate::store::catalog::tracks::Track]) -> Vec<TrackId> {
        match self {
            CreditScope::Track(id) => vec![*id],
            CreditScope::Album => all.iter().map(|track| track.id).collect(),
            CreditScope::Tracks(ids, _) => ids.clone(),
            CreditScope::Unresolved(_) => Vec::new(),
        }
    }
}
