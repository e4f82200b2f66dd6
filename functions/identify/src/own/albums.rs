//! Credits of whole albums that nobody had to ask for: of the album itself, and of another album of ours with its barcode.
//! Which tracks are the same recording elsewhere stays out.

use std::collections::BTreeMap;

use chrono::Utc;
use serde_json::json;
use shared::catalog::credit_matching::{
    ALBUM, CreditScope, MatchedRecord, SourceFindings, TRACK, lookup_of_record, matching,
};
use shared::domain::credits::{MatchMethod, Source};
use shared::domain::ids::TrackId;
use shared::platform::db::Client;
use shared::store::catalog::same_recordings::{self, SameBarcodeAlbum};
use shared::store::catalog::tracks::{self, Track};
use shared::store::credits::{self, StoredCredit};
use shared::store::work::lookups::{self, Lookup, LookupOutcome};

use super::{passed_on, stated};
use crate::ORDER;
use crate::state::State;

/// Credits of records that the album is known to be, of sources that were never asked about it: a load brought them.
pub(super) async fn loaded(client: &Client<'_>, state: &State) -> Result<Vec<Lookup>, tokio_postgres::Error> {
    let (album, now) = (&state.album, Utc::now());
    let asked = lookups::list(client, ALBUM, &[album.id.to_string()]).await?;
    let mut found = Vec::new();
    for source in ORDER {
        let was_asked = asked.iter().any(|lookup| lookup.source == source);
        if was_asked || source == Source::Genius {
            continue;
        }
        let about = same_recordings::find_loaded_tracks(client, album.id, source).await?;
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

/// What was loaded of other albums with the barcode, of each source that nothing is known of yet: of several albums what
/// fits best tells.
pub(super) async fn of_barcode(
    client: &Client<'_>,
    state: &State,
) -> Result<Vec<SourceFindings>, tokio_postgres::Error> {
    let siblings = same_recordings::list_same_barcode_albums(client, state.album.id).await?;
    let mut best = BTreeMap::<Source, (f32, SourceFindings)>::new();
    for sibling in &siblings {
        let Some(pair) = Pair::of(client, state, sibling).await? else {
            continue;
        };
        // Genius is asked about tracks.
        for source in [Source::MusicBrainz, Source::Discogs] {
            if state.is_album_known(source) {
                continue;
            }
            let Some(found) = pair.told(client, state, source).await? else {
                continue;
            };
            if best.get(&source).is_none_or(|(score, _)| pair.score > *score) {
                best.insert(source, (pair.score, found));
            }
        }
    }
    Ok(best.into_values().map(|(_, found)| found).collect())
}

/// The album and another one with its barcode.
struct Pair<'a> {
    sibling: &'a SameBarcodeAlbum,
    score: f32,
    /// Each track of the album that the other one has, with the one that it is there and where that stands.
    tracks: BTreeMap<TrackId, (TrackId, String)>,
}

impl<'a> Pair<'a> {
    /// None where only the barcode is the same.
    async fn of(
        client: &Client<'_>,
        state: &State,
        sibling: &'a SameBarcodeAlbum,
    ) -> Result<Option<Self>, tokio_postgres::Error> {
        let theirs = tracks::list_by_album(client, sibling.album_id).await?;
        let place = |track: &Track| credits::position(track.disc_number, track.track_number);
        let entries: Vec<matching::ListedTrack<'_>> = theirs
            .iter()
            .map(|their| {
                let ours = state.tracks.iter();
                let mut in_place = ours.filter(|track| place(track) == place(their));
                matching::ListedTrack {
                    track_in_place: in_place.next().map(|track| track.id),
                    title: &their.name,
                    duration_ms: their.duration_ms,
                }
            })
            .collect();
        let tracks: BTreeMap<_, _> = matching::match_tracks(&state.tracks, &entries)
            .into_iter()
            .map(|(id, (at, _))| (id, (theirs[at].id, place(&theirs[at]))))
            .collect();
        let score =
            matching::score_album_with_barcode(&state.album, state.tracks.len(), sibling, tracks.len());
        Ok((score > 0.0 && !tracks.is_empty()).then_some(Self {
            sibling,
            score,
            tracks,
        }))
    }

    /// What a source says of the other album, told of this one; none where it says nothing, or was asked about it.
    async fn told(
        &self,
        client: &Client<'_>,
        state: &State,
        source: Source,
    ) -> Result<Option<SourceFindings>, tokio_postgres::Error> {
        let similar_ids: Vec<TrackId> = self.tracks.values().map(|(id, _)| *id).collect();
        let loaded = same_recordings::list_never_looked_up(client, &similar_ids, source).await?;
        if loaded.len() < similar_ids.len() {
            return Ok(None);
        }
        let claims = credits::list_of_albums(client, &[self.sibling.album_id], source).await?;
        let Some(of_album) = claims
            .iter()
            .find(|claim| claim.row.source_record_kind == "release")
        else {
            return Ok(None);
        };
        let (album, now) = (&state.album, Utc::now());
        let mut found = SourceFindings::new(source);
        let record = super::record(&of_album.row, passed_on(of_album.row.matched_by));
        let of_album = self.lookup(ALBUM, album.id.0, source, Some(&record));
        found.lookups.push(of_album);
        for claim in &claims {
            self.tell(claim, state, &mut found);
        }
        for track in &state.tracks {
            let of_track = if source == Source::Discogs {
                self.tracks.contains_key(&track.id).then_some(&record)
            } else {
                found.tracks.get(&track.id)
            };
            // A track without a credit of its own may still be credited where its recording is asked for.
            match (of_track, source) {
                (None, Source::Discogs) => {
                    found
                        .lookups
                        .push(lookup_of_record(source, TRACK, track.id, None, now));
                }
                (None, _) => {}
                (Some(of_track), _) => {
                    let of_track = self.lookup(TRACK, track.id.0, source, Some(of_track));
                    found.lookups.push(of_track);
                }
            }
        }
        found.album = Some(record);
        Ok(Some(found))
    }

    fn lookup(&self, kind: &str, subject: i64, source: Source, record: Option<&MatchedRecord>) -> Lookup {
        let mut lookup = lookup_of_record(source, kind, subject, record, Utc::now());
        lookup.answer["same_as_album"] = json!(self.sibling.album_id);
        lookup
    }

    fn tell(&self, claim: &StoredCredit, state: &State, found: &mut SourceFindings) {
        let matched_by = passed_on(claim.row.matched_by);
        let ours = |covers: &dyn Fn(&TrackId, &str) -> bool| -> Vec<TrackId> {
            let tracks = self.tracks.iter();
            tracks
                .filter(|(_, (twin, position))| covers(twin, position))
                .map(|(id, _)| *id)
                .collect()
        };
        let about = match (
            &claim.row.track_id,
            &claim.row.track_positions,
            &claim.row.track_range,
        ) {
            (None, None, Some(range)) => CreditScope::Unresolved(range.clone()),
            (None, None, None) if self.tracks.len() == state.tracks.len() => CreditScope::Album,
            (None, _, range) => {
                let covered = ours(&|twin, position| claim.covers(*twin, position));
                CreditScope::Tracks(covered, range.clone())
            }
            (Some(theirs), ..) => {
                for id in ours(&|twin, _| twin == theirs) {
                    found
                        .credits
                        .push(stated(CreditScope::Track(id), matched_by, claim));
                    if claim.row.source_record_kind != "release" {
                        found.tracks.insert(id, super::record(&claim.row, matched_by));
                    }
                }
                return;
            }
        };
        found.credits.push(stated(about, matched_by, claim));
    }
}
