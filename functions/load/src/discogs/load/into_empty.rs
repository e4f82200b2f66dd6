//! Writes releases into tables that were empty. A batch is planned from the load's memory while the one
//! before is written.

use anyhow::Context as _;
use shared::domain::credits::Source;
use shared::platform::db::Pool;
use shared::store::loads::loading;

use super::DiscogsReleaseLoad;
use crate::batch::dumped_album::DumpedAlbum;
use crate::batch::lookup::KeyLookup;
use crate::batch::rows::BatchTables;
use crate::bulk::{self, RestoreScope};
use crate::control::LoadStage;
use crate::discogs::dump_release::{DiscogsRelease, plan_batch};
use crate::discogs::reader::ReadReleases;
use crate::progress::LoadProgress;

/// The most rows of one transaction.
const MAX_ROWS: u64 = 40_000;

impl DiscogsReleaseLoad<'_> {
    /// Plans releases from memory, and starts a write once enough rows are planned.
    pub(super) async fn write_into_empty(&mut self, mut releases: ReadReleases) -> anyhow::Result<()> {
        releases.sort();
        let first = releases.wanted.first();
        if first.is_some_and(|(release, _)| release.release.id.0 < self.last_id) {
            // Out of order: the memory does not know which of two pressings has the smaller number.
            self.write_planned().await?;
            self.finish_writing().await?;
            self.forget().await?;
            return self.write_into_filled(releases).await;
        }
        let last = releases.wanted.last();
        self.last_id = last.map_or(self.last_id, |(release, _)| release.release.id.0);
        let Some(memory) = &mut self.memory else {
            return Ok(());
        };
        let wanted = releases.wanted.into_iter();
        let batch: Vec<DiscogsRelease> = wanted.map(|(release, _)| release).collect();
        let albums: Vec<&DumpedAlbum> = batch.iter().map(|release| &release.dumped).collect();
        memory.reserve_keys(&mut self.client, &albums).await?;
        let tables = std::mem::replace(&mut self.planned, BatchTables::new(Source::Discogs));
        let planned = plan_batch(KeyLookup::Memory(memory), &batch, self.load_id, tables).await?;
        self.planned = planned.tables;
        let is_full = memory.is_full();
        self.planned_progress.position_bytes = releases.position_bytes;
        self.planned_progress.counts.add(&releases.counts);
        self.planned_progress.counts.loaded += batch.len() as u64;
        if self.planned.row_count() > self.max_planned_rows || is_full {
            self.write_planned().await?;
            self.max_planned_rows = MAX_ROWS.min(self.max_planned_rows * 2);
        }
        if is_full {
            self.finish_writing().await?;
            self.forget().await?;
        }
        Ok(())
    }

    /// Starts to write the planned rows once the running write is finished.
    pub(super) async fn write_planned(&mut self) -> anyhow::Result<()> {
        if self.memory.is_none() {
            return Ok(());
        }
        let tables = std::mem::replace(&mut self.planned, BatchTables::new(Source::Discogs));
        self.planned_progress.counts.credits += tables.credit_count();
        self.planned_progress.rows += tables.row_count();
        self.finish_writing().await?;
        let (pool, progress) = (self.pool.clone(), self.planned_progress.clone());
        let writing = write_tables(pool, tables, self.load_id, progress);
        self.writing = Some(tokio::spawn(writing));
        Ok(())
    }

    /// Waits for the running write.
    pub(super) async fn finish_writing(&mut self) -> anyhow::Result<()> {
        if let Some(writing) = self.writing.take() {
            let written = writing.await.map_err(anyhow::Error::from).flatten();
            self.done = written.context("write releases")?;
        }
        Ok(())
    }

    /// Drops the memory and creates the indexes needed for lookups in the tables.
    async fn forget(&mut self) -> anyhow::Result<()> {
        if let Some(memory) = self.memory.take() {
            memory.blocks.give_back(&mut self.client).await?;
            self.control.enter(LoadStage::Indexes);
            bulk::restore(self.pool, RestoreScope::Lookups).await?;
            self.control.enter(LoadStage::Records);
        }
        Ok(())
    }
}

/// Writes rows into tables that were empty, and saves `progress`, the progress of the load with these rows.
async fn write_tables(
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
