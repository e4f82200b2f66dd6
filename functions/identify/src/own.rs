//! What our own tables tell without a request: credits that were loaded, of the album, of another album with its barcode, or
//! of another track that is the same recording. What only a request can tell stays out.
//!
//! What a source was asked of another album is no such credit: which of two albums is asked about first would show in what
//! is stored.

mod albums;
mod tracks;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::Utc;
use serde_json::json;
use shared::catalog::credit_matching::{ALBUM, CreditScope, MatchedCredit, MatchedRecord, SourceFindings};
use shared::domain::credits::{MatchMethod, Source};
use shared::domain::ids::TrackId;
use shared::platform::db::Client;
use shared::store::credits::{CreditRow, StoredCredit};
use shared::store::work::lookups::{Lookup, LookupOutcome};

use crate::state::State;

/// What our own tables tell.
pub(crate) struct Own {
    /// What need not be asked because it is here.
    pub(crate) lookups: Vec<Lookup>,
    /// What sources said of another album with the barcode.
    albums: Vec<SourceFindings>,
    /// What a source said of the same recording on another album.
    tracks: BTreeMap<(Source, TrackId), OfTwin>,
}

/// What a source said of another track that is the same recording.
struct OfTwin {
    lookup: Lookup,
    record: MatchedRecord,
    claims: Vec<StoredCredit>,
}

impl Own {
    /// Gives a source's answer about the album as if it had been asked, with the tracks that it settles; none where nobody
    /// loaded what it says of another album with the barcode.
    pub(crate) fn give_album(&self, source: Source, found: &mut SourceFindings) -> Option<BTreeSet<TrackId>> {
        let told = self.albums.iter().find(|told| told.source == source)?;
        found.lookups.extend(told.lookups.iter().cloned());
        found.album.clone_from(&told.album);
        let links = told.tracks.iter();
        found
            .tracks
            .extend(links.map(|(id, record)| (*id, record.clone())));
        found.credits.extend(told.credits.iter().cloned());
        Some(told.settled_tracks())
    }

    /// Gives a source's answer about a track as if it had been asked; false where nobody asked it about the same recording.
    pub(crate) fn give(&self, source: Source, track: TrackId, found: &mut SourceFindings) -> bool {
        let Some(twin) = self.tracks.get(&(source, track)) else {
            return false;
        };
        found.lookups.push(twin.lookup.clone());
        found.tracks.insert(track, twin.record.clone());
        let claims = twin.claims.iter().map(|claim| {
            let about = match claim.row.track_id {
                Some(_) => CreditScope::Track(track),
                None => CreditScope::Tracks(vec![track], claim.row.track_range.clone()),
            };
            stated(about, twin.record.matched_by, claim)
        });
        for claim in claims {
            tracks::add(&mut found.credits, claim);
        }
        true
    }

    /// Gives the answer of a source that is asked about whole albums, where other albums tell of every one of these tracks.
    pub(crate) fn give_every(&self, source: Source, state: &State, found: &mut SourceFindings) -> bool {
        let every =
            |track: &shared::store::catalog::tracks::Track| self.tracks.contains_key(&(source, track.id));
        if state.tracks.is_empty() || !state.tracks.iter().all(every) {
            return false;
        }
        for track in &state.tracks {
            self.give(source, track.id, found);
        }
        // Its records are of albums: none of them is the track.
        found.tracks.clear();
        let outcome = LookupOutcome::Found;
        let mut of_album = Lookup::new(source, ALBUM, state.album.id, outcome, Utc::now());
        of_album.answer = json!({"matched_by": MatchMethod::Own});
        found.lookups.push(of_album);
        true
    }
}

/// Looks at our own tables, and lets the state know of what is here already. Whoever wants answers from after a time has to
/// ask.
///
/// # Errors
/// The database's.
pub(crate) async fn look(client: &Client<'_>, state: &mut State) -> Result<Own, tokio_postgres::Error> {
    let mut own = Own {
        lookups: Vec::new(),
        albums: Vec::new(),
        tracks: BTreeMap::new(),
    };
    if state.fresh_after.is_some() {
        return Ok(own);
    }
    own.lookups = albums::loaded(client, state).await?;
    for lookup in &own.lookups {
        state.take(lookup.clone());
    }
    own.albums = albums::of_barcode(client, state).await?;
    own.tracks = tracks::of_twins(client, state).await?;
    Ok(own)
}

/// A claim of a record that was recognised elsewhere: as sure as it is there, and no surer.
fn stated(about: CreditScope, matched_by: MatchMethod, claim: &StoredCredit) -> MatchedCredit {
    MatchedCredit {
        scope: about,
        record: Arc::new(record(&claim.row, matched_by)),
        credit: claim.row.credit.clone(),
        producer: claim.producer.clone(),
    }
}

fn record(claim: &CreditRow, matched_by: MatchMethod) -> MatchedRecord {
    MatchedRecord {
        kind: claim.source_record_kind.clone(),
        id: claim.source_record_id.clone(),
        matched_by,
        score: claim.match_score,
    }
}

/// How what was recognised elsewhere is recognised here.
fn passed_on(matched_by: MatchMethod) -> MatchMethod {
    match matched_by {
        MatchMethod::Search => MatchMethod::Search,
        _ => MatchMethod::Own,
    }
}
