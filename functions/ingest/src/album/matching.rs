//! Which tracks and albums of ours arrivals from Spotify are. Pure; writing them stays out.

use std::collections::{BTreeMap, HashMap, HashSet};

use shared::ids::{AlbumId, TrackId};
use shared::store::tracks::Known;
use shared::titles::{self, Title};
use shared::upstreams::spotify::AlbumTrack;

/// A track that arrives, with what its title says.
pub(super) type Titled<'a> = (&'a AlbumTrack, Title);

/// The tracks, each once: pages overlap when an album changes between them.
pub(super) fn titled(tracks: &[AlbumTrack]) -> Vec<Titled<'_>> {
    let mut seen = HashSet::new();
    tracks
        .iter()
        .filter(|track| seen.insert(&track.id))
        .map(|track| (track, titles::read(&track.name)))
        .collect()
}

/// Whether a known album with an equal barcode and track count has the same songs in the same places.
pub(super) fn is_same_tracklist<'a>(
    titled: &[Titled<'_>],
    known: impl Iterator<Item = &'a Known>,
) -> bool {
    let known: HashMap<(i16, i32), String> = known
        .map(|track| {
            (
                (track.disc_number, track.track_number),
                titles::read(&track.name).key,
            )
        })
        .collect();
    known.len() == titled.len()
        && titled.iter().all(|(track, title)| {
            known
                .get(&(track.disc_number, track.track_number))
                .is_some_and(|key| *key == title.key)
        })
}

/// What the tracks that arrived are.
pub(super) struct Matches<'a> {
    /// The track of ours that each arrival is, in their order.
    pub(super) known: Vec<Option<&'a Known>>,
    /// The album's tracks on Spotify that nothing which arrived is.
    pub(super) unmatched: Vec<TrackId>,
    /// Spotify ids of tracks of albums that come before this one.
    pub(super) taken: HashSet<&'a str>,
    /// Tracks of albums after this one that have an id which is this album's.
    pub(super) outdone: Vec<TrackId>,
}

/// By Spotify id, else by the same song in the same place: Spotify gives tracks new ids. A track can be on two albums under
/// one id; the album that comes first has it.
pub(super) fn match_tracks<'a>(
    titled: &[Titled<'_>],
    known: &'a [Known],
    album_id: AlbumId,
    leading_id: &str,
) -> Matches<'a> {
    let (ours, others): (Vec<&Known>, Vec<&Known>) =
        known.iter().partition(|track| track.album_id == album_id);
    let arriving: HashSet<&str> = titled.iter().map(|(track, _)| track.id.as_str()).collect();
    let (before, after): (Vec<&Known>, Vec<&Known>) = others.into_iter().partition(|track| {
        track
            .spotify_album_id
            .as_deref()
            .is_some_and(|id| id < leading_id)
    });
    let (known, unmatched) = pair(titled, &ours);
    Matches {
        known,
        unmatched: unmatched
            .into_values()
            .filter(|track| !track.spotify_ids.is_empty())
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

/// The track of ours that each arrival is, and those that none is.
fn pair<'a>(
    titled: &[Titled<'_>],
    ours: &[&'a Known],
) -> (Vec<Option<&'a Known>>, BTreeMap<TrackId, &'a Known>) {
    let mut unmatched: BTreeMap<TrackId, &'a Known> =
        ours.iter().map(|track| (track.id, *track)).collect();
    let by_id: HashMap<&str, &'a Known> = ours
        .iter()
        .flat_map(|track| track.spotify_ids.iter().map(|id| (id.as_str(), *track)))
        .collect();
    let mut matched: Vec<Option<&'a Known>> = titled
        .iter()
        .map(|(track, _)| {
            by_id
                .get(track.id.as_str())
                .copied()
                .filter(|known| unmatched.remove(&known.id).is_some())
        })
        .collect();
    for ((track, title), slot) in titled
        .iter()
        .zip(&mut matched)
        .filter(|(_, slot)| slot.is_none())
    {
        let same = unmatched.values().find(|known| {
            (known.disc_number, known.track_number) == (track.disc_number, track.track_number)
                && titles::read(&known.name).key == title.key
        });
        if let Some(known) = same.copied() {
            unmatched.remove(&known.id);
            *slot = Some(known);
        }
    }
    (matched, unmatched)
}
