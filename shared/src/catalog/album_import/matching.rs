//! Decides which known album an arriving album is, and which known track each of its tracks is. Pure.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::album::{ArrivingAlbum, Track};
use crate::domain::ids::TrackId;
use crate::domain::titles;
use crate::store::catalog::known_albums::{AlbumMatchReason, KnownAlbum, KnownAlbums};
use crate::store::catalog::tracks::KnownTrack;

/// The known album that an arriving one is. A release whose tracklist changed since it was loaded is first
/// looked for among the other albums, and stays on its own only if that has no other records.
#[must_use]
pub fn same_album<'a>(arriving: &ArrivingAlbum, known: &'a KnownAlbums) -> Option<&'a KnownAlbum> {
    let (own, mut others): (Vec<&KnownAlbum>, Vec<&KnownAlbum>) = known
        .albums
        .iter()
        .partition(|album| album.reason == AlbumMatchReason::Own);
    let has_changed = |album: &KnownAlbum| {
        let former = album.former_tracklist_hash;
        former.is_some_and(|former| former != arriving.tracklist_hash())
    };
    others.sort_by_key(|album| (album.reason, album.id));
    own.iter()
        .copied()
        .find(|album| !has_changed(album))
        .or_else(|| others.into_iter().find(|album| is_same_album(arriving, album)))
        .or_else(|| own.into_iter().find(|album| !album.has_other_records))
}

/// Whether a known album, which may be the arriving one, is it. Its songs are also the same if it has a
/// loaded record with the same tracklist, because another source may have renamed its tracks.
fn is_same_album(arriving: &ArrivingAlbum, known: &KnownAlbum) -> bool {
    let current = || known.tracks.iter().filter(|track| !track.is_removed);
    let hashes = &known.tracklist_hashes;
    let has_loaded_tracklist = !hashes.is_empty() && hashes.contains(&arriving.tracklist_hash());
    match known.reason {
        AlbumMatchReason::Master | AlbumMatchReason::Barcode if has_loaded_tracklist => {
            tracks_in_place(&arriving.tracks, current()).is_some()
        }
        reason => is_same_tracklist(&arriving.tracks, current(), reason),
    }
}

/// Whether arriving tracks are the known ones, given the reason why their albums may be one.
///
/// - Master or barcode: both have the same songs at the same positions.
/// - ISRC: in addition half of the tracks have the same ISRC, and no track has a different one, because a
///   remastered album has the same songs.
/// - Stated by a source: both have the same positions, and half of the songs agree. Sources spell titles
///   differently.
pub(super) fn is_same_tracklist<'a>(
    arriving: &[Track],
    known: impl Iterator<Item = &'a KnownTrack>,
    reason: AlbumMatchReason,
) -> bool {
    let Some(pairs) = tracks_in_place(arriving, known) else {
        return false;
    };
    let is_same_title =
        |(track, known): &&(&Track, &KnownTrack)| titles::read(&known.name).key == track.title.key;
    let same_titles = pairs.iter().filter(is_same_title).count();
    match reason {
        AlbumMatchReason::Own => true,
        AlbumMatchReason::Stated => same_titles * 2 >= pairs.len(),
        AlbumMatchReason::Master | AlbumMatchReason::Barcode => same_titles == pairs.len(),
        AlbumMatchReason::Isrc => {
            let isrcs = pairs
                .iter()
                .filter_map(|(track, known)| Some((track.facts.isrc.as_ref()?, known.facts.isrc.as_ref()?)));
            let (same, different): (Vec<_>, Vec<_>) = isrcs.partition(|(isrc, known)| isrc == known);
            same.len() * 2 >= pairs.len() && different.is_empty() && same_titles == pairs.len()
        }
    }
}

/// Each arriving track with the known one in its place; `None` if a place of one side is empty on the other.
#[must_use]
pub fn tracks_in_place<'a, 'b>(
    arriving: &'a [Track],
    known: impl Iterator<Item = &'b KnownTrack>,
) -> Option<Vec<(&'a Track, &'b KnownTrack)>> {
    let by_place: HashMap<(i16, i32), &KnownTrack> = known.map(|track| (track.place(), track)).collect();
    let pairs = arriving
        .iter()
        .map(|track| Some((track, *by_place.get(&track.place())?)));
    let pairs: Vec<_> = pairs.collect::<Option<_>>()?;
    (pairs.len() == by_place.len()).then_some(pairs)
}

/// The known tracks that arriving tracks are, and the Spotify ids that albums compete for.
pub(super) struct TrackMatches<'a> {
    /// The known track of each arriving track, in the order of arrival.
    pub(super) known: Vec<Option<&'a KnownTrack>>,
    /// Tracks of the album that match no arriving track. If the album arrives from Spotify, only those with a
    /// Spotify id.
    pub(super) unmatched: Vec<&'a KnownTrack>,
    /// Spotify track ids that belong to albums which precede this one.
    pub(super) taken_spotify_ids: HashSet<&'a str>,
    /// Tracks of later albums that hold a Spotify id which belongs to this album.
    pub(super) losing_spotify_id: Vec<TrackId>,
}

/// Matches the arriving tracks with those of `album`, see [`CRITERIA`]. One Spotify track id can be on two
/// albums; it belongs to the album with the smaller leading Spotify album id, of which `leading_id` is the
/// one of this album.
pub(super) fn match_tracks<'a>(
    arriving: &ArrivingAlbum,
    album: Option<&'a KnownAlbum>,
    known: &'a KnownAlbums,
    leading_id: Option<&str>,
) -> TrackMatches<'a> {
    let spotify_ids: HashSet<&str> = arriving
        .tracks
        .iter()
        .filter_map(|track| Some(track.spotify_id.as_ref()?.as_str()))
        .collect();
    let candidates = known
        .albums
        .iter()
        .filter(|known| Some(known.id) != album.map(|album| album.id));
    let others = candidates
        .flat_map(|album| &album.tracks)
        .chain(&known.other_tracks);
    let (before, after): (Vec<&KnownTrack>, Vec<&KnownTrack>) = others.partition(|track| {
        let ids = track.spotify_album_id.as_deref().zip(leading_id);
        ids.is_some_and(|(id, leading_id)| id < leading_id)
    });
    let is_from_spotify = !spotify_ids.is_empty();
    let (known, unmatched) = pair_tracks(&arriving.tracks, album.map_or(&[], |album| &album.tracks));
    TrackMatches {
        known,
        unmatched: unmatched
            .into_iter()
            .filter(|track| !is_from_spotify || !track.spotify_ids.is_empty())
            .collect(),
        taken_spotify_ids: before
            .iter()
            .flat_map(|track| track.spotify_ids.iter().map(String::as_str))
            .collect(),
        losing_spotify_id: after
            .iter()
            .filter(|track| {
                track
                    .spotify_id
                    .as_deref()
                    .is_some_and(|id| spotify_ids.contains(id))
            })
            .map(|track| track.id)
            .collect(),
    }
}

/// A known track of the album with the key of its title.
type KeyedTrack<'a> = (&'a KnownTrack, String);

/// The criteria by which a known track is recognised, the most certain first: by Spotify id; by the same song
/// at the same position, because sources give tracks new ids; by recording; by position alone. The last one
/// is for albums that another source brought first and that are stated to be Spotify's, where the titles can
/// be spelled differently.
const CRITERIA: &[fn(&Track, &KeyedTrack<'_>) -> bool] = &[
    |track, (known, _)| {
        let id = track.spotify_id.as_ref();
        id.is_some_and(|id| known.spotify_ids.iter().any(|known| known == id.as_str()))
    },
    |track, (known, key)| track.place() == known.place() && *key == track.title.key,
    |track, (known, _)| {
        let mbid = track.recording_mbid.as_ref();
        mbid.is_some_and(|id| known.recording_mbids.iter().any(|known| known == id.as_str()))
    },
    |track, (known, _)| {
        track.spotify_id.is_some() && known.spotify_ids.is_empty() && track.place() == known.place()
    },
];

/// The known track of each arriving track, and the known tracks that are left over, by id.
fn pair_tracks<'a>(
    arriving: &[Track],
    ours: &'a [KnownTrack],
) -> (Vec<Option<&'a KnownTrack>>, Vec<&'a KnownTrack>) {
    let mut unmatched: BTreeMap<TrackId, KeyedTrack<'a>> = ours
        .iter()
        .map(|track| (track.id, (track, titles::read(&track.name).key)))
        .collect();
    let mut matched: Vec<Option<&'a KnownTrack>> = vec![None; arriving.len()];
    for is_same in CRITERIA {
        for (track, slot) in arriving
            .iter()
            .zip(&mut matched)
            .filter(|(_, slot)| slot.is_none())
        {
            if let Some((known, _)) = unmatched.values().find(|ours| is_same(track, ours)) {
                *slot = Some(*known);
                unmatched.remove(&known.id);
            }
        }
    }
    (matched, unmatched.into_values().map(|(known, _)| known).collect())
}
