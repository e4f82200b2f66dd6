//! Finds loaded credits of the album itself, and of another album with its barcode.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
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

use super::copies::{copied_credit, copied_method, record_of};
use crate::album_state::{AlbumState, SOURCE_ORDER};

/// The lookups that need not be made, because a load brought the credits of the album from a source that was
/// never queried about it.
pub(super) async fn lookups_of_loaded_records(
    client: &Client<'_>,
    state: &AlbumState,
) -> Result<Vec<Lookup>, tokio_postgres::Error> {
    let (album, now) = (&state.snapshot.album, state.loaded_at);
    let made = lookups::list(client, ALBUM, &[album.id.to_string()]).await?;
    let mut answered = Vec::new();
    for source in SOURCE_ORDER {
        if source == Source::Genius || made.iter().any(|lookup| lookup.source == source) {
            continue;
        }
        let credited = same_recordings::find_loaded_tracks(client, album.id, source).await?;
        let Some(credited) = credited else { continue };
        let lookup = |kind, subject: i64| {
            let mut lookup = Lookup::new(source, kind, subject, LookupOutcome::Found, now);
            lookup.answer = json!({"matched_by": MatchMethod::Own});
            lookup
        };
        answered.push(lookup(ALBUM, album.id.0));
        // A Discogs release states everything that Discogs knows about its tracks.
        let track_ids = state.snapshot.tracks.iter().map(|track| track.id);
        let settled = track_ids.filter(|id| source == Source::Discogs || credited.contains(id));
        answered.extend(settled.map(|id| lookup(TRACK, id.0)));
    }
    Ok(answered)
}

/// The loaded findings about other albums with the barcode, from each source without a fresh lookup of the
/// album. Of several albums the one that fits best is taken.
pub(super) async fn findings_by_barcode(
    client: &Client<'_>,
    state: &AlbumState,
) -> Result<Vec<SourceFindings>, tokio_postgres::Error> {
    let others = same_recordings::list_same_barcode_albums(client, state.snapshot.album.id).await?;
    let mut best = BTreeMap::<Source, (f32, SourceFindings)>::new();
    for other in &others {
        let Some(pair) = AlbumPair::load(client, state, other).await? else {
            continue;
        };
        // Genius has no lookups of albums.
        for source in [Source::MusicBrainz, Source::Discogs] {
            if state.is_album_known(source) {
                continue;
            }
            let Some(findings) = pair.findings(client, state, source).await? else {
                continue;
            };
            if best.get(&source).is_none_or(|(score, _)| pair.score > *score) {
                best.insert(source, (pair.score, findings));
            }
        }
    }
    Ok(best.into_values().map(|(_, findings)| findings).collect())
}

/// The album and another one with its barcode.
struct AlbumPair<'a> {
    other: &'a SameBarcodeAlbum,
    score: f32,
    /// For each shared track of the album: the other album's track.
    tracks: BTreeMap<TrackId, TrackId>,
}

impl<'a> AlbumPair<'a> {
    /// `None` if the albums have only the barcode in common.
    async fn load(
        client: &Client<'_>,
        state: &AlbumState,
        other: &'a SameBarcodeAlbum,
    ) -> Result<Option<Self>, tokio_postgres::Error> {
        let theirs = tracks::list_by_album(client, other.album_id).await?;
        let position = |track: &Track| credits::position(track.disc_number, track.track_number);
        let listed: Vec<matching::ListedTrack<'_>> = theirs
            .iter()
            .map(|their| {
                let ours = state.snapshot.tracks.iter();
                let mut in_place = ours.filter(|track| position(track) == position(their));
                matching::ListedTrack {
                    track_in_place: in_place.next().map(|track| track.id),
                    title: &their.name,
                    duration_ms: their.duration_ms,
                }
            })
            .collect();
        let tracks: BTreeMap<_, _> = matching::match_tracks(&state.snapshot.tracks, &listed)
            .into_iter()
            .map(|(id, (index, _))| (id, theirs[index].id))
            .collect();
        let track_count = state.snapshot.tracks.len();
        let score =
            matching::score_album_with_barcode(&state.snapshot.album, track_count, other, tracks.len());
        Ok((score > 0.0 && !tracks.is_empty()).then_some(Self { other, score, tracks }))
    }

    /// The loaded findings of a source about the other album, as findings about this one. `None` if it has no
    /// credits of the album, or if the source was queried about one of its tracks.
    async fn findings(
        &self,
        client: &Client<'_>,
        state: &AlbumState,
        source: Source,
    ) -> Result<Option<SourceFindings>, tokio_postgres::Error> {
        let other_ids: Vec<TrackId> = self.tracks.values().copied().collect();
        let loaded = same_recordings::list_never_looked_up(client, &other_ids, source).await?;
        if loaded.len() < other_ids.len() {
            return Ok(None);
        }
        let credits = credits::list_of_albums(client, &[self.other.album_id], source).await?;
        let Some(release_credit) = credits
            .iter()
            .find(|credit| credit.row.source_record_kind == "release")
        else {
            return Ok(None);
        };
        let mut findings = SourceFindings::new(source);
        let row = &release_credit.row;
        let record = record_of(row, copied_method(row.matched_by));
        let now = state.loaded_at;
        let album_lookup = self.found_lookup(ALBUM, state.snapshot.album.id.0, (source, &record), now);
        findings.lookups.push(album_lookup);
        for credit in &credits {
            self.add_credit(credit, state, &mut findings);
        }
        for track in &state.snapshot.tracks {
            // At MusicBrainz, a track without a credit of its own stays open: a request for its recording may
            // find one.
            if source == Source::Discogs {
                let lookup = if self.tracks.contains_key(&track.id) {
                    self.found_lookup(TRACK, track.id.0, (source, &record), now)
                } else {
                    lookup_of_record(source, TRACK, track.id, None, now)
                };
                findings.lookups.push(lookup);
            } else if let Some(record) = findings.tracks.get(&track.id) {
                let lookup = self.found_lookup(TRACK, track.id.0, (source, record), now);
                findings.lookups.push(lookup);
            }
        }
        findings.album = Some(record);
        Ok(Some(findings))
    }

    fn found_lookup(
        &self,
        kind: &str,
        subject: i64,
        (source, record): (Source, &MatchedRecord),
        now: DateTime<Utc>,
    ) -> Lookup {
        let mut lookup = lookup_of_record(source, kind, subject, Some(record), now);
        lookup.answer["same_as_album"] = json!(self.other.album_id);
        lookup
    }

    /// Adds a credit of the other album for the shared tracks.
    fn add_credit(&self, credit: &StoredCredit, state: &AlbumState, findings: &mut SourceFindings) {
        let row = &credit.row;
        let matched_by = copied_method(row.matched_by);
        let shared = self.tracks.iter();
        let covered: Vec<TrackId> = shared
            .filter(|(_, other)| credit.covered_track_ids.contains(other))
            .map(|(id, _)| *id)
            .collect();
        let scope = match (&row.track_id, &row.track_positions, &row.track_range) {
            (None, None, Some(range)) => CreditScope::Unresolved(range.clone()),
            (None, None, None) if self.tracks.len() == state.snapshot.tracks.len() => CreditScope::Album,
            (None, _, range) => CreditScope::Tracks(covered, range.clone()),
            (Some(_), ..) => {
                for id in covered {
                    let copied = copied_credit(CreditScope::Track(id), matched_by, credit);
                    findings.credits.push(copied);
                    if row.source_record_kind != "release" {
                        findings.tracks.insert(id, record_of(row, matched_by));
                    }
                }
                return;
            }
        };
        findings.credits.push(copied_credit(scope, matched_by, credit));
    }
}
