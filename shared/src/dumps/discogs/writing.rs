//! Writes what is planned, each piece in a transaction with how far the load is then. What is planned stays out.

use super::dumped::Dumped;
use super::{SOURCE, places};
use crate::db::{Client, Pool};
use crate::dumps::batch::known::Known;
use crate::dumps::batch::prepared::Prepared;
use crate::dumps::batch::{self, Album, Planned, Tables};
use crate::dumps::progress::LoadProgress;
use crate::ids::AlbumId;
use crate::store::loaded_records::{LoadedRecord, LoadedRecordRow};
use crate::store::{artists, loading, producers};

/// Writes rows into tables that were empty, with how far the load is then.
pub(super) async fn write_tables(
    pool: Pool,
    mut tables: Tables,
    load_id: i64,
    then: LoadProgress,
) -> anyhow::Result<LoadProgress> {
    let mut client = pool.client().await?;
    let transaction = client.transaction().await?;
    loading::begin_batch(&transaction, true).await?;
    tables.send(&transaction).await?;
    then.save(&transaction, load_id).await?;
    transaction.commit().await?;
    Ok(then)
}

/// Writes a batch beside what is there; `alone`: nobody else writes, and what follows is settled at the end.
pub(super) async fn write_batch(
    client: &mut Client<'_>,
    batch: &[Dumped],
    load_id: i64,
    alone: bool,
) -> anyhow::Result<Planned> {
    let transaction = client.transaction().await?;
    loading::begin_batch(&transaction, alone).await?;
    artists::lock_source(&transaction, SOURCE).await?;
    producers::lock_source(&transaction, SOURCE).await?;
    let known = Known::Tables(&transaction, SOURCE);
    let places = places::find(&known, batch).await?;
    let albums: Vec<&Prepared> = batch.iter().map(|release| &release.album).collect();
    let mut planned = batch::plan(known, &albums, &places, Tables::of(SOURCE)).await?;
    keep_records(&mut planned.tables, batch, &planned.albums, load_id);
    planned.tables.send(&transaction).await?;
    planned.keep_names(&transaction).await?;
    if alone {
        planned.leave_names(&transaction).await?;
    } else {
        planned.follow_up(&transaction).await?;
    }
    transaction.commit().await?;
    Ok(planned)
}

/// Keeps that releases are here which are albums.
pub(super) fn keep_records(tables: &mut Tables, batch: &[Dumped], albums: &[Option<Album>], load_id: i64) {
    for (release, album) in batch.iter().zip(albums) {
        let Some(album) = album else { continue };
        tables.loaded_record(&LoadedRecordRow {
            source_id: release.id(),
            loaded: LoadedRecord {
                content_hash: release.content_hash,
                album_id: AlbumId(album.id),
                tracklist_hash: release.tracklist_hash,
            },
            master_id: release.release.master_id,
            load_id,
        });
    }
}
