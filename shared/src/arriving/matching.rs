//! Which tracks and albums of ours arrivals are. Pure; writing them stays out.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::ids::{AlbumId, TrackId};
use crate::store::albums::AlbumMatchReason;
use crate::store::tracks::KnownTrack;
use crate::titles::{self, Title};

use super::Track;

/// A track that arrives, with what its title says.
pub(crate) type Titled<'a> = (&'a Track, Title);

/// The tracks, each once: pages overlap when an album changes between them.
pub(crate) fn titled(tracks: &[Track]) -> Vec<Titled<'_>> {
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

/// Whether a known album is the one that arrives. Where only the barcode says so, the same songs must be in the same
/// places, and where only ISRCs do, half of the tracks must also share theirs, and none may have another: a remastered
/// record has the same songs. Where a source states it, the same places and half of the songs are enough: titles are written
/// differently.
pub(super) fn is_same_album<'a>(
    match_reason: AlbumMatchReason,
    titled: &[Titled<'_>],
    known: impl Iterator<Item = &'a KnownTrack>,
) -> bool {
    let known: HashMap<(i16, i32), (String, Option<&str>)> = known
        .map(|track| {
            let place = (track.disc_number, track.track_number);
            let isrc = track.isrc.as_deref();
            (place, (titles::read(&track.name).key, isrc))
        })
        .collect();
    let same_place = titled
        .iter()
        .filter_map(|arriving| Some((arriving, known.get(&place(arriving.0))?)));
    let same_title = same_place
        .clone()
        .filter(|((_, title), (key, _))| title.key == *key);
    let has_same_places = known.len() == titled.len() && same_place.clone().count() == titled.len();
    match match_reason {
        AlbumMatchReason::Own => true,
        AlbumMatchReason::Stated => has_same_places && same_title.count() * 2 >= titled.len(),
        AlbumMatchReason::Barcode => has_same_places && same_title.count() == titled.len(),
        AlbumMatchReason::Isrc => {
            let isrcs = same_place
                .filter_map(|((track, _), (_, known))| Some((track.isrc.as_ref()?.as_str(), (*known)?)));
            let (same, others): (Vec<_>, Vec<_>) = isrcs.partition(|(isrc, known)| isrc == known);
            let has_same_isrcs = same.len() * 2 >= titled.len() && others.is_empty();
            has_same_isrcs && has_same_places && same_title.count() == titled.len()
        }
    }
}

fn place(track: &Track) -> (i16, i32) {
    (track.disc_number, track.track_number)
}

/// What the tracks that arrived are.
pub(super) struct Matches<'a> {
    /// The track of ours that each arrival is, in their order.
    pub(super) known: Vec<Option<&'a KnownTrack>>,
    /// The album's tracks that nothing which arrived is; of an album of Spotify's those that it told.
    pub(super) unmatched: Vec<TrackId>,
    /// Spotify ids of tracks of albums that come before this one.
    pub(super) taken: HashSet<&'a str>,
    /// Tracks of albums after this one that have an id which is this album's.
    pub(super) outdone: Vec<TrackId>,
}

/// By Spotify id, else by the same song in the same place (sources give tracks new ids), else by recording. A track can be
/// on two albums under one Spotify id; the album that comes first, by its `leading_id`, has it.
pub(super) fn match_tracks<'a>(
    titled: &[Titled<'_>],
    known: &'a [KnownTrack],
    album_id: AlbumId,
    leading_id: Option<&str>,
) -> Matches<'a> {
    let (ours, others): (Vec<&KnownTrack>, Vec<&KnownTrack>) =
        known.iter().partition(|track| track.album_id == album_id);
    let arriving: HashSet<&str> = titled
        .iter()
        .filter_map(|(track, _)| Some(track.spotify_id.as_ref()?.as_str()))
        .collect();
    let (before, after): (Vec<&KnownTrack>, Vec<&KnownTrack>) = others.into_iter().partition(|track| {
        let ids = track.spotify_album_id.as_deref().zip(leading_id);
        ids.is_some_and(|(id, leading_id)| id < leading_id)
    });
    let is_from_spotify = !arriving.is_empty();
    let (known, unmatched) = pair(titled, &ours);
    Matches {
        known,
        unmatched: unmatched
            .into_values()
            .filter(|track| !is_from_spotify || !track.spotify_ids.is_empty())
            .map(|track| track.id)
            .collect(),
        taken: before
            .iter()
            .flat_map(|track| track.spotify_ids.iter().map(String::as_str))
            .collect(),
        outdone: after
            .iter()
            .filter(|track| {
                track
                    .spotify_id
                    .as_deref()
                    .is_some_and(|id| arriving.contains(id))
            })
            .map(|track| track.id)
            .collect(),
    }
}

/// A track of ours, with what its title says.
type Ours<'a> = (&'a KnownTrack, String);

/// Ways to recognise a track of ours, the surest first. The last is for albums that another source brought in first and
/// stated to be Spotify's: a title that it writes otherwise stands in the same place.
const WAYS: &[fn(&Titled<'_>, &Ours<'_>) -> bool] = &[
    |(track, _), (known, _)| {
        let id = track.spotify_id.as_ref();
        id.is_some_and(|id| known.spotify_ids.iter().any(|known| known == id.as_str()))
    },
    |(track, title), (known, key)| {
        place(track) == (known.disc_number, known.track_number) && *key == title.key
    },
    |(track, _), (known, _)| {
        let mbid = track.recording_mbid.as_ref();
        mbid.is_some_and(|id| known.recording_mbids.iter().any(|known| known == id.as_str()))
    },
    |(track, _), (known, _)| {
        track.spotify_id.is_some()
            && known.spotify_ids.is_empty()
            && place(track) == (known.disc_number, known.track_number)
    },
];

/// The track of ours that each arrival is, and those that none is.
fn pair<'a>(
    titled: &[Titled<'_>],
    ours: &[&'a KnownTrack],
) -> (Vec<Option<&'a KnownTrack>>, BTreeMap<TrackId, &'a KnownTrack>) {
    let mut unmatched: BTreeMap<TrackId, Ours<'a>> = ours
        .iter()
        .map(|track| (track.id, (*track, titles::read(&track.name).key)))
        .collect();
    let mut matched: Vec<Option<&'a KnownTrack>> = vec![None; titled.len()];
    for is_same in WAYS {
        for (track, slot) in titled.iter().zip(&mut matched) {
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
    let unmatched = unmatched.into_iter().map(|(id, (known, _))| (id, known));
    (matched, unmatched.collect())
}
