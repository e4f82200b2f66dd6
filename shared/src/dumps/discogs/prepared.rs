//! A release of a dump with all that can be told of it without a database: its tracks and their titles, what it claims, and
//! by what it is recognised. Ours is only the way it is kept for the writer; the rules are those of a release asked for online.

use std::collections::BTreeMap;
use std::hash::Hasher as _;

use xxhash_rust::xxh3::Xxh3Default;

use crate::arriving::{Arriving, Artist, Track, places_of_release, read_titles};
use crate::credits::MatchMethod;
use crate::dates::ReleaseDate;
use crate::identifying::discogs::of_release;
use crate::identifying::{Record, Stated};
use crate::ids::{Isrc, TrackId, Upc};
use crate::store::pressings::Pressing;
use crate::titles::Title;
use crate::upstreams::discogs::Release;

/// The kind of record that states Discogs' credits.
const RELEASE: &str = "release";

/// A release, read.
pub(super) struct Prepared {
    pub(super) release: Release,
    /// Its number, as it is kept.
    pub(super) id: String,
    /// Of what the dump says of it.
    pub(super) content_hash: i64,
    /// Of the places and folded titles of its tracks.
    pub(super) tracklist_hash: i64,
    pub(super) name: String,
    pub(super) artists: Vec<Artist>,
    pub(super) date: Option<ReleaseDate>,
    pub(super) upc: Option<Upc>,
    pub(super) tracks: Vec<(Track, Title)>,
    /// What it claims; its tracks are counted from 0.
    pub(super) claims: Vec<Stated>,
}

impl Prepared {
    pub(super) fn of(release: Release, content_hash: i64) -> Self {
        let id = release.id.to_string();
        let places: BTreeMap<TrackId, (usize, f32)> = (0..)
            .map(TrackId)
            .zip(places_of_release(&release))
            .map(|(track, (index, ..))| (track, (index, 1.0)))
            .collect();
        let claims = of_release(&release, &record(&id), &places, places.len());
        let album = Arriving::from_discogs(&release, &id);
        let titles: Vec<Title> = read_titles(&album.tracks)
            .into_iter()
            .map(|(_, title)| title)
            .collect();
        let (name, artists, date) = (album.name, album.artists, album.release_date);
        let upc = album.upc.cloned();
        let tracks: Vec<(Track, Title)> = album.tracks.into_iter().zip(titles).collect();
        Self {
            tracklist_hash: tracklist_hash(&tracks),
            release,
            id,
            content_hash,
            name,
            artists,
            date,
            upc,
            tracks,
            claims,
        }
    }

    /// Whether anybody is said to have produced anything.
    pub(super) fn has_production(&self) -> bool {
        self.claims.iter().any(|claim| claim.producer.is_some())
    }

    /// What it says of the album that it is one of several pressings of.
    pub(super) fn pressing(&self) -> Pressing<'_> {
        let mut tracks: Vec<&Track> = self.tracks.iter().map(|(track, _)| track).collect();
        tracks.sort_by_key(|track| (track.disc_number, track.track_number));
        let isrc = |track: &&Track| track.isrc.as_ref().map_or("", Isrc::as_str).to_owned();
        Pressing {
            source_id: &self.id,
            album_type: self.release.album_type,
            release_date: self.date,
            upc: self.upc.as_ref().map(Upc::as_str),
            label: self.release.label.as_deref(),
            genres: &self.release.genres,
            durations_ms: tracks
                .iter()
                .map(|track| track.duration_ms.unwrap_or_default())
                .collect(),
            isrcs: tracks.iter().map(isrc).collect(),
        }
    }

    /// The artist whom the album is by: the first who has a number, on the album or else on a track.
    pub(super) fn first_artist(&self) -> Option<&Artist> {
        let on_tracks = self.tracks.iter().flat_map(|(track, _)| &track.artists);
        let mut all = self.artists.iter().chain(on_tracks);
        all.find(|artist| artist.id.is_some())
    }

    /// Everybody named with a number.
    pub(super) fn named(&self) -> impl Iterator<Item = (&str, &Artist)> {
        let on_tracks = self.tracks.iter().flat_map(|(track, _)| &track.artists);
        let all = self.artists.iter().chain(on_tracks);
        all.filter_map(|artist| Some((artist.id.as_deref()?, artist)))
    }
}

/// The record that a release is: what it states needs no recognising.
pub(super) fn record(id: &str) -> Record {
    Record {
        kind: RELEASE.to_owned(),
        id: id.to_owned(),
        matched_by: MatchMethod::Own,
        score: 1.0,
    }
}

fn tracklist_hash(tracks: &[(Track, Title)]) -> i64 {
    let mut hasher = Xxh3Default::new();
    for (track, title) in tracks {
        hasher.write_i16(track.disc_number);
        hasher.write_i32(track.track_number);
        hasher.write(title.key.as_bytes());
        hasher.write_u8(0xff);
    }
    hasher.finish().cast_signed()
}
