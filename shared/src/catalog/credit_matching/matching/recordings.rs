//! Decides whether a MusicBrainz recording, or another track of ours, is the same recording as a track.

use super::comparisons::{artist_score, duration_score, title_score, version};
use crate::domain::names;
use crate::domain::titles;
use crate::store::catalog::same_recordings::SimilarTrack;
use crate::store::catalog::tracks::Track;
use crate::upstreams::musicbrainz::{ArtistCredit, Recording, RecordingMatch};

/// Whether a track and another one that shares an artist with it are the same recording. With the same ISRC
/// the durations must be close, because labels reuse ISRCs. Otherwise both must be the same version of a song
/// and equally long to the second.
#[must_use]
pub fn is_same_recording(track: &Track, other: &SimilarTrack) -> bool {
    let difference_ms = match (track.duration_ms, other.duration_ms) {
        (Some(ours), Some(theirs)) => ours.abs_diff(theirs),
        _ => return false,
    };
    let (ours, theirs) = (titles::read(&track.name), titles::read(&other.name));
    if other.same_isrc {
        difference_ms <= 10_000 && (ours.key == theirs.key || difference_ms <= 1_000)
    } else {
        let labels = [&ours, &theirs].map(|title| {
            let version = title.version.as_ref().filter(|_| version(title).is_some());
            version.map(|version| names::fold(&version.label))
        });
        difference_ms <= 1_000 && ours.key == theirs.key && labels[0] == labels[1]
    }
}

/// The score of a recording with the track's ISRC. Labels reuse ISRCs, so the artist or the title must agree,
/// and the duration.
#[must_use]
pub fn score_recording_with_isrc(track: &Track, recording: &Recording) -> f32 {
    let has_title = title_score(&titles::read(&track.name), &titles::read(&recording.title)) > 0.0;
    let is_by_artist = track
        .artist_names
        .iter()
        .any(|name| has_artist(&recording.artists, name));
    let duration = duration_score(track.duration_ms, recording.duration_ms);
    match (has_title, is_by_artist) {
        (true, true) => duration,
        (true, false) | (false, true) => 0.9 * duration,
        (false, false) => 0.0,
    }
}

/// The score of a recording that a search found. Title, version, artist and duration must all agree.
#[must_use]
pub fn score_searched_recording(track: &Track, candidate: &RecordingMatch) -> f32 {
    title_score(&titles::read(&track.name), &titles::read(&candidate.title))
        * artist_score(track, |name| has_artist(&candidate.artists, name))
        * duration_score(track.duration_ms, candidate.duration_ms)
}

pub(super) fn has_artist(artists: &[ArtistCredit], name: &str) -> bool {
    artists.iter().any(|artist| {
        names::is_same_name(&artist.name, name) || names::is_same_name(&artist.credited_as, name)
    })
}
