//! Identifiers: one type per kind of thing, so that the wrong kind does not compile, and what a person typed is read once.
//! Looking anything up stays out.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

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
    if digits.len() <= 14
        && (4..=14).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_digit())
    {
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

/// One thing a person asks to bring in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum What {
    /// An artist, by Spotify id, URI or URL.
    Artist(SpotifyArtistId),
    /// An album, by Spotify URI or URL.
    Album(SpotifyAlbumId),
    /// A track, by Spotify URI or URL.
    Track(SpotifyTrackId),
    /// A recording by its ISRC.
    Isrc(Isrc),
    /// A release by its barcode.
    Upc(Upc),
    /// An artist, by the link of a page of MusicBrainz.
    ArtistOfMusicBrainz(ArtistMbid),
    /// A release, by the link of a page of MusicBrainz.
    Release(ReleaseMbid),
    /// A release group, by the link of a page of MusicBrainz: one of its releases.
    ReleaseGroup(ReleaseGroupMbid),
    /// Any of the three, by its MusicBrainz id.
    Mbid(Mbid),
    /// The name of an artist.
    Name(String),
}

/// What can be asked for.
const EXPECTED: &str =
    "an artist's name, a link of Spotify or MusicBrainz, an MBID, an ISRC or a UPC";

/// The longest name asked for, in characters; longer than any artist's.
const LONGEST_NAME: usize = 300;

impl FromStr for What {
    type Err = InvalidId;

    /// Reads a Spotify URI or URL, a URL of MusicBrainz, `mbid:…`, `isrc:…`, `upc:…`, or, where it has the form of one, a
    /// bare Spotify artist id, MBID, ISRC or barcode; all else is an artist's name (`name:…` forces that). Fails on an empty
    /// text, and on a URI or URL of anything else.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidId(format!("nothing was asked for: give {EXPECTED}")));
        }
        if let Some((scheme, rest)) = text.split_once(':') {
            match scheme.to_ascii_lowercase().as_str() {
                "isrc" => return rest.trim().parse().map(What::Isrc),
                "upc" | "ean" | "barcode" => return rest.trim().parse().map(What::Upc),
                "name" => return name(rest.trim()),
                "mbid" => return rest.trim().parse().map(What::Mbid),
                "musicbrainz" => {
                    let (kind, id) = rest.split_once(':').unwrap_or((rest, ""));
                    return musicbrainz_link(text, kind, id);
                }
                "spotify" => {
                    let (kind, id) = rest.split_once(':').unwrap_or((rest, ""));
                    return spotify_link(text, kind, id);
                }
                "http" | "https" => return link(text),
                _ => {}
            }
        }
        if text.starts_with("open.spotify.com/") || text.starts_with("musicbrainz.org/") {
            return link(&format!("https://{text}"));
        }
        if text.len() == 36
            && let Ok(id) = text.parse()
        {
            return Ok(What::Mbid(id));
        }
        // Only what can hardly be a name is taken for an id: a 22-character word with a digit in it, a full barcode.
        if text.bytes().any(|byte| byte.is_ascii_digit())
            && let Ok(id) = text.parse()
        {
            return Ok(What::Artist(id));
        }
        if let Ok(id) = text.parse() {
            return Ok(What::Isrc(id));
        }
        if (12..=14).contains(&text.len())
            && let Ok(id) = text.parse()
        {
            return Ok(What::Upc(id));
        }
        name(text)
    }
}

fn name(text: &str) -> Result<What, InvalidId> {
    if text.is_empty() {
        return Err(InvalidId(format!("the name is empty: give {EXPECTED}")));
    }
    if text.chars().count() > LONGEST_NAME || text.chars().any(char::is_control) {
        return Err(InvalidId(format!(
            "{} is no artist's name: one has at most {LONGEST_NAME} characters on one line",
            quoted(text)
        )));
    }
    Ok(What::Name(text.to_owned()))
}

fn link(text: &str) -> Result<What, InvalidId> {
    let url =
        url::Url::parse(text).map_err(|_| InvalidId(format!("{} is no URL", quoted(text))))?;
    let read = match url.host_str() {
        Some("open.spotify.com") => spotify_link,
        Some("musicbrainz.org" | "www.musicbrainz.org" | "beta.musicbrainz.org") => {
            musicbrainz_link
        }
        _ => {
            return Err(InvalidId(format!(
                "{} is no link of Spotify or MusicBrainz: one begins with https://open.spotify.com/ or \
                 https://musicbrainz.org/",
                quoted(text)
            )));
        }
    };
    // A localised link of Spotify's has a segment such as intl-de before the kind.
    let mut segments = url
        .path_segments()
        .into_iter()
        .flatten()
        .filter(|segment| !segment.starts_with("intl-"));
    read(
        text,
        segments.next().unwrap_or(""),
        segments.next().unwrap_or(""),
    )
}

fn musicbrainz_link(text: &str, kind: &str, id: &str) -> Result<What, InvalidId> {
    match kind {
        "artist" => id.parse().map(What::ArtistOfMusicBrainz),
        "release" => id.parse().map(What::Release),
        "release-group" => id.parse().map(What::ReleaseGroup),
        _ => Err(InvalidId(format!(
            "{} is no artist, release or release group of MusicBrainz",
            quoted(text)
        ))),
    }
}

fn spotify_link(text: &str, kind: &str, id: &str) -> Result<What, InvalidId> {
    match kind {
        "artist" => id.parse().map(What::Artist),
        "album" => id.parse().map(What::Album),
        "track" => id.parse().map(What::Track),
        _ => Err(InvalidId(format!(
            "{} is no Spotify artist, album or track",
            quoted(text)
        ))),
    }
}

impl fmt::Display for What {
    /// The one way to write it: what [`FromStr`] reads back as the same thing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Artist(id) => write!(f, "spotify:artist:{id}"),
            What::Album(id) => write!(f, "spotify:album:{id}"),
            What::Track(id) => write!(f, "spotify:track:{id}"),
            What::Isrc(id) => write!(f, "isrc:{id}"),
            What::Upc(id) => write!(f, "upc:{id}"),
            What::ArtistOfMusicBrainz(id) => write!(f, "musicbrainz:artist:{id}"),
            What::Release(id) => write!(f, "musicbrainz:release:{id}"),
            What::ReleaseGroup(id) => write!(f, "musicbrainz:release-group:{id}"),
            What::Mbid(id) => write!(f, "mbid:{id}"),
            What::Name(name) => write!(f, "name:{name}"),
        }
    }
}

impl Serialize for What {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for What {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "6rs1KAoQnFalSqSU4LTh8g";
    const MBID: &str = "5b11f4ce-a62d-471e-81fc-a69a8278c7da";

    #[test]
    fn what_people_type_is_read_once_and_written_one_way() {
        for (typed, written) in [
            (ID, format!("spotify:artist:{ID}")),
            (
                &format!("spotify:album:{ID}"),
                format!("spotify:album:{ID}"),
            ),
            (
                &format!("https://open.spotify.com/track/{ID}?si=abc"),
                format!("spotify:track:{ID}"),
            ),
            (
                &format!("https://open.spotify.com/intl-de/artist/{ID}"),
                format!("spotify:artist:{ID}"),
            ),
            (
                &format!("open.spotify.com/album/{ID}"),
                format!("spotify:album:{ID}"),
            ),
            ("jppo0-21-00907", "isrc:JPPO02100907".to_owned()),
            ("ISRC: JPPO02100907", "isrc:JPPO02100907".to_owned()),
            ("00602475093060", "upc:602475093060".to_owned()),
            ("upc:602475093060", "upc:602475093060".to_owned()),
            ("  Radiohead ", "name:Radiohead".to_owned()),
            ("112", "name:112".to_owned()),
            ("name:602475093060", "name:602475093060".to_owned()),
            ("Sunn O))): live", "name:Sunn O))): live".to_owned()),
            ("椎名林檎", "name:椎名林檎".to_owned()),
            (
                &format!("mbid: {}", MBID.to_ascii_uppercase()),
                format!("mbid:{MBID}"),
            ),
            (MBID, format!("mbid:{MBID}")),
            (
                &format!("https://musicbrainz.org/artist/{MBID}/releases?page=2"),
                format!("musicbrainz:artist:{MBID}"),
            ),
            (
                &format!("musicbrainz.org/release/{MBID}#disc1"),
                format!("musicbrainz:release:{MBID}"),
            ),
            (
                &format!("https://beta.musicbrainz.org/release-group/{MBID}"),
                format!("musicbrainz:release-group:{MBID}"),
            ),
            // 22 letters without a digit are a name, for all that it has the form of an id.
            (
                "Thequickbrownfoxjumped",
                "name:Thequickbrownfoxjumped".to_owned(),
            ),
        ] {
            let what: What = typed
                .parse()
                .unwrap_or_else(|error| panic!("{typed}: {error}"));
            assert_eq!(what.to_string(), written, "{typed}");
            assert_eq!(written.parse(), Ok(what), "{written}");
        }
    }

    #[test]
    fn what_cannot_be_read_says_what_could() {
        for (typed, message) in [
            (
                "",
                "nothing was asked for: give an artist's name, a link of Spotify or MusicBrainz, an MBID, an ISRC or a UPC",
            ),
            (
                "name:",
                "the name is empty: give an artist's name, a link of Spotify or MusicBrainz, an MBID, an ISRC or a UPC",
            ),
            (
                "spotify:artist:short",
                "'short' is no Spotify id: one has 22 letters and digits",
            ),
            (
                "spotify:playlist:37i9dQZF1DXcBWIGoYBM5M",
                "'spotify:playlist:37i9dQZF1DXcBWIGoYBM5M' is no Spotify artist, album or track",
            ),
            (
                "https://example.com/artist/1",
                "'https://example.com/artist/1' is no link of Spotify or MusicBrainz: one begins with https://open.spotify.com/ or https://musicbrainz.org/",
            ),
            (
                "https://musicbrainz.org/recording/5b11f4ce-a62d-471e-81fc-a69a8278c7da",
                "'https://musicbrainz.org/recording/5b11f4ce-a62d-471e-81fc-a6…' is no artist, release or release group of MusicBrainz",
            ),
            (
                "mbid:5b11f4ce",
                "'5b11f4ce' is no MusicBrainz id: one looks like 5b11f4ce-a62d-471e-81fc-a69a8278c7da",
            ),
            ("isrc:123", "'123' is no ISRC: one looks like USRC17607839"),
            ("upc:12a", "'12a' is no UPC or EAN: one has up to 14 digits"),
        ] {
            let error = typed.parse::<What>().expect_err(typed);
            assert_eq!(error.to_string(), message);
        }
        let long = "x".repeat(5_000);
        assert!(
            long.parse::<What>()
                .expect_err("too long")
                .to_string()
                .len()
                < 200
        );
    }

    #[test]
    fn leading_zeros_do_not_make_another_barcode() {
        let upc: Upc = "00602475093060".parse().expect("a barcode");
        assert_eq!(upc, "602475093060".parse().expect("a barcode"));
        assert!("00000000".parse::<Upc>().is_err());
    }
}
