//! Identifiers that are texts: those of Spotify and MusicBrainz, ISRCs and barcodes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The error for a text that is not a valid identifier; the message shows what one looks like.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidId(pub(super) String);

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident($parse:ident);)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The identifier as its source writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                $parse(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        crate::domain::params::sql_type!(
            $name => TEXT, TEXT_ARRAY,
            $name::as_str,
            |text: &str| text.parse::<$name>()
        );
    )+};
}

text_id! {
    /// A Spotify artist id: 22 letters and digits.
    SpotifyArtistId(spotify_id);
    /// A Spotify album id: 22 letters and digits.
    SpotifyAlbumId(spotify_id);
    /// A Spotify track id: 22 letters and digits.
    SpotifyTrackId(spotify_id);
    /// A MusicBrainz artist id.
    ArtistMbid(mbid);
    /// A MusicBrainz recording id.
    RecordingMbid(mbid);
    /// A MusicBrainz release id.
    ReleaseMbid(mbid);
    /// A MusicBrainz release group id.
    ReleaseGroupMbid(mbid);
    /// A MusicBrainz id of an artist, release or release group; only MusicBrainz knows which.
    Mbid(mbid);
    /// An ISRC: upper case, no hyphens. It names a recording, but labels reuse it for others.
    Isrc(isrc);
    /// A barcode (UPC or EAN) without leading zeros: 4 to 14 digits.
    Upc(upc);
}

fn spotify_id(text: &str) -> Result<String, InvalidId> {
    let cause = match text.chars().find(|c| !c.is_ascii_alphanumeric()) {
        Some(c) => format!("it has the character '{}'", shown(c)),
        None if text.len() == 22 => return Ok(text.to_owned()),
        None => format!("it has {}", text.len()),
    };
    let expected = "a Spotify id, which has 22 letters and digits";
    Err(not_an_id(text, expected, &cause))
}

fn mbid(text: &str) -> Result<String, InvalidId> {
    uuid::Uuid::try_parse(text)
        .map(|id| id.hyphenated().to_string())
        .map_err(|_| {
            let other = text.chars().find(|c| !c.is_ascii_hexdigit() && *c != '-');
            let cause = match (other, compact(text).len()) {
                (Some(c), _) => format!("'{}' is not a hexadecimal digit", shown(c)),
                (None, 32) => "its hyphens are in other places".to_owned(),
                (None, length) => format!("it has {length} digits instead of 32"),
            };
            let expected = "a MusicBrainz id, which looks like 5b11f4ce-a62d-471e-81fc-a69a8278c7da";
            not_an_id(text, expected, &cause)
        })
}

fn isrc(text: &str) -> Result<String, InvalidId> {
    let id = compact(text).to_ascii_uppercase();
    let error = |cause: String| {
        let expected = "an ISRC, which looks like USRC17607839";
        Err(not_an_id(text, expected, &cause))
    };
    let allowed = |place: usize, c: char| match place {
        0..2 => (c.is_ascii_uppercase(), "a letter"),
        2..5 => (c.is_ascii_alphanumeric(), "a letter or digit"),
        _ => (c.is_ascii_digit(), "a digit"),
    };
    let mut characters = id.chars().enumerate();
    let wrong = characters.find(|(place, c)| !allowed(*place, *c).0);
    match (id.chars().count(), wrong) {
        (12, None) => Ok(id),
        (12, Some((place, c))) => {
            let (_, expected) = allowed(place, c);
            error(format!("'{}' at place {} is not {expected}", shown(c), place + 1))
        }
        (length, _) => error(format!("it has {length} characters instead of 12")),
    }
}

fn upc(text: &str) -> Result<String, InvalidId> {
    let digits: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    let id = digits.trim_start_matches('0');
    if digits.len() <= 14 && (4..=14).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(id.to_owned())
    } else {
        let cause = "it has other characters, too few or too many";
        Err(not_an_id(text, "a UPC or EAN, which has up to 14 digits", cause))
    }
}

/// A code without the spaces and signs that divide its groups in print.
pub(super) fn compact(code: &str) -> String {
    let is_divider = |c: char| c.is_whitespace() || matches!(c, '-' | '.' | '/' | '<' | '>' | '(' | ')');
    code.chars().filter(|c| !is_divider(*c)).collect()
}

/// The error for a text that is not what was expected, with the cause.
pub(super) fn not_an_id(text: &str, expected: &str, cause: &str) -> InvalidId {
    InvalidId(format!("{} is not {expected}: {cause}", quoted(text)))
}

/// The way out for an artist's name that looks like a link or a code.
pub(super) const NAME_HINT: &str = "(for an artist of this name write name:…)";

/// A character as it can be shown in an error message.
fn shown(c: char) -> char {
    let is_hidden = c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
    if is_hidden { char::REPLACEMENT_CHARACTER } else { c }
}

/// A text in quotation marks for an error message, shortened to 60 characters.
pub(super) fn quoted(text: &str) -> String {
    const MAX_CHARS: usize = 60;
    let text: String = text.chars().map(shown).collect();
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("'{}…'", &text[..end]),
        None => format!("'{text}'"),
    }
}
