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
    if text.len() == 22 && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        Ok(text.to_owned())
    } else {
        Err(InvalidId(format!(
            "{} is not a Spotify id, which has 22 letters and digits",
            quoted(text)
        )))
    }
}

fn mbid(text: &str) -> Result<String, InvalidId> {
    uuid::Uuid::try_parse(text)
        .map(|id| id.hyphenated().to_string())
        .map_err(|_| {
            InvalidId(format!(
                "{} is not a MusicBrainz id, which looks like 5b11f4ce-a62d-471e-81fc-a69a8278c7da",
                quoted(text)
            ))
        })
}

fn isrc(text: &str) -> Result<String, InvalidId> {
    let id: String = text
        .chars()
        .filter(|c| !matches!(c, '-' | ' '))
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let bytes = id.as_bytes();
    let is_valid = bytes.len() == 12
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..5]
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && bytes[5..].iter().all(u8::is_ascii_digit);
    is_valid.then_some(id).ok_or_else(|| {
        InvalidId(format!(
            "{} is not an ISRC, which looks like USRC17607839",
            quoted(text)
        ))
    })
}

fn upc(text: &str) -> Result<String, InvalidId> {
    let digits: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    let id = digits.trim_start_matches('0');
    if digits.len() <= 14 && (4..=14).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(id.to_owned())
    } else {
        Err(InvalidId(format!(
            "{} is not a UPC or EAN, which has up to 14 digits",
            quoted(text)
        )))
    }
}

/// A text in quotation marks for an error message, shortened to 60 characters.
pub(super) fn quoted(text: &str) -> String {
    const MAX_CHARS: usize = 60;
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("'{}…'", &text[..end]),
        None => format!("'{text}'"),
    }
}
