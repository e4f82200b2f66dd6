//! Decides which album each release of a batch is: a new one, a pressing of a stored one or of another
//! release of the batch, or possibly an album of another source. The last are written singly, by the rules of
//! an online import.

use std::collections::{HashMap, HashSet};

use shared::domain::credits::Source;
use shared::domain::ids::{AlbumId, Upc};
use shared::platform::db::Client;
use shared::store::loads::loading;

use crate::batch::lookup::KeyLookup;
use crate::batch::memory::{LoadMemory, hash};
use crate::batch::planned_batch::{AlbumPlacement, BatchAlbum};
use crate::discogs::dump_release::DiscogsRelease;

/// The placement of each release.
pub(crate) async fn place_releases(
    lookup: &KeyLookup<'_>,
    batch: &[DiscogsRelease],
) -> Result<Vec<AlbumPlacement>, tokio_postgres::Error> {
    let candidates = match lookup {
        KeyLookup::Memory(memory) => CandidateAlbums::from_memory(memory, batch),
        KeyLookup::Tables(client, _) => CandidateAlbums::from_tables(client, batch).await?,
    };
    let mut first_by_key: HashMap<u64, usize> = HashMap::new();
    let mut placements = Vec::with_capacity(batch.len());
    for (index, release) in batch.iter().enumerate() {
        let keys = PressingKeys::new(release);
        // Stored albums and the batch are searched key by key, so that the result does not depend on how
        // releases are batched.
        let found = keys.all().find_map(|key| {
            let stored = candidates.by_key.get(&key);
            let stored = stored.map(|album| album.placement_of(release));
            stored.or_else(|| {
                let first = first_by_key.get(&key);
                first.map(|first| AlbumPlacement::PressingOf(*first))
            })
        });
        let placement = match found {
            Some(placement) => placement,
            None if candidates.may_be_of_another_source(release) => AlbumPlacement::WriteSingly,
            None => AlbumPlacement::New,
        };
        let first = match placement {
            AlbumPlacement::New => Some(index),
            AlbumPlacement::PressingOf(first) => Some(first),
            AlbumPlacement::Pressing { .. } | AlbumPlacement::WriteSingly => None,
        };
        for key in keys.of_album(&placement) {
            first.map(|first| first_by_key.entry(key).or_insert(first));
        }
        placements.push(placement);
    }
    Ok(placements)
}

/// What the pressings of one album share, as hashes: the master or the barcode, each with the tracklist.
struct PressingKeys {
    master: Option<u64>,
    upc: Option<u64>,
}

impl PressingKeys {
    fn new(release: &DiscogsRelease) -> Self {
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

    /// The keys by which later pressings find the release's album. An album has only the barcode of its first
    /// pressing.
    fn of_album(&self, placement: &AlbumPlacement) -> impl Iterator<Item = u64> + use<> {
        let upc = self.upc.filter(|_| *placement == AlbumPlacement::New);
        self.master.into_iter().chain(upc)
    }
}

/// Remembers the keys by which later pressings find the albums of a batch.
pub(crate) fn remember(
    memory: &mut LoadMemory,
    batch: &[DiscogsRelease],
    placements: &[AlbumPlacement],
    albums: &[Option<BatchAlbum>],
) {
    for ((release, placement), album) in batch.iter().zip(placements).zip(albums) {
        let Some(album) = album else { continue };
        let Some(first_track) = album.tracks.first() else {
            continue;
        };
        for key in PressingKeys::new(release).of_album(placement) {
            memory.albums.entry(key).or_insert((album.id, *first_track));
        }
    }
}

/// The stored album that a release, which is written singly, is a pressing of.
pub(crate) async fn find_pressed_album(
    client: &Client<'_>,
    release: &DiscogsRelease,
) -> Result<Option<AlbumId>, tokio_postgres::Error> {
    let candidates = CandidateAlbums::from_tables(client, std::slice::from_ref(release)).await?;
    let keys = PressingKeys::new(release);
    let album = keys.all().find_map(|key| candidates.by_key.get(&key));
    Ok(album
        .filter(|album| album.tracks_in_order_of(release).is_some())
        .map(|album| AlbumId(album.id)))
}

/// A stored album.
struct CandidateAlbum {
    id: i64,
    /// The number of its first pressing, which provides its facts.
    first_record: i64,
    /// Key, disc number and track number of its tracks, in order.
    tracks: Vec<(i64, i16, i32)>,
}

impl CandidateAlbum {
    /// A pressing, if the album still has the release's tracks and an earlier first pressing.
    fn placement_of(&self, release: &DiscogsRelease) -> AlbumPlacement {
        match self.tracks_in_order_of(release) {
            Some(tracks) if release.release.id.0 > self.first_record => AlbumPlacement::Pressing {
                album: self.id,
                tracks,
            },
            _ => AlbumPlacement::WriteSingly,
        }
    }

    /// The album's tracks in the order of the release's; `None` if their positions differ.
    fn tracks_in_order_of(&self, release: &DiscogsRelease) -> Option<Vec<i64>> {
        let by_position: HashMap<(i16, i32), i64> = self
            .tracks
            .iter()
            .map(|(id, disc, number)| ((*disc, *number), *id))
            .collect();
        let tracks: Vec<i64> = release
            .album
            .tracks
            .iter()
            .map(|(track, _)| {
                let position = (track.disc_number, track.track_number);
                by_position.get(&position).copied()
            })
            .collect::<Option<_>>()?;
        (tracks.len() == by_position.len()).then_some(tracks)
    }
}

/// The stored albums that the releases of a batch may be.
#[derive(Default)]
struct CandidateAlbums {
    /// Albums of loaded releases, by the hashes of [`PressingKeys`].
    by_key: HashMap<u64, CandidateAlbum>,
    /// Barcodes and ISRCs, with track counts, of albums that no load brought in.
    of_other_sources: HashSet<(String, i32)>,
}

impl CandidateAlbums {
    fn from_memory(memory: &LoadMemory, batch: &[DiscogsRelease]) -> Self {
        let mut candidates = Self::default();
        for release in batch {
            for key in PressingKeys::new(release).all() {
                let Some(&(album, first_track)) = memory.albums.get(&key) else {
                    continue;
                };
                // The album's tracks have consecutive keys and the same positions as the release's.
                let tracks = (first_track..).zip(&release.album.tracks);
                let tracks = tracks
                    .map(|(id, (track, _))| (id, track.disc_number, track.track_number))
                    .collect();
                let album = CandidateAlbum {
                    id: album,
                    // The load remembers albums only as long as releases come in the order of their numbers.
                    first_record: 0,
                    tracks,
                };
                candidates.by_key.insert(key, album);
            }
        }
        candidates
    }

    async fn from_tables(
        client: &Client<'_>,
        batch: &[DiscogsRelease],
    ) -> Result<Self, tokio_postgres::Error> {
        let masters: Vec<i64> = batch
            .iter()
            .filter_map(|release| release.release.master_id)
            .collect();
        let barcodes: Vec<(&str, i32)> = batch
            .iter()
            .filter_map(|release| Some((release.album.upc.as_ref()?.as_str(), release.album.track_count())))
            .collect();
        let isrcs: Vec<(&str, i32)> = batch
            .iter()
            .flat_map(|release| isrcs(release).map(|isrc| (isrc, release.album.track_count())))
            .collect();
        let stored = loading::list_albums(client, Source::Discogs, &masters, &barcodes, &isrcs).await?;
        let mut track_counts: HashMap<&str, Vec<i32>> = HashMap::new();
        for (key, track_count) in barcodes.iter().chain(&isrcs) {
            track_counts.entry(key).or_default().push(*track_count);
        }
        let album_ids: Vec<i64> = stored.iter().map(|album| album.album_id).collect();
        let tracks = loading::list_tracks(client, &album_ids).await?;
        let mut candidates = Self::default();
        for album in stored {
            let Some(tracklist) = album.tracklist_hash else {
                for track_count in track_counts.get(album.key.as_str()).into_iter().flatten() {
                    candidates
                        .of_other_sources
                        .insert((album.key.clone(), *track_count));
                }
                continue;
            };
            let kind = if album.by_master { b'm' } else { b'u' };
            let tracks = tracks.get(&album.album_id).cloned();
            let key = hash(kind, tracklist, &album.key);
            let candidate = CandidateAlbum {
                id: album.album_id,
                first_record: album.first_record.unwrap_or_default(),
                tracks: tracks.unwrap_or_default(),
            };
            candidates.by_key.entry(key).or_insert(candidate);
        }
        Ok(candidates)
    }

    fn may_be_of_another_source(&self, release: &DiscogsRelease) -> bool {
        if self.of_other_sources.is_empty() {
            return false;
        }
        let upc = release.album.upc.as_ref().map(Upc::as_str);
        let mut keys = upc.into_iter().chain(isrcs(release));
        keys.any(|key| {
            self.of_other_sources
                .contains(&(key.to_owned(), release.album.track_count()))
        })
    }
}

fn isrcs(release: &DiscogsRelease) -> impl Iterator<Item = &str> {
    let tracks = release.album.tracks.iter();
    tracks.filter_map(|(track, _)| Some(track.isrc.as_ref()?.as_str()))
}
