//! Splits a track's title into the name of the song and the version it states ("Song - Live at Wembley").
//!
//! A title is cut at its brackets and dashes (`segments`). Each segment is classified by its words
//! (`segment_kinds`, `terms`); a segment that is not recognised belongs to the name. After a version, all
//! segments describe that version ("- Live at the Rainbow - 1974"), except part numbers, reprises and the
//! like, which name another piece. Version suffixes and featured artists are removed from the name.

mod languages;
mod lexicon;
mod makers;
mod numerals;
mod parts;
mod performances;
mod performers;
mod places;
mod segment_kinds;
mod segments;
mod spelling;
mod tail;
mod takes;
mod terms;
#[cfg(test)]
mod tests;
mod version;
mod version_kinds;
mod words;

use std::borrow::Cow;

use crate::domain::ids::AlbumId;
use crate::domain::names;
use languages::RedundantText;
use segment_kinds::SegmentKind;
use segments::{Delimiter, Segment};
use version::VersionReading;

pub use version_kinds::VersionKind;

/// The version of these rules. It is stored with the songs; after it was raised, they are regrouped.
pub const RULES_VERSION: i16 = 4;

/// The result of reading a title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// The song's name, folded ([`names::fold`]) and without spaces, since "Lock Jaw" is "Lockjaw". It is
    /// empty only for a blank title: a title that consists of a suffix alone is a name.
    pub key: String,
    /// Whether it only names a place on its record, in any version: "Intro", "Skit #2", `[untitled]`, "Part
    /// 1". "Intro (The Beginning Of It All)" and "Skit #2 - Kanye West" have a name of their own.
    pub names_only_place: bool,
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

impl Title {
    /// The key of the song that a track with this title is a version of. A title that only names a place on
    /// its record makes a song of that record alone: its key has the album and the track's place behind a
    /// space, which no other key has.
    #[must_use]
    pub fn song_key(&self, album: AlbumId, (disc, number): (i16, i32)) -> Cow<'_, str> {
        if self.names_only_place {
            Cow::Owned(format!("{} {album}/{disc}-{number}", self.key))
        } else {
            Cow::Borrowed(&self.key)
        }
    }
}

/// Reads a title, in time linear in its length.
#[must_use]
pub fn read(title: &str) -> Title {
    let (name, version) = read_plain(title).map_or_else(|| split(title), |name| (name, None));
    Title {
        key: key_of(&name),
        names_only_place: places::is_place(title, &name),
        version,
    }
}

/// The folded name of the song, and the version of it.
fn split(title: &str) -> (String, Option<Version>) {
    if !title.chars().any(char::is_alphanumeric) {
        return (names::fold(title), None);
    }
    let mut segments = Vec::new();
    for (i, segment) in segments::cut(title).into_iter().enumerate() {
        if i == 0 && segment.delimiter == Delimiter::None {
            segments.push(segment);
        } else {
            segment_kinds::divide(segment, &mut segments);
        }
    }
    let kinds = classify(&segments);
    let mut name = String::new();
    let mut readings = Vec::new();
    for (segment, kind) in segments.iter().zip(kinds) {
        match kind {
            SegmentKind::Version(reading) => readings.push(reading),
            SegmentKind::VersionDetail => readings.push(VersionReading::of_detail(segment.text)),
            SegmentKind::Credit | SegmentKind::Translation => {}
            SegmentKind::Name
            | SegmentKind::Piece
            | SegmentKind::Date
            | SegmentKind::Place { .. }
            | SegmentKind::Performers => {
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
        let name = tail::without(&names::fold(title)).into_owned();
        return (name, join(tail.into_iter().collect()));
    }
    (folded.into_owned(), join(readings))
}

/// The folded name of a title of plain words without any suffix: a fast path for most titles.
fn read_plain(title: &str) -> Option<String> {
    let is_plain = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'\'' | b'.' | b',' | b'!' | b'?' | b':')
    };
    if !title.bytes().all(is_plain) || !title.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let folded = names::fold(title);
    tail::is_absent(&folded).then_some(folded)
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
    mark_performers(&mut kinds, segments);
    mark_places(&mut kinds, segments);
    mark_details(&mut kinds, segments);
    kinds
}

/// Marks a list of performers as a credit, unless the title names a work: "Medley (Blue Moon & Big River)".
fn mark_performers(kinds: &mut [SegmentKind], segments: &[Segment]) {
    if !kinds.contains(&SegmentKind::Performers) {
        return;
    }
    let is_work = performers::names_any_work(segments[0].text);
    for kind in kinds.iter_mut().filter(|kind| **kind == SegmentKind::Performers) {
        *kind = if is_work {
            SegmentKind::Name
        } else {
            SegmentKind::Credit
        };
    }
}

/// Marks dates with a year before a version, and places before a live one, as versions.
fn mark_places<'a>(kinds: &mut [SegmentKind<'a>], segments: &[Segment<'a>]) {
    let (mut is_before_version, mut is_before_live) = (false, false);
    for (kind, segment) in kinds.iter_mut().zip(segments).rev() {
        match kind {
            SegmentKind::Version(reading) => {
                is_before_version = true;
                is_before_live = matches!(reading.kind, Some(VersionKind::Live | VersionKind::Session));
            }
            SegmentKind::Place { is_sure } if is_before_live || *is_sure => {
                *kind = SegmentKind::Version(VersionReading {
                    kind: Some(VersionKind::Live),
                    ..VersionReading::of_detail(segment.text)
                });
                is_before_version = true;
            }
            SegmentKind::Date if is_before_version => {
                let reading = VersionReading::of_detail(segment.text);
                if reading.year.is_some() {
                    *kind = SegmentKind::Version(reading);
                }
            }
            SegmentKind::Name | SegmentKind::Piece => (is_before_version, is_before_live) = (false, false),
            _ => {}
        }
    }
}

/// Marks what tells more of the version before it: everything but pieces.
fn mark_details(kinds: &mut [SegmentKind], segments: &[Segment]) {
    let mut is_after_version = false;
    for (kind, segment) in kinds.iter_mut().zip(segments) {
        match kind {
            SegmentKind::Version(_) => is_after_version = true,
            SegmentKind::Name | SegmentKind::Place { .. }
                if is_after_version && parts::is_piece_text(segment.text) =>
            {
                *kind = SegmentKind::Piece;
            }
            SegmentKind::Date | SegmentKind::Name | SegmentKind::Place { .. } if is_after_version => {
                *kind = SegmentKind::VersionDetail;
            }
            _ => {}
        }
    }
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
