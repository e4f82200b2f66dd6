//! The facts that the stand-ins answer with: artists, albums, tracks, and their producers with the public
//! sources. For the tables and where they come from see `catalog/README.md`.

mod tables;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use shared::domain::credits::Role;
use uuid::Uuid;

/// Namespace of the MBIDs made up for this catalog. They are version 5 UUIDs, which MusicBrainz does not use.
static NAMESPACE: LazyLock<Uuid> =
    LazyLock::new(|| Uuid::new_v5(&Uuid::NAMESPACE_URL, b"https://linernotes.invalid/demo"));

/// The facts of the stand-ins.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// The artists that the demo requests.
    pub artists: Vec<Artist>,
    /// All albums, in no particular order.
    pub albums: Vec<Album>,
    /// Web pages of producers.
    pub links: Vec<CatalogLink>,
}

/// An artist as Spotify has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Artist {
    /// The Spotify id.
    pub id: String,
    /// The name on Spotify.
    pub name: String,
}

/// An album as Spotify has it, and how the stand-in for MusicBrainz finds it.
#[derive(Debug, Clone)]
pub struct Album {
    /// The Spotify id.
    pub id: String,
    /// The title on Spotify.
    pub name: String,
    /// The album's artists.
    pub artists: Vec<Artist>,
    /// `album`, `single` or `compilation`.
    pub album_type: String,
    /// Release date as a year, month or day: `2007`, `2007-06` or `2007-06-26`.
    pub release_date: String,
    /// The key by which the stand-in for MusicBrainz finds it.
    pub known_by: LookupKey,
    /// The tracks in order.
    pub tracks: Vec<Track>,
}

/// The key by which the stand-in for MusicBrainz finds an album's recordings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookupKey {
    /// The barcode of the release. The recordings are also found by ISRC.
    Barcode,
    /// The ISRC of each recording. There is no release.
    Isrc,
    /// A search for title and artist. There is neither a release nor an ISRC.
    Search,
}

/// A track as Spotify has it.
#[derive(Debug, Clone)]
pub struct Track {
    /// The Spotify id.
    pub id: String,
    /// The title on Spotify.
    pub name: String,
    /// The artists, main artist first.
    pub artists: Vec<Artist>,
    /// Track number on the album, from 1.
    pub number: u32,
    /// Whether Spotify marks the lyrics as explicit.
    pub explicit: bool,
    /// The producers.
    pub credits: Vec<CatalogCredit>,
}

/// A producer of a track, with the public source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogCredit {
    /// Name of the producer. An artist of the catalog with this name is the same person.
    pub producer: String,
    /// Role of the producer.
    pub role: Role,
    /// The public source of this credit.
    pub source: String,
}

/// A web page of a producer, with the public source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogLink {
    /// The producer's name.
    pub producer: String,
    /// MusicBrainz's link type: `social network`, `official homepage`, `wikidata`.
    pub link_type: String,
    /// The address.
    pub url: String,
    /// The public source of this link.
    pub source: String,
}

impl Catalog {
    /// All tracks with their albums.
    pub fn tracks(&self) -> impl Iterator<Item = (&Album, &Track)> {
        self.albums
            .iter()
            .flat_map(|album| album.tracks.iter().map(move |track| (album, track)))
    }

    /// All pairs of a track's Spotify id and the name of one of its producers. Roles without a part in music
    /// production (executive producers) are left out.
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

    /// The public source of a producer's credit for a track, whatever the role.
    #[must_use]
    pub fn credit_source(&self, spotify_track_id: &str, producer: &str) -> Option<&str> {
        let (_, track) = self.tracks().find(|(_, track)| track.id == spotify_track_id)?;
        let credit = track.credits.iter().find(|credit| credit.producer == producer)?;
        Some(&credit.source)
    }

    /// The albums without a release of that barcode at the stand-in for MusicBrainz.
    pub fn albums_unknown_by_barcode(&self) -> impl Iterator<Item = &Album> {
        self.albums
            .iter()
            .filter(|album| album.known_by != LookupKey::Barcode)
    }

    /// All artists of albums and tracks by Spotify id, whether the demo requests them or not.
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

    /// All credited names with their MBIDs. An artist of the catalog keeps their MBID.
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

    /// The made-up UPC: 12 digits with a valid check digit. The prefix 2 is reserved for use inside one shop.
    #[must_use]
    pub fn upc(&self) -> String {
        let digits = format!("2{:010}", mbid("upc", &self.id).as_u128() % 10_000_000_000);
        let weights = [3, 1].into_iter().cycle();
        let weighted = digits
            .bytes()
            .zip(weights)
            .map(|(digit, weight)| u32::from(digit - b'0') * weight);
        format!("{digits}{}", (10 - weighted.sum::<u32>() % 10) % 10)
    }

    /// The UPC as Spotify returns it: padded to the 13 digits of an EAN, so that it begins with 02.
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

    /// The made-up ISRC: no country has the code ZZ.
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

    /// The title according to MusicBrainz's guidelines: without the remaster note that Spotify appends.
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
