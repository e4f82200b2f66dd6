//! Parses what a person asks to import: an id, a link, a number or a name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::text_ids::{
    ArtistMbid, InvalidId, Isrc, Mbid, ReleaseGroupMbid, ReleaseMbid, SpotifyAlbumId, SpotifyArtistId,
    SpotifyTrackId, Upc, quoted,
};

/// One item that a person asks to import.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RequestedItem {
    /// An artist, by Spotify id, URI or URL.
    Artist(SpotifyArtistId),
    /// An album, by Spotify URI or URL.
    Album(SpotifyAlbumId),
    /// A track, by Spotify URI or URL.
    Track(SpotifyTrackId),
    /// A recording, by its ISRC.
    Isrc(Isrc),
    /// A release, by its barcode.
    Upc(Upc),
    /// An artist, by a link to MusicBrainz.
    MusicBrainzArtist(ArtistMbid),
    /// A release, by a link to MusicBrainz.
    Release(ReleaseMbid),
    /// A release group, by a link to MusicBrainz; one of its releases is imported.
    ReleaseGroup(ReleaseGroupMbid),
    /// An artist, release or release group, by its MusicBrainz id.
    Mbid(Mbid),
    /// The name of an artist.
    Name(String),
}

/// The accepted forms, for error messages.
const EXPECTED: &str = "an artist's name, a Spotify or MusicBrainz link, an MBID, an ISRC or a UPC";

/// The longest accepted name, in characters; no artist's name is longer.
const MAX_NAME_CHARS: usize = 300;

impl FromStr for RequestedItem {
    type Err = InvalidId;

    /// Parses a Spotify URI or URL, a MusicBrainz URL, `mbid:…`, `isrc:…` or `upc:…`. A bare Spotify artist
    /// id, MBID, ISRC or barcode is recognised by its form. Any other text is an artist's name, and `name:…`
    /// forces that reading. Fails for an empty text and for a URI or URL of anything else.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidId(format!("the request is empty: give {EXPECTED}")));
        }
        if let Some((scheme, rest)) = text.split_once(':') {
            match scheme.to_ascii_lowercase().as_str() {
                "isrc" => return rest.trim().parse().map(RequestedItem::Isrc),
                "upc" | "ean" | "barcode" => return rest.trim().parse().map(RequestedItem::Upc),
                "name" => return name(rest.trim()),
                "mbid" => return rest.trim().parse().map(RequestedItem::Mbid),
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
            return Ok(RequestedItem::Mbid(id));
        }
        // A text counts as an id only if it can hardly be a name: 22 characters with a digit, or a full
        // barcode.
        if text.bytes().any(|byte| byte.is_ascii_digit())
            && let Ok(id) = text.parse()
        {
            return Ok(RequestedItem::Artist(id));
        }
        if let Ok(id) = text.parse() {
            return Ok(RequestedItem::Isrc(id));
        }
        if (12..=14).contains(&text.len())
            && let Ok(id) = text.parse()
        {
            return Ok(RequestedItem::Upc(id));
        }
        name(text)
    }
}

fn name(text: &str) -> Result<RequestedItem, InvalidId> {
    if text.is_empty() {
        return Err(InvalidId(format!("the name is empty: give {EXPECTED}")));
    }
    if text.chars().count() > MAX_NAME_CHARS || text.chars().any(char::is_control) {
        return Err(InvalidId(format!(
            "{} is not an artist's name, which has at most {MAX_NAME_CHARS} characters on one line",
            quoted(text)
        )));
    }
    Ok(RequestedItem::Name(text.to_owned()))
}

fn link(text: &str) -> Result<RequestedItem, InvalidId> {
    let url = url::Url::parse(text).map_err(|_| InvalidId(format!("{} is not a URL", quoted(text))))?;
    let parse = match url.host_str() {
        Some("open.spotify.com") => spotify_link,
        Some("musicbrainz.org" | "www.musicbrainz.org" | "beta.musicbrainz.org") => musicbrainz_link,
        _ => {
            return Err(InvalidId(format!(
                "{} is not a Spotify or MusicBrainz link, which begins with https://open.spotify.com/ or \
                 https://musicbrainz.org/",
                quoted(text)
            )));
        }
    };
    // A localised Spotify link has a segment such as intl-de before the kind.
    let mut segments = url
        .path_segments()
        .into_iter()
        .flatten()
        .filter(|segment| !segment.starts_with("intl-"));
    parse(text, segments.next().unwrap_or(""), segments.next().unwrap_or(""))
}

fn musicbrainz_link(text: &str, kind: &str, id: &str) -> Result<RequestedItem, InvalidId> {
    match kind {
        "artist" => id.parse().map(RequestedItem::MusicBrainzArtist),
        "release" => id.parse().map(RequestedItem::Release),
        "release-group" => id.parse().map(RequestedItem::ReleaseGroup),
        _ => Err(InvalidId(format!(
            "{} is not a MusicBrainz artist, release or release group",
            quoted(text)
        ))),
    }
}

fn spotify_link(text: &str, kind: &str, id: &str) -> Result<RequestedItem, InvalidId> {
    match kind {
        "artist" => id.parse().map(RequestedItem::Artist),
        "album" => id.parse().map(RequestedItem::Album),
        "track" => id.parse().map(RequestedItem::Track),
        _ => Err(InvalidId(format!(
            "{} is not a Spotify artist, album or track",
            quoted(text)
        ))),
    }
}

impl fmt::Display for RequestedItem {
    /// The standard form, which [`FromStr`] parses to an equal item.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RequestedItem::Artist(id) => write!(f, "spotify:artist:{id}"),
            RequestedItem::Album(id) => write!(f, "spotify:album:{id}"),
            RequestedItem::Track(id) => write!(f, "spotify:track:{id}"),
            RequestedItem::Isrc(id) => write!(f, "isrc:{id}"),
            RequestedItem::Upc(id) => write!(f, "upc:{id}"),
            RequestedItem::MusicBrainzArtist(id) => write!(f, "musicbrainz:artist:{id}"),
            RequestedItem::Release(id) => write!(f, "musicbrainz:release:{id}"),
            RequestedItem::ReleaseGroup(id) => write!(f, "musicbrainz:release-group:{id}"),
            RequestedItem::Mbid(id) => write!(f, "mbid:{id}"),
            RequestedItem::Name(name) => write!(f, "name:{name}"),
        }
    }
}

impl Serialize for RequestedItem {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RequestedItem {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
