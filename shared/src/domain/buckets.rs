//! The groups of calls that upstreams count together, and the maximum request rate of each source.

use crate::domain::credits::Source;
use crate::domain::text_enums::text_enum;

text_enum! {
    /// A group of calls that an upstream counts together.
    Bucket {
        /// Every call to MusicBrainz.
        MusicBrainz = "musicbrainz",
        /// Every call to Discogs.
        Discogs = "discogs",
        /// Every call to Genius.
        Genius = "genius",
        /// Every call to Instagram.
        Instagram = "instagram",
        /// Spotify's artists.
        SpotifyArtists = "spotify_artists",
        /// Spotify's lists of an artist's albums.
        SpotifyArtistAlbums = "spotify_artist_albums",
        /// Spotify's albums and their tracks.
        SpotifyAlbums = "spotify_albums",
        /// Spotify's tracks.
        SpotifyTracks = "spotify_tracks",
        /// Spotify's search.
        SpotifySearch = "spotify_search",
    }
}

impl Bucket {
    /// The source of the calls.
    #[must_use]
    pub fn source(self) -> Source {
        match self {
            Bucket::MusicBrainz => Source::MusicBrainz,
            Bucket::Discogs => Source::Discogs,
            Bucket::Genius => Source::Genius,
            Bucket::Instagram => Source::Instagram,
            Bucket::SpotifyArtists
            | Bucket::SpotifyArtistAlbums
            | Bucket::SpotifyAlbums
            | Bucket::SpotifyTracks
            | Bucket::SpotifySearch => Source::Spotify,
        }
    }
}

/// The maximum requests per second to each source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RequestRates {
    /// To Spotify, whose limit is not published.
    pub spotify: f64,
    /// To MusicBrainz: 1 for its own server; a private mirror may allow more.
    pub musicbrainz: f64,
    /// To Discogs, which allows 60 in any minute.
    pub discogs: f64,
    /// To Genius, whose limit is not published; others found 5 to be well below it.
    pub genius: f64,
    /// To Instagram, which allows 200 an hour for each user of the app; there is one user.
    pub instagram: f64,
}

impl RequestRates {
    /// The milliseconds between two calls to a source.
    #[must_use]
    pub fn interval_ms(self, source: Source) -> i32 {
        let per_second = match source {
            Source::Spotify => self.spotify,
            Source::MusicBrainz => self.musicbrainz,
            Source::Discogs => self.discogs,
            Source::Genius => self.genius,
            Source::Instagram => self.instagram,
            Source::Wikidata | Source::Manual => 1.0,
        };
        (1000.0 / per_second).ceil() as i32
    }
}
