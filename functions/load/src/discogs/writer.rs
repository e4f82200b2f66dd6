//! Writes planned rows, each batch in one transaction together with the load's progress.

use shared::domain::credits::Source;
use shared::domain::ids::AlbumId;
use shared::platform::db::{Client, Pool};
use shared::store::catalog::artist_identities;
use shared::store::loads::loaded_records::{LoadedRecord, LoadedRecordRow};
use shared::store::loads::loading;
use shared::store::producers;

use crate::batch::lookup::KeyLookup;
use crate::batch::planned_batch::{BatchAlbum, PlannedBatch};
use crate::batch::planning;
use crate::batch::prepared_album::PreparedAlbum;
use crate::batch::rows::BatchTables;
use crate::discogs::dump_release::DiscogsRelease;
use crate::discogs::placement;
use crate::progress::LoadProgress;

/// Writes rows into tables that were empty, and saves `progress`, the progress of the load with these rows.
pub(crate) async fn write_tables(
    pool: Pool,
    mut tables: BatchTables,
    load_id: i64,
    progress: LoadProgress,
) -> anyhow::Result<LoadProgress> {
    let mut client = pool.client().await?;
    let transaction = client.transaction().await?;
    loading::begin_batch(&transaction, true).await?;
    tables.copy_in(&transaction).await?;
    progress.save(&transaction, load_id).await?;
    transaction.commit().await?;
    Ok(progress)
}

/// Plans and writes a batch into a catalog in use. If `is_only_writer`, nobody else writes into these tables,
/// and the end of the load recomputes what depends on the rows.
pub(crate) async fn write_batch(
    client: &mut Client<'_>,
    batch: &[DiscogsRelease],
    load_id: i64,
    is_only_writer: bool,
) -> anyhow::Result<PlannedBatch> {
    let transaction = client.transaction().await?;
    loading::begin_batch(&transaction, is_only_writer).await?;
    artist_identities::lock_source(&transaction, Source::Discogs).await?;
    producers::lock_source(&transaction, Source::Discogs).await?;
    let lookup = KeyLookup::Tables(&transaction, Source::Discogs);
    let placements = placement::place_releases(&lookup, batch).await?;
    let albums: Vec<&PreparedAlbum> = batch.iter().map(|release| &release.album).collect();
    let tables = BatchTables::new(Source::Discogs);
    let mut planned = planning::plan(lookup, &albums, &placements, tables).await?;
    add_loaded_records(&mut planned.tables, batch, &planned.albums, load_id);
    planned.tables.copy_in(&transaction).await?;
    planned.insert_known_names(&transaction).await?;
    if is_only_writer {
        planned.defer_names(&transaction).await?;
    } else {
        planned.refresh(&transaction).await?;
    }
    transaction.commit().await?;
    Ok(planned)
}

/// Adds a `loaded_records` row for each release that is an album.
pub(crate) fn add_loaded_records(
    tables: &mut BatchTables,
    batch: &[DiscogsRelease],
    albums: &[Option<BatchAlbum>],
    load_id: i64,
) {
    for (release, album) in batch.iter().zip(albums) {
        let Some(album) = album else { continue };
        tables.add_loaded_record(&LoadedRecordRow {
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
