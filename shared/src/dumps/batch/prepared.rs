//! A record of a dump with all that can be told of the album without a database: its tracks and their titles, and what it
//! claims. Ours is only the way it is kept for the writer; the rules are those of a record asked for online.

use crate::arriving::{ArrivingAlbum, Artist, Track, read_titles};
use crate::catalog::AlbumType;
use crate::credits::{MatchMethod, Source};
use crate::dates::ReleaseDate;
use crate::identifying::{MatchedCredit, MatchedRecord};
use crate::ids::{Isrc, SpotifyAlbumId, Upc};
use crate::store::pressings::Pressing;
use crate::titles::Title;

/// The kind of record that albums come from.
const RELEASE: &str = "release";

/// A release, read.
pub(in crate::dumps) struct Prepared {
    pub(in crate::dumps) source: Source,
    /// Its id there.
    pub(in crate::dumps) id: String,
    pub(in crate::dumps) name: String,
    pub(in crate::dumps) artists: Vec<Artist>,
    pub(in crate::dumps) album_type: Option<AlbumType>,
    pub(in crate::dumps) date: Option<ReleaseDate>,
    pub(in crate::dumps) upc: Option<Upc>,
    pub(in crate::dumps) label: Option<String>,
    pub(in crate::dumps) genres: Vec<String>,
    /// The albums of Spotify's that it is, as the source says.
    pub(in crate::dumps) spotify_ids: Vec<SpotifyAlbumId>,
    pub(in crate::dumps) tracks: Vec<(Track, Title)>,
    /// Of each track the record that it is, where the source has records of tracks.
    pub(in crate::dumps) recordings: Vec<Option<MatchedRecord>>,
    /// What it claims; its tracks are counted from 0.
    pub(in crate::dumps) claims: Vec<MatchedCredit>,
}

impl Prepared {
    /// Without what is said of its tracks.
    pub(in crate::dumps) fn of(album: ArrivingAlbum<'_>) -> Self {
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
            claims: Vec::new(),
        }
    }

    /// Whether anybody is said to have produced anything.
    pub(in crate::dumps) fn has_production(&self) -> bool {
        self.claims.iter().any(|claim| claim.producer.is_some())
    }

    /// What it says of the album that it is one of several pressings of.
    pub(in crate::dumps) fn pressing(&self) -> Pressing<'_> {
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

    /// The artist whom the album is by: the first who has an id, on the album or else on a track.
    pub(in crate::dumps) fn first_artist(&self) -> Option<&Artist> {
        let on_tracks = self.tracks.iter().flat_map(|(track, _)| &track.artists);
        let mut all = self.artists.iter().chain(on_tracks);
        all.find(|artist| artist.id.is_some())
    }

    /// Everybody named with an id.
    pub(in crate::dumps) fn named(&self) -> impl Iterator<Item = (&str, &Artist)> {
        let on_tracks = self.tracks.iter().flat_map(|(track, _)| &track.artists);
        let all = self.artists.iter().chain(on_tracks);
        all.filter_map(|artist| Some((artist.id.as_deref()?, artist)))
    }

    /// How many tracks it has.
    pub(in crate::dumps) fn total(&self) -> i32 {
        i32::try_from(self.tracks.len()).unwrap_or(i32::MAX)
    }
}

/// The record that a release is: what it states needs no recognising.
pub(in crate::dumps) fn record(id: &str) -> MatchedRecord {
    MatchedRecord {
        kind: RELEASE.to_owned(),
        id: id.to_owned(),
        matched_by: MatchMethod::Own,
        score: 1.0,
    }
}
