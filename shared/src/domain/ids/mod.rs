//! Identifiers: one type per kind of thing, so that the wrong kind does not compile, and what a person typed is read once.
//! Looking anything up stays out.

mod requested_items;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use requested_items::RequestedItem;

/// Why a text is not the identifier it should be; the message says what would be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidId(String);

macro_rules! key {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        crate::domain::params::sql_type!($name => INT8, INT8_ARRAY, |id: &$name| id.0, |id: i64| Ok::<_, std::convert::Infallible>($name(id)));
    )+};
}

key! {
    /// Our key of an artist.
    ArtistId;
    /// Our key of an album.
    AlbumId;
    /// Our key of a track.
    TrackId;
    /// Our key of a normalized track.
    NormalizedTrackId;
    /// Our key of a producer.
    ProducerId;
    /// Our key of an ingestion.
    IngestionId;
    /// The number of a release at Discogs.
    DiscogsReleaseId;
    /// The number of an artist at Discogs.
    DiscogsArtistId;
    /// The number of a song at Genius.
    GeniusSongId;
    /// The number of an artist at Genius.
    GeniusArtistId;
}

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident($read:ident);)+) => {$(
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
                $read(text).map(Self)
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

        crate::domain::params::sql_type!($name => TEXT, TEXT_ARRAY, $name::as_str, |text: &str| text.parse::<$name>());
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
    /// A MusicBrainz id of an artist, release or release group: which of them is for MusicBrainz to say.
    Mbid(mbid);
    /// An ISRC: upper case, no hyphens. It names a recording, and labels reuse it.
    Isrc(isrc);
    /// A barcode (UPC or EAN) without leading zeros: 4 to 14 digits.
    Upc(upc);
}

fn spotify_id(text: &str) -> Result<String, InvalidId> {
    if text.len() == 22 && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        Ok(text.to_owned())
    } else {
        Err(InvalidId(format!(
            "{} is no Spotify id: one has 22 letters and digits",
            quoted(text)
        )))
    }
}

fn mbid(text: &str) -> Result<String, InvalidId> {
    uuid::Uuid::try_parse(text)
        .map(|id| id.hyphenated().to_string())
        .map_err(|_| {
            InvalidId(format!(
                "{} is no MusicBrainz id: one looks like 5b11f4ce-a62d-471e-81fc-a69a8278c7da",
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
    let well_formed = bytes.len() == 12
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..5]
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && bytes[5..].iter().all(u8::is_ascii_digit);
    well_formed.then_some(id).ok_or_else(|| {
        InvalidId(format!(
            "{} is no ISRC: one looks like USRC17607839",
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
            "{} is no UPC or EAN: one has up to 14 digits",
            quoted(text)
        )))
    }
}

/// A text of any length as an error may show it.
fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("'{}…'", &text[..end]),
        None => format!("'{text}'"),
    }
}
