//! An album in one shape for all sources, before it is written.

use crate::domain::albums::AlbumType;
use crate::domain::credits::Source;
use crate::domain::dates::ReleaseDate;
use crate::domain::ids::{Isrc, RecordingMbid, SpotifyAlbumId, SpotifyTrackId, Upc};

/// An album with all its tracks, as its source states it.
pub struct ArrivingAlbum<'a> {
    /// Source of the record.
    pub source: Source,
    /// Id of the album in the source.
    pub id: &'a str,
    /// Name of the album.
    pub name: String,
    /// Artists in the order of the credit.
    pub artists: Vec<Artist>,
    /// Kind of album, if stated.
    pub album_type: Option<AlbumType>,
    /// Release date, as precise as stated.
    pub release_date: Option<ReleaseDate>,
    /// URL of the cover image.
    pub cover_url: Option<&'a str>,
    /// Barcode.
    pub upc: Option<&'a Upc>,
    /// Number of tracks.
    pub total_tracks: Option<i32>,
    /// Name of the record label.
    pub label: Option<&'a str>,
    /// Genres.
    pub genres: &'a [String],
    /// Spotify albums that another source states to be this album.
    pub spotify_ids: &'a [SpotifyAlbumId],
    /// Tracks in album order.
    pub tracks: Vec<Track>,
}

/// A track of an arriving album.
pub struct Track {
    /// Spotify id, if the album is from Spotify.
    pub spotify_id: Option<SpotifyTrackId>,
    /// MusicBrainz recording, if the album is from MusicBrainz.
    pub recording_mbid: Option<RecordingMbid>,
    /// ISRC, if the source states it with the album.
    pub isrc: Option<Isrc>,
    /// Title of the track.
    pub name: String,
    /// Artists in the order of the credit.
    pub artists: Vec<Artist>,
    /// Number of the disc.
    pub disc_number: i16,
    /// Number of the track on its disc.
    pub track_number: i32,
    /// Duration in milliseconds.
    pub duration_ms: Option<i32>,
    /// URL of an audio preview.
    pub preview_url: Option<String>,
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

impl ArrivingAlbum<'_> {
    /// Reduces the album to what it is recognised by. For a further record of an album that already has a
    /// record of the same source: its other details are stored beside those of the first record.
    pub fn without_details(mut self) -> Self {
        self.album_type = None;
        self.release_date = None;
        self.upc = None;
        self.label = None;
        self.genres = &[];
        for track in &mut self.tracks {
            track.duration_ms = None;
            track.isrc = None;
        }
        self
    }

    /// Whether the album has no audible track.
    #[must_use]
    pub fn has_no_tracks(&self) -> bool {
        self.tracks.is_empty()
    }

    /// Whether neither the album nor a track names an artist with an id. Such an album cannot be written.
    #[must_use]
    pub fn has_no_artist(&self) -> bool {
        self.first_artist().is_none()
    }

    /// The first artist with an id: of the album, otherwise of its tracks.
    pub(super) fn first_artist(&self) -> Option<&Artist> {
        self.all_artists().find(|artist| artist.id.is_some())
    }

    /// The artists of the album, then those of its tracks, with repetitions.
    pub(super) fn all_artists(&self) -> impl Iterator<Item = &Artist> {
        let on_tracks = self.tracks.iter().flat_map(|track| &track.artists);
        self.artists.iter().chain(on_tracks)
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

/// The name of an artist as the record states it, if records of the source differ in that.
pub fn stated_name(artist: &Artist, source: Source) -> Option<&str> {
    has_stated_names(source).then_some(artist.name.as_str())
}

/// Whether records of a source can name one artist differently. The other sources have one name per artist.
pub fn has_stated_names(source: Source) -> bool {
    source == Source::Discogs
}
