//! Credits of another track of ours that is the same recording, by ISRC or as the same version of the same song. What is
//! said of whole albums with one barcode stays out.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Utc;
use serde_json::json;
use shared::catalog::credit_matching::{CreditScope, MatchedCredit, TRACK, matching};
use shared::domain::credits::Source;
use shared::domain::ids::{AlbumId, TrackId};
use shared::platform::db::Client;
use shared::store::catalog::same_recordings::{self, SimilarTrack};
use shared::store::credits::{self, StoredCredit};
use shared::store::work::lookups::{Lookup, LookupOutcome};

use super::{OfTwin, passed_on, record};
use crate::ORDER;
use crate::state::State;

/// What was loaded of the same recordings on other albums.
pub(super) async fn of_twins(
    client: &Client<'_>,
    state: &State,
) -> Result<BTreeMap<(Source, TrackId), OfTwin>, tokio_postgres::Error> {
    let twins: Vec<SimilarTrack> = same_recordings::list_similar_tracks(client, state.album.id)
        .await?
        .into_iter()
        .filter(|twin| {
            let track = state.tracks.iter().find(|track| track.id == twin.track_id);
            track.is_some_and(|track| matching::is_same_recording(track, twin))
        })
        .collect();
    let mut told = BTreeMap::new();
    if twins.is_empty() {
        return Ok(told);
    }
    for source in ORDER {
        of_source(client, source, &twins, &mut told).await?;
    }
    Ok(told)
}

async fn of_source(
    client: &Client<'_>,
    source: Source,
    twins: &[SimilarTrack],
    told: &mut BTreeMap<(Source, TrackId), OfTwin>,
) -> Result<(), tokio_postgres::Error> {
    let ids: BTreeSet<TrackId> = twins.iter().map(|twin| twin.similar_track_id).collect();
    let ids: Vec<TrackId> = ids.into_iter().collect();
    let loaded = same_recordings::list_never_looked_up(client, &ids, source).await?;
    let twins = || {
        twins
            .iter()
            .filter(|twin| loaded.contains(&twin.similar_track_id))
    };
    let albums: BTreeSet<AlbumId> = twins().map(|twin| twin.album_id).collect();
    let albums: Vec<AlbumId> = albums.into_iter().collect();
    let claims = credits::list_of_albums(client, &albums, source).await?;
    for twin in twins() {
        let claims: Vec<StoredCredit> = claims
            .iter()
            .filter(|claim| tells_of(claim, source, twin))
            .cloned()
            .collect();
        let Some(first) = claims.first() else {
            continue;
        };
        let record = record(&first.row, passed_on(first.row.matched_by));
        let key = (source, twin.track_id);
        let is_better = told.get(&key).is_none_or(|other| {
            let order = record.score.total_cmp(&other.record.score);
            order.then_with(|| other.record.id.cmp(&record.id)).is_gt()
        });
        if is_better {
            let mut answer = record.answer();
            answer["same_as_track"] = json!(twin.similar_track_id);
            let outcome = LookupOutcome::Found;
            let mut lookup = Lookup::new(source, TRACK, twin.track_id, outcome, Utc::now());
            lookup.answer = answer;
            let of_twin = OfTwin {
                lookup,
                record,
                claims,
            };
            told.insert(key, of_twin);
        }
    }
    Ok(())
}

/// Discogs credits whole releases and ranges of them; what the others say of a release may be of that pressing alone.
fn tells_of(claim: &StoredCredit, source: Source, twin: &SimilarTrack) -> bool {
    claim.album_id == twin.album_id
        && claim.covers(twin.similar_track_id, &twin.position)
        && (claim.row.track_id.is_some() || source == Source::Discogs)
}

/// Adds a claim; what a record says alike of several tracks at once is one claim about them all.
pub(super) fn add(claims: &mut Vec<MatchedCredit>, claim: MatchedCredit) {
    if let CreditScope::Tracks(tracks, range) = &claim.scope {
        let alike = claims.iter_mut().find_map(|other| {
            let is_alike = (&other.record, &other.credit, &other.producer)
                == (&claim.record, &claim.credit, &claim.producer);
            match &mut other.scope {
                CreditScope::Tracks(others, its) if is_alike && its == range => Some(others),
                _ => None,
            }
        });
        if let Some(others) = alike {
            others.extend(tracks);
            return;
        }
    }
    claims.push(claim);
}
