//! Decides what the credits of a source's records become: the rows, the producers whom they name, and the
//! claims that they make about tracks. Pure. Online identification and loads call it alike; they differ in
//! how the rows are written.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::findings::{CreditScope, MatchedCredit};
use crate::domain::confidence::{ClaimLevel, CreditClaim};
use crate::domain::credits::{Role, Source};
use crate::domain::ids::TrackId;
use crate::domain::roles;
use crate::store::credits::{CreditRow, position};
use crate::store::producers::NameKind;

/// A track of the album that credits are about: its id, disc number and number on the disc.
pub type TrackPlace = (TrackId, i16, i32);

/// What the credits of a source's records become.
pub struct CreditPlan<'a> {
    /// The credits without repetitions.
    pub credits: Vec<PlannedCredit<'a>>,
}

/// A credit as it is stored.
pub struct PlannedCredit<'a> {
    /// The credit with its record.
    pub matched: &'a MatchedCredit,
    /// The positions of the tracks that it covers, if it covers several and they are known.
    pub track_positions: Option<Vec<String>>,
}

/// Decides what the credits of a source's records become. `tracks` are those of the album.
#[must_use]
pub fn plan<'a>(credits: &'a [MatchedCredit], tracks: &[TrackPlace]) -> CreditPlan<'a> {
    let mut seen = HashSet::new();
    let first = credits.iter().filter(|matched| {
        let credit = &matched.credit;
        seen.insert((
            matched.scope.track(),
            &matched.record.id,
            &credit.source_artist_id,
            &credit.credited_as,
            &credit.raw_role,
            matched.scope.range(),
        ))
    });
    let positions = |ids: &[TrackId]| {
        let covered = tracks.iter().filter(|(id, ..)| ids.contains(id));
        covered
            .map(|(_, disc, number)| position(*disc, *number))
            .collect()
    };
    let credits = first.map(|matched| PlannedCredit {
        matched,
        track_positions: match &matched.scope {
            CreditScope::Tracks(ids, _) => Some(positions(ids)),
            CreditScope::Track(_) | CreditScope::Album | CreditScope::Unresolved(_) => None,
        },
    });
    CreditPlan {
        credits: credits.collect(),
    }
}

impl<'a> CreditPlan<'a> {
    /// The credits that make producers, each with the producer's id in the source.
    pub fn producer_credits(&self) -> impl Iterator<Item = (&'a str, &'a MatchedCredit)> + use<'a, '_> {
        let credits = self.credits.iter().map(|credit| credit.matched);
        credits.filter_map(|matched| Some((matched.producer.as_deref()?, matched)))
    }

    /// Whether a credit names a supervisor.
    #[must_use]
    pub fn has_supervisors(&self) -> bool {
        let mut credits = self.credits.iter();
        credits.any(|credit| credit.matched.credit.role == Role::Supervisor)
    }

    /// The producers whom the credits name: their ids in the source, with their first names.
    #[must_use]
    pub fn identities(&self) -> BTreeMap<&'a str, &'a str> {
        let mut identities = BTreeMap::new();
        for (id, matched) in self.producer_credits() {
            identities.entry(id).or_insert(matched.credit.name.as_str());
        }
        identities
    }

    /// The names of these producers, each with the producer's id in the source.
    #[must_use]
    pub fn names(&self) -> BTreeSet<(&'a str, &'a str, NameKind)> {
        let mut names = BTreeSet::new();
        for (id, matched) in self.producer_credits() {
            let credit = &matched.credit;
            names.insert((id, credit.name.as_str(), NameKind::Primary));
            if credit.credited_as != credit.name {
                names.insert((id, credit.credited_as.as_str(), NameKind::CreditedAs));
            }
        }
        names
    }

    /// The claims that the credits make about the tracks of the album, each with the track and the producer's
    /// id in the source. The SQL function `coverage` says the same of stored
    /// credits.
    pub fn claims(
        &self,
        source: Source,
        tracks: &[TrackId],
    ) -> impl Iterator<Item = (TrackId, &'a str, CreditClaim)> {
        self.producer_credits().flat_map(move |(producer, matched)| {
            let (level, covered) = matched.scope.coverage(tracks);
            let claim = CreditClaim {
                source,
                role: matched.credit.role,
                level,
                matched_by: matched.record.matched_by,
                match_score: matched.record.score * roles::certainty(&matched.credit.raw_role),
            };
            covered.into_iter().map(move |track| (track, producer, claim))
        })
    }
}

impl CreditScope {
    /// The tracks that a credit covers, given all tracks of the album, and at which level.
    #[must_use]
    pub fn coverage(&self, all: &[TrackId]) -> (ClaimLevel, Vec<TrackId>) {
        match self {
            CreditScope::Track(id) => (ClaimLevel::Track, vec![*id]),
            CreditScope::Album => (ClaimLevel::Album, all.to_vec()),
            CreditScope::Tracks(ids, None) => (ClaimLevel::Album, ids.clone()),
            CreditScope::Tracks(ids, Some(_)) => (ClaimLevel::Range, ids.clone()),
            CreditScope::Unresolved(_) => (ClaimLevel::Range, Vec::new()),
        }
    }
}

impl PlannedCredit<'_> {
    /// The row of the credit, given the identity of the producer whom it names.
    #[must_use]
    pub fn row(&self, producer_identity_id: Option<i64>) -> CreditRow {
        let (scope, record) = (&self.matched.scope, &self.matched.record);
        CreditRow {
            track_id: scope.track(),
            track_positions: self.track_positions.clone(),
            track_range: scope.range().map(str::to_owned),
            source_record_kind: record.kind.clone(),
            source_record_id: record.id.clone(),
            credit: self.matched.credit.clone(),
            producer_identity_id,
            matched_by: record.matched_by,
            match_score: record.score,
        }
    }
}
