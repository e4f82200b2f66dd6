//! Decides whether a release of a source is an album, and which listed track is which track of the album.

use std::collections::{BTreeMap, BTreeSet};

use super::comparisons::{duration_score, is_artist, key_score, title_score};
use super::recordings::has_artist;
use crate::domain::ids::TrackId;
use crate::domain::names;
use crate::domain::titles::{self, Title};
use crate::store::catalog::albums::Album;
use crate::store::catalog::same_recordings::SameBarcodeAlbum;
use crate::store::catalog::tracks::Track;
use crate::upstreams::discogs;
use crate::upstreams::musicbrainz::ReleaseMatch;

/// The score of a MusicBrainz release with the album's barcode, computed by `barcode_score`.
#[must_use]
pub fn score_musicbrainz_release(album: &Album, track_count: usize, release: &ReleaseMatch) -> f32 {
    // The title keys leave out words of an edition, such as "Deluxe".
    let has_title = titles::read(&album.name).key == titles::read(&release.title).key;
    let has_track_count = release
        .track_count
        .is_some_and(|count| count as usize == track_count);
    let is_by_artist = album.is_various || has_artist(&release.artists, &album.artist_name);
    barcode_score(has_title, has_track_count, is_by_artist)
}

/// The score of another album of ours with the album's barcode. It shares `shared_tracks` tracks with the
/// album.
#[must_use]
pub fn score_album_with_barcode(
    album: &Album,
    track_count: usize,
    other: &SameBarcodeAlbum,
    shared_tracks: usize,
) -> f32 {
    let has_title = album_title_score(&album.name, &other.name) > 0.0;
    let is_by_artist = album.is_various || names::is_same_name(&other.artist_name, &album.artist_name);
    barcode_score(has_title, shared_tracks * 2 >= track_count.max(1), is_by_artist)
}

/// Barcodes get reused, so two of title, tracks and artist must agree.
fn barcode_score(title: bool, tracks: bool, artist: bool) -> f32 {
    match (title, tracks, artist) {
        (true, true, true) => 1.0,
        (true, true, false) | (true, false, true) | (false, true, true) => 0.9,
        _ => 0.0,
    }
}

/// A track in the track list of a source.
pub struct ListedTrack<'a> {
    /// The track of the album at the same position, if any.
    pub track_in_place: Option<TrackId>,
    /// The title.
    pub title: &'a str,
    /// The duration in milliseconds.
    pub duration_ms: Option<i32>,
}

/// What a listed track is recognised by, the most certain first.
#[derive(Clone, Copy)]
enum TrackCriterion {
    PositionAndTitle,
    /// A title that no other listed track has.
    Title,
    /// A title in another language or script at the same position, of the same duration.
    Position,
}

/// For each track of the album that is listed: its index in the list and how well it fits. Tracks are matched
/// by position and title, then by a title that only one of the remaining entries has, then by position and
/// duration.
#[must_use]
pub fn match_tracks(tracks: &[Track], listed: &[ListedTrack<'_>]) -> BTreeMap<TrackId, (usize, f32)> {
    let tracks = tracks.iter().map(|track| (track, titles::read(&track.name)));
    let tracks: Vec<(&Track, Title)> = tracks.collect();
    let listed = listed.iter().map(|entry| (entry, titles::read(entry.title)));
    let listed: Vec<(&ListedTrack<'_>, Title)> = listed.collect();
    let mut used = BTreeSet::<usize>::new();
    let mut matches = BTreeMap::<TrackId, (usize, f32)>::new();
    for criterion in [
        TrackCriterion::PositionAndTitle,
        TrackCriterion::Title,
        TrackCriterion::Position,
    ] {
        for (track, title) in &tracks {
            if matches.contains_key(&track.id) {
                continue;
            }
            let fitting: Vec<(usize, f32)> = (0..)
                .zip(&listed)
                .filter(|(index, _)| !used.contains(index))
                .map(|(index, entry)| (index, listed_track_score((track, title), entry, criterion)))
                .filter(|(_, score)| *score > 0.0)
                .collect();
            if let [(index, score)] = fitting[..] {
                used.insert(index);
                matches.insert(track.id, (index, score));
            }
        }
    }
    matches
}

fn listed_track_score(
    (track, ours): (&Track, &Title),
    (listed, theirs): &(&ListedTrack<'_>, Title),
    criterion: TrackCriterion,
) -> f32 {
    let is_in_place = listed.track_in_place == Some(track.id);
    let duration = duration_score(track.duration_ms, listed.duration_ms);
    match criterion {
        TrackCriterion::PositionAndTitle if is_in_place => title_score(ours, theirs) * duration.max(0.7),
        TrackCriterion::Title if title_score(ours, theirs) >= 1.0 => 0.9 * duration,
        TrackCriterion::Position if is_in_place && duration >= 1.0 => 0.8,
        _ => 0.0,
    }
}

/// The score of a Discogs search result before its tracks are known; 0 if it cannot be the album. With a
/// barcode it need not have the title. An unofficial release scores lower than any other.
#[must_use]
pub fn score_discogs_hit(album: &Album, hit: &discogs::ReleaseSearchResult, has_barcode: bool) -> f32 {
    let title = album_title_score(&album.name, &hit.title);
    let is_by_artist = album.is_various
        || hit
            .artist
            .as_deref()
            .is_some_and(|artist| is_artist(&[artist], &album.artist_name));
    let official = if hit.formats.iter().any(|format| format == "Unofficial Release") {
        0.9
    } else {
        1.0
    };
    match (has_barcode, title > 0.0, is_by_artist) {
        (true, _, _) => official * (0.8 + 0.1 * title + if is_by_artist { 0.1 } else { 0.0 }),
        (false, true, true) => official * title * year_score(album.year, hit.year),
        _ => 0.0,
    }
}

/// The score of a Discogs release with its tracks, of which it shares `shared_tracks` with the album.
#[must_use]
pub fn score_discogs_release(
    album: &Album,
    track_count: usize,
    release: &discogs::Release,
    shared_tracks: usize,
    has_barcode: bool,
) -> f32 {
    let title = album_title_score(&album.name, &release.title);
    let artists: Vec<&str> = release
        .artists
        .iter()
        .flat_map(|artist| [artist.name.as_str(), artist.credited_as.as_str()])
        .collect();
    let is_by_artist = album.is_various || is_artist(&artists, &album.artist_name);
    let share = shared_tracks as f32 / track_count.max(1) as f32;
    if has_barcode {
        return barcode_score(title > 0.0, share >= 0.5, is_by_artist);
    }
    if !is_by_artist {
        return 0.0;
    }
    let year = release.date.map(|known| chrono::Datelike::year(&known.date));
    title * share * year_score(album.year, year)
}

/// A pressing of another year is another pressing, but mostly the same album.
fn year_score(ours: Option<i32>, theirs: Option<i32>) -> f32 {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) if ours.abs_diff(theirs) > 1 => 0.95,
        _ => 1.0,
    }
}

/// How well two album titles agree. The keys leave out words of an edition, such as "Deluxe".
fn album_title_score(ours: &str, theirs: &str) -> f32 {
    key_score(&titles::read(ours).key, &titles::read(theirs).key)
}
