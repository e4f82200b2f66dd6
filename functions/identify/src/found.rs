//! What a source said of an album, in one shape for all of them: which records our tracks are, what those claim, and what
//! came of each question. Asking stays out, and so does writing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use shared::credits::{Credit, MatchMethod, Source};
use shared::ids::{Isrc, TrackId};
use shared::store::lookups::{Lookup, LookupOutcome};

use crate::{ALBUM, TRACK};

/// What one source said.
pub(crate) struct Found {
    /// Who said it.
    pub(crate) source: Source,
    /// The record that the album is.
    pub(crate) album: Option<Record>,
    /// The records that tracks are, where the source has records of tracks.
    pub(crate) tracks: BTreeMap<TrackId, Record>,
    /// The album's artist, where the source says who that is.
    pub(crate) artist: Option<String>,
    /// ISRCs and lengths of tracks.
    pub(crate) facts: BTreeMap<TrackId, (Option<Isrc>, Option<i32>)>,
    /// What its records claim.
    pub(crate) claims: Vec<Stated>,
    /// What was asked, of this source and on its behalf, and what came of it.
    pub(crate) lookups: Vec<Lookup>,
}

/// A record of a source that is ours.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record {
    /// What kind of record it is, in the source's word.
    pub(crate) kind: String,
    /// Which one.
    pub(crate) id: String,
    /// How it was recognised.
    pub(crate) matched_by: MatchMethod,
    /// How well it fits, 0 to 1.
    pub(crate) score: f32,
}

/// A claim of a record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stated {
    /// What it is about.
    pub(crate) about: About,
    /// The record that states it.
    pub(crate) record: Record,
    /// What it states.
    pub(crate) credit: Credit,
    /// Whom it makes a producer, in the source's terms; None where the role or the artist makes none.
    pub(crate) producer: Option<String>,
}

/// What a claim is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum About {
    /// One track.
    Track(TrackId),
    /// The whole album.
    Album,
    /// These tracks of it, with the source's words for them where it has any.
    Tracks(Vec<TrackId>, Option<String>),
    /// Tracks of it that nobody can tell from the source's words.
    Unresolved(String),
}

impl Found {
    /// Nothing yet.
    pub(crate) fn of(source: Source) -> Self {
        Self {
            source,
            album: None,
            tracks: BTreeMap::new(),
            artist: None,
            facts: BTreeMap::new(),
            claims: Vec::new(),
            lookups: Vec::new(),
        }
    }

    /// Whether nothing was asked.
    pub(crate) fn is_empty(&self) -> bool {
        self.lookups.is_empty()
    }

    /// The tracks that were settled now, whichever way.
    pub(crate) fn settled_tracks(&self) -> BTreeSet<TrackId> {
        self.settled(TRACK)
            .filter_map(|lookup| lookup.subject.parse().ok().map(TrackId))
            .collect()
    }

    /// Whether the album was settled now, whichever way.
    pub(crate) fn is_album_settled(&self) -> bool {
        self.settled(ALBUM).next().is_some()
    }

    /// Whether something has to be asked again.
    pub(crate) fn is_open(&self) -> bool {
        self.lookups.iter().any(|lookup| !is_answer(lookup))
    }

    fn settled(&self, kind: &str) -> impl Iterator<Item = &Lookup> {
        self.lookups.iter().filter(move |lookup| {
            lookup.source == self.source && lookup.kind == kind && is_answer(lookup)
        })
    }

    /// The ids of the records that state something or that tracks are.
    pub(crate) fn record_ids(&self) -> BTreeSet<String> {
        let stating = self.claims.iter().map(|claim| &claim.record);
        stating
            .chain(self.tracks.values())
            .chain(&self.album)
            .map(|record| record.id.clone())
            .collect()
    }
}

fn is_answer(lookup: &Lookup) -> bool {
    matches!(
        lookup.outcome,
        LookupOutcome::Found | LookupOutcome::NotFound
    )
}

impl Record {
    /// What a lookup keeps of it: which record it is, how it was recognised and how well it fits.
    pub(crate) fn answer(&self) -> serde_json::Value {
        json!({"record": self.id, "kind": self.kind, "matched_by": self.matched_by, "score": self.score})
    }
}

/// The lookup of something that a source was asked about, with the record it answered with.
pub(crate) fn lookup(
    source: Source,
    kind: &str,
    subject: impl ToString,
    record: Option<&Record>,
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
pub(crate) fn unanswered(error: &shared::budgets::Error) -> LookupOutcome {
    if matches!(error, shared::budgets::Error::NotNow { .. }) {
        LookupOutcome::Blocked
    } else {
        LookupOutcome::Failed
    }
}

impl About {
    /// The tracks it counts for.
    pub(crate) fn tracks(&self, all: &[shared::store::tracks::Track]) -> Vec<TrackId> {
        match self {
            About::Track(id) => vec![*id],
            About::Album => all.iter().map(|track| track.id).collect(),
            About::Tracks(ids, _) => ids.clone(),
            About::Unresolved(_) => Vec::new(),
        }
    }
}
