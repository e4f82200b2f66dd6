//! Comparisons of titles, artists and durations that the scores are made of.

use crate::domain::names;
use crate::domain::titles::{Title, VersionKind};
use crate::store::catalog::tracks::Track;

/// Titles with a lower similarity are different titles.
const TITLE_SIMILARITY: f64 = 0.85;
/// Recordings whose durations differ by more are different recordings.
const MAX_DURATION_DIFFERENCE_MS: u32 = 20_000;

pub(super) fn is_artist(theirs: &[&str], ours: &str) -> bool {
    theirs.iter().any(|name| names::is_same_name(name, ours))
}

/// How well the artists of a record agree with those of a track: best if the track's first one is among them.
pub(super) fn artist_score(track: &Track, is_artist: impl Fn(&str) -> bool) -> f32 {
    match track.artist_names.iter().position(|name| is_artist(name)) {
        Some(0) => 1.0,
        Some(_) => 0.9,
        None => 0.0,
    }
}

/// How well the titles of two tracks agree: the same song in the same version.
pub(super) fn title_score(ours: &Title, theirs: &Title) -> f32 {
    if version(ours) != version(theirs) {
        return 0.0;
    }
    key_score(&ours.key, &theirs.key)
}

/// The similarity of two title keys; 0 if they are different titles. A number is not misspelled: "Part 1" and
/// "Part 2" are different titles, and so are "Rocky" and "Rocky II".
pub(super) fn key_score(ours: &str, theirs: &str) -> f32 {
    if ours == theirs {
        return 1.0;
    }
    let similarity = strsim::normalized_levenshtein(ours, theirs);
    if similarity >= TITLE_SIMILARITY && has_same_numbers(ours, theirs) {
        similarity as f32
    } else {
        0.0
    }
}

/// Whether two title keys have the same digits, and the same Roman numeral at their end. Keys have no spaces,
/// so a single letter at the end is not taken for a numeral.
fn has_same_numbers(ours: &str, theirs: &str) -> bool {
    let digits = |key: &str| key.chars().filter(char::is_ascii_digit).collect::<String>();
    let numeral = |key: &str| key.len() - key.trim_end_matches(['i', 'v', 'x']).len();
    let numerals = (numeral(ours), numeral(theirs));
    let is_same_numeral = numerals.0.max(numerals.1) < 2
        || ours[ours.len() - numerals.0..] == theirs[theirs.len() - numerals.1..];
    digits(ours) == digits(theirs) && is_same_numeral
}

/// The kind of version, if it is a different recording. A remaster, a mono or a clean edit is the recording
/// it was made from.
pub(super) fn version(title: &Title) -> Option<VersionKind> {
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

/// How well two durations in milliseconds agree.
pub(super) fn duration_score(ours: Option<i32>, theirs: Option<i32>) -> f32 {
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        return 0.95;
    };
    match ours.abs_diff(theirs) {
        0..=3_000 => 1.0,
        3_001..=10_000 => 0.9,
        10_001..=MAX_DURATION_DIFFERENCE_MS => 0.7,
        _ => 0.0,
    }
}
