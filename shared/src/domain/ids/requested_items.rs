//! What a person asks to import: an id, a link, a number or a name. For how it is parsed see
//! [`super::typed_items`].

use std::fmt;

use serde::{Deserialize, Serialize};

use super::text_ids::{
    ArtistMbid, Isrc, Mbid, ReleaseGroupMbid, ReleaseMbid, SpotifyAlbumId, SpotifyArtistId, SpotifyTrackId,
    Upc,
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

impl fmt::Display for RequestedItem {
    /// The standard form, which `FromStr` parses to an equal item.
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
