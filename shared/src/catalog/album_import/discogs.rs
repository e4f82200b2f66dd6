//! What a Discogs release means as an arriving album, and how the printed positions of its tracklist are
//! read. For ranges of positions see [`crate::domain::track_ranges`].

use std::collections::{BTreeMap, BTreeSet};

use super::album::{ArrivingAlbum, Artist, Track, clean_name, credited_artists, title_or_placeholder};
use crate::domain::albums::{AlbumFacts, TrackFacts};
use crate::domain::credits::Source;
use crate::domain::ids::Isrc;
use crate::domain::titles;
use crate::domain::track_ranges;
use crate::upstreams::discogs::{EntryKind, Release, ReleaseArtist, ReleaseEntry, is_special_artist};

impl ArrivingAlbum {
    /// Maps a Discogs release with the tracks that can be played by themselves: of a work in parts, its
    /// parts. Artists without an id get no row, unless no artist has one. An ISRC that belongs to no certain
    /// track is left out.
    #[must_use]
    pub fn from_discogs(release: &Release) -> Self {
        let positions = track_positions(release);
        let isrcs = isrcs_by_entry(release, &positions);
        let track = |(index, disc_number, track_number)| {
            let entry: &ReleaseEntry = &release.tracklist[index];
            let name = title_or_placeholder(&entry.title);
            Track {
                spotify_id: None,
                recording_mbid: None,
                title: titles::read(&name),
                name,
                artists: artists_from_discogs(artists_of_entry(entry, release)),
                disc_number,
                track_number,
                facts: TrackFacts {
                    duration_ms: entry.duration_ms,
                    isrc: isrcs.get(&index).map(|isrc| (*isrc).clone()),
                    preview_url: None,
                },
            }
        };
        let tracks: Vec<Track> = positions.iter().copied().map(track).collect();
        let mut album = Self {
            source: Source::Discogs,
            id: release.id.to_string(),
            name: title_or_placeholder(&release.title),
            artists: artists_from_discogs(&release.artists),
            facts: AlbumFacts {
                album_type: release.album_type,
                release_date: release.date,
                cover_url: None,
                upc: release.barcodes.first().cloned(),
                total_tracks: i32::try_from(tracks.len()).ok(),
                label: release.label.clone(),
                genres: release.genres.clone(),
            },
            spotify_ids: Vec::new(),
            master_id: release.master_id,
            tracks,
        };
        if album.first_artist().is_none() {
            album.artists = vec![artist_without_page(release)];
        }
        album
    }
}

/// The artist of a release whose artists have no pages: the first name that it prints, as an artist of this
/// release alone, since nothing says which acts of one name are the same. If it prints none, it belongs to
/// "No Artist", the Discogs entry for such records.
fn artist_without_page(release: &Release) -> Artist {
    let on_tracks = release.tracklist.iter().flat_map(|entry| &entry.artists);
    let printed = release
        .artists
        .iter()
        .chain(on_tracks)
        .find_map(|artist| clean_name(&artist.name));
    let (id, name) = match printed {
        Some(name) => (format!("unlinked:release {}", release.id), name),
        None => ("118760".to_owned(), "No Artist".to_owned()),
    };
    Artist {
        id: Some(id),
        name,
        is_featured: false,
        is_special: true,
    }
}

/// The artists of a track. Empty if the track is by the release's only artist; the album already has that
/// artist.
fn artists_of_entry<'a>(entry: &'a ReleaseEntry, release: &'a Release) -> &'a [ReleaseArtist] {
    match (&entry.artists[..], &release.artists[..]) {
        ([], [_]) => &[],
        ([], several) => several,
        (own, _) => own,
    }
}

/// The artists by their own names, not as printed on the release.
fn artists_from_discogs(credits: &[ReleaseArtist]) -> Vec<Artist> {
    credited_artists(credits.iter().map(|credit| {
        let artist = Artist {
            id: credit.id.map(|id| id.to_string()),
            name: title_or_placeholder(&credit.name),
            is_featured: false,
            is_special: credit.id.is_some_and(is_special_artist),
        };
        (artist, credit.join.as_str())
    }))
}

/// The position of each track or part: its index in the tracklist, its disc number and its number on that
/// disc. Each prefix as in `2-5` or `CD2-5` is a disc of its own. Sides of vinyl are not discs, because
/// albums of other sources have no sides.
#[must_use]
pub fn track_positions(release: &Release) -> Vec<(usize, i16, i32)> {
    let mut discs: Vec<(&str, i32)> = Vec::new();
    release
        .tracklist
        .iter()
        .enumerate()
        .filter(|(_, entry)| matches!(entry.kind, EntryKind::Track | EntryKind::Part))
        .filter_map(|(index, entry)| {
            let label = disc_label(&entry.position);
            // Searched from the end, because the disc is mostly that of the track before.
            let disc = match discs.iter().rposition(|(known, _)| *known == label) {
                Some(disc) => disc,
                None => {
                    discs.push((label, 0));
                    discs.len() - 1
                }
            };
            discs[disc].1 += 1;
            Some((index, i16::try_from(disc + 1).ok()?, discs[disc].1))
        })
        .collect()
}

/// The indexes in the tracklist of the tracks and parts that a range of positions covers; `None` if the range
/// cannot be resolved.
pub(crate) fn tracks_in_range(release: &Release, range: &str) -> Option<BTreeSet<usize>> {
    // The entry of a work in parts would look like a heading. Its parts stand for it.
    let (indexes, entries): (Vec<usize>, Vec<track_ranges::TracklistEntry<'_>>) = release
        .tracklist
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.kind != EntryKind::Index)
        .map(|(index, entry)| {
            let entry = track_ranges::TracklistEntry {
                position: &entry.position,
                title: &entry.title,
            };
            (index, entry)
        })
        .unzip();
    let covered = track_ranges::resolve(range, &entries)?;
    Some(covered.into_iter().map(|at| indexes[at]).collect())
}

/// The ISRCs of tracks and parts by their indexes in the tracklist. Discogs states in free text which track
/// an ISRC belongs to. An ISRC is assigned if that text names exactly one position, or if the release has one
/// track and one ISRC. Of several ISRCs of a track the first one is taken.
fn isrcs_by_entry<'a>(release: &'a Release, positions: &[(usize, i16, i32)]) -> BTreeMap<usize, &'a Isrc> {
    let mut isrcs = BTreeMap::new();
    for stated in &release.isrcs {
        let text = Some(stated.description.as_str()).filter(|text| !text.is_empty());
        let named = text.and_then(|text| tracks_in_range(release, text));
        if let Some(named) = named.filter(|named| named.len() == 1) {
            for index in named {
                isrcs.entry(index).or_insert(&stated.isrc);
            }
        }
    }
    if let ([(index, ..)], [first, others @ ..]) = (positions, &release.isrcs[..])
        && others.iter().all(|other| other.isrc == first.isrc)
    {
        isrcs.insert(*index, &first.isrc);
    }
    isrcs
}

/// The part of a position before the track number: `CD2` of `CD2-5`; empty if the position names no disc.
fn disc_label(position: &str) -> &str {
    let Some((label, number)) = position.rsplit_once('-') else {
        return "";
    };
    let is_number = number.starts_with(|c: char| c.is_ascii_digit());
    let is_disc = label.ends_with(|c: char| c.is_ascii_digit()) || label.chars().count() > 1;
    if is_number && is_disc { label.trim() } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstreams::discogs::release_from_json;
    use serde_json::json;

    /// A release with one track at each position and one ISRC for each pair of description and value.
    fn release(positions: &[&str], isrcs: &[(&str, &str)]) -> Release {
        let track = |position: &&str| {
            let (title, duration) = ("T", "1:00");
            json!({ "position": position, "type_": "track", "title": title, "duration": duration })
        };
        let isrc = |(description, value): &(&str, &str)| {
            let kind = "ISRC";
            json!({ "type": kind, "description": description, "value": value })
        };
        let body = json!({
            "id": 1,
            "title": "R",
            "tracklist": positions.iter().map(track).collect::<Vec<_>>(),
            "identifiers": isrcs.iter().map(isrc).collect::<Vec<_>>(),
        });
        release_from_json(body.to_string().as_bytes()).expect("a release")
    }

    #[test]
    fn the_prefix_of_a_position_is_its_disc() {
        for (positions, expected) in [
            (&["A1", "A2", "B1"][..], &[(1, 1), (1, 2), (1, 3)][..]),
            (&["1-1", "1-2", "2-1"], &[(1, 1), (1, 2), (2, 1)]),
            (&["CD1-1", "CD2-1", "DVD-1"], &[(1, 1), (2, 1), (3, 1)]),
            (&["1", "2", ""], &[(1, 1), (1, 2), (1, 3)]),
            (&["A-1", "B-1"], &[(1, 1), (1, 2)]),
            (&["7-9a", "7-9b"], &[(1, 1), (1, 2)]),
        ] {
            let release = release(positions, &[]);
            let found: Vec<(i16, i32)> = track_positions(&release)
                .into_iter()
                .map(|(_, disc, number)| (disc, number))
                .collect();
            assert_eq!(found, expected, "{positions:?}");
        }
    }

    #[test]
    fn an_isrc_belongs_to_the_one_track_that_its_description_names() {
        let sides: &[&str] = &["A1", "A2", "B1"];
        for (positions, stated, expected) in [
            (
                sides,
                &[("Track A1", "IT-J04-01-00240"), ("b1", "itj040100241")][..],
                &[(0, "ITJ040100240"), (2, "ITJ040100241")][..],
            ),
            (
                &["1-1", "1-2", "2-1"],
                &[("TRACK 2-1", "ITJ040100240")],
                &[(2, "ITJ040100240")],
            ),
            (&["1", "2"], &[("02", "ITJ040100240")], &[(1, "ITJ040100240")]),
            (
                sides,
                &[("A2", "ITJ040100240"), ("A2", "ITJ040100249")],
                &[(1, "ITJ040100240")],
            ),
            // These name no track, or several.
            (sides, &[("A1 to A2", "ITJ040100240")], &[]),
            (sides, &[("Side A", "ITJ040100240")], &[]),
            (sides, &[("", "ITJ040100240")], &[]),
            (sides, &[("Track", "ITJ040100240")], &[]),
            (sides, &[("C1", "ITJ040100240")], &[]),
            (sides, &[("Radio Edit", "ITJ040100240")], &[]),
            (&["A", "A"], &[("A", "ITJ040100240")], &[]),
            (&["A1", ""], &[("", "ITJ040100240")], &[]),
            // This one is too short.
            (sides, &[("A1", "ITJ0401")], &[]),
            (
                &[""],
                &[("", "ITJ040100240"), ("Sleeve", "IT-J04-01-00240")],
                &[(0, "ITJ040100240")],
            ),
            (&["1"], &[("", "ITJ040100240"), ("", "ITJ040100241")], &[]),
            (sides, &[], &[]),
        ] {
            let release = release(positions, stated);
            let isrcs = isrcs_by_entry(&release, &track_positions(&release));
            let found: Vec<(usize, &str)> = isrcs
                .iter()
                .map(|(index, isrc)| (*index, isrc.as_str()))
                .collect();
            assert_eq!(found, expected, "{positions:?} {stated:?}");
        }
    }
}
