//! What our own tables tell without a request: credits that were loaded, of the album or of another track of ours that is the
//! same recording. What only a request can tell stays out.
//!
//! What a source was asked of another album is no such credit: which of two albums is asked about first would show in what
//! is stored.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Utc;
use serde_json::json;
use shared::credits::{MatchMethod, Source};
use shared::db::Client;
use shared::identifying::{ALBUM, About, Found, Record, Stated, TRACK, matching};
use shared::ids::TrackId;
use shared::store::credits::{self, TrackClaim};
use shared::store::lookups::{self, Lookup, LookupOutcome};
use shared::store::twins::{self, Twin};

use crate::ORDER;
use crate::state::State;

/// What our own tables tell.
pub(crate) struct Own {
    /// What need not be asked because it is here.
    pub(crate) lookups: Vec<Lookup>,
    /// What a source said of the same recording on another album.
    tracks: BTreeMap<(Source, TrackId), OfTwin>,
}

/// What a source said of another track that is the same recording.
struct OfTwin {
    lookup: Lookup,
    record: Record,
    claims: Vec<TrackClaim>,
}

impl Own {
    /// Gives a source's answer about a track as if it had been asked; false where nobody asked it about the same recording.
    pub(crate) fn give(&self, source: Source, track: TrackId, found: &mut Found) -> bool {
        let Some(twin) = self.tracks.get(&(source, track)) else {
            return false;
        };
        found.lookups.push(twin.lookup.clone());
        found.tracks.insert(track, twin.record.clone());
        found.claims.extend(twin.claims.iter().map(|claim| Stated {
            about: About::Track(track),
            record: twin.record.clone(),
            credit: claim.credit.clone(),
            producer: claim.producer.clone(),
        }));
        true
    }
}

/// Looks at our own tables, and lets the state know of what is here already.
///
/// # Errors
/// The database's.
pub(crate) async fn look(
    client: &Client<'_>,
    state: &mut State,
) -> Result<Own, tokio_postgres::Error> {
    let mut own = Own {
        lookups: loaded(client, state).await?,
        tracks: BTreeMap::new(),
    };
    for lookup in &own.lookups {
        state.take(lookup.clone());
    }
    let twins: Vec<Twin> = twins::list_of_album(client, state.album.id)
        .await?
        .into_iter()
        .filter(|twin| {
            let track = state.tracks.iter().find(|track| track.id == twin.track_id);
            track.is_some_and(|track| matching::twin(track, twin))
        })
        .collect();
    if !twins.is_empty() && state.fresh_after.is_none() {
        // Discogs is asked about albums: what it says of one track is told along with the others.
        for source in [Source::MusicBrainz, Source::Genius] {
            of_twins(client, source, &twins, &mut own).await?;
        }
    }
    Ok(own)
}

/// Credits of records that the album is known to be, of sources that were never asked about it: a load brought them. Whoever
/// wants answers from after a time has to ask.
async fn loaded(client: &Client<'_>, state: &State) -> Result<Vec<Lookup>, tokio_postgres::Error> {
    let (album, now) = (&state.album, Utc::now());
    let asked = lookups::list(client, ALBUM, &[album.id.to_string()]).await?;
    let mut found = Vec::new();
    for source in ORDER {
        let was_asked = asked.iter().any(|lookup| lookup.source == source);
        if was_asked || state.fresh_after.is_some() || source == Source::Genius {
            continue;
        }
        let about = twins::list_loaded(client, album.id, source).await?;
        let Some(about) = about else { continue };
        let mut of_album = Lookup::new(source, ALBUM, album.id, LookupOutcome::Found, now);
        of_album.answer = json!({"matched_by": MatchMethod::Own});
        found.push(of_album);
        // A release of Discogs' tells all that it knows of the tracks.
        let tracks = state.tracks.iter().map(|track| track.id);
        let told = tracks.filter(|id| source == Source::Discogs || about.contains(id));
        found.extend(told.map(|id| {
            let mut of_track = Lookup::new(source, TRACK, id, LookupOutcome::Found, now);
            of_track.answer = json!({"matched_by": MatchMethod::Own});
            of_track
        }));
    }
    Ok(found)
}

async fn of_twins(
    client: &Client<'_>,
    source: Source,
    twins: &[Twin],
    own: &mut Own,
) -> Result<(), tokio_postgres::Error> {
    let ids: BTreeSet<TrackId> = twins.iter().map(|twin| twin.twin_id).collect();
    let ids: Vec<TrackId> = ids.into_iter().collect();
    let loaded = twins::list_never_asked(client, &ids, source).await?;
    let claims = credits::list_of_tracks(client, &loaded, source).await?;
    for twin in twins {
        let of_twin = claims.iter().filter(|claim| claim.track_id == twin.twin_id);
        let claims: Vec<TrackClaim> = of_twin.cloned().collect();
        let Some(first) = claims.first() else {
            continue;
        };
        let record = Record {
            kind: first.source_record_kind.clone(),
            id: first.source_record_id.clone(),
            // As sure as it is for the other track, and no surer.
            matched_by: match first.matched_by {
                MatchMethod::Search => MatchMethod::Search,
                _ => MatchMethod::Own,
            },
            score: first.match_score,
        };
        let key = (source, twin.track_id);
        let is_better = own.tracks.get(&key).is_none_or(|other| {
            let order = record.score.total_cmp(&other.record.score);
            order.then_with(|| other.record.id.cmp(&record.id)).is_gt()
        });
        if is_better {
            let mut answer = record.answer();
            answer["same_as_track"] = json!(twin.twin_id);
            let outcome = LookupOutcome::Found;
            let mut lookup = Lookup::new(source, TRACK, twin.track_id, outcome, Utc::now());
            lookup.answer = answer;
            let told = OfTwin {
                lookup,
                record,
                claims,
            };
            own.tracks.insert(key, told);
        }
    }
    Ok(())
}
