//! Plans the rows of a batch: finds or assigns the keys of its artists, producers and songs, then adds its
//! albums.

mod albums;

use std::collections::BTreeSet;

use foldhash::{HashMap, HashMapExt as _, HashSet, HashSetExt as _};
use shared::catalog::album_import::{Track, has_stated_names};
use shared::domain::credits::{Credit, Source};
use shared::domain::ids::{AlbumId, NormalizedTrackId, ProducerId, TrackId};
use shared::store::loads::key_blocks::KeyCounts;
use shared::store::producers::{NameKind, ProducerName};

use crate::batch::lookup::KeyLookup;
use crate::batch::memory::hash;
use crate::batch::planned_batch::{AlbumPlacement, PlannedBatch};
use crate::batch::prepared_album::PreparedAlbum;
use crate::batch::rows::BatchTables;

/// Plans a batch and adds its rows to `tables`.
pub(crate) async fn plan(
    lookup: KeyLookup<'_>,
    batch: &[&PreparedAlbum],
    placements: &[AlbumPlacement],
    tables: BatchTables,
) -> Result<PlannedBatch, tokio_postgres::Error> {
    let mut planner = BatchPlanner {
        source: tables.source(),
        lookup,
        batch,
        placements,
        tables,
        artists: HashMap::new(),
        producers: HashMap::new(),
        songs: HashMap::new(),
        known_names: BTreeSet::new(),
        touched_songs: BTreeSet::new(),
        pressed_tracks: Vec::new(),
        pressed_albums: Vec::new(),
        renamed: Vec::new(),
    };
    planner.find_renamed().await?;
    planner.find_artists().await?;
    planner.find_producers().await?;
    planner.find_songs().await?;
    let albums = planner.add_albums().await?;
    Ok(PlannedBatch {
        source: planner.source,
        albums,
        tables: planner.tables,
        known_names: planner.known_names.into_iter().collect(),
        touched_songs: planner.touched_songs.into_iter().collect(),
        pressed_tracks: planner.pressed_tracks,
        pressed_albums: planner.pressed_albums,
        renamed: planner.renamed,
    })
}

/// A song of a batch.
struct BatchSong {
    id: i64,
    /// Whether it has other tracks, stored or in this batch.
    is_shared: bool,
    is_written: bool,
}

struct BatchPlanner<'a> {
    source: Source,
    lookup: KeyLookup<'a>,
    batch: &'a [&'a PreparedAlbum],
    placements: &'a [AlbumPlacement],
    tables: BatchTables,
    artists: HashMap<&'a str, i64>,
    producers: HashMap<&'a str, (i64, i64)>,
    songs: HashMap<(i64, &'a str), BatchSong>,
    known_names: BTreeSet<ProducerName>,
    touched_songs: BTreeSet<NormalizedTrackId>,
    pressed_tracks: Vec<TrackId>,
    pressed_albums: Vec<AlbumId>,
    renamed: Vec<String>,
}

impl<'a> BatchPlanner<'a> {
    /// The releases that are new albums.
    fn new_albums(&self) -> impl Iterator<Item = &'a PreparedAlbum> + use<'a, '_> {
        let releases = self.batch.iter().copied().zip(self.placements);
        releases
            .filter(|(_, placement)| **placement == AlbumPlacement::New)
            .map(|(release, _)| release)
    }

    /// The credits that make producers, with the producer's id in the source, of all releases that are
    /// written together.
    fn producer_credits(&self) -> impl Iterator<Item = (&'a str, &'a Credit)> + use<'a, '_> {
        let releases = self.batch.iter().copied().zip(self.placements);
        releases
            .filter(|(_, placement)| **placement != AlbumPlacement::WriteSingly)
            .flat_map(|(release, _)| &release.credits)
            .filter_map(|credit| Some((credit.producer.as_deref()?, &credit.credit)))
    }

    /// Finds artists and producers that are stored with another name or have several names in this batch, if
    /// the source has records that name an artist differently.
    async fn find_renamed(&mut self) -> Result<(), tokio_postgres::Error> {
        if !has_stated_names(self.source) {
            return Ok(());
        }
        let artists = self.new_albums().flat_map(PreparedAlbum::artists_with_ids);
        let artists = artists.map(|(id, artist)| (id, artist.name.as_str()));
        let producers = self
            .producer_credits()
            .map(|(id, credit)| (id, credit.name.as_str()));
        let mut first: HashMap<&str, &str> = HashMap::new();
        let mut seen = HashSet::new();
        let mut renamed = BTreeSet::new();
        let names: Vec<(&str, &str)> = artists
            .chain(producers)
            .filter(|name| seen.insert(*name))
            .collect();
        for (id, name) in &names {
            if first.entry(id).or_insert(name) != name {
                renamed.insert(*id);
            }
        }
        renamed.extend(self.lookup.renamed_ids(&names).await?);
        for id in renamed {
            if self.lookup.is_memory() {
                self.tables.add_unsettled_name(id);
            } else {
                self.renamed.push(id.to_owned());
            }
        }
        Ok(())
    }

    async fn find_artists(&mut self) -> Result<(), tokio_postgres::Error> {
        let mut names_by_id: HashMap<&str, &str> = HashMap::new();
        for (id, artist) in self.new_albums().flat_map(PreparedAlbum::artists_with_ids) {
            names_by_id.entry(id).or_insert(&artist.name);
        }
        let mut ids: Vec<&str> = names_by_id.keys().copied().collect();
        ids.sort_unstable();
        self.artists = self.lookup.artists(&ids).await?;
        ids.retain(|id| !self.artists.contains_key(id));
        let wanted = KeyCounts {
            artists: ids.len(),
            ..KeyCounts::default()
        };
        let keys = self.lookup.take_keys(wanted).await?;
        for (id, key) in ids.into_iter().zip(keys.artists) {
            self.tables.add_artist(key, id, names_by_id[id]);
            self.artists.insert(id, key);
            if let KeyLookup::Memory(memory) = &mut self.lookup {
                memory.artists.insert(hash(b'a', 0, id), key);
            }
        }
        Ok(())
    }

    async fn find_producers(&mut self) -> Result<(), tokio_postgres::Error> {
        let mut names_by_id: HashMap<&str, &str> = HashMap::new();
        let mut names: HashSet<(&str, &str, NameKind)> = HashSet::new();
        for (source_id, credit) in self.producer_credits() {
            names_by_id.entry(source_id).or_insert(&credit.name);
            names.insert((source_id, &credit.name, NameKind::Primary));
            if credit.credited_as != credit.name {
                names.insert((source_id, &credit.credited_as, NameKind::CreditedAs));
            }
        }
        let mut ids: Vec<&str> = names_by_id.keys().copied().collect();
        ids.sort_unstable();
        self.producers = self.lookup.producers(&ids).await?;
        ids.retain(|id| !self.producers.contains_key(id));
        let wanted = KeyCounts {
            producers: ids.len(),
            ..KeyCounts::default()
        };
        let keys = self.lookup.take_keys(wanted).await?;
        let keys = keys.producers.into_iter().zip(keys.identities);
        for (id, (producer, identity)) in ids.iter().zip(keys) {
            self.tables.add_producer(producer, identity, id, names_by_id[id]);
            self.producers.insert(id, (producer, identity));
            if let KeyLookup::Memory(memory) = &mut self.lookup {
                memory.producers.insert(hash(b'p', 0, id), (producer, identity));
            }
        }
        let new: HashSet<&str> = ids.into_iter().collect();
        let mut names: Vec<_> = names.into_iter().collect();
        names.sort_unstable();
        for (source_id, name, kind) in names {
            let Some(&(producer, _)) = self.producers.get(source_id) else {
                continue;
            };
            let is_new = match &mut self.lookup {
                KeyLookup::Memory(memory) => memory.names.insert(hash(kind as u8, producer, name)),
                KeyLookup::Tables(..) => new.contains(source_id),
            };
            if is_new {
                self.tables.add_producer_name(producer, name, kind);
            } else if !self.lookup.is_memory() {
                self.known_names.insert(ProducerName {
                    producer_id: ProducerId(producer),
                    name: name.to_owned(),
                    kind,
                });
            }
        }
        Ok(())
    }

    /// The artist of a track's song: the track's first main artist, otherwise the album's. `None` for
    /// placeholders such as Various Artists.
    fn song_artist(&self, release: &PreparedAlbum, track: &Track) -> Option<i64> {
        let mut main = track.artists.iter().filter(|artist| !artist.is_featured);
        let artist = main
            .find(|artist| artist.id.is_some())
            .or_else(|| release.first_artist())
            .filter(|artist| !artist.is_special)?;
        self.artists.get(artist.id.as_deref()?).copied()
    }

    async fn find_songs(&mut self) -> Result<(), tokio_postgres::Error> {
        let mut wanted: Vec<(i64, &'a str)> = Vec::new();
        let mut is_shared: HashSet<(i64, &str)> = HashSet::new();
        let mut seen = HashSet::new();
        for release in self.new_albums() {
            for (track, title) in &release.tracks {
                let Some(artist) = self.song_artist(release, track) else {
                    continue;
                };
                let song = (artist, title.key.as_str());
                if seen.insert(song) {
                    wanted.push(song);
                } else {
                    is_shared.insert(song);
                }
            }
        }
        let stored = self.lookup.songs(&wanted).await?;
        let stored_songs = stored.iter().map(|(song, id)| {
            let stored_song = BatchSong {
                id: *id,
                is_shared: true,
                is_written: true,
            };
            (*song, stored_song)
        });
        self.songs.extend(stored_songs);
        wanted.retain(|song| !stored.contains_key(song));
        let count = KeyCounts {
            songs: wanted.len(),
            ..KeyCounts::default()
        };
        let keys = self.lookup.take_keys(count).await?;
        for (song, id) in wanted.into_iter().zip(keys.songs) {
            if let KeyLookup::Memory(memory) = &mut self.lookup {
                memory.songs.insert(hash(b's', song.0, song.1), id);
            }
            let new_song = BatchSong {
                id,
                is_shared: is_shared.contains(&song),
                is_written: false,
            };
            self.songs.insert(song, new_song);
        }
        Ok(())
    }
}
