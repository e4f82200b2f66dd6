//! A release of a dump, prepared for writing without a database: its album, tracks with parsed titles, and
//! credits. It follows the rules of an online import.

use shared::catalog::album_import::{ArrivingAlbum, Artist, Track, read_titles};
use shared::catalog::credit_matching::{MatchedCredit, MatchedRecord};
use shared::domain::albums::AlbumType;
use shared::domain::credits::{MatchMethod, Source};
use shared::domain::dates::ReleaseDate;
use shared::domain::ids::{Isrc, SpotifyAlbumId, Upc};
use shared::domain::titles::Title;
use shared::store::catalog::pressings::Pressing;

/// The kind of the records that credits are stored with.
const RELEASE: &str = "release";

/// A release prepared as an album.
pub(crate) struct PreparedAlbum {
    pub(crate) source: Source,
    /// The id of the release in the source.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) artists: Vec<Artist>,
    pub(crate) album_type: Option<AlbumType>,
    pub(crate) date: Option<ReleaseDate>,
    pub(crate) upc: Option<Upc>,
    pub(crate) label: Option<String>,
    pub(crate) genres: Vec<String>,
    /// Spotify albums that the source links to.
    pub(crate) spotify_ids: Vec<SpotifyAlbumId>,
    pub(crate) tracks: Vec<(Track, Title)>,
    /// The recording of each track, if the source has recordings.
    pub(crate) recordings: Vec<Option<MatchedRecord>>,
    /// Its credits. Their track ids are indexes into `tracks`.
    pub(crate) credits: Vec<MatchedCredit>,
}

impl PreparedAlbum {
    /// Prepares an album without recordings and credits.
    pub(crate) fn new(album: ArrivingAlbum<'_>) -> Self {
        let titles = read_titles(&album.tracks);
        let titles: Vec<Title> = titles.into_iter().map(|(_, title)| title).collect();
        Self {
            source: album.source,
            id: album.id.to_owned(),
            name: album.name,
            artists: album.artists,
            album_type: album.album_type,
            date: album.release_date,
            upc: album.upc.cloned(),
            label: album.label.map(str::to_owned),
            genres: album.genres.to_vec(),
            spotify_ids: album.spotify_ids.to_vec(),
            tracks: album.tracks.into_iter().zip(titles).collect(),
            recordings: Vec::new(),
            credits: Vec::new(),
        }
    }

    /// Whether it has a production credit.
    pub(crate) fn has_production(&self) -> bool {
        self.credits.iter().any(|credit| credit.producer.is_some())
    }

    /// The facts to store if the release is one of several pressings of an album.
    pub(crate) fn pressing(&self) -> Pressing<'_> {
        let mut tracks: Vec<&Track> = self.tracks.iter().map(|(track, _)| track).collect();
        tracks.sort_by_key(|track| (track.disc_number, track.track_number));
        let isrc = |track: &&Track| track.isrc.as_ref().map_or("", Isrc::as_str).to_owned();
        Pressing {
            source_id: &self.id,
            album_type: self.album_type,
            release_date: self.date,
            upc: self.upc.as_ref().map(Upc::as_str),
            label: self.label.as_deref(),
            genres: &self.genres,
            durations_ms: tracks
                .iter()
                .map(|track| track.duration_ms.unwrap_or_default())
                .collect(),
            isrcs: tracks.iter().map(isrc).collect(),
        }
    }

    /// The artist of the album: the first one with an id, on the album or otherwise on a track.
    pub(crate) fn first_artist(&self) -> Option<&Artist> {
        let on_tracks = self.tracks.iter().flat_map(|(track, _)| &track.artists);
        let mut all = self.artists.iter().chain(on_tracks);
        all.find(|artist| artist.id.is_some())
    }

    /// All artists of the album and its tracks that have an id, with the id.
    pub(crate) fn artists_with_ids(&self) -> impl Iterator<Item = (&str, &Artist)> {
        let on_tracks = self.tracks.iter().flat_map(|(track, _)| &track.artists);
        let all = self.artists.iter().chain(on_tracks);
        all.filter_map(|artist| Some((artist.id.as_deref()?, artist)))
    }

    pub(crate) fn track_count(&self) -> i32 {
        i32::try_from(self.tracks.len()).unwrap_or(i32::MAX)
    }
}

/// The record of a release. Its tracks need no matching, so the score is 1.
pub(crate) fn release_record(id: &str) -> MatchedRecord {
    MatchedRecord {
        kind: RELEASE.to_owned(),
        id: id.to_owned(),
        matched_by: MatchMethod::Own,
        score: 1.0,
    }
}
