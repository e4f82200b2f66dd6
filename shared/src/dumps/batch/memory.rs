//! What a load into empty tables has written so far, as hashes and keys: nobody else writes there, and the tables have no
//! index to ask. Past a bound it is too much to remember, and the load goes on as into tables in use.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::prepared::Prepared;
use crate::db::Client;
use crate::store::loading::KeyBlocks;

/// About 100 MB.
const MOST: usize = 2_500_000;

/// Takes a hash as it is.
#[derive(Default)]
pub(in crate::dumps) struct Same(u64);

impl Same {
    fn hasher() -> BuildHasherDefault<Self> {
        BuildHasherDefault::default()
    }
}

impl Hasher for Same {
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

type ByHash<T> = HashMap<u64, T, BuildHasherDefault<Same>>;

/// Keys by the hashes of what they stand for.
pub(in crate::dumps) struct Memory {
    /// The keys that come next.
    pub(in crate::dumps) blocks: KeyBlocks,
    /// Artists by their ids in the source.
    pub(in crate::dumps) artists: ByHash<i64>,
    /// Producers and identities by their ids there.
    pub(in crate::dumps) producers: ByHash<(i64, i64)>,
    /// Songs by artist and folded title.
    pub(in crate::dumps) songs: ByHash<i64>,
    /// Albums and their first tracks, by what pressings share.
    pub(in crate::dumps) albums: ByHash<(i64, i64)>,
    /// The names that producers have.
    pub(in crate::dumps) names: HashSet<u64, BuildHasherDefault<Same>>,
}

impl Default for Memory {
    /// With room for what fifty thousand releases have, so that it is not copied again and again while it grows to that.
    fn default() -> Self {
        Self {
            blocks: KeyBlocks::default(),
            artists: HashMap::with_capacity_and_hasher(100_000, Same::hasher()),
            producers: HashMap::with_capacity_and_hasher(50_000, Same::hasher()),
            songs: HashMap::with_capacity_and_hasher(450_000, Same::hasher()),
            albums: HashMap::with_capacity_and_hasher(100_000, Same::hasher()),
            names: HashSet::with_capacity_and_hasher(50_000, Same::hasher()),
        }
    }
}

impl Memory {
    /// Sees to it that there are keys for all that a batch may need.
    ///
    /// # Errors
    /// The database's.
    pub(in crate::dumps) async fn provide_keys(
        &mut self,
        client: &mut Client<'_>,
        batch: &[&Prepared],
    ) -> Result<(), tokio_postgres::Error> {
        let most =
            |release: &&Prepared| 1 + release.tracks.len() + release.named().count() + release.claims.len();
        let most = batch.iter().map(most).sum();
        if !self.blocks.has(most) {
            self.blocks = KeyBlocks::take(client, most).await?;
        }
        Ok(())
    }

    /// Whether nothing more should be remembered.
    pub(in crate::dumps) fn is_full(&self) -> bool {
        let maps = [self.artists.len(), self.songs.len(), self.albums.len()];
        maps.iter().sum::<usize>() + self.producers.len() + self.names.len() > MOST
    }
}

/// The hash of something that consists of a number and a text.
pub(in crate::dumps) fn hash(kind: u8, number: i64, text: &str) -> u64 {
    let seed = number.cast_unsigned() ^ u64::from(kind) << 56;
    xxh3_64_with_seed(text.as_bytes(), seed)
}
