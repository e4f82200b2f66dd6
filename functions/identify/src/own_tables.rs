//! Finds credits in our own tables, without a request: loaded credits of the album, of another album with its
//! barcode, or of another track that is the same recording.
//!
//! Credits that were looked up for another album are not copied: otherwise the stored rows would depend on
//! which of two albums was looked up first.

mod albums;
mod copies;
mod tracks;

use std::collections::BTreeMap;

use serde_json::json;
use shared::catalog::credit_matching::{ALBUM, CreditScope, SourceFindings};
use shared::domain::credits::{MatchMethod, Source};
use shared::domain::ids::TrackId;
use shared::platform::db::Client;
use shared::store::work::lookups::{Lookup, LookupOutcome};

use self::copies::{RecordingCredits, add_credit, copied_credit};
use crate::album_state::AlbumState;

/// The findings in our own tables.
pub(crate) struct StoredFindings {
    /// Lookups that need not be made, because the credits of the album itself are loaded.
    pub(crate) lookups: Vec<Lookup>,
    /// Findings about another album with the same barcode.
    albums: Vec<SourceFindings>,
    /// Credits of the same recordings on other albums.
    tracks: BTreeMap<(Source, TrackId), RecordingCredits>,
}

impl StoredFindings {
    /// Reads our own tables, and adds the answered lookups to the state. Finds nothing if the message asks
    /// for lookups after a certain time, because stored credits are older.
    pub(crate) async fn load(
        client: &Client<'_>,
        state: &mut AlbumState,
    ) -> Result<Self, tokio_postgres::Error> {
        let mut stored = Self {
            lookups: Vec::new(),
            albums: Vec::new(),
            tracks: BTreeMap::new(),
        };
        if state.fresh_after.is_some() {
            return Ok(stored);
        }
        stored.lookups = albums::lookups_of_loaded_records(client, state).await?;
        for lookup in &stored.lookups {
            state.add_lookup(lookup.clone());
        }
        stored.albums = albums::findings_by_barcode(client, state).await?;
        stored.tracks = tracks::credits_of_same_recordings(client, state).await?;
        Ok(stored)
    }

    /// Copies the findings of a source about another album with the same barcode, as if they had been looked
    /// up. Returns whether there are such findings.
    pub(crate) fn copy_album(&self, source: Source, findings: &mut SourceFindings) -> bool {
        let Some(stored) = self.albums.iter().find(|stored| stored.source == source) else {
            return false;
        };
        findings.lookups.extend(stored.lookups.iter().cloned());
        findings.album.clone_from(&stored.album);
        let records = stored.tracks.iter();
        findings
            .tracks
            .extend(records.map(|(id, record)| (*id, record.clone())));
        findings.credits.extend(stored.credits.iter().cloned());
        true
    }

    /// Copies the credits of the same recording on another album, as if they had been looked up. Returns
    /// false if there are none.
    pub(crate) fn copy_track(&self, source: Source, track: TrackId, findings: &mut SourceFindings) -> bool {
        let Some(recording) = self.tracks.get(&(source, track)) else {
            return false;
        };
        findings.lookups.push(recording.lookup.clone());
        findings.tracks.insert(track, recording.record.clone());
        for credit in &recording.credits {
            let scope = match credit.row.track_id {
                Some(_) => CreditScope::Track(track),
                None => CreditScope::Tracks(vec![track], credit.row.track_range.clone()),
            };
            let copied = copied_credit(scope, recording.record.matched_by, credit);
            add_credit(&mut findings.credits, copied);
        }
        true
    }

    /// Copies the credits of every track, for a source that is queried about whole albums. Returns false and
    /// copies nothing if a track has none.
    pub(crate) fn copy_all_tracks(
        &self,
        source: Source,
        state: &AlbumState,
        findings: &mut SourceFindings,
    ) -> bool {
        let mut track_ids = state.snapshot.tracks.iter().map(|track| track.id);
        if state.snapshot.tracks.is_empty() || !track_ids.all(|id| self.tracks.contains_key(&(source, id))) {
            return false;
        }
        for track in &state.snapshot.tracks {
            self.copy_track(source, track.id, findings);
        }
        // The records of the source are albums, so none of them is a track.
        findings.tracks.clear();
        let outcome = LookupOutcome::Found;
        let mut lookup = Lookup::new(source, ALBUM, state.snapshot.album.id, outcome, state.loaded_at);
        lookup.answer = json!({"matched_by": MatchMethod::Own});
        findings.lookups.push(lookup);
        true
    }
}
