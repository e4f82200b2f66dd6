//! Decides which known album an arriving album is, and which known track each of its tracks is. Pure.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::album::Track;
use crate::domain::ids::{AlbumId, TrackId};
use crate::domain::titles::{self, Title};
use crate::store::catalog::albums::AlbumMatchReason;
use crate::store::catalog::tracks::KnownTrack;

/// An arriving track with its parsed title.
pub(crate) type TitledTrack<'a> = (&'a Track, Title);

/// Parses the titles of the tracks and drops tracks that are listed twice: pages overlap if an album changes
/// between two requests.
pub fn read_titles(tracks: &[Track]) -> Vec<TitledTrack<'_>> {
    let mut seen = HashSet::new();
    tracks
        .iter()
        .filter(|track| {
            track
                .spotify_id
                .as_ref()
                .is_none_or(|spotify_id| seen.insert(spotify_id))
        })
        .map(|track| (track, titles::read(&track.name)))
        .collect()
}

/// Whether a known album is the arriving album, given the reason why it may be.
///
/// - Barcode: both have the same songs at the same positions.
/// - ISRC: in addition half of the tracks have the same ISRC, and no track has a different one, because a
///   remastered album has the same songs.
/// - Stated by a source: both have the same positions, and half of the songs agree. Sources spell titles
///   differently.
pub(super) fn is_same_album<'a>(
    reason: AlbumMatchReason,
    arriving: &[TitledTrack<'_>],
    known: impl Iterator<Item = &'a KnownTrack>,
) -> bool {
    let known: HashMap<(i16, i32), (String, Option<&str>)> = known
        .map(|track| {
            let position = (track.disc_number, track.track_number);
            let isrc = track.isrc.as_deref();
            (position, (titles::read(&track.name).key, isrc))
        })
        .collect();
    let same_position = arriving
        .iter()
        .filter_map(|arriving| Some((arriving, known.get(&position(arriving.0))?)));
    let same_title = same_position
        .clone()
        .filter(|((_, title), (key, _))| title.key == *key);
    let has_same_positions = known.len() == arriving.len() && same_position.clone().count() == arriving.len();
    match reason {
        AlbumMatchReason::Own => true,
        AlbumMatchReason::Stated => has_same_positions && same_title.count() * 2 >= arriving.len(),
        AlbumMatchReason::Barcode => has_same_positions && same_title.count() == arriving.len(),
        AlbumMatchReason::Isrc => {
            let isrcs = same_position
                .filter_map(|((track, _), (_, known))| Some((track.isrc.as_ref()?.as_str(), (*known)?)));
            let (same, different): (Vec<_>, Vec<_>) = isrcs.partition(|(isrc, known)| isrc == known);
            let has_same_isrcs = same.len() * 2 >= arriving.len() && different.is_empty();
            has_same_isrcs && has_same_positions && same_title.count() == arriving.len()
        }
    }
}

fn position(track: &Track) -> (i16, i32) {
    (track.disc_number, track.track_number)
}

/// The known tracks that arriving tracks are, and the Spotify ids that albums compete for.
pub(super) struct TrackMatches<'a> {
    /// The known track of each arriving track, in the order of arrival.
    pub(super) known: Vec<Option<&'a KnownTrack>>,
    /// Tracks of the album that match no arriving track. If the album arrives from Spotify, only those with a
    /// Spotify id.
    pub(super) unmatched: Vec<TrackId>,
    /// Spotify track ids that belong to albums which precede this one.
    pub(super) taken_spotify_ids: HashSet<&'a str>,
    /// Tracks of later albums that hold a Spotify id which belongs to this album.
    pub(super) tracks_losing_id: Vec<TrackId>,
}

/// Matches arriving tracks with known ones, see [`CRITERIA`]. One Spotify track id can be on two albums; it
/// belongs to the album with the smaller leading Spotify album id, of which `leading_id` is the one of this
/// album.
pub(super) fn match_tracks<'a>(
    arriving: &[TitledTrack<'_>],
    known: &'a [KnownTrack],
    album_id: AlbumId,
    leading_id: Option<&str>,
) -> TrackMatches<'a> {
    let (ours, others): (Vec<&KnownTrack>, Vec<&KnownTrack>) =
        known.iter().partition(|track| track.album_id == album_id);
    let spotify_ids: HashSet<&str> = arriving
        .iter()
        .filter_map(|(track, _)| Some(track.spotify_id.as_ref()?.as_str()))
        .collect();
    let (before, after): (Vec<&KnownTrack>, Vec<&KnownTrack>) = others.into_iter().partition(|track| {
        let ids = track.spotify_album_id.as_deref().zip(leading_id);
        ids.is_some_and(|(id, leading_id)| id < leading_id)
    });
    let is_from_spotify = !spotify_ids.is_empty();
    let (known, unmatched) = pair_tracks(arriving, &ours);
    TrackMatches {
        known,
        unmatched: unmatched
            .into_iter()
            .filter(|track| !is_from_spotify || !track.spotify_ids.is_empty())
            .map(|track| track.id)
            .collect(),
        taken_spotify_ids: before
            .iter()
            .flat_map(|track| track.spotify_ids.iter().map(String::as_str))
            .collect(),
        tracks_losing_id: after
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
const CRITERIA: &[fn(&TitledTrack<'_>, &KeyedTrack<'_>) -> bool] = &[
    |(track, _), (known, _)| {
        let id = track.spotify_id.as_ref();
        id.is_some_and(|id| known.spotify_ids.iter().any(|known| known == id.as_str()))
    },
    |(track, title), (known, key)| {
        position(track) == (known.disc_number, known.track_number) && *key == title.key
    },
    |(track, _), (known, _)| {
        let mbid = track.recording_mbid.as_ref();
        mbid.is_some_and(|id| known.recording_mbids.iter().any(|known| known == id.as_str()))
    },
    |(track, _), (known, _)| {
        track.spotify_id.is_some()
            && known.spotify_ids.is_empty()
            && position(track) == (known.disc_number, known.track_number)
    },
];

/// The known track of each arriving track, and the known tracks that are left over, by id.
fn pair_tracks<'a>(
    arriving: &[TitledTrack<'_>],
    ours: &[&'a KnownTrack],
) -> (Vec<Option<&'a KnownTrack>>, Vec<&'a KnownTrack>) {
    let mut unmatched: BTreeMap<TrackId, KeyedTrack<'a>> = ours
        .iter()
        .map(|track| (track.id, (*track, titles::read(&track.name).key)))
        .collect();
    let mut matched: Vec<Option<&'a KnownTrack>> = vec![None; arriving.len()];
    for is_same in CRITERIA {
        for (track, slot) in arriving.iter().zip(&mut matched) {
            if slot.is_some() {
                continue;
            }
            let same = unmatched.values().find(|ours| is_same(track, ours));
            if let Some((known, _)) = same {
                *slot = Some(*known);
                unmatched.remove(&known.id);
            }
        }
    }
    (matched, unmatched.into_values().map(|(known, _)| known).collect())
}
