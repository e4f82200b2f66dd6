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
use crate::batch::memory::LoadMemory;

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

    /// Whether this is the load's memory.
    pub(crate) fn is_memory(&self) -> bool {
        matches!(self, Self::Memory(_))
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

    /// Keys of the stored artists among `ids`, which are ids in the source.
    pub(crate) async fn artists<'b>(
        &self,
        ids: &[&'b str],
    ) -> Result<HashMap<&'b str, i64>, tokio_postgres::Error> {
        Ok(match self {
            Self::Memory(memory) => ids
                .iter()
                .filter_map(|id| Some((*id, *memory.artists.get(&hash(b'a', 0, id))?)))
                .collect(),
            Self::Tables(client, source) => {
                let stored = artist_identities::list_by_identity(client, *source, ids).await?;
                ids.iter()
                    .filter_map(|id| Some((*id, stored.get(*id)?.0)))
                    .collect()
            }
        })
    }

    /// Keys of the stored producers among `ids`, each with the key of the identity.
    pub(crate) async fn producers<'b>(
        &self,
        ids: &[&'b str],
    ) -> Result<HashMap<&'b str, (i64, i64)>, tokio_postgres::Error> {
        Ok(match self {
            Self::Memory(memory) => ids
                .iter()
                .filter_map(|id| Some((*id, *memory.producers.get(&hash(b'p', 0, id))?)))
                .collect(),
            Self::Tables(client, source) => {
                let stored = producers::list_identities(client, *source, ids).await?;
                let keys = |id: &&'b str| {
                    let identity = stored.get(*id)?;
                    Some((*id, (identity.producer_id.0, identity.id)))
                };
                ids.iter().filter_map(keys).collect()
            }
        })
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

    /// Keys of the stored songs among `songs`, which are given by artist and folded title.
    pub(crate) async fn songs<'b>(
        &self,
        songs: &[(i64, &'b str)],
    ) -> Result<HashMap<(i64, &'b str), i64>, tokio_postgres::Error> {
        Ok(match self {
            Self::Memory(memory) => songs
                .iter()
                .filter_map(|song| {
                    let key = hash(b's', song.0, song.1);
                    Some((*song, *memory.songs.get(&key)?))
                })
                .collect(),
            Self::Tables(client, _) => {
                let stored = loading::list_songs(client, songs).await?;
                let key = |song: &(i64, &'b str)| Some((*song, *stored.get(&(song.0, song.1.to_owned()))?));
                songs.iter().filter_map(key).collect()
            }
        })
    }
}
