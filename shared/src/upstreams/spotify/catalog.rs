//! Artists, albums and tracks of Spotify in our types. A value that Spotify leaves out is `None` or empty.

use crate::domain::albums::AlbumType;
use crate::domain::dates::ReleaseDate;
use crate::domain::ids::{Isrc, SpotifyAlbumId, SpotifyArtistId, SpotifyTrackId, Upc};
use crate::domain::text_enums::text_enum;

text_enum! {
    /// The relation of an album to an artist, in the words of the `include_groups` parameter.
    AlbumGroup {
        /// An album by the artist.
        Album = "album",
        /// A single or an EP by the artist.
        Single = "single",
        /// An album of others with a track by the artist.
        AppearsOn = "appears_on",
        /// A compilation by the artist.
        Compilation = "compilation",
    }
}

/// An artist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artist {
    /// The id of the artist.
    pub id: SpotifyArtistId,
    /// The name, never empty.
    pub name: String,
    /// The number of followers.
    pub followers: Option<i64>,
    /// The popularity, 0 to 100.
    pub popularity: Option<i16>,
    /// The largest picture.
    pub image_url: Option<String>,
    /// The genres.
    pub genres: Vec<String>,
}

/// An artist of an album or a track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimpleArtist {
    /// The id of the artist; missing for local files.
    pub id: Option<SpotifyArtistId>,
    /// The name, never empty.
    pub name: String,
}

/// An album in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimpleAlbum {
    /// The id of the album.
    pub id: SpotifyAlbumId,
    /// The title, never empty.
    pub name: String,
    /// The album type.
    pub album_type: Option<AlbumType>,
    /// The release date.
    pub release_date: Option<ReleaseDate>,
    /// The number of tracks.
    pub total_tracks: Option<i32>,
    /// The artists, in the order of Spotify.
    pub artists: Vec<SimpleArtist>,
}

/// A whole album with its first tracks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Album {
    /// The id of the album.
    pub id: SpotifyAlbumId,
    /// The title, never empty.
    pub name: String,
    /// The album type.
    pub album_type: Option<AlbumType>,
    /// The release date.
    pub release_date: Option<ReleaseDate>,
    /// The number of tracks.
    pub total_tracks: Option<i32>,
    /// The artists, in the order of Spotify.
    pub artists: Vec<SimpleArtist>,
    /// The barcode.
    pub upc: Option<Upc>,
    /// The label.
    pub label: Option<String>,
    /// The genres.
    pub genres: Vec<String>,
    /// The largest picture of the cover.
    pub cover_url: Option<String>,
    /// The first tracks, up to 50.
    pub tracks: Vec<AlbumTrack>,
    /// The offset of the next page of tracks; `None` if `tracks` has all of them.
    pub next_track_offset: Option<u32>,
}

/// A track in the list of its album.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlbumTrack {
    /// The id of the track on this album, even if Spotify plays a track of another album instead.
    pub id: SpotifyTrackId,
    /// The title, never empty.
    pub name: String,
    /// The artists, in the order of Spotify, which does not distinguish main and featured artists.
    pub artists: Vec<SimpleArtist>,
    /// The disc number; 1 if Spotify does not state it.
    pub disc_number: i16,
    /// The position on the disc; 0 if Spotify does not state it.
    pub track_number: i32,
    /// The duration.
    pub duration_ms: Option<i32>,
    /// The URL of a sound sample.
    pub preview_url: Option<String>,
    /// Whether the track is marked as explicit.
    pub explicit: Option<bool>,
}

/// A whole track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// The requested id, even if Spotify plays a track of another album instead.
    pub id: SpotifyTrackId,
    /// The title, never empty.
    pub name: String,
    /// The artists, in the order of Spotify, which does not distinguish main and featured artists.
    pub artists: Vec<SimpleArtist>,
    /// The disc number; 1 if Spotify does not state it.
    pub disc_number: i16,
    /// The position on the disc; 0 if Spotify does not state it.
    pub track_number: i32,
    /// The duration.
    pub duration_ms: Option<i32>,
    /// The URL of a sound sample.
    pub preview_url: Option<String>,
    /// Whether the track is marked as explicit.
    pub explicit: Option<bool>,
    /// The ISRC.
    pub isrc: Option<Isrc>,
    /// The popularity, 0 to 100.
    pub popularity: Option<i16>,
    /// The album that the track is played from, which may differ from the one that lists `id`.
    pub album: Option<SimpleAlbum>,
}

/// A page of the albums of an artist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlbumPage {
    /// The albums, in the order of Spotify.
    pub albums: Vec<SimpleAlbum>,
    /// The offset of the next page; `None` if this is the last one.
    pub next_offset: Option<u32>,
}

/// A page of the tracks of an album.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackPage {
    /// The tracks, in the order of Spotify.
    pub tracks: Vec<AlbumTrack>,
    /// The offset of the next page; `None` if this is the last one.
    pub next_offset: Option<u32>,
}
