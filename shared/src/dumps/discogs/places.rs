//! Which album each release of a batch is: one of its own, a pressing of one that is here or comes with it, or one that
//! another source brought in, which is decided one by one as if the release had been asked for online.

use std::collections::{HashMap, HashSet};

use super::SOURCE;
use super::dumped::Dumped;
use crate::db::Client;
use crate::dumps::batch::known::Known;
use crate::dumps::batch::memory::{Memory, hash};
use crate::dumps::batch::{Album as Written, Place};
use crate::ids::{AlbumId, Upc};
use crate::store::loading;

/// The place of each release.
pub(super) async fn find(known: &Known<'_>, batch: &[Dumped]) -> Result<Vec<Place>, tokio_postgres::Error> {
    let known = match known {
        Known::Memory(memory) => Albums::remembered(memory, batch),
        Known::Tables(client, _) => Albums::look(client, batch).await?,
    };
    let mut first_of: HashMap<u64, usize> = HashMap::new();
    let mut places = Vec::with_capacity(batch.len());
    for (at, release) in batch.iter().enumerate() {
        let keys = Keys::of(release);
        // Key by key, so that it does not show which releases were written together.
        let found = keys.all().find_map(|key| {
            let here = known.by_key.get(&key);
            let here = here.map(|album| album.place_of(release));
            here.or_else(|| first_of.get(&key).map(|first| Place::PressingOf(*first)))
        });
        let place = match found {
            Some(place) => place,
            None if known.is_elsewhere(release) => Place::Aside,
            None => Place::Own,
        };
        let leads = match place {
            Place::Own => Some(at),
            Place::PressingOf(first) => Some(first),
            Place::Pressing { .. } | Place::Aside => None,
        };
        for key in keys.told_by(&place) {
            leads.map(|first| first_of.entry(key).or_insert(first));
        }
        places.push(place);
    }
    Ok(places)
}

/// What pressings of one album share: the master or the barcode, and the tracklist.
struct Keys {
    master: Option<u64>,
    upc: Option<u64>,
}

impl Keys {
    fn of(release: &Dumped) -> Self {
        let tracklist = release.tracklist_hash;
        let has_tracks = !release.album.tracks.is_empty();
        let master = release.release.master_id.filter(|_| has_tracks);
        let upc = release.album.upc.as_ref().filter(|_| has_tracks);
        Self {
            master: master.map(|id| hash(b'm', tracklist, &id.to_string())),
            upc: upc.map(|upc| hash(b'u', tracklist, upc.as_str())),
        }
    }

    fn all(&self) -> impl Iterator<Item = u64> {
        self.master.into_iter().chain(self.upc)
    }

    /// Those by which the album that a release is can be found: an album has the barcode of its first pressing alone.
    fn told_by(&self, place: &Place) -> impl Iterator<Item = u64> + use<> {
        let upc = self.upc.filter(|_| *place == Place::Own);
        self.master.into_iter().chain(upc)
    }
}

/// Remembers by what the albums that releases are can be found.
pub(super) fn remember(memory: &mut Memory, batch: &[Dumped], places: &[Place], albums: &[Option<Written>]) {
    for ((release, place), album) in batch.iter().zip(places).zip(albums) {
        let Some(album) = album else { continue };
        let Some(first) = album.tracks.first() else {
            continue;
        };
        for key in Keys::of(release).told_by(place) {
            memory.albums.entry(key).or_insert((album.id, *first));
        }
    }
}

/// The album that a release which is to be decided by itself is a pressing of.
pub(super) async fn pressed_album(
    client: &Client<'_>,
    release: &Dumped,
) -> Result<Option<AlbumId>, tokio_postgres::Error> {
    let known = Albums::look(client, std::slice::from_ref(release)).await?;
    let album = Keys::of(release).all().find_map(|key| known.by_key.get(&key));
    Ok(album
        .filter(|album| album.tracks_of(release).is_some())
        .map(|album| AlbumId(album.id)))
}

/// An album that is here.
struct Album {
    id: i64,
    /// The number of the release that leads it.
    first_record: i64,
    /// Its tracks, in order, and where each stands.
    tracks: Vec<(i64, i16, i32)>,
}

#[derive(Default)]
struct Albums {
    by_key: HashMap<u64, Album>,
    /// Barcodes and ISRCs, with track counts, of albums that no load brought.
    elsewhere: HashSet<(String, i32)>,
}

impl Album {
    /// A pressing, where the album still has those tracks and the release does not lead it.
    fn place_of(&self, release: &Dumped) -> Place {
        match self.tracks_of(release) {
            Some(tracks) if release.release.id.0 > self.first_record => Place::Pressing {
                album: self.id,
                tracks,
            },
            _ => Place::Aside,
        }
    }

    /// Its tracks in the order of the release's; None where it has others.
    fn tracks_of(&self, release: &Dumped) -> Option<Vec<i64>> {
        let by_place: HashMap<(i16, i32), i64> = self
            .tracks
            .iter()
            .map(|(id, disc, number)| ((*disc, *number), *id))
            .collect();
        let tracks: Vec<i64> = release
            .album
            .tracks
            .iter()
            .map(|(track, _)| {
                let place = (track.disc_number, track.track_number);
                by_place.get(&place).copied()
            })
            .collect::<Option<_>>()?;
        (tracks.len() == by_place.len()).then_some(tracks)
    }
}

impl Albums {
    fn remembered(memory: &Memory, batch: &[Dumped]) -> Self {
        let mut known = Self::default();
        for release in batch {
            for key in Keys::of(release).all() {
                let Some(&(album, first_track)) = memory.albums.get(&key) else {
                    continue;
                };
                // Its tracks were written in one piece, and are where these are.
                let tracks = (first_track..).zip(&release.album.tracks);
                let tracks = tracks
                    .map(|(id, (track, _))| (id, track.disc_number, track.track_number))
                    .collect();
                let album = Album {
                    id: album,
                    // What is remembered came in order.
                    first_record: 0,
                    tracks,
                };
                known.by_key.insert(key, album);
            }
        }
        known
    }

    async fn look(client: &Client<'_>, batch: &[Dumped]) -> Result<Self, tokio_postgres::Error> {
        let masters: Vec<i64> = batch
            .iter()
            .filter_map(|release| release.release.master_id)
            .collect();
        let barcodes: Vec<(&str, i32)> = batch
            .iter()
            .filter_map(|release| Some((release.album.upc.as_ref()?.as_str(), release.album.total())))
            .collect();
        let isrcs: Vec<(&str, i32)> = batch
            .iter()
            .flat_map(|release| isrcs(release).map(|isrc| (isrc, release.album.total())))
            .collect();
        let candidates = loading::list_albums(client, SOURCE, &masters, &barcodes, &isrcs).await?;
        let mut totals: HashMap<&str, Vec<i32>> = HashMap::new();
        for (key, total) in barcodes.iter().chain(&isrcs) {
            totals.entry(key).or_default().push(*total);
        }
        let albums: Vec<i64> = candidates.iter().map(|album| album.album_id).collect();
        let tracks = loading::list_tracks(client, &albums).await?;
        let mut known = Self::default();
        for candidate in candidates {
            let Some(tracklist) = candidate.tracklist_hash else {
                for total in totals.get(candidate.key.as_str()).into_iter().flatten() {
                    known.elsewhere.insert((candidate.key.clone(), *total));
                }
                continue;
            };
            let kind = if candidate.by_master { b'm' } else { b'u' };
            let tracks = tracks.get(&candidate.album_id).cloned();
            let key = hash(kind, tracklist, &candidate.key);
            let album = Album {
                id: candidate.album_id,
                first_record: candidate.first_record.unwrap_or_default(),
                tracks: tracks.unwrap_or_default(),
            };
            known.by_key.entry(key).or_insert(album);
        }
        Ok(known)
    }

    fn is_elsewhere(&self, release: &Dumped) -> bool {
        if self.elsewhere.is_empty() {
            return false;
        }
        let upc = release.album.upc.as_ref().map(Upc::as_str);
        let mut keys = upc.into_iter().chain(isrcs(release));
        keys.any(|key| self.elsewhere.contains(&(key.to_owned(), release.album.total())))
    }
}

fn isrcs(release: &Dumped) -> impl Iterator<Item = &str> {
    let tracks = release.album.tracks.iter();
    tracks.filter_map(|(track, _)| Some(track.isrc.as_ref()?.as_str()))
}
