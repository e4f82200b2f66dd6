//! Finds loaded credits of other tracks that are the same recordings, by ISRC or as the same version of the
//! same song.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use shared::catalog::credit_matching::{TRACK, matching};
use shared::domain::credits::Source;
use shared::domain::ids::{AlbumId, TrackId};
use shared::platform::db::Client;
use shared::store::catalog::same_recordings::{self, SimilarTrack};
use shared::store::credits::{self, StoredCredit};
use shared::store::work::lookups::{Lookup, LookupOutcome};

use super::copies::{RecordingCredits, copied_method, record_of};
use crate::album_state::{AlbumState, SOURCE_ORDER};

/// The loaded credits of the same recordings on other albums, by source and track of the album.
pub(super) async fn credits_of_same_recordings(
    client: &Client<'_>,
    state: &AlbumState,
) -> Result<BTreeMap<(Source, TrackId), RecordingCredits>, tokio_postgres::Error> {
    let same: Vec<SimilarTrack> = same_recordings::list_similar_tracks(client, state.snapshot.album.id)
        .await?
        .into_iter()
        .filter(|similar| {
            let track = state
                .snapshot
                .tracks
                .iter()
                .find(|track| track.id == similar.track_id);
            track.is_some_and(|track| matching::is_same_recording(track, similar))
        })
        .collect();
    let mut best = BTreeMap::new();
    if same.is_empty() {
        return Ok(best);
    }
    for source in SOURCE_ORDER {
        add_credits_of_source(client, source, &same, &mut best).await?;
    }
    Ok(best)
}

/// Adds the credits of one source. Of several tracks that are the same recording, the one whose record scores
/// best is taken.
async fn add_credits_of_source(
    client: &Client<'_>,
    source: Source,
    same: &[SimilarTrack],
    best: &mut BTreeMap<(Source, TrackId), RecordingCredits>,
) -> Result<(), tokio_postgres::Error> {
    let ids: BTreeSet<TrackId> = same.iter().map(|other| other.similar_track_id).collect();
    let ids: Vec<TrackId> = ids.into_iter().collect();
    let loaded = same_recordings::list_never_looked_up(client, &ids, source).await?;
    let same = || {
        same.iter()
            .filter(|other| loaded.contains(&other.similar_track_id))
    };
    let albums: BTreeSet<AlbumId> = same().map(|other| other.album_id).collect();
    let albums: Vec<AlbumId> = albums.into_iter().collect();
    let album_credits = credits::list_of_albums(client, &albums, source).await?;
    for other in same() {
        let credits: Vec<StoredCredit> = album_credits
            .iter()
            .filter(|credit| is_about(credit, source, other))
            .cloned()
            .collect();
        let Some(first) = credits.first() else {
            continue;
        };
        let record = record_of(&first.row, copied_method(first.row.matched_by));
        let key = (source, other.track_id);
        let is_better = best.get(&key).is_none_or(|known| {
            let order = record.score.total_cmp(&known.record.score);
            order.then_with(|| known.record.id.cmp(&record.id)).is_gt()
        });
        if is_better {
            let outcome = LookupOutcome::Found;
            let mut lookup = Lookup::new(source, TRACK, other.track_id, outcome, client.now());
            lookup.answer = record.answer();
            lookup.answer["same_as_track"] = json!(other.similar_track_id);
            let copied = RecordingCredits {
                lookup,
                record,
                credits,
            };
            best.insert(key, copied);
        }
    }
    Ok(())
}

/// Whether a credit is about a recording. Discogs credits whole releases and ranges of them. A credit of
/// another source's whole release may be about that edition alone.
fn is_about(credit: &StoredCredit, source: Source, track: &SimilarTrack) -> bool {
    credit.covered_track_ids.contains(&track.similar_track_id)
        && (credit.row.track_id.is_some() || source == Source::Discogs)
}
