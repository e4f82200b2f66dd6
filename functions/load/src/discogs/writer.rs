//! Writes planned rows, each batch in one transaction together with the load's progress.

use shared::domain::credits::Source;
use shared::domain::ids::AlbumId;
use shared::platform::db::Pool;
use shared::store::loads::loading;

use crate::batch::lookup::KeyLookup;
use crate::batch::planned_batch::PlannedBatch;
use crate::batch::planning;
use crate::batch::rows::BatchTables;
use crate::discogs::dump_release::DiscogsRelease;
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
    pool: &Pool,
    batch: &[DiscogsRelease],
    load_id: i64,
    is_only_writer: bool,
) -> anyhow::Result<PlannedBatch> {
    let mut client = pool.client().await?;
    let transaction = client.transaction().await?;
    loading::begin_batch(&transaction, is_only_writer).await?;
    let lookup = KeyLookup::in_tables(&transaction, Source::Discogs).await?;
    let mut planned = plan(lookup, batch, load_id, BatchTables::new(Source::Discogs)).await?;
    planned.write(&transaction, is_only_writer).await?;
    transaction.commit().await?;
    Ok(planned)
}

/// Plans a batch, with the rows that note which releases are stored.
pub(crate) async fn plan(
    lookup: KeyLookup<'_>,
    batch: &[DiscogsRelease],
    load_id: i64,
    tables: BatchTables,
) -> Result<PlannedBatch, tokio_postgres::Error> {
    let albums: Vec<_> = batch.iter().map(|release| &release.dumped).collect();
    let mut planned = planning::plan(lookup, &albums, tables).await?;
    for (release, placed) in batch.iter().zip(&planned.placed) {
        if placed.is_in_batch() {
            let record = release.loaded_record(AlbumId(placed.id), load_id);
            planned.tables.add_loaded_record(&record);
        }
    }
    Ok(planned)
}
