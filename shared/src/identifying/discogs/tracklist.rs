//! Which of our tracks stands where in a tracklist of Discogs': by place, then by a title that only one entry has. Whether
//! the release is our album stays out.

use std::collections::{BTreeMap, BTreeSet};

use crate::identifying::matching;
use crate::ids::TrackId;
use crate::store::tracks::Track;
use crate::upstreams::discogs::{EntryKind, Release, TracklistEntry};

/// The index in the tracklist of each track of ours that is in it, and how well that fits. A work in parts is one track or
/// several, whichever our album has.
#[must_use]
pub fn places(release: &Release, tracks: &[Track]) -> BTreeMap<TrackId, (usize, f32)> {
    let entries = || release.tracklist.iter().enumerate();
    let in_order: Vec<usize> = entries()
        .filter(|(_, entry)| matches!(entry.kind, EntryKind::Track | EntryKind::Part))
        .map(|(place, _)| place)
        .collect();
    let mut used = BTreeSet::<usize>::new();
    let mut found = BTreeMap::<TrackId, (usize, f32)>::new();
    for (track, place) in tracks.iter().zip(&in_order) {
        let score = score(track, &release.tracklist[*place], true);
        if score > 0.0 {
            used.insert(*place);
            found.insert(track.id, (*place, score));
        }
    }
    for track in tracks {
        if found.contains_key(&track.id) {
            continue;
        }
        let fitting: Vec<(usize, f32)> = entries()
            .filter(|(place, entry)| entry.kind != EntryKind::Heading && !used.contains(place))
            .map(|(place, entry)| (place, score(track, entry, false)))
            .filter(|(_, score)| *score > 0.0)
            .collect();
        if let [(place, score)] = fitting[..] {
            used.insert(place);
            found.insert(track.id, (place, score));
        }
    }
    found
}

fn score(track: &Track, entry: &TracklistEntry, same_place: bool) -> f32 {
    matching::release_track(track, &entry.title, entry.duration_ms, same_place)
}
