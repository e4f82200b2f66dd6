//! Whether a recording of MusicBrainz's, or another track of ours, is the same recording as a track of ours.

use super::{length, title, version};
use crate::domain::names;
use crate::domain::titles;
use crate::store::catalog::same_recordings::SimilarTrack;
use crate::store::catalog::tracks::Track;
use crate::upstreams::musicbrainz::{ArtistCredit, Recording, RecordingMatch};

/// Whether a track of ours is the same recording as another one of ours, with an artist in common: by ISRC of about one
/// length, which labels reuse, else the same version of the song to the second.
#[must_use]
pub fn is_same_recording(track: &Track, other: &SimilarTrack) -> bool {
    let apart = match (track.duration_ms, other.duration_ms) {
        (Some(ours), Some(theirs)) => ours.abs_diff(theirs),
        _ => return false,
    };
    let (ours, theirs) = (titles::read(&track.name), titles::read(&other.name));
    if other.same_isrc {
        apart <= 10_000 && (ours.key == theirs.key || apart <= 1_000)
    } else {
        let labels = [&ours, &theirs].map(|title| {
            let version = title.version.as_ref().filter(|_| version(title).is_some());
            version.map(|version| names::fold(&version.label))
        });
        apart <= 1_000 && ours.key == theirs.key && labels[0] == labels[1]
    }
}

/// How well a recording that has our ISRC fits: labels reuse ISRCs, so the artist or the title must agree, and the length.
#[must_use]
pub fn score_recording_with_isrc(track: &Track, recording: &Recording) -> f32 {
    let title = title(&titles::read(&track.name), &titles::read(&recording.title)) > 0.0;
    let artist = track
        .artist_names
        .iter()
        .any(|name| has_artist(&recording.artists, name));
    let length = length(track.duration_ms, recording.duration_ms);
    match (title, artist) {
        (true, true) => length.min(1.0),
        (true, false) | (false, true) => 0.9 * length,
        (false, false) => 0.0,
    }
}

/// How well a recording that was searched for fits: title, version, artist and length must all agree.
#[must_use]
pub fn score_searched_recording(track: &Track, candidate: &RecordingMatch) -> f32 {
    let artist = match track
        .artist_names
        .iter()
        .position(|name| has_artist(&candidate.artists, name))
    {
        Some(0) => 1.0,
        Some(_) => 0.9,
        None => 0.0,
    };
    title(&titles::read(&track.name), &titles::read(&candidate.title))
        * artist
        * length(track.duration_ms, candidate.duration_ms)
}

pub(super) fn has_artist(artists: &[ArtistCredit], name: &str) -> bool {
    artists.iter().any(|artist| {
        names::is_same_name(&artist.name, name) || names::is_same_name(&artist.credited_as, name)
    })
}
