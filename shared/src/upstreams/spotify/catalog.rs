//! What Spotify says of artists, albums and tracks, in our words.
//! How its JSON becomes this is in [`super::mapping`]; what we make of it is the caller's.

use crate::domain::albums::AlbumType;
use crate::domain::dates::ReleaseDate;
use crate::domain::ids::{Isrc, SpotifyAlbumId, SpotifyArtistId, SpotifyTrackId, Upc};
use crate::domain::text_enums::text_enum;

text_enum! {
    /// How an album belongs to an artist, in the words of the `include_groups` parameter.
    AlbumGroup {
        /// An album of the artist's own.
        Album = "album",
        /// A single or an EP.
        Single = "single",
        /// Somebody else's album, on which the artist has a track.
        AppearsOn = "appears_on",
        /// A compilation of the artist's own.
        Compilation = "compilation",
    }
}

/// An artist. What Spotify left out is None or empty, here and in all that follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artist {
    /// The artist's id.
    pub id: SpotifyArtistId,
    /// The name, never empty.
    pub name: String,
    /// How many follow the artist.
    pub followers: Option<i64>,
    /// 0 to 100.
    pub popularity: Option<i16>,
    /// The largest picture.
    pub image_url: Option<String>,
    /// Genres.
    pub genres: Vec<String>,
}

/// An artist as an album or a track names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimpleArtist {
    /// The artist's id; local files have artists without one.
    pub id: Option<SpotifyArtistId>,
    /// The name, never empty.
    pub name: String,
}

/// An album as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimpleAlbum {
    /// The album's id.
    pub id: SpotifyAlbumId,
    /// The title, never empty.
    pub name: String,
    /// What kind of record it is.
    pub album_type: Option<AlbumType>,
    /// When it came out.
    pub release_date: Option<ReleaseDate>,
    /// How many tracks it has.
    pub total_tracks: Option<i32>,
    /// Whose it is, in Spotify's order.
    pub artists: Vec<SimpleArtist>,
}

/// A whole album with its first tracks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Album {
    /// The album's id.
    pub id: SpotifyAlbumId,
    /// The title, never empty.
    pub name: String,
    /// What kind of record it is.
    pub album_type: Option<AlbumType>,
    /// When it came out.
    pub release_date: Option<ReleaseDate>,
    /// How many tracks it has.
    pub total_tracks: Option<i32>,
    /// Whose it is, in Spotify's order.
    pub artists: Vec<SimpleArtist>,
    /// The barcode.
    pub upc: Option<Upc>,
    /// The label that put it out.
    pub label: Option<String>,
    /// Genres.
    pub genres: Vec<String>,
    /// The largest picture of the cover.
    pub cover_url: Option<String>,
    /// The first tracks, up to 50.
    pub tracks: Vec<AlbumTrack>,
    /// Where the next page of tracks begins; None where `tracks` are all.
    pub next_track_offset: Option<u32>,
}

/// A track as its album lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlbumTrack {
    /// The id of the track on this album, even where another album's track is played in its place.
    pub id: SpotifyTrackId,
    /// The title, never empty.
    pub name: String,
    /// Who made it, in Spotify's order; main or featured it does not say.
    pub artists: Vec<SimpleArtist>,
    /// The disc, 1 where Spotify does not say.
    pub disc_number: i16,
    /// The place on the disc, 0 where Spotify does not say.
    pub track_number: i32,
    /// The length in milliseconds.
    pub duration_ms: Option<i32>,
    /// A sound sample.
    pub preview_url: Option<String>,
    /// Whether it is marked as explicit.
    pub explicit: Option<bool>,
}

/// A whole track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// The id that was asked for, even where another album's track is played in its place.
    pub id: SpotifyTrackId,
    /// The title, never empty.
    pub name: String,
    /// Who made it, in Spotify's order; main or featured it does not say.
    pub artists: Vec<SimpleArtist>,
    /// The disc, 1 where Spotify does not say.
    pub disc_number: i16,
    /// The place on the disc, 0 where Spotify does not say.
    pub track_number: i32,
    /// The length in milliseconds.
    pub duration_ms: Option<i32>,
    /// A sound sample.
    pub preview_url: Option<String>,
    /// Whether it is marked as explicit.
    pub explicit: Option<bool>,
    /// The recording's ISRC.
    pub isrc: Option<Isrc>,
    /// 0 to 100.
    pub popularity: Option<i16>,
    /// The album it is played from, which need not be the one that lists `id`.
    pub album: Option<SimpleAlbum>,
}

/// One page of an artist's albums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlbumPage {
    /// The albums, in Spotify's order.
    pub albums: Vec<SimpleAlbum>,
    /// Where the next page begins; None where this is the last.
    pub next_offset: Option<u32>,
}

/// One page of an album's tracks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackPage {
    /// The tracks, in Spotify's order.
    pub tracks: Vec<AlbumTrack>,
    /// Where the next page begins; None where this is the last.
    pub next_offset: Option<u32>,
}
