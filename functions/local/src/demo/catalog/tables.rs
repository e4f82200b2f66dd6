//! Reads the tab-separated tables in this folder into a [`Catalog`]. For their contents see the README beside
//! them.

use std::collections::HashMap;

use anyhow::{Context, bail};

use super::{Album, Artist, Catalog, CatalogCredit, CatalogLink, LookupKey, Track};

const ARTISTS: &str = include_str!("artists.tsv");
const ALBUMS: &str = include_str!("albums.tsv");
const TRACKS: &str = include_str!("tracks.tsv");
const CREDITS: &str = include_str!("credits.tsv");
const LINKS: &str = include_str!("links.tsv");

impl Catalog {
    /// The real facts that the demo uses.
    ///
    /// # Errors
    /// If a table is malformed or refers to a missing row. The tests rule this out.
    pub fn real() -> anyhow::Result<Self> {
        read().context("read the demo's catalog")
    }
}

fn read() -> anyhow::Result<Catalog> {
    let mut catalog = Catalog::default();
    for [id, name] in rows(ARTISTS)? {
        catalog.artists.push(Artist { id, name });
    }
    let mut album_indexes = HashMap::new();
    for row in rows(ALBUMS)? {
        let album = album(&catalog.artists, row)?;
        album_indexes.insert(album.id.clone(), catalog.albums.len());
        catalog.albums.push(album);
    }
    for [id, album_id, number, name, explicit] in rows(TRACKS)? {
        let album = &mut catalog.albums[*album_indexes
            .get(&album_id)
            .with_context(|| format!("find album {album_id}"))?];
        album.tracks.push(Track {
            id,
            name,
            artists: album.artists.clone(),
            number: number
                .parse()
                .with_context(|| format!("read track number {number}"))?,
            explicit: explicit == "true",
            credits: Vec::new(),
        });
    }
    for [album_id, tracks, producer, role, source] in rows(CREDITS)? {
        let album = &mut catalog.albums[*album_indexes
            .get(&album_id)
            .with_context(|| format!("find album {album_id}"))?];
        let credit = CatalogCredit {
            producer,
            role: role.parse()?,
            source,
        };
        for number in track_numbers(&tracks, album.tracks.len())? {
            let track = album.tracks.iter_mut().find(|track| track.number == number);
            track
                .with_context(|| format!("find track {number} of {}", album.name))?
                .credits
                .push(credit.clone());
        }
    }
    for [producer, link_type, url, source] in rows(LINKS)? {
        catalog.links.push(CatalogLink {
            producer,
            link_type,
            url,
            source,
        });
    }
    Ok(catalog)
}

fn album(
    artists: &[Artist],
    [id, artist_id, name, release_date, album_type, known_by]: [String; 6],
) -> anyhow::Result<Album> {
    let artist = artists.iter().find(|artist| artist.id == artist_id);
    Ok(Album {
        artists: vec![
            artist
                .with_context(|| format!("find artist {artist_id}"))?
                .clone(),
        ],
        known_by: match known_by.as_str() {
            "barcode" => LookupKey::Barcode,
            "isrc" => LookupKey::Isrc,
            "search" => LookupKey::Search,
            other => bail!("expected barcode, isrc or search, found {other}"),
        },
        tracks: Vec::new(),
        id,
        name,
        album_type,
        release_date,
    })
}

/// The rows after the header.
fn rows<const N: usize>(table: &str) -> anyhow::Result<Vec<[String; N]>> {
    table.lines().skip(1).map(columns).collect()
}

fn columns<const N: usize>(row: &str) -> anyhow::Result<[String; N]> {
    let columns: Vec<String> = row.split('\t').map(str::to_owned).collect();
    columns.try_into().map_err(|columns: Vec<String>| {
        anyhow::anyhow!("expected {N} columns, found {}: {row}", columns.len())
    })
}

/// Expands `*` (all tracks) or a list such as `1-4,6` to track numbers.
fn track_numbers(text: &str, tracks: usize) -> anyhow::Result<Vec<u32>> {
    if text == "*" {
        return Ok((1..=u32::try_from(tracks)?).collect());
    }
    let mut numbers = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let range = || Some(first.parse::<u32>().ok()?..=last.parse().ok()?);
        numbers.extend(range().with_context(|| format!("read track numbers {part}"))?);
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn track_ranges_are_expanded() {
        assert_eq!(track_numbers("*", 3).unwrap(), [1, 2, 3]);
        assert_eq!(track_numbers("1-3,5", 9).unwrap(), [1, 2, 3, 5]);
        assert!(track_numbers("1 to 3", 9).is_err());
    }

    #[test]
    fn a_row_with_an_extra_column_is_an_error() {
        assert!(rows::<2>("a\tb\n1\t2\n").is_ok());
        assert!(rows::<2>("a\tb\n1\t2\t3\n").is_err());
    }
}
