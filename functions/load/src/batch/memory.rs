//! What a load into empty tables remembers of the rows that it wrote: hashes and keys. No one else writes
//! there, and the tables have no indexes for lookups. Above a limit the load stops remembering and looks rows
//! up in the tables.

use foldhash::{HashMap, HashMapExt as _, HashSet, HashSetExt as _};
use shared::platform::db::Client;
use shared::store::catalog::known_albums::AlbumMatchReason;
use shared::store::loads::key_blocks::KeyBlocks;

use crate::batch::dumped_album::DumpedAlbum;

/// The most entries to remember; they take about 100 MB.
const MAX_ENTRIES: usize = 2_500_000;

/// Keys of rows by hashes.
pub(crate) type ByHash<T> = HashMap<u64, T>;

/// The keys of written rows, by the hashes of `hashes`.
pub(crate) struct LoadMemory {
    /// Unused keys for new rows.
    pub(crate) blocks: KeyBlocks,
    /// Artists, by their ids in the source.
    pub(crate) artists: ByHash<i64>,
    /// Producers and their identities, by their ids in the source.
    pub(crate) producers: ByHash<(i64, i64)>,
    /// Songs, by artist and folded title.
    pub(crate) songs: ByHash<i64>,
    /// Albums and their first tracks; the other tracks have the next keys.
    pub(crate) albums: AlbumIndex<(i64, i64)>,
    /// Pairs of a producer or an id and a name.
    pub(crate) names: HashSet<u64>,
}

impl Default for LoadMemory {
    /// Reserves capacity for fifty thousand releases, so that the maps are not copied repeatedly while they
    /// grow.
    fn default() -> Self {
        Self {
            blocks: KeyBlocks::default(),
            artists: HashMap::with_capacity(100_000),
            producers: HashMap::with_capacity(50_000),
            songs: HashMap::with_capacity(450_000),
            albums: AlbumIndex(HashMap::with_capacity(100_000)),
            names: HashSet::with_capacity(50_000),
        }
    }
}

impl LoadMemory {
    /// Makes sure that there are enough unused keys for a batch.
    pub(crate) async fn reserve_keys(
        &mut self,
        client: &mut Client<'_>,
        batch: &[&DumpedAlbum],
    ) -> Result<(), tokio_postgres::Error> {
        let max_rows = |release: &&DumpedAlbum| {
            let album = &release.album;
            1 + album.tracks.len() + album.artists_with_ids().count() + release.credits.len()
        };
        let max_keys = batch.iter().map(max_rows).sum();
        if !self.blocks.has(max_keys) {
            self.blocks = KeyBlocks::take(client, max_keys).await?;
        }
        Ok(())
    }

    /// Whether the memory has reached its limit.
    pub(crate) fn is_full(&self) -> bool {
        let maps = [self.artists.len(), self.songs.len(), self.albums.0.len()];
        maps.iter().sum::<usize>() + self.producers.len() + self.names.len() > MAX_ENTRIES
    }
}

/// Albums by what their pressings share: the master or the barcode, each with the tracklist.
#[derive(Debug)]
pub(crate) struct AlbumIndex<T>(ByHash<T>);

impl<T> Default for AlbumIndex<T> {
    fn default() -> Self {
        Self(ByHash::default())
    }
}

impl<T: Copy> AlbumIndex<T> {
    /// The albums that a release may be a pressing of, each with the reason.
    pub(crate) fn find(&self, release: &DumpedAlbum) -> impl Iterator<Item = (AlbumMatchReason, T)> {
        let keys = release.pressing_keys.iter();
        keys.filter_map(|(reason, key)| Some((*reason, *self.0.get(&(*key)?)?)))
    }

    /// Adds the album of a release, unless its keys have one. An album has only the barcode of its first
    /// pressing.
    pub(crate) fn insert(&mut self, release: &DumpedAlbum, is_first: bool, album: T) {
        for (reason, key) in release.pressing_keys {
            if let Some(key) = key.filter(|_| is_first || reason == AlbumMatchReason::Master) {
                self.0.entry(key).or_insert(album);
            }
        }
    }
}
