//! What a Spotify album means as an arriving album.

use std::collections::BTreeMap;

use super::album::{ArrivingAlbum, Artist, Track};
use crate::domain::credits::Source;
use crate::domain::ids::{Isrc, SpotifyTrackId};
use crate::domain::titles;
use crate::upstreams::spotify;

/// Spotify's id of Various Artists.
const VARIOUS_ARTISTS: &str = "0LyfQWJT6nXafLPZqxe9Of";

impl<'a> ArrivingAlbum<'a> {
    /// Maps a Spotify album. Its tracks have no ISRCs: see [`ArrivingAlbum::with_isrcs`].
    #[must_use]
    pub fn from_spotify(album: &'a spotify::Album) -> Self {
        Self {
            source: Source::Spotify,
            id: album.id.as_str(),
            name: album.name.clone(),
            artists: artists_from_spotify(&album.artists, |_| false),
            album_type: album.album_type,
            release_date: album.release_date,
            cover_url: album.cover_url.as_deref(),
            upc: album.upc.as_ref(),
            total_tracks: album.total_tracks,
            label: album.label.as_deref(),
            genres: &album.genres,
            spotify_ids: &[],
            tracks: album.tracks.iter().map(Track::from_spotify).collect(),
        }
    }

    /// Sets the ISRCs that Spotify states with each track of the album.
    #[must_use]
    pub fn with_isrcs(mut self, isrcs: &BTreeMap<SpotifyTrackId, Isrc>) -> Self {
        for track in &mut self.tracks {
            let isrc = track.spotify_id.as_ref().and_then(|id| isrcs.get(id));
            track.isrc = isrc.cloned();
        }
        self
    }
}

impl Track {
    fn from_spotify(track: &spotify::AlbumTrack) -> Self {
        // Spotify does not mark featured artists, but the title names them. The first artist is never one.
        let is_featured = |artist: &spotify::SimpleArtist| {
            track.artists.first().is_some_and(|first| first != artist)
                && titles::features_artist(&track.name, &artist.name)
        };
        Self {
            spotify_id: Some(track.id.clone()),
            recording_mbid: None,
            isrc: None,
            name: track.name.clone(),
            artists: artists_from_spotify(&track.artists, is_featured),
            disc_number: track.disc_number,
            track_number: track.track_number,
            duration_ms: track.duration_ms,
            preview_url: track.preview_url.clone(),
        }
    }
}

fn artists_from_spotify(
    artists: &[spotify::SimpleArtist],
    is_featured: impl Fn(&spotify::SimpleArtist) -> bool,
) -> Vec<Artist> {
    artists
        .iter()
        .map(|artist| Artist {
            id: artist.id.as_ref().map(ToString::to_string),
            name: artist.name.clone(),
            is_featured: is_featured(artist),
            is_special: artist
                .id
                .as_ref()
                .is_some_and(|id| id.as_str() == VARIOUS_ARTISTS),
        })
        .collect()
}
