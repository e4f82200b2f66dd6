//! Splits a track's title into the name of the song and the version it states ("Song - Live at Wembley").
//!
//! A title is cut at its brackets and dashes (`segments`). Each segment is classified by its words
//! (`segment_kinds`, `terms`); a segment that is not recognised belongs to the name. After a version, all
//! segments describe that version ("- Live at the Rainbow - 1974"), except part numbers, reprises and the
//! like, which name another piece. Version suffixes and featured artists are removed from the name.

mod languages;
mod lexicon;
mod segment_kinds;
mod segments;
mod spelling;
mod tail;
mod terms;
#[cfg(test)]
mod tests;
mod version;
mod version_kinds;
mod words;

use crate::domain::names;
use languages::RedundantText;
use segment_kinds::SegmentKind;
use segments::{Delimiter, Segment};
use version::VersionReading;

pub use version_kinds::VersionKind;

/// The version of these rules. It is stored with the songs; after it was raised, they are regrouped.
pub const RULES_VERSION: i16 = 3;

/// The result of reading a title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// The song's name, folded ([`names::fold`]) and without spaces, since "Lock Jaw" is "Lockjaw". It is
    /// empty only for a blank title: a title that consists of a suffix alone is a name.
    pub key: String,
    /// Which version of the song it is; `None` for the song itself.
    pub version: Option<Version>,
}

/// A version of a song, as a title states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// If the title states several kinds, the one that changes the recording most.
    pub kind: VersionKind,
    /// The suffixes as the title spells them, joined by " / ".
    pub label: String,
    /// The person whose version it is (the remixer), if the title names one.
    pub by: Option<String>,
    /// The year in the suffix.
    pub year: Option<i16>,
}

/// Reads a title, in time linear in its length.
#[must_use]
pub fn read(title: &str) -> Title {
    if let Some(title) = read_plain(title) {
        return title;
    }
    if !title.chars().any(char::is_alphanumeric) {
        return Title {
            key: key_of(&names::fold(title)),
            version: None,
        };
    }
    let segments = segments::cut(title);
    let kinds = classify(&segments);
    let mut name = String::new();
    let mut readings = Vec::new();
    for (segment, kind) in segments.iter().zip(kinds) {
        match kind {
            SegmentKind::Version(reading) => readings.push(reading),
            SegmentKind::VersionDetail => readings.push(VersionReading::of_detail(segment.text)),
            SegmentKind::Credit | SegmentKind::Translation => {}
            SegmentKind::Name | SegmentKind::Piece | SegmentKind::Date => {
                let (text, tail) = tail::split(segment.text);
                name.push(' ');
                name.push_str(languages::latin_half(text));
                readings.extend(tail);
            }
        }
    }
    let folded = names::fold(&spelling::uncensored(&name));
    let folded = tail::without(&folded);
    if segments::is_only_delimiters(&folded) {
        let (_, tail) = tail::split(title);
        return Title {
            key: key_of(&tail::without(&names::fold(title))),
            version: join(tail.into_iter().collect()),
        };
    }
    Title {
        key: key_of(&folded),
        version: join(readings),
    }
}

/// A fast path for most titles: plain words without any suffix.
fn read_plain(title: &str) -> Option<Title> {
    let is_plain = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'\'' | b'.' | b',' | b'!' | b'?' | b':')
    };
    if !title.bytes().all(is_plain) || !title.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let folded = names::fold(title);
    tail::is_absent(&folded).then(|| Title {
        key: key_of(&folded),
        version: None,
    })
}

/// The key of a folded name: spelling variants unified, no spaces.
fn key_of(folded: &str) -> String {
    let key = names::compact(&spelling::normalize(folded));
    if key.is_ascii() {
        return key;
    }
    // Without the spaces, a letter and a mark may now form one letter.
    names::fold(&key)
}

/// Whether a title names `artist` as a guest, after "feat.", "with" or the like.
#[must_use]
pub fn features_artist(title: &str, artist: &str) -> bool {
    let (title, artist) = (names::fold(title), names::fold(artist));
    let title = format!(" {title} ");
    let guests = [" feat ", " ft ", " featuring ", " with "]
        .iter()
        .filter_map(|word| title.split_once(word))
        .map(|(_, guests)| guests);
    !artist.is_empty()
        && guests
            .max_by_key(|guests| guests.len())
            .is_some_and(|guests| format!(" {guests}").contains(&format!(" {artist} ")))
}

/// The kind of each segment, with regard to its neighbours.
fn classify<'a>(segments: &[Segment<'a>]) -> Vec<SegmentKind<'a>> {
    let mut kinds: Vec<SegmentKind> = segments
        .iter()
        .enumerate()
        .map(|(i, segment)| segment_kinds::classify(segment, i == 0))
        .collect();
    // A bracket before more words is part of the name: "(Live) Forever".
    let mut is_before_name = false;
    for (kind, segment) in kinds.iter_mut().zip(segments).rev() {
        match segment.delimiter {
            Delimiter::None => is_before_name = matches!(kind, SegmentKind::Name),
            Delimiter::Dash => is_before_name = false,
            Delimiter::Bracket if is_before_name && matches!(kind, SegmentKind::Version(_)) => {
                *kind = SegmentKind::Name;
            }
            Delimiter::Bracket => {}
        }
    }
    mark_translation(&mut kinds, segments);
    let mut is_after_version = false;
    for kind in &mut kinds {
        match kind {
            SegmentKind::Version(_) => is_after_version = true,
            SegmentKind::Date | SegmentKind::Name if is_after_version => *kind = SegmentKind::VersionDetail,
            _ => {}
        }
    }
    kinds
}

/// If the bracket after a name translates it, marks one of the two as the translation.
fn mark_translation(kinds: &mut [SegmentKind], segments: &[Segment]) {
    if let ([name @ SegmentKind::Name, bracket @ SegmentKind::Name, ..], [first, second, ..]) =
        (kinds, segments)
        && first.delimiter == Delimiter::None
        && second.delimiter == Delimiter::Bracket
    {
        match languages::find_translation(first.text, second.text) {
            Some(RedundantText::Name) => *name = SegmentKind::Translation,
            Some(RedundantText::Bracket) => *bracket = SegmentKind::Translation,
            None => {}
        }
    }
}

/// The one version that several suffixes state; `None` if none of them states a kind.
fn join(readings: Vec<VersionReading>) -> Option<Version> {
    let strongest = readings
        .iter()
        .filter(|reading| reading.kind.is_some())
        .min_by_key(|reading| reading.kind.map(VersionKind::rank))?;
    Some(Version {
        kind: strongest.kind?,
        label: readings
            .iter()
            .map(|reading| reading.label)
            .collect::<Vec<_>>()
            .join(" / "),
        by: strongest.by.clone(),
        year: strongest
            .year
            .or_else(|| readings.iter().find_map(|reading| reading.year)),
    })
}
