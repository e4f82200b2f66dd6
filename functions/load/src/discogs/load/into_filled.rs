//! Writes releases into a catalog in use: new ones in batches, changed and undecided ones singly.

use anyhow::Context as _;
use shared::platform::db::retry_conflicts;

use super::DiscogsReleaseLoad;
use crate::discogs::dump_release::DiscogsRelease;
use crate::discogs::reader::ReadReleases;
use crate::discogs::single_release;
use crate::discogs::writer::write_batch;
use crate::progress::{TRIES, is_load_conflict};

/// Releases per transaction, at least. It takes half a second.
const BATCH_RELEASES: usize = 1_000;

impl DiscogsReleaseLoad<'_> {
    /// Collects releases, and writes them once there are enough for a transaction, one of them changed, or
    /// none is left to write.
    pub(super) async fn write_into_filled(&mut self, releases: ReadReleases) -> anyhow::Result<()> {
        self.waiting.append(releases);
        let wanted = &self.waiting.wanted;
        let is_changed = wanted.iter().any(|(_, is_stored)| *is_stored);
        if wanted.is_empty() || wanted.len() >= BATCH_RELEASES || is_changed {
            self.write_waiting().await?;
        }
        Ok(())
    }

    pub(super) async fn write_waiting(&mut self) -> anyhow::Result<()> {
        let mut releases = std::mem::take(&mut self.waiting);
        releases.sort();
        self.done.position_bytes = releases.position_bytes;
        self.done.counts.add(&releases.counts);
        let changed: Vec<_> = releases
            .wanted
            .extract_if(.., |(_, is_stored)| *is_stored)
            .collect();
        let new = releases.wanted.into_iter();
        let new: Vec<DiscogsRelease> = new.map(|(release, _)| release).collect();
        if !new.is_empty() {
            self.write_new(&new).await?;
        }
        if !changed.is_empty() {
            self.restore_indexes().await?;
        }
        for (release, _) in changed {
            self.write_singly(&release).await?;
            self.done.counts.changed += 1;
        }
        self.done.save(&self.client, self.load_id).await
    }

    /// Writes releases that are not stored yet.
    async fn write_new(&mut self, batch: &[DiscogsRelease]) -> anyhow::Result<()> {
        let (pool, load_id, is_only_writer) = (self.pool, self.load_id, self.is_only_writer);
        let write = || write_batch(pool, batch, load_id, is_only_writer);
        let planned = retry_conflicts(TRIES, is_load_conflict, write)
            .await
            .context("write releases")?;
        let placed = batch.iter().zip(&planned.placed);
        let undecided = placed.filter(|(_, placed)| !placed.is_in_batch());
        let undecided: Vec<&DiscogsRelease> = undecided.map(|(release, _)| release).collect();
        self.done.counts.loaded += (batch.len() - undecided.len()) as u64;
        self.done.counts.credits += planned.tables.credit_count();
        self.done.rows += planned.tables.row_count();
        if !undecided.is_empty() {
            self.restore_indexes().await?;
        }
        for release in undecided {
            self.write_singly(release).await?;
            self.done.counts.loaded += 1;
        }
        Ok(())
    }

    async fn write_singly(&mut self, release: &DiscogsRelease) -> anyhow::Result<()> {
        let (pool, load_id) = (self.pool, self.load_id);
        let write = || single_release::write_release(pool, release, load_id);
        let written = retry_conflicts(TRIES, is_load_conflict, write).await;
        written.with_context(|| format!("write release {}", release.id()))?;
        self.done.rows += 1;
        self.done.counts.credits += release.dumped.credits.len() as u64;
        Ok(())
    }
}
