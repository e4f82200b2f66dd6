//! What a Spotify album means as an arriving album.

use std::collections::{BTreeMap, HashSet};

use super::album::{ArrivingAlbum, Artist, Track};
use crate::domain::albums::{AlbumFacts, TrackFacts};
use crate::domain::credits::Source;
use crate::domain::ids::{Isrc, SpotifyTrackId};
use crate::domain::titles;
use crate::upstreams::spotify;

/// Spotify's id of Various Artists.
const VARIOUS_ARTISTS: &str = "0LyfQWJT6nXafLPZqxe9Of";

impl ArrivingAlbum {
    /// Maps a Spotify album. A track that is listed twice counts once: pages overlap if an album changes
    /// between two requests. `isrcs` are those that Spotify stated with its tracks, as far as asked for.
    #[must_use]
    pub fn from_spotify(album: &spotify::Album, isrcs: &BTreeMap<SpotifyTrackId, Isrc>) -> Self {
        let mut seen = HashSet::new();
        let tracks = album.tracks.iter().filter(|track| seen.insert(&track.id));
        Self {
            source: Source::Spotify,
            id: album.id.to_string(),
            name: album.name.clone(),
            artists: artists_from_spotify(&album.artists, |_| false),
            facts: AlbumFacts {
                album_type: album.album_type,
                release_date: album.release_date,
                cover_url: album.cover_url.clone(),
                upc: album.upc.clone(),
                total_tracks: album.total_tracks,
                label: album.label.clone(),
                genres: album.genres.clone(),
            },
            spotify_ids: Vec::new(),
            master_id: None,
            tracks: tracks
                .map(|track| Track::from_spotify(track, isrcs.get(&track.id)))
                .collect(),
        }
    }
}

impl Track {
    fn from_spotify(track: &spotify::AlbumTrack, isrc: Option<&Isrc>) -> Self {
        // Spotify does not mark featured artists, but the title names them. The first artist is never one.
        let is_featured = |artist: &spotify::SimpleArtist| {
            track.artists.first().is_some_and(|first| first != artist)
                && titles::features_artist(&track.name, &artist.name)
        };
        Self {
            spotify_id: Some(track.id.clone()),
            recording_mbid: None,
            name: track.name.clone(),
            title: titles::read(&track.name),
            artists: artists_from_spotify(&track.artists, is_featured),
            disc_number: track.disc_number,
            track_number: track.track_number,
            facts: TrackFacts {
                duration_ms: track.duration_ms,
                isrc: isrc.cloned(),
                preview_url: track.preview_url.clone(),
            },
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
