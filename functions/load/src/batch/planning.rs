//! Plans the rows of a batch: places its releases, finds or assigns the keys of artists, producers and songs,
//! then adds the rows.

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashMapExt as _, HashSet, HashSetExt as _};
use shared::catalog::album_import::{self, AlbumPlan, has_stated_names};
use shared::catalog::credit_matching::{self, CreditPlan};
use shared::domain::credits::Source;
use shared::domain::ids::{AlbumId, NormalizedTrackId, ProducerId, TrackId};
use shared::store::catalog::known_albums::KnownAlbums;
use shared::store::producers::{NameKind, ProducerName};

use crate::batch::dumped_album::DumpedAlbum;
use crate::batch::hashes::hash;
use crate::batch::lookup::KeyLookup;
use crate::batch::placement::{PlacedAlbum, Placement, place_albums};
use crate::batch::planned_batch::PlannedBatch;
use crate::batch::rows::BatchTables;

/// A release of a batch with what it becomes.
pub(super) struct PlannedRelease<'a> {
    pub(super) release: &'a DumpedAlbum,
    pub(super) placed: &'a PlacedAlbum,
    /// What its album becomes, if it is a new one.
    album: Option<AlbumPlan<'a>>,
    credits: CreditPlan<'a>,
}

/// Plans a batch and adds its rows to `tables`.
pub(crate) async fn plan(
    mut lookup: KeyLookup<'_>,
    batch: &[&DumpedAlbum],
    tables: BatchTables,
) -> Result<PlannedBatch, tokio_postgres::Error> {
    let placed = place_albums(&mut lookup, batch).await?;
    let nothing_known = KnownAlbums::default();
    let releases = batch
        .iter()
        .copied()
        .zip(&placed)
        .filter(|(_, placed)| placed.is_in_batch());
    let releases = releases.map(|(release, placed)| PlannedRelease {
        release,
        placed,
        album: (placed.placement == Placement::New)
            .then(|| album_import::plan(&release.album, &nothing_known)),
        credits: credit_matching::plan(&release.credits, &release.track_places()),
    });
    let releases: Vec<PlannedRelease<'_>> = releases.collect();
    let mut planner = BatchPlanner {
        lookup,
        releases: &releases,
        artists: HashMap::new(),
        producers: HashMap::new(),
        songs: HashMap::new(),
        batch: PlannedBatch::new(tables),
    };
    planner.find_renamed().await?;
    planner.find_artists().await?;
    planner.find_producers().await?;
    planner.find_songs().await?;
    for release in &releases {
        planner.add_release(release);
    }
    let mut batch = planner.batch;
    batch.placed = placed;
    Ok(batch)
}

/// A song of a batch.
#[derive(Default)]
struct BatchSong {
    id: i64,
    /// Whether it has other tracks, stored or in this batch.
    is_shared: bool,
    is_written: bool,
}

struct BatchPlanner<'a> {
    lookup: KeyLookup<'a>,
    releases: &'a [PlannedRelease<'a>],
    artists: HashMap<&'a str, i64>,
    producers: HashMap<&'a str, (i64, i64)>,
    songs: HashMap<(i64, Cow<'a, str>), BatchSong>,
    batch: PlannedBatch,
}

impl<'a> BatchPlanner<'a> {
    fn source(&self) -> Source {
        self.batch.tables.source()
    }

    /// What the new albums become.
    fn new_albums(&self) -> impl Iterator<Item = (&'a PlannedRelease<'a>, &'a AlbumPlan<'a>)> + use<'a> {
        self.releases
            .iter()
            .filter_map(|release| Some((release, release.album.as_ref()?)))
    }

    /// The ids and names of the artists of the new albums.
    fn artist_names(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let artists = self
            .new_albums()
            .flat_map(|(new, _)| new.release.album.artists_with_ids());
        artists.map(|(id, artist)| (id, artist.name.as_str()))
    }

    /// Finds artists and producers that are stored with another name or have several names in this batch, if
    /// the source has records that name an artist differently.
    async fn find_renamed(&mut self) -> Result<(), tokio_postgres::Error> {
        if !has_stated_names(self.source()) {
            return Ok(());
        }
        let producers = self
            .releases
            .iter()
            .flat_map(|release| release.credits.producer_credits());
        let producers = producers.map(|(id, matched)| (id, matched.credit.name.as_str()));
        let mut first: HashMap<&str, &str> = HashMap::new();
        let mut seen = HashSet::new();
        let mut renamed = BTreeSet::new();
        let names = self.artist_names().chain(producers);
        let names: Vec<(&str, &str)> = names.filter(|name| seen.insert(*name)).collect();
        for (id, name) in &names {
            if first.entry(id).or_insert(name) != name {
                renamed.insert(*id);
            }
        }
        renamed.extend(self.lookup.renamed_ids(&names).await?);
        for id in renamed {
            if self.lookup.memory().is_some() {
                self.batch.tables.add_unsettled_name(id);
            } else {
                self.batch.renamed.push(id.to_owned());
            }
        }
        Ok(())
    }

    async fn find_artists(&mut self) -> Result<(), tokio_postgres::Error> {
        let mut names_by_id: BTreeMap<&str, &str> = BTreeMap::new();
        for (id, name) in self.artist_names() {
            names_by_id.entry(id).or_insert(name);
        }
        let ids: Vec<&str> = names_by_id.keys().copied().collect();
        let rows = self.lookup.artists(&ids).await?;
        for ((id, name), row) in names_by_id.into_iter().zip(rows) {
            if row.is_new {
                self.batch.tables.add_artist(row.key, id, name);
            }
            self.artists.insert(id, row.key);
        }
        Ok(())
    }

    async fn find_producers(&mut self) -> Result<(), tokio_postgres::Error> {
        let mut names_by_id: BTreeMap<&str, &str> = BTreeMap::new();
        let mut names: BTreeSet<(&str, &str, NameKind)> = BTreeSet::new();
        for release in self.releases {
            for (id, name) in release.credits.identities() {
                names_by_id.entry(id).or_insert(name);
            }
            names.extend(release.credits.names());
        }
        let ids: Vec<&str> = names_by_id.keys().copied().collect();
        let rows = self.lookup.producers(&ids).await?;
        let mut new = HashSet::new();
        for ((id, name), row) in names_by_id.into_iter().zip(rows) {
            if row.is_new {
                self.batch.tables.add_producer(row.key.0, row.key.1, id, name);
                new.insert(id);
            }
            self.producers.insert(id, row.key);
        }
        for (source_id, name, kind) in names {
            let Some(&(producer, _)) = self.producers.get(source_id) else {
                continue;
            };
            let is_new = match self.lookup.memory() {
                Some(memory) => memory.names.insert(hash(kind as u8, producer, name)),
                None => new.contains(source_id),
            };
            if is_new {
                self.batch.tables.add_producer_name(producer, name, kind);
            } else if self.lookup.memory().is_none() {
                self.batch.known_names.push(ProducerName {
                    producer_id: ProducerId(producer),
                    name: name.to_owned(),
                    kind,
                });
            }
        }
        Ok(())
    }

    async fn find_songs(&mut self) -> Result<(), tokio_postgres::Error> {
        let mut wanted: Vec<(i64, Cow<'a, str>)> = Vec::new();
        for (new, plan) in self.new_albums() {
            let album = AlbumId(new.placed.id);
            for (artist, key) in plan.tracks.iter().filter_map(|track| track.song(album)) {
                let Some(&artist) = self.artists.get(artist) else {
                    continue;
                };
                match self.songs.entry((artist, key)) {
                    Entry::Occupied(mut song) => song.get_mut().is_shared = true,
                    Entry::Vacant(song) => {
                        wanted.push(song.key().clone());
                        song.insert(BatchSong::default());
                    }
                }
            }
        }
        let keys: Vec<(i64, &str)> = wanted.iter().map(|(artist, key)| (*artist, &**key)).collect();
        let rows = self.lookup.songs(&keys).await?;
        for (song, row) in wanted.iter().zip(rows) {
            if let Some(song) = self.songs.get_mut(song) {
                song.id = row.key;
                song.is_shared |= !row.is_new;
                song.is_written = !row.is_new;
            }
        }
        Ok(())
    }

    /// Adds the rows of a release.
    fn add_release(&mut self, planned: &'a PlannedRelease<'a>) {
        let (release, placed) = (planned.release, planned.placed);
        match &planned.album {
            Some(plan) => self.add_album(planned, plan),
            None => {
                let tracks = placed.tracks.iter().copied();
                self.batch.pressed_tracks.extend(tracks.map(TrackId));
                self.batch.pressed_albums.push(AlbumId(placed.id));
                self.batch.tables.add_pressing(&release.pressing());
            }
        }
        let (is_early, is_supervised) = (
            release.album.is_early() == Some(true),
            planned.credits.has_supervisors(),
        );
        if is_early {
            self.batch.tables.add_early_record(&release.album.id);
        }
        if is_early || is_supervised {
            self.batch.early_or_supervised.push(release.album.id.clone());
        }
        self.batch.has_supervisors |= is_supervised;
        for (source, id, matched_by) in album_import::links(&release.album) {
            self.batch
                .tables
                .add_album_link(placed.id, source, id, matched_by);
        }
        let is_only_release = planned.album.is_some();
        self.batch
            .tables
            .add_credits(&planned.credits, placed, &self.producers, is_only_release);
    }

    fn add_album(&mut self, planned: &PlannedRelease<'_>, plan: &AlbumPlan<'a>) {
        let (release, placed) = (planned.release, planned.placed);
        let album = &release.album;
        let artist = album
            .first_artist()
            .and_then(|artist| Some((artist, artist.id.as_deref()?)));
        let Some((artist, &artist_key)) =
            artist.and_then(|(artist, id)| Some((artist, self.artists.get(id)?)))
        else {
            return;
        };
        let tables = &mut self.batch.tables;
        tables.add_album(
            placed.id,
            artist_key,
            &album.name,
            &plan.facts,
            album.stated_name(artist),
        );
        for (planned, track) in plan.tracks.iter().zip(&placed.tracks) {
            let song = planned.song(AlbumId(placed.id)).and_then(|(artist, title)| {
                let artist = *self.artists.get(artist)?;
                let key = (artist, title);
                let song = self.songs.get_mut(&key)?;
                if song.is_shared {
                    self.batch.touched_songs.insert(NormalizedTrackId(song.id));
                }
                if !std::mem::replace(&mut song.is_written, true) {
                    tables.add_song(song.id, artist, &key.1, *track, plan.facts.release_date);
                }
                Some(song.id)
            });
            tables.add_track(*track, placed.id, planned, song);
            for (position, id, artist) in planned.artists(|id| self.artists.get(id).copied()) {
                tables.add_track_artist(
                    *track,
                    position,
                    id,
                    artist.is_featured,
                    album.stated_name(artist),
                );
            }
        }
        for (recording, key) in release.recordings.iter().zip(&placed.tracks) {
            if let Some(recording) = recording {
                tables.add_track_link(*key, recording);
            }
        }
    }
}
