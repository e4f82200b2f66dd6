//! Which of our tracks stands where in a tracklist of Discogs'. Whether the release is our album stays out.

use std::collections::BTreeMap;

use crate::catalog::credit_matching::matching;
use crate::domain::ids::TrackId;
use crate::store::catalog::tracks::Track;
use crate::upstreams::discogs::{EntryKind, Release};

/// The index in the tracklist of each track of ours that is in it, and how well that fits. A work in parts is one track or
/// several, whichever our album has.
#[must_use]
pub fn match_tracklist(release: &Release, tracks: &[Track]) -> BTreeMap<TrackId, (usize, f32)> {
    let mut in_order = tracks.iter().map(|track| track.id);
    let (indexes, entries): (Vec<usize>, Vec<matching::ListedTrack<'_>>) = release
        .tracklist
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.kind != EntryKind::Heading)
        .map(|(index, entry)| {
            let is_heard = matches!(entry.kind, EntryKind::Track | EntryKind::Part);
            let entry = matching::ListedTrack {
                track_in_place: is_heard.then(|| in_order.next()).flatten(),
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
