//! What MusicBrainz said of an album, and which of a release's recordings are tracks of ours. Asking it stays out.

use std::collections::{BTreeMap, BTreeSet};

use shared::credits::{MatchMethod, Source};
use shared::ids::{Isrc, RecordingMbid, TrackId};
use shared::store::lookups::{Lookup, LookupOutcome};
use shared::store::tracks::Track;
use shared::upstreams::musicbrainz::{Recording, Release};

use crate::{ALBUM, TRACK, matching};

/// What the sources said.
#[derive(Default)]
pub(crate) struct Found {
    /// The release that the album is, and how well it fits.
    pub(crate) release: Option<(Release, f32)>,
    /// The recordings that tracks are.
    pub(crate) recordings: BTreeMap<TrackId, Match>,
    /// ISRCs that Spotify knows.
    pub(crate) isrcs: BTreeMap<TrackId, Isrc>,
    /// What was asked and came of it.
    pub(crate) lookups: Vec<Lookup>,
}

/// The recording that a track is.
pub(crate) struct Match {
    pub(crate) recording: Recording,
    pub(crate) matched_by: MatchMethod,
    pub(crate) score: f32,
}

impl Found {
    /// The tracks that were settled now, whichever way.
    pub(crate) fn settled_tracks(&self, tracks: &[Track]) -> Vec<TrackId> {
        let settled: BTreeSet<&str> = self
            .lookups
            .iter()
            .filter(|lookup| {
                lookup.source == Source::MusicBrainz
                    && lookup.kind == TRACK
                    && matches!(
                        lookup.outcome,
                        LookupOutcome::Found | LookupOutcome::NotFound
                    )
            })
            .map(|lookup| lookup.subject.as_str())
            .collect();
        tracks
            .iter()
            .map(|track| track.id)
            .filter(|id| settled.contains(id.to_string().as_str()))
            .collect()
    }

    /// The album was asked about now.
    pub(crate) fn is_album_settled(&self) -> bool {
        self.lookups
            .iter()
            .any(|lookup| lookup.source == Source::MusicBrainz && lookup.kind == ALBUM)
    }

    /// The recording ids found now.
    pub(crate) fn recording_ids(&self) -> BTreeSet<&RecordingMbid> {
        self.recordings
            .values()
            .map(|found| &found.recording.id)
            .collect()
    }
}

/// The recordings of a release that are tracks of ours: by place, then by a title that only one track has.
pub(crate) fn recordings_on(
    release: &Release,
    release_score: f32,
    tracks: &[Track],
) -> BTreeMap<TrackId, Match> {
    let candidates: Vec<_> = release
        .tracks
        .iter()
        .filter(|track| track.position > 0 && !track.recording.video)
        .collect();
    let mut used = BTreeSet::<(i32, i32)>::new();
    let mut found = BTreeMap::<TrackId, Match>::new();
    for same_place in [true, false] {
        for track in tracks {
            if found.contains_key(&track.id) {
                continue;
            }
            let fitting: Vec<_> = candidates
                .iter()
                .filter(|candidate| !used.contains(&(candidate.disc_number, candidate.position)))
                .filter(|candidate| {
                    same_place
                        == ((candidate.disc_number, candidate.position)
                            == (i32::from(track.disc_number), track.track_number))
                })
                .map(|candidate| {
                    (
                        matching::release_track(track, candidate, same_place),
                        candidate,
                    )
                })
                .filter(|(score, _)| *score > 0.0)
                .collect();
            if let [(score, candidate)] = fitting[..] {
                used.insert((candidate.disc_number, candidate.position));
                let recording = candidate.recording.clone();
                found.insert(
                    track.id,
                    Match {
                        recording,
                        matched_by: MatchMethod::Barcode,
                        score: score * release_score,
                    },
                );
            }
        }
    }
    found
}
