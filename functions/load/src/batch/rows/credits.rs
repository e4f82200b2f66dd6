//! The rows of credits and of the producers that they add up to.

use foldhash::HashMap;
use shared::catalog::credit_matching::{CreditPlan, PlannedCredit};
use shared::domain::confidence::{self, CreditClaim};
use shared::domain::credits::Role;
use shared::domain::ids::{ProducerId, TrackId};
use shared::store::loads::loading::LoadTable;

use super::BatchTables;
use crate::batch::placement::PlacedAlbum;

impl BatchTables {
    /// Adds the credits of a release. If `is_only_release`, no other release has credits for these tracks,
    /// and their producers are added too, except supervisors: whether they count depends on other records,
    /// so it is decided once these are written.
    pub(crate) fn add_credits(
        &mut self,
        plan: &CreditPlan<'_>,
        placed: &PlacedAlbum,
        identities: &HashMap<&str, (i64, i64)>,
        is_only_release: bool,
    ) {
        for credit in &plan.credits {
            let producer = credit.matched.producer.as_deref();
            let identity = producer.and_then(|id| identities.get(id));
            self.add_credit(placed, credit, identity.map(|(_, id)| *id));
        }
        let indexes: Vec<TrackId> = (0..).map(TrackId).take(placed.tracks.len()).collect();
        let claims = plan
            .claims(self.source, &indexes)
            .filter_map(|(track, producer, claim)| {
                let (producer, _) = identities.get(producer)?;
                Some(((placed.track(track)?, *producer), claim))
            });
        let mut claims: Vec<((i64, i64), CreditClaim)> = claims.collect();
        claims.sort_by_key(|(key, _)| *key);
        for group in claims.chunk_by(|(key, _), (other, _)| key == other) {
            let (track, producer) = group[0].0;
            self.producer_ids.insert(ProducerId(producer));
            let claims = group.iter().map(|(_, claim)| *claim);
            let claims: Vec<CreditClaim> = claims.filter(|claim| claim.role != Role::Supervisor).collect();
            let assessment = confidence::assess(&claims).filter(|_| is_only_release);
            if let Some(assessment) = assessment {
                let row = self.row(LoadTable::TrackProducers);
                row.value(track).value(producer).value(assessment.confidence);
                row.value(assessment.source).value(assessment.role);
            }
        }
    }

    fn add_credit(&mut self, placed: &PlacedAlbum, planned: &PlannedCredit<'_>, identity: Option<i64>) {
        let (source, matched) = (self.source, planned.matched);
        let (credit, record) = (&matched.credit, &matched.record);
        let row = self.row(LoadTable::Credits);
        row.value(placed.id)
            .value(matched.scope.track().and_then(|track| placed.track(track)));
        row.value(planned.track_positions.as_deref())
            .value(matched.scope.range());
        row.value(source)
            .value(record.kind.as_str())
            .value(record.id.as_str());
        row.value(credit.source_artist_id.as_deref()).value(identity);
        row.value(credit.credited_as.as_str()).value(credit.stated_name());
        row.value(credit.raw_role.as_str()).value(credit.role);
        row.value(record.matched_by).value(record.score);
    }
}
