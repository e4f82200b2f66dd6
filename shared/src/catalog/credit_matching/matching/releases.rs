//! Whether a release of a source is an album of ours, and which of our tracks stands where on it.

use std::collections::{BTreeMap, BTreeSet};

use super::recordings::has_artist;
use super::{ALIKE, is_artist, length, title};
use crate::domain::ids::TrackId;
use crate::domain::names;
use crate::domain::titles::{self, Title};
use crate::store::catalog::albums::Album;
use crate::store::catalog::same_recordings::SameBarcodeAlbum;
use crate::store::catalog::tracks::Track;
use crate::upstreams::discogs;
use crate::upstreams::musicbrainz::ReleaseMatch;

/// How well a release that has our barcode fits: barcodes get reused, so the title or the number of tracks must agree.
#[must_use]
pub fn score_musicbrainz_release(album: &Album, track_count: usize, release: &ReleaseMatch) -> f32 {
    // An edition's words ("Deluxe") make no other album of it.
    let title = titles::read(&album.name).key == titles::read(&release.title).key;
    let count = release
        .track_count
        .is_some_and(|count| count as usize == track_count);
    let artist = album.is_various || has_artist(&release.artists, &album.artist_name);
    by_barcode(title, count, artist)
}

/// How well another album of ours with our barcode fits: `tracks` of ours are on it.
#[must_use]
pub fn score_album_with_barcode(
    album: &Album,
    track_count: usize,
    sibling: &SameBarcodeAlbum,
    tracks: usize,
) -> f32 {
    let title = album_title(&album.name, &sibling.name) > 0.0;
    let artist = album.is_various || names::is_same_name(&sibling.artist_name, &album.artist_name);
    by_barcode(title, tracks * 2 >= track_count.max(1), artist)
}

/// Barcodes get reused: two of title, tracks and artist have to agree.
fn by_barcode(title: bool, tracks: bool, artist: bool) -> f32 {
    match (title, tracks, artist) {
        (true, true, true) => 1.0,
        (true, true, false) | (true, false, true) | (false, true, true) => 0.9,
        _ => 0.0,
    }
}

/// A track in a list of somebody else's.
pub struct ListedTrack<'a> {
    /// The track of ours that stands in the same place, if there is one.
    pub track_in_place: Option<TrackId>,
    /// The title.
    pub title: &'a str,
    /// How long it is.
    pub duration_ms: Option<i32>,
}

/// By what a track of ours is known to be an entry, the surest first.
#[derive(Clone, Copy)]
enum KnownBy {
    PlaceAndTitle,
    /// No other entry has the title.
    Title,
    /// A title in another language or script, of our length.
    Place,
}

/// Which of these entries each track of ours is, and how well that fits: by place and title, then by a title that only one
/// of those left has, then by place and length.
#[must_use]
pub fn match_tracks(tracks: &[Track], entries: &[ListedTrack<'_>]) -> BTreeMap<TrackId, (usize, f32)> {
    let tracks = tracks.iter().map(|track| (track, titles::read(&track.name)));
    let tracks: Vec<(&Track, Title)> = tracks.collect();
    let entries = entries.iter().map(|entry| (entry, titles::read(entry.title)));
    let entries: Vec<(&ListedTrack<'_>, Title)> = entries.collect();
    let mut used = BTreeSet::<usize>::new();
    let mut found = BTreeMap::<TrackId, (usize, f32)>::new();
    for known_by in [KnownBy::PlaceAndTitle, KnownBy::Title, KnownBy::Place] {
        for (track, title) in &tracks {
            if found.contains_key(&track.id) {
                continue;
            }
            let fitting: Vec<(usize, f32)> = (0..)
                .zip(&entries)
                .filter(|(at, _)| !used.contains(at))
                .map(|(at, entry)| (at, release_track((track, title), entry, known_by)))
                .filter(|(_, score)| *score > 0.0)
                .collect();
            if let [(at, score)] = fitting[..] {
                used.insert(at);
                found.insert(track.id, (at, score));
            }
        }
    }
    found
}

/// How well an entry of a release that is our album fits a track.
fn release_track(
    (track, ours): (&Track, &Title),
    (entry, theirs): &(&ListedTrack<'_>, Title),
    known_by: KnownBy,
) -> f32 {
    let is_in_place = entry.track_in_place == Some(track.id);
    let length = length(track.duration_ms, entry.duration_ms);
    match known_by {
        KnownBy::PlaceAndTitle if is_in_place => title(ours, theirs) * length.max(0.7),
        KnownBy::Title if title(ours, theirs) >= 1.0 => 0.9 * length,
        KnownBy::Place if is_in_place && length >= 1.0 => 0.8,
        _ => 0.0,
    }
}

/// How well a release that a search of Discogs' found may fit, before its tracks are known: a barcode says most, and its
/// title must be ours; 0 where it cannot be ours. An unofficial release is the worst of all that fit.
#[must_use]
pub fn score_discogs_hit(album: &Album, found: &discogs::ReleaseSearchResult, has_barcode: bool) -> f32 {
    let title = album_title(&album.name, &found.title);
    let artist = album.is_various
        || found
            .artist
            .as_deref()
            .is_some_and(|artist| is_artist(&[artist], &album.artist_name));
    let official = if found.formats.iter().any(|format| format == "Unofficial Release") {
        0.9
    } else {
        1.0
    };
    match (has_barcode, title > 0.0, artist) {
        (true, _, _) => official * (0.8 + 0.1 * title + if artist { 0.1 } else { 0.0 }),
        (false, true, true) => official * title * near_year(album.year, found.year),
        _ => 0.0,
    }
}

/// How well a release of Discogs' fits, all told: `tracks` of ours are on it.
#[must_use]
pub fn score_discogs_release(
    album: &Album,
    track_count: usize,
    release: &discogs::Release,
    tracks: usize,
    has_barcode: bool,
) -> f32 {
    let title = album_title(&album.name, &release.title);
    let artists: Vec<&str> = release
        .artists
        .iter()
        .flat_map(|artist| [artist.name.as_str(), artist.credited_as.as_str()])
        .collect();
    let artist = album.is_various || is_artist(&artists, &album.artist_name);
    let share = tracks as f32 / track_count.max(1) as f32;
    if has_barcode {
        return by_barcode(title > 0.0, share >= 0.5, artist);
    }
    let year = release.date.map(|known| chrono::Datelike::year(&known.date));
    if artist {
        title * share * near_year(album.year, year)
    } else {
        0.0
    }
}

/// A pressing of another year is another pressing, and mostly the same record.
fn near_year(ours: Option<i32>, theirs: Option<i32>) -> f32 {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) if ours.abs_diff(theirs) > 1 => 0.95,
        _ => 1.0,
    }
}

/// An edition's words ("Deluxe") make no other album of it.
fn album_title(ours: &str, theirs: &str) -> f32 {
    let (ours, theirs) = (titles::read(ours).key, titles::read(theirs).key);
    if ours == theirs {
        return 1.0;
    }
    let alike = strsim::normalized_levenshtein(&ours, &theirs);
    if alike >= ALIKE { alike as f32 } else { 0.0 }
}
