//! Scores whether a record of a source is an album, a track or a song of ours. Pure. A score is from 0 (it is
//! not) to 1 (everything that can be compared is equal). The first search result is never taken without a
//! score.

mod comparisons;
mod recordings;
mod releases;
mod songs;
#[cfg(test)]
mod tests;

pub use recordings::{is_same_recording, score_recording_with_isrc, score_searched_recording};
pub use releases::{
    ListedTrack, match_tracks, score_album_with_barcode, score_discogs_hit, score_discogs_release,
    score_musicbrainz_release,
};
pub use songs::{comparison, is_other_version, score_genius_song};

/// Search results with a lower score are not matches.
pub const SEARCH_THRESHOLD: f32 = 0.8;
