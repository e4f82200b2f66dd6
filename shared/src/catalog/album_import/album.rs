//! An album in one shape for all sources, before it is written.

use std::hash::Hasher as _;

use xxhash_rust::xxh3::Xxh3Default;

use crate::domain::albums::{AlbumFacts, TrackFacts};
use crate::domain::credits::Source;
use crate::domain::dates::ReleaseDate;
use crate::domain::ids::{RecordingMbid, SpotifyAlbumId, SpotifyTrackId};
use crate::domain::titles::Title;
use crate::store::catalog::known_albums::AlbumKeys;

/// An album with all its tracks, as its source states it.
pub struct ArrivingAlbum {
    /// Source of the record.
    pub source: Source,
    /// Id of the album in the source.
    pub id: String,
    /// Name of the album.
    pub name: String,
    /// Artists in the order of the credit.
    pub artists: Vec<Artist>,
    /// Its other facts.
    pub facts: AlbumFacts,
    /// Spotify albums that another source states to be this album.
    pub spotify_ids: Vec<SpotifyAlbumId>,
    /// The Discogs master that it is a pressing of.
    pub master_id: Option<i64>,
    /// Tracks in album order.
    pub tracks: Vec<Track>,
}

/// A track of an arriving album.
pub struct Track {
    /// Spotify id, if the album is from Spotify.
    pub spotify_id: Option<SpotifyTrackId>,
    /// MusicBrainz recording, if the album is from MusicBrainz.
    pub recording_mbid: Option<RecordingMbid>,
    /// Title of the track.
    pub name: String,
    /// The song and version that the title names.
    pub title: Title,
    /// Artists in the order of the credit.
    pub artists: Vec<Artist>,
    /// Number of the disc.
    pub disc_number: i16,
    /// Number of the track on its disc.
    pub track_number: i32,
    /// Its other facts.
    pub facts: TrackFacts,
}

/// An artist of an arriving album or track.
pub struct Artist {
    /// Id of the artist in the source, if the source gives one.
    pub id: Option<String>,
    /// Name of the artist.
    pub name: String,
    /// Whether the artist is a guest.
    pub is_featured: bool,
    /// Whether the entry stands for many artists or for none, as Various Artists does. Such an entry owns no
    /// songs.
    pub is_special: bool,
}

impl ArrivingAlbum {
    /// Whether the record's date is early; `None` if it states none.
    #[must_use]
    pub fn is_early(&self) -> Option<bool> {
        self.facts.release_date.map(ReleaseDate::is_early)
    }

    /// The first artist with an id: of the album, otherwise of its tracks. An album without one cannot be
    /// written.
    #[must_use]
    pub fn first_artist(&self) -> Option<&Artist> {
        self.artists_with_ids().next().map(|(_, artist)| artist)
    }

    /// The artists with ids of the album, then those of its tracks, with repetitions.
    pub fn artists_with_ids(&self) -> impl Iterator<Item = (&str, &Artist)> {
        let on_tracks = self.tracks.iter().flat_map(|track| &track.artists);
        let all = self.artists.iter().chain(on_tracks);
        all.filter_map(|artist| Some((artist.id.as_deref()?, artist)))
    }

    /// Hash of the places and title keys of its tracks.
    #[must_use]
    pub fn tracklist_hash(&self) -> i64 {
        let mut hasher = Xxh3Default::new();
        for track in &self.tracks {
            hasher.write_i16(track.disc_number);
            hasher.write_i32(track.track_number);
            hasher.write(track.title.key.as_bytes());
            hasher.write_u8(0xff);
        }
        hasher.finish().cast_signed()
    }

    /// By what stored albums are found that it may be.
    #[must_use]
    pub fn keys(&self) -> AlbumKeys<'_> {
        let mut isrcs: Vec<_> = self
            .tracks
            .iter()
            .filter_map(|track| track.facts.isrc.as_ref())
            .collect();
        isrcs.sort_unstable();
        isrcs.dedup();
        AlbumKeys {
            source_id: &self.id,
            spotify_ids: &self.spotify_ids,
            // Without tracks, two albums cannot be compared.
            master_id: self.master_id.filter(|_| !self.tracks.is_empty()),
            upc: self.facts.upc.as_ref().filter(|_| !self.tracks.is_empty()),
            total_tracks: self.facts.total_tracks,
            isrcs,
            spotify_track_ids: self
                .tracks
                .iter()
                .filter_map(|track| Some(track.spotify_id.as_ref()?.as_str()))
                .collect(),
        }
    }

    /// The name of an artist as the record states it, if records of the source can name one differently. The
    /// other sources have one name per artist.
    #[must_use]
    pub fn stated_name<'a>(&self, artist: &'a Artist) -> Option<&'a str> {
        has_stated_names(self.source).then_some(artist.name.as_str())
    }
}

impl Track {
    /// The disc and the number on it.
    #[must_use]
    pub fn place(&self) -> (i16, i32) {
        (self.disc_number, self.track_number)
    }
}

/// The artists of a credit in its order, each given with the text that joins it to the next one. Every artist
/// after a joining "feat." is featured.
pub(super) fn credited_artists<'a>(credits: impl Iterator<Item = (Artist, &'a str)>) -> Vec<Artist> {
    let mut is_featured = false;
    credits
        .map(|(artist, join)| {
            let artist = Artist {
                is_featured,
                ..artist
            };
            is_featured |= join
                .split(|c: char| !c.is_alphabetic())
                .any(|word| matches!(word.to_lowercase().as_str(), "feat" | "ft" | "featuring"));
            artist
        })
        .collect()
}

/// The text without surrounding spaces and without NUL, which Postgres cannot store; `None` if nothing is
/// left.
pub(super) fn clean_name(text: &str) -> Option<String> {
    let without_nul = text.contains('\0').then(|| text.replace('\0', ""));
    let text = without_nul.as_deref().unwrap_or(text).trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The cleaned title. An empty one becomes MusicBrainz's placeholder title.
pub(super) fn title_or_placeholder(text: &str) -> String {
    clean_name(text).unwrap_or_else(|| "[untitled]".to_owned())
}

/// Whether records of a source can name one artist differently. The other sources have one name per artist.
pub fn has_stated_names(source: Source) -> bool {
    source == Source::Discogs
}
