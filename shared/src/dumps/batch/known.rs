//! Where it is looked up what is here already: in what a load remembers of itself, or in the tables. What follows from it is
//! decided in `batch`.

use foldhash::HashMap;

use super::memory::{Memory, hash};
use crate::credits::Source;
use crate::db::Client;
use crate::store::loading::{self, KeyCounts, TableKeys};
use crate::store::{artists, producers, stated_names};

/// What knows.
pub(in crate::dumps) enum Known<'a> {
    /// A load that began with empty tables, of all that it wrote.
    Memory(&'a mut Memory),
    /// The tables, in a transaction, of what a source says.
    Tables(&'a Client<'a>, Source),
}

impl Known<'_> {
    /// Whether it is the load's own memory.
    pub(in crate::dumps) fn is_memory(&self) -> bool {
        matches!(self, Self::Memory(_))
    }

    /// Keys for new rows.
    pub(in crate::dumps) async fn take_keys(
        &mut self,
        wanted: KeyCounts,
    ) -> Result<TableKeys, tokio_postgres::Error> {
        match self {
            // It was seen to before that there are enough.
            Self::Memory(memory) => Ok(memory.blocks.keys(wanted).unwrap_or_default()),
            Self::Tables(client, _) => loading::take_keys(client, wanted).await,
        }
    }

    /// Our keys of artists, by their ids in the source.
    pub(in crate::dumps) async fn artists<'b>(
        &self,
        ids: &[&'b str],
    ) -> Result<HashMap<&'b str, i64>, tokio_postgres::Error> {
        Ok(match self {
            Self::Memory(memory) => ids
                .iter()
                .filter_map(|id| Some((*id, *memory.artists.get(&hash(b'a', 0, id))?)))
                .collect(),
            Self::Tables(client, source) => {
                let known = artists::list_by_identity(client, *source, ids).await?;
                ids.iter()
                    .filter_map(|id| Some((*id, known.get(*id)?.0)))
                    .collect()
            }
        })
    }

    /// Our keys of producers and of these identities.
    pub(in crate::dumps) async fn producers<'b>(
        &self,
        ids: &[&'b str],
    ) -> Result<HashMap<&'b str, (i64, i64)>, tokio_postgres::Error> {
        Ok(match self {
            Self::Memory(memory) => ids
                .iter()
                .filter_map(|id| Some((*id, *memory.producers.get(&hash(b'p', 0, id))?)))
                .collect(),
            Self::Tables(client, source) => {
                let known = producers::list_identities(client, *source, ids).await?;
                let ours = |id: &&'b str| {
                    let identity = known.get(*id)?;
                    Some((*id, (identity.producer_id.0, identity.id)))
                };
                ids.iter().filter_map(ours).collect()
            }
        })
    }

    /// The ids of those of these artists and producers, each with a name, who are here by another one.
    pub(in crate::dumps) async fn other_names<'b>(
        &mut self,
        names: &[(&'b str, &'b str)],
    ) -> Result<Vec<&'b str>, tokio_postgres::Error> {
        match self {
            Self::Memory(memory) => {
                let is_other = |(id, name): &&(&str, &str)| {
                    let is_here = memory.artists.contains_key(&hash(b'a', 0, id))
                        || memory.producers.contains_key(&hash(b'p', 0, id));
                    let id = hash(b'i', 0, id).cast_signed();
                    memory.names.insert(hash(b'n', id, name)) && is_here
                };
                let others = names.iter().filter(is_other);
                Ok(others.map(|(id, _)| *id).collect())
            }
            Self::Tables(client, source) => {
                let ids: Vec<&str> = names.iter().map(|(id, _)| *id).collect();
                let mut kept: HashMap<String, Vec<String>> = HashMap::default();
                for (id, name) in stated_names::list_stored_names(client, *source, &ids).await? {
                    kept.entry(id).or_default().push(name);
                }
                let is_other = |(id, name): &&(&str, &str)| {
                    let mut kept = kept.get(*id).into_iter().flatten();
                    kept.any(|kept| kept != name)
                };
                let others = names.iter().filter(is_other);
                Ok(others.map(|(id, _)| *id).collect())
            }
        }
    }

    /// Our keys of songs, by artist and folded title.
    pub(in crate::dumps) async fn songs<'b>(
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
                let known = loading::list_songs(client, songs).await?;
                songs
                    .iter()
                    .filter_map(|song| {
                        let key = (song.0, song.1.to_owned());
                        Some((*song, *known.get(&key)?))
                    })
                    .collect()
            }
        })
    }
}
