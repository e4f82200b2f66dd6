//! What a person asks for, read from whatever they typed: an id, a link, a number or a name. How an id looks is in
//! [`super`].

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{
    ArtistMbid, InvalidId, Isrc, Mbid, ReleaseGroupMbid, ReleaseMbid, SpotifyAlbumId, SpotifyArtistId,
    SpotifyTrackId, Upc, quoted,
};

/// One thing a person asks to bring in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RequestedItem {
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
    MusicBrainzArtist(ArtistMbid),
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
const EXPECTED: &str = "an artist's name, a link of Spotify or MusicBrainz, an MBID, an ISRC or a UPC";

/// The longest name asked for, in characters; longer than any artist's.
const LONGEST_NAME: usize = 300;

impl FromStr for RequestedItem {
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
        // Only what can hardly be a name is taken for an id: a 22-character word with a digit in it, a full barcode.
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
    if text.chars().count() > LONGEST_NAME || text.chars().any(char::is_control) {
        return Err(InvalidId(format!(
            "{} is no artist's name: one has at most {LONGEST_NAME} characters on one line",
            quoted(text)
        )));
    }
    Ok(RequestedItem::Name(text.to_owned()))
}

fn link(text: &str) -> Result<RequestedItem, InvalidId> {
    let url = url::Url::parse(text).map_err(|_| InvalidId(format!("{} is no URL", quoted(text))))?;
    let read = match url.host_str() {
        Some("open.spotify.com") => spotify_link,
        Some("musicbrainz.org" | "www.musicbrainz.org" | "beta.musicbrainz.org") => musicbrainz_link,
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
    read(text, segments.next().unwrap_or(""), segments.next().unwrap_or(""))
}

fn musicbrainz_link(text: &str, kind: &str, id: &str) -> Result<RequestedItem, InvalidId> {
    match kind {
        "artist" => id.parse().map(RequestedItem::MusicBrainzArtist),
        "release" => id.parse().map(RequestedItem::Release),
        "release-group" => id.parse().map(RequestedItem::ReleaseGroup),
        _ => Err(InvalidId(format!(
            "{} is no artist, release or release group of MusicBrainz",
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
            "{} is no Spotify artist, album or track",
            quoted(text)
        ))),
    }
}

impl fmt::Display for RequestedItem {
    /// The one way to write it: what [`FromStr`] reads back as the same thing.
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
