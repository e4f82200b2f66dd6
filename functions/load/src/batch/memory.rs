//! What a load into empty tables remembers of the rows that it wrote: hashes and keys. No one else writes
//! there, and the tables have no indexes for lookups. Above a limit the load stops remembering and looks rows
//! up in the tables.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use shared::platform::db::Client;
use shared::store::loads::key_blocks::KeyBlocks;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::batch::prepared_album::PreparedAlbum;

/// The most entries to remember; they take about 100 MB.
const MAX_ENTRIES: usize = 2_500_000;

/// A hasher for keys that are hashes already: it returns them unchanged.
#[derive(Default)]
pub(crate) struct PrehashedHasher(u64);

type BuildPrehashed = BuildHasherDefault<PrehashedHasher>;

impl Hasher for PrehashedHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64(bytes);
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

type ByHash<T> = HashMap<u64, T, BuildPrehashed>;

/// The keys of written rows, by hashes from [`hash`].
pub(crate) struct LoadMemory {
    /// Unused keys for new rows.
    pub(crate) blocks: KeyBlocks,
    /// Artists, by their ids in the source.
    pub(crate) artists: ByHash<i64>,
    /// Producers and their identities, by their ids in the source.
    pub(crate) producers: ByHash<(i64, i64)>,
    /// Songs, by artist and folded title.
    pub(crate) songs: ByHash<i64>,
    /// Albums and their first tracks, by what their pressings share (see `PressingKeys` of Discogs).
    pub(crate) albums: ByHash<(i64, i64)>,
    /// Pairs of a producer or an id and a name.
    pub(crate) names: HashSet<u64, BuildPrehashed>,
}

impl Default for LoadMemory {
    /// Reserves capacity for fifty thousand releases, so that the maps are not copied repeatedly while they
    /// grow.
    fn default() -> Self {
        Self {
            blocks: KeyBlocks::default(),
            artists: HashMap::with_capacity_and_hasher(100_000, BuildPrehashed::default()),
            producers: HashMap::with_capacity_and_hasher(50_000, BuildPrehashed::default()),
            songs: HashMap::with_capacity_and_hasher(450_000, BuildPrehashed::default()),
            albums: HashMap::with_capacity_and_hasher(100_000, BuildPrehashed::default()),
            names: HashSet::with_capacity_and_hasher(50_000, BuildPrehashed::default()),
        }
    }
}

impl LoadMemory {
    /// Makes sure that there are enough unused keys for a batch.
    pub(crate) async fn reserve_keys(
        &mut self,
        client: &mut Client<'_>,
        batch: &[&PreparedAlbum],
    ) -> Result<(), tokio_postgres::Error> {
        let max_rows = |album: &&PreparedAlbum| {
            1 + album.tracks.len() + album.artists_with_ids().count() + album.credits.len()
        };
        let max_keys = batch.iter().map(max_rows).sum();
        if !self.blocks.has(max_keys) {
            self.blocks = KeyBlocks::take(client, max_keys).await?;
        }
        Ok(())
    }

    /// Whether the memory has reached its limit.
    pub(crate) fn is_full(&self) -> bool {
        let maps = [self.artists.len(), self.songs.len(), self.albums.len()];
        maps.iter().sum::<usize>() + self.producers.len() + self.names.len() > MAX_ENTRIES
    }
}

/// The hash of a number and a text. `kind` keeps the hashes of different things apart.
pub(crate) fn hash(kind: u8, number: i64, text: &str) -> u64 {
    let seed = number.cast_unsigned() ^ u64::from(kind) << 56;
    xxh3_64_with_seed(text.as_bytes(), seed)
}
