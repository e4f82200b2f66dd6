//! Whether a record of a source is a track or an album of ours. Pure; a score is 0 (it is not) to 1 (everything that can
//! be compared is equal), and never the first hit.

mod recordings;
mod releases;
mod songs;
#[cfg(test)]
mod tests;

use crate::domain::names;
use crate::domain::titles::{Title, VersionKind};

pub use recordings::{is_same_recording, score_recording_with_isrc, score_searched_recording};
pub use releases::{
    ListedTrack, match_tracks, score_album_with_barcode, score_discogs_hit, score_discogs_release,
    score_musicbrainz_release,
};
pub use songs::{comparison, is_other_version, score_genius_song};

/// Below this, what was searched for is not ours.
pub const SEARCH_THRESHOLD: f32 = 0.8;
/// Titles less alike than this are other titles.
const ALIKE: f64 = 0.85;
/// Lengths that differ by more belong to other recordings.
const OTHER_LENGTH_MS: i32 = 20_000;

fn is_artist(theirs: &[&str], ours: &str) -> bool {
    theirs.iter().any(|name| names::is_same_name(name, ours))
}

/// Equal songs in the same version; a remaster, a mono or a clean edit is the recording it was made from.
fn title(ours: &Title, theirs: &Title) -> f32 {
    if version(ours) != version(theirs) {
        return 0.0;
    }
    if ours.key == theirs.key {
        return 1.0;
    }
    let alike = strsim::normalized_levenshtein(&ours.key, &theirs.key);
    if alike >= ALIKE { alike as f32 } else { 0.0 }
}

/// The kind of version, where it makes another recording.
fn version(title: &Title) -> Option<VersionKind> {
    title.version.as_ref().map(|version| version.kind).filter(|kind| {
        !matches!(
            kind,
            VersionKind::Remaster
                | VersionKind::Mono
                | VersionKind::Stereo
                | VersionKind::Explicit
                | VersionKind::Clean
                | VersionKind::Bonus
                | VersionKind::Other
        )
    })
}

fn length(ours: Option<i32>, theirs: Option<i32>) -> f32 {
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        return 0.95;
    };
    match ours.abs_diff(theirs) {
        0..=3_000 => 1.0,
        3_001..=10_000 => 0.9,
        difference if difference <= OTHER_LENGTH_MS.unsigned_abs() => 0.7,
        _ => 0.0,
    }
}
