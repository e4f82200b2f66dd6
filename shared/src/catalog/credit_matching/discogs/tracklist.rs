//! Matches an album's tracks with the tracklist of a Discogs release.

use std::collections::BTreeMap;

use crate::catalog::credit_matching::matching;
use crate::domain::ids::TrackId;
use crate::store::catalog::tracks::Track;
use crate::upstreams::discogs::{EntryKind, Release};

/// For each track of the album that is in the tracklist: its index there and how well it fits. A work in
/// parts matches as one track or as its parts, whichever the album has.
#[must_use]
pub fn match_tracklist(release: &Release, tracks: &[Track]) -> BTreeMap<TrackId, (usize, f32)> {
    let mut in_order = tracks.iter().map(|track| track.id);
    let (indexes, entries): (Vec<usize>, Vec<matching::ListedTrack<'_>>) = release
        .tracklist
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.kind != EntryKind::Heading)
        .map(|(index, entry)| {
            let is_audible = matches!(entry.kind, EntryKind::Track | EntryKind::Part);
            let entry = matching::ListedTrack {
                track_in_place: is_audible.then(|| in_order.next()).flatten(),
                title: &entry.title,
                duration_ms: entry.duration_ms,
            };
            (index, entry)
        })
        .unzip();
    matching::match_tracks(tracks, &entries)
        .into_iter()
        .map(|(id, (at, score))| (id, (indexes[at], score)))
        .collect()
}
