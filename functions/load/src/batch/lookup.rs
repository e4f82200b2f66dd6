//! Looks up which artists, producers and songs are stored already, and under which keys: in the load's own
//! memory or in the tables.

use foldhash::HashMap;
use shared::domain::credits::Source;
use shared::platform::db::Client;
use shared::store::catalog::artist_identities;
use shared::store::catalog::known_albums::{self, KnownAlbums};
use shared::store::catalog::stated_names;
use shared::store::loads::key_blocks::{self, KeyCounts, TableKeys};
use shared::store::loads::loading;
use shared::store::producers;

use crate::batch::dumped_album::DumpedAlbum;
use crate::batch::hashes::hash;
use crate::batch::memory::{ByHash, LoadMemory};

/// The key of a row: the stored one, or an unused one if the row is new.
pub(crate) struct RowKey<K> {
    pub(crate) key: K,
    pub(crate) is_new: bool,
}

/// Where stored keys are looked up.
pub(crate) enum KeyLookup<'a> {
    /// In the memory of a load that began with empty tables.
    Memory(&'a mut LoadMemory),
    /// In the tables, in a transaction, for ids of this source.
    Tables(&'a Client<'a>, Source),
}

impl<'a> KeyLookup<'a> {
    /// Looks keys up in the tables. Until the transaction ends, no other one creates artists or producers of
    /// the source.
    pub(crate) async fn in_tables(
        transaction: &'a Client<'a>,
        source: Source,
    ) -> Result<Self, tokio_postgres::Error> {
        artist_identities::lock_source(transaction, source).await?;
        producers::lock_source(transaction, source).await?;
        Ok(Self::Tables(transaction, source))
    }

    /// The load's memory, if it remembers its rows.
    pub(crate) fn memory(&mut self) -> Option<&mut LoadMemory> {
        match self {
            Self::Memory(memory) => Some(memory),
            Self::Tables(..) => None,
        }
    }

    /// Takes unused keys for new rows.
    pub(crate) async fn take_keys(&mut self, wanted: KeyCounts) -> Result<TableKeys, tokio_postgres::Error> {
        match self {
            // `LoadMemory::reserve_keys` made sure that there are enough.
            Self::Memory(memory) => Ok(memory.blocks.keys(wanted).unwrap_or_default()),
            Self::Tables(client, _) => key_blocks::take_keys(client, wanted).await,
        }
    }

    /// What is stored in the tables that each of these releases may be.
    pub(crate) async fn known_albums(
        &self,
        batch: &[&DumpedAlbum],
    ) -> Result<Vec<KnownAlbums>, tokio_postgres::Error> {
        match self {
            // The memory's albums are looked up one by one, since those of the batch are added to it.
            Self::Memory(_) => Ok(vec![KnownAlbums::default(); batch.len()]),
            Self::Tables(client, source) => {
                let keys: Vec<_> = batch.iter().map(|release| release.album.keys()).collect();
                known_albums::list(client, *source, &keys).await
            }
        }
    }

    /// The keys of artists with these ids in the source.
    pub(crate) async fn artists(&mut self, ids: &[&str]) -> Result<Vec<RowKey<i64>>, tokio_postgres::Error> {
        let hashes: Vec<u64> = ids.iter().map(|id| hash(b'a', 0, id)).collect();
        let stored = match self {
            Self::Memory(memory) => remembered(&memory.artists, &hashes),
            Self::Tables(client, source) => {
                let stored = artist_identities::list_by_identity(client, *source, ids).await?;
                ids.iter().map(|id| Some(stored.get(*id)?.0)).collect()
            }
        };
        let wanted = KeyCounts {
            artists: count_new(&stored),
            ..KeyCounts::default()
        };
        let unused = self.take_keys(wanted).await?.artists;
        let memory = self.memory().map(|memory| &mut memory.artists);
        Ok(assign(stored, unused, &hashes, memory))
    }

    /// The keys of producers with these ids in the source, each with the key of the identity.
    pub(crate) async fn producers(
        &mut self,
        ids: &[&str],
    ) -> Result<Vec<RowKey<(i64, i64)>>, tokio_postgres::Error> {
        let hashes: Vec<u64> = ids.iter().map(|id| hash(b'p', 0, id)).collect();
        let stored = match self {
            Self::Memory(memory) => remembered(&memory.producers, &hashes),
            Self::Tables(client, source) => {
                let stored = producers::list_identities(client, *source, ids).await?;
                let stored = |id: &&str| stored.get(*id).map(|stored| (stored.producer_id.0, stored.id));
                ids.iter().map(stored).collect()
            }
        };
        let wanted = KeyCounts {
            producers: count_new(&stored),
            ..KeyCounts::default()
        };
        let unused = self.take_keys(wanted).await?;
        let unused = unused.producers.into_iter().zip(unused.identities);
        let memory = self.memory().map(|memory| &mut memory.producers);
        Ok(assign(stored, unused, &hashes, memory))
    }

    /// The keys of songs, which are given by artist and folded title.
    pub(crate) async fn songs(
        &mut self,
        songs: &[(i64, &str)],
    ) -> Result<Vec<RowKey<i64>>, tokio_postgres::Error> {
        let hashes: Vec<u64> = songs
            .iter()
            .map(|(artist, title)| hash(b's', *artist, title))
            .collect();
        let stored = match self {
            Self::Memory(memory) => remembered(&memory.songs, &hashes),
            Self::Tables(client, _) => {
                let stored = loading::list_songs(client, songs).await?;
                let stored = |(artist, title): &(i64, &str)| stored.get(&(*artist, (*title).to_owned()));
                songs.iter().map(|song| stored(song).copied()).collect()
            }
        };
        let wanted = KeyCounts {
            songs: count_new(&stored),
            ..KeyCounts::default()
        };
        let unused = self.take_keys(wanted).await?.songs;
        let memory = self.memory().map(|memory| &mut memory.songs);
        Ok(assign(stored, unused, &hashes, memory))
    }

    /// Of these (id, name) pairs of artists and producers, the ids that are stored with another name.
    pub(crate) async fn renamed_ids<'b>(
        &mut self,
        names: &[(&'b str, &'b str)],
    ) -> Result<Vec<&'b str>, tokio_postgres::Error> {
        match self {
            Self::Memory(memory) => {
                let is_renamed = |(id, name): &&(&str, &str)| {
                    let is_stored = memory.artists.contains_key(&hash(b'a', 0, id))
                        || memory.producers.contains_key(&hash(b'p', 0, id));
                    let id = hash(b'i', 0, id).cast_signed();
                    memory.names.insert(hash(b'n', id, name)) && is_stored
                };
                let renamed = names.iter().filter(is_renamed);
                Ok(renamed.map(|(id, _)| *id).collect())
            }
            Self::Tables(client, source) => {
                let ids: Vec<&str> = names.iter().map(|(id, _)| *id).collect();
                let mut stored: HashMap<String, Vec<String>> = HashMap::default();
                for (id, name) in stated_names::list_stored_names(client, *source, &ids).await? {
                    stored.entry(id).or_default().push(name);
                }
                let is_renamed = |(id, name): &&(&str, &str)| {
                    let mut stored = stored.get(*id).into_iter().flatten();
                    stored.any(|stored| stored != name)
                };
                let renamed = names.iter().filter(is_renamed);
                Ok(renamed.map(|(id, _)| *id).collect())
            }
        }
    }
}

fn remembered<K: Copy>(memory: &ByHash<K>, hashes: &[u64]) -> Vec<Option<K>> {
    hashes.iter().map(|hash| memory.get(hash).copied()).collect()
}

fn count_new<K>(stored: &[Option<K>]) -> usize {
    stored.iter().filter(|key| key.is_none()).count()
}

/// Gives each row that is not stored an unused key, and remembers it in `memory`.
fn assign<K: Copy + Default>(
    stored: Vec<Option<K>>,
    unused: impl IntoIterator<Item = K>,
    hashes: &[u64],
    mut memory: Option<&mut ByHash<K>>,
) -> Vec<RowKey<K>> {
    let mut unused = unused.into_iter();
    let rows = stored.into_iter().zip(hashes).map(|(stored, hash)| {
        let key = stored.or_else(|| unused.next()).unwrap_or_default();
        if let (None, Some(memory)) = (stored, &mut memory) {
            memory.insert(*hash, key);
        }
        RowKey {
            key,
            is_new: stored.is_none(),
        }
    });
    rows.collect()
}
