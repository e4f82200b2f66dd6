//! Titles: which song a title names, and which version of it. Version suffixes and featured artists come off, whatever else a title
//! says stays; which tracks are one song is decided elsewhere, by the key and the artist.
//!
//! A title is cut at its brackets and dashes (`segments`); each part is recognised by its words (`parts`, `terms`), and what is
//! not recognised belongs to the name. Behind a version everything belongs to that version ("- Live at the Rainbow - 1974"), except
//! part numbers, reprises and the like, which name another piece.

mod languages;
mod lexicon;
mod parts;
mod segments;
mod spelling;
mod tail;
mod terms;
#[cfg(test)]
mod tests;
mod version;
mod words;

use crate::names;
use crate::text_enums::text_enum;
use languages::Double;
use parts::Part;
use segments::{Mark, Segment};
use version::Reading;

/// The version of these rules. What they made is stored with it, and made again when it is raised.
pub const RULES_VERSION: i16 = 3;

text_enum! {
    /// What kind of version of its song a track is.
    VersionKind {
        /// Made anew from the song's parts, by whoever the title names.
        Remix = "remix",
        /// Played before an audience.
        Live = "live",
        /// Played without amplification, or stripped down.
        Acoustic = "acoustic",
        /// The same recording, mastered again.
        Remaster = "remaster",
        /// Cut for radio or a single.
        RadioEdit = "radio_edit",
        /// Longer than the song is known.
        Extended = "extended",
        /// Without its voice.
        Instrumental = "instrumental",
        /// To sing to.
        Karaoke = "karaoke",
        /// Made before the record.
        Demo = "demo",
        /// Voices alone.
        Acapella = "acapella",
        /// Mixed for one channel.
        Mono = "mono",
        /// Mixed for two channels.
        Stereo = "stereo",
        /// From a broadcast, a rehearsal or another session than the record's.
        Session = "session",
        /// Recorded again by its artist.
        Rerecording = "rerecording",
        /// Played by another artist.
        Cover = "cover",
        /// Sung in another language.
        Language = "language",
        /// With the words that another version leaves out.
        Explicit = "explicit",
        /// Without the words that another version has.
        Clean = "clean",
        /// Added to a later edition.
        Bonus = "bonus",
        /// Any other version; the label says which.
        Other = "other",
    }
}

/// What a title says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// The song's name, folded ([`names::fold`]) and without its spaces, since "Lock Jaw" is "Lockjaw". Empty only for a blank title:
    /// one that is nothing but a suffix is a name.
    pub key: String,
    /// Which version of the song it is; none for the song itself.
    pub version: Option<Version>,
}

/// A version of a song, as a title states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Of several the one that changes the recording most.
    pub kind: VersionKind,
    /// The title's own words, several suffixes joined by " / ".
    pub label: String,
    /// Whose version it is, where the title names somebody: the remixer.
    pub by: Option<String>,
    /// The year it names.
    pub year: Option<i16>,
}

/// Reads a title, in time linear in its length.
#[must_use]
pub fn read(title: &str) -> Title {
    if let Some(title) = read_plain(title) {
        return title;
    }
    if !title.chars().any(char::is_alphanumeric) {
        // Nothing but marks says nothing of a version.
        return Title {
            key: key_of(&names::fold(title)),
            version: None,
        };
    }
    let segments = segments::cut(title);
    let parts = recognise(&segments);
    let mut name = String::new();
    let mut readings = Vec::new();
    for (segment, part) in segments.iter().zip(parts) {
        match part {
            Part::Version(reading) => readings.push(reading),
            Part::Belongs => readings.push(Reading::of_text(segment.text)),
            Part::Credit | Part::Translation => {}
            Part::Name | Part::Piece | Part::Date => {
                let (text, tail) = tail::split(segment.text);
                name.push(' ');
                name.push_str(languages::in_latin(text));
                readings.extend(tail);
            }
        }
    }
    let folded = names::fold(&spelling::uncensored(&name));
    let folded = tail::without(&folded);
    if segments::is_only_marks(&folded) {
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

/// Reads a title of plain words that are all its name, as most are.
fn read_plain(title: &str) -> Option<Title> {
    let is_plain = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'\'' | b'.' | b',' | b'!' | b'?' | b':')
    };
    if !title.bytes().all(is_plain) || !title.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let folded = names::fold(title);
    tail::is_none(&folded).then(|| Title {
        key: key_of(&folded),
        version: None,
    })
}

/// The key of a folded name: what is spelled in several ways spelled in one, and no spaces.
fn key_of(folded: &str) -> String {
    let key = names::compact(&spelling::one_spelling(folded));
    if key.is_ascii() {
        return key;
    }
    // What spaces kept apart may be one letter now.
    names::fold(&key)
}

/// Whether a title names an artist of the track as a guest: behind "feat.", "with" or the like.
#[must_use]
pub fn features(title: &str, artist: &str) -> bool {
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

/// What each segment is, now seen beside its neighbours.
fn recognise<'a>(segments: &[Segment<'a>]) -> Vec<Part<'a>> {
    let mut parts: Vec<Part> = segments
        .iter()
        .enumerate()
        .map(|(i, segment)| parts::part_of(segment, i == 0))
        .collect();
    // Words after a bracket make it part of the name: "(Live) Forever".
    let mut followed = false;
    for (part, segment) in parts.iter_mut().zip(segments).rev() {
        match segment.mark {
            Mark::Text => followed = matches!(part, Part::Name),
            Mark::Dash => followed = false,
            Mark::Bracket if followed && matches!(part, Part::Version(_)) => *part = Part::Name,
            Mark::Bracket => {}
        }
    }
    leave_out_translation(&mut parts, segments);
    // Behind a version, what is not recognised tells more of that version.
    let mut after_version = false;
    for part in &mut parts {
        match part {
            Part::Version(_) => after_version = true,
            Part::Date | Part::Name if after_version => *part = Part::Belongs,
            _ => {}
        }
    }
    parts
}

/// Of a name and the bracket behind it that tells it in another language, one is left out.
fn leave_out_translation(parts: &mut [Part], segments: &[Segment]) {
    if let ([name @ Part::Name, bracket @ Part::Name, ..], [of_name, of_bracket, ..]) = (parts, segments)
        && of_name.mark == Mark::Text
        && of_bracket.mark == Mark::Bracket
    {
        match languages::translation(of_name.text, of_bracket.text) {
            Some(Double::Name) => *name = Part::Translation,
            Some(Double::Bracket) => *bracket = Part::Translation,
            None => {}
        }
    }
}

fn join(readings: Vec<Reading>) -> Option<Version> {
    let strongest = readings
        .iter()
        .filter(|reading| reading.kind.is_some())
        .min_by_key(|reading| reading.kind.map(change))?;
    let kind = strongest.kind?;
    let year = strongest
        .year
        .or_else(|| readings.iter().find_map(|reading| reading.year));
    let by = strongest.by.clone();
    let label = readings
        .iter()
        .map(|reading| reading.label)
        .collect::<Vec<_>>()
        .join(" / ");
    Some(Version {
        kind,
        label,
        by,
        year,
    })
}

/// How much a kind of version changes the recording, the most first.
fn change(kind: VersionKind) -> u8 {
    match kind {
        VersionKind::Remix => 0,
        VersionKind::Live => 1,
        VersionKind::Karaoke => 2,
        VersionKind::Acapella => 3,
        VersionKind::Instrumental => 4,
        VersionKind::Acoustic => 5,
        VersionKind::Session => 6,
        VersionKind::Demo => 7,
        VersionKind::Cover => 8,
        VersionKind::Rerecording => 9,
        VersionKind::Language => 10,
        VersionKind::Extended => 11,
        VersionKind::RadioEdit => 12,
        VersionKind::Remaster => 13,
        VersionKind::Mono => 14,
        VersionKind::Stereo => 15,
        VersionKind::Explicit => 16,
        VersionKind::Clean => 17,
        VersionKind::Bonus => 18,
        VersionKind::Other => 19,
    }
}
