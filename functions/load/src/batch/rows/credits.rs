//! The rows of credits and of the producers that they add up to.

use foldhash::{HashMap, HashSet, HashSetExt as _};
use shared::catalog::credit_matching::{CreditScope, MatchedCredit};
use shared::domain::confidence::{self, ClaimLevel, CreditClaim};
use shared::domain::credits::Source;
use shared::domain::ids::{ProducerId, TrackId};
use shared::store::credits::position;
use shared::store::loads::loading::LoadTable;

use super::BatchTables;
use crate::batch::prepared_album::PreparedAlbum;

impl BatchTables {
    /// Adds the credits of a release, without repetitions. If `is_only_release`, no other release has credits
    /// for these tracks, and their producers are added too.
    pub(crate) fn add_credits(
        &mut self,
        release: &PreparedAlbum,
        album: i64,
        tracks: &[i64],
        identities: &HashMap<&str, (i64, i64)>,
        is_only_release: bool,
    ) {
        let mut seen = HashSet::new();
        let mut produced: Vec<((i64, i64), CreditClaim)> = Vec::new();
        for matched in &release.credits {
            let range = matched.scope.range();
            let credit = &matched.credit;
            let track_id = matched.scope.track();
            let key = (
                track_id,
                &credit.source_artist_id,
                &credit.credited_as,
                &credit.raw_role,
                range,
            );
            if !seen.insert(key) {
                continue;
            }
            let identity = matched.producer.as_deref().and_then(|id| identities.get(id));
            self.add_credit(release, album, tracks, matched, identity.map(|(_, id)| *id));
            if let Some((producer, _)) = identity {
                let claims = claims_by_track(self.source, matched, tracks).into_iter();
                produced.extend(claims.map(|(track, claim)| ((track, *producer), claim)));
            }
        }
        produced.sort_by_key(|(key, _)| *key);
        for group in produced.chunk_by(|(key, _), (other, _)| key == other) {
            let (track, producer) = group[0].0;
            self.producer_ids.insert(ProducerId(producer));
            let claims: Vec<CreditClaim> = group.iter().map(|(_, claim)| *claim).collect();
            let assessment = confidence::assess(&claims).filter(|_| is_only_release);
            if let Some(assessment) = assessment {
                let row = self.rows(LoadTable::TrackProducers).row(5);
                let row = row.bigint(track).bigint(producer);
                let row = row.real(assessment.confidence);
                row.text(assessment.source.as_str())
                    .text(assessment.role.as_str());
            }
        }
    }

    fn add_credit(
        &mut self,
        release: &PreparedAlbum,
        album: i64,
        tracks: &[i64],
        matched: &MatchedCredit,
        identity: Option<i64>,
    ) {
        let track_position = |id: &TrackId| {
            let (track, _) = release.tracks.get(usize::try_from(id.0).ok()?)?;
            Some(position(track.disc_number, track.track_number))
        };
        let positions: Option<Vec<String>> = match &matched.scope {
            CreditScope::Tracks(ids, _) => Some(ids.iter().filter_map(track_position).collect()),
            CreditScope::Track(_) | CreditScope::Album | CreditScope::Unresolved(_) => None,
        };
        let track = matched.scope.track().and_then(|id| track_key(tracks, id));
        let (credit, record) = (&matched.credit, &matched.record);
        let source = self.source.as_str();
        let row = self.rows(LoadTable::Credits).row(15);
        let row = row.bigint(album).bigint(track);
        row.texts(positions.as_deref())
            .text(matched.scope.range())
            .text(source)
            .text(record.kind.as_str())
            .text(record.id.as_str())
            .text(credit.source_artist_id.as_deref())
            .bigint(identity)
            .text(credit.credited_as.as_str())
            .text(credit.stated_name())
            .text(credit.raw_role.as_str())
            .text(credit.role.as_str())
            .text(record.matched_by.as_str())
            .real(record.score);
    }
}

/// The key of the track with this index in the release.
fn track_key(tracks: &[i64], id: TrackId) -> Option<i64> {
    tracks.get(usize::try_from(id.0).ok()?).copied()
}

/// The tracks that a credit is about, each with the claim that counts for it.
fn claims_by_track(source: Source, matched: &MatchedCredit, tracks: &[i64]) -> Vec<(i64, CreditClaim)> {
    let claim = |level| CreditClaim {
        source,
        role: matched.credit.role,
        level,
        matched_by: matched.record.matched_by,
        match_score: matched.record.score,
    };
    let keys = |ids: &[TrackId]| -> Vec<i64> { ids.iter().filter_map(|id| track_key(tracks, *id)).collect() };
    let (level, about) = match &matched.scope {
        CreditScope::Track(id) => (ClaimLevel::Track, keys(&[*id])),
        CreditScope::Album => (ClaimLevel::Album, tracks.to_vec()),
        CreditScope::Tracks(ids, Some(_)) => (ClaimLevel::Range, keys(ids)),
        CreditScope::Tracks(ids, None) => (ClaimLevel::Album, keys(ids)),
        CreditScope::Unresolved(_) => return Vec::new(),
    };
    let claim = claim(level);
    about.into_iter().map(|track| (track, claim)).collect()
}
