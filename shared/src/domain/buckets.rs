//! The groups of calls that upstreams count together, and how often each source may be called.

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
    /// Whose calls they are.
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

/// Requests per second that each source is asked at most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RequestRates {
    /// To Spotify. Its limit is not published.
    pub spotify: f64,
    /// To MusicBrainz: 1 for its own server, what a private mirror allows for that.
    pub musicbrainz: f64,
    /// To Discogs: its rule is 60 a minute, whichever minute one looks at.
    pub discogs: f64,
    /// To Genius. Its limit is not published; 5 is what others found to be well below it.
    pub genius: f64,
    /// To Instagram: its rule is 200 an hour for each user of the app, of whom there is one.
    pub instagram: f64,
}

impl RequestRates {
    /// Milliseconds between two calls of the source.
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
