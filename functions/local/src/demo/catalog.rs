//! The facts that the stand-in upstreams answer from: artists, albums, tracks, and who produced them according to whom.
//! The tables and what is true of them stand in `catalog/`; the upstreams' shapes stay out.

mod tables;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use anyhow::Context;
use shared::domain::credits::Role;
use uuid::Uuid;

/// Whose version 5 UUIDs are the MBIDs made for this catalog: none of MusicBrainz's own has that version.
static NAMESPACE: LazyLock<Uuid> =
    LazyLock::new(|| Uuid::new_v5(&Uuid::NAMESPACE_URL, b"https://linernotes.invalid/demo"));

/// What the stand-ins know.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// The artists to ask for.
    pub artists: Vec<Artist>,
    /// Every album, in no order that means anything.
    pub albums: Vec<Album>,
    /// Where producers can be found.
    pub links: Vec<Link>,
}

/// An artist, by the Spotify id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Artist {
    /// The Spotify id.
    pub id: String,
    /// The name on Spotify.
    pub name: String,
}

/// An album as Spotify has it, and how MusicBrainz can be asked about it.
#[derive(Debug, Clone)]
pub struct Album {
    /// The Spotify id.
    pub id: String,
    /// The title on Spotify.
    pub name: String,
    /// Whose album it is.
    pub artists: Vec<Artist>,
    /// `album`, `single` or `compilation`.
    pub album_type: String,
    /// A year, a month or a day: `2007`, `2007-06` or `2007-06-26`.
    pub release_date: String,
    /// By which key the stand-in for MusicBrainz knows it.
    pub known_by: LookupKey,
    /// The tracks in order.
    pub tracks: Vec<Track>,
}

/// By which key the stand-in for MusicBrainz finds an album's recordings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookupKey {
    /// The release by its barcode, the recordings by their ISRCs too.
    Barcode,
    /// No release; each recording by its ISRC.
    Isrc,
    /// No release, no ISRC: a search for the title and the artist.
    Search,
}

/// A track as Spotify has it.
#[derive(Debug, Clone)]
pub struct Track {
    /// The Spotify id.
    pub id: String,
    /// The title on Spotify.
    pub name: String,
    /// Who plays, first the main artist.
    pub artists: Vec<Artist>,
    /// Its place on the album, from 1.
    pub number: u32,
    /// Whether Spotify warns of the words.
    pub explicit: bool,
    /// Who produced it.
    pub credits: Vec<Credit>,
}

/// Who produced a track, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    /// The producer's name; an artist of the catalog of that name is the same.
    pub producer: String,
    /// What the producer did.
    pub role: Role,
    /// The public source of this credit.
    pub source: String,
}

/// Where a producer can be found, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The producer's name.
    pub producer: String,
    /// MusicBrainz's word for such a link: `social network`, `official homepage`, `wikidata`.
    pub link_type: String,
    /// The address.
    pub url: String,
    /// The public source of this link.
    pub source: String,
}

impl Catalog {
    /// The catalog of real facts that the demo shows.
    ///
    /// # Errors
    /// When a table cannot be read; its tests keep that from happening.
    pub fn real() -> anyhow::Result<Self> {
        tables::read().context("read the demo's catalog")
    }

    /// Every track with its album.
    pub fn tracks(&self) -> impl Iterator<Item = (&Album, &Track)> {
        self.albums
            .iter()
            .flat_map(|album| album.tracks.iter().map(move |track| (album, track)))
    }

    /// Every true pair of a track's Spotify id and the name of one of its producers.
    /// Roles that make no producer (executive producers) are left out.
    #[must_use]
    pub fn producers(&self) -> BTreeSet<(&str, &str)> {
        self.tracks()
            .flat_map(|(_, track)| {
                let credits = track
                    .credits
                    .iter()
                    .filter(|credit| credit.role.is_music_production());
                credits.map(|credit| (track.id.as_str(), credit.producer.as_str()))
            })
            .collect()
    }

    /// The public source that credits this producer with this track, whatever the role.
    #[must_use]
    pub fn credit_source(&self, spotify_track_id: &str, producer: &str) -> Option<&str> {
        let (_, track) = self.tracks().find(|(_, track)| track.id == spotify_track_id)?;
        let credit = track.credits.iter().find(|credit| credit.producer == producer)?;
        Some(&credit.source)
    }

    /// The albums for which the stand-in for MusicBrainz has no release with their barcode.
    pub fn albums_unknown_by_barcode(&self) -> impl Iterator<Item = &Album> {
        self.albums
            .iter()
            .filter(|album| album.known_by != LookupKey::Barcode)
    }

    /// Every artist of an album or a track by id, asked for or not.
    pub(super) fn all_artists(&self) -> BTreeMap<&str, &Artist> {
        let on_albums = self.albums.iter().flat_map(|album| &album.artists);
        let on_tracks = self.tracks().flat_map(|(_, track)| &track.artists);
        self.artists
            .iter()
            .chain(on_albums)
            .chain(on_tracks)
            .map(|artist| (artist.id.as_str(), artist))
            .collect()
    }

    /// Every name with a credit, and its MBID: an artist of the catalog keeps theirs.
    pub(super) fn producer_mbids(&self) -> BTreeMap<String, Uuid> {
        let artists: BTreeMap<&str, &Artist> = self
            .all_artists()
            .into_values()
            .map(|artist| (artist.name.as_str(), artist))
            .collect();
        let credits = self.tracks().flat_map(|(_, track)| &track.credits);
        let names: BTreeSet<&str> = credits.map(|credit| credit.producer.as_str()).collect();
        let with_mbid = |name: &str| {
            let mbid = artists
                .get(name)
                .map_or_else(|| mbid("producer", name), |artist| artist.mbid());
            (name.to_owned(), mbid)
        };
        names.into_iter().map(with_mbid).collect()
    }
}

impl Artist {
    /// The made-up MBID.
    #[must_use]
    pub fn mbid(&self) -> Uuid {
        mbid("artist", &self.id)
    }
}

impl Album {
    /// The made-up MBID of its release.
    pub(super) fn mbid(&self) -> Uuid {
        mbid("release", &self.id)
    }

    /// The made-up MBID of its release group.
    pub(super) fn release_group_mbid(&self) -> Uuid {
        mbid("release group", &self.id)
    }

    /// The made-up UPC: 12 digits from 2, which is for numbers used inside one shop, with a true check digit.
    #[must_use]
    pub fn upc(&self) -> String {
        let digits = format!("2{:010}", mbid("upc", &self.id).as_u128() % 10_000_000_000);
        let weights = [3, 1].into_iter().cycle();
        let weighed = digits
            .bytes()
            .zip(weights)
            .map(|(digit, weight)| u32::from(digit - b'0') * weight);
        format!("{digits}{}", (10 - weighed.sum::<u32>() % 10) % 10)
    }

    /// The UPC as Spotify gives it: padded to the 13 digits of an EAN, so from 02.
    #[must_use]
    pub fn padded_upc(&self) -> String {
        format!("0{}", self.upc())
    }
}

impl Track {
    /// The made-up MBID of its recording.
    pub(super) fn mbid(&self) -> Uuid {
        mbid("recording", &self.id)
    }

    /// The made-up ISRC: the country is ZZ, which no country has.
    #[must_use]
    pub fn isrc(&self) -> String {
        const ALPHABET: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let number = mbid("isrc", &self.id).as_u128();
        let registrant: String = [1, 36, 36 * 36]
            .iter()
            .map(|place| char::from(ALPHABET[(number / place % 36) as usize]))
            .collect();
        format!("ZZ{registrant}{:07}", (number >> 64) % 10_000_000)
    }

    /// The title as MusicBrainz's guidelines have it: without the note of a remaster that Spotify adds.
    #[must_use]
    pub fn recording_title(&self) -> &str {
        match self.name.rsplit_once(" - ") {
            Some((title, note)) if note.contains("Remaster") => title,
            _ => &self.name,
        }
    }
}

fn mbid(kind: &str, key: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, format!("{kind}:{key}").as_bytes())
}
