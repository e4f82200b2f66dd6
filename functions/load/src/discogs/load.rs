//! A running load of Discogs releases: reads them, writes them into an empty catalog or one in use, removes
//! vanished ones, and at the end recreates the indexes and saves the result.

mod into_empty;
mod into_filled;
mod vanished;

use anyhow::Context as _;
use shared::domain::credits::Source;
use shared::platform::db::{Client, Pool};
use tokio::task::JoinHandle;

use crate::batch::memory::LoadMemory;
use crate::batch::rows::BatchTables;
use crate::bulk::{self, RestoreScope};
use crate::control::{LoadControl, LoadStage};
use crate::discogs::reader::{self, ReadReleases, SplitChunk, SplitChunks, UnchangedFilter};
use crate::progress::{LoadOutcome, LoadProgress, RunningLoad};
use crate::removal::ReleaseOptions;

/// Rows of the first transaction of a load into empty tables. It is small so that progress is saved soon; the
/// number then doubles with each transaction.
const FIRST_ROWS: u64 = 10_000;

/// A running load.
pub(crate) struct DiscogsReleaseLoad<'a> {
    pool: &'a Pool,
    client: Client<'static>,
    control: &'a LoadControl,
    options: ReleaseOptions,
    load_id: i64,
    /// The greatest release number that was planned from memory.
    last_id: i64,
    /// The rows written since the load began with empty tables; `None` if there are too many or the tables
    /// were not empty.
    memory: Option<LoadMemory>,
    /// Whether no one else writes: the tables have no foreign keys, and only the indexes needed for lookups.
    is_only_writer: bool,
    /// Releases to write into a catalog in use.
    waiting: ReadReleases,
    /// Planned rows for tables that were empty.
    planned: BatchTables,
    /// Number of planned rows at which they are written.
    max_planned_rows: u64,
    /// The progress once the planned rows are written.
    planned_progress: LoadProgress,
    /// The running write of earlier planned rows; returns the progress after it.
    writing: Option<JoinHandle<anyhow::Result<LoadProgress>>>,
    /// The progress of the written rows.
    done: LoadProgress,
}

impl<'a> DiscogsReleaseLoad<'a> {
    /// `is_empty`: the tables are empty. `is_only_writer`: no one else writes into them, and they have no
    /// foreign keys.
    pub(crate) fn new(
        load: &RunningLoad<'a>,
        client: Client<'static>,
        options: ReleaseOptions,
        load_id: i64,
        is_empty: bool,
        is_only_writer: bool,
    ) -> Self {
        Self {
            pool: load.pool,
            client,
            control: load.control,
            options,
            load_id,
            memory: is_empty.then(LoadMemory::default),
            last_id: 0,
            is_only_writer,
            waiting: ReadReleases::default(),
            planned: BatchTables::new(Source::Discogs),
            max_planned_rows: FIRST_ROWS,
            planned_progress: LoadProgress::default(),
            writing: None,
            done: LoadProgress::default(),
        }
    }

    /// Reads and writes to the end; false if it was asked to stop.
    pub(crate) async fn run(
        &mut self,
        filter: UnchangedFilter,
        first: SplitChunk,
        chunks: SplitChunks,
    ) -> anyhow::Result<bool> {
        let (mut releases, seen) = reader::filter_and_parse(filter, first, chunks);
        while let Some(read) = releases.recv().await {
            if self.control.is_stopping() {
                self.write_left().await?;
                return Ok(false);
            }
            let releases = match read {
                Ok(releases) => releases,
                Err(error) => {
                    self.write_left().await?;
                    return Err(error);
                }
            };
            if self.memory.is_some() {
                self.write_into_empty(releases).await?;
                self.control.report(&self.planned_progress.counts);
            } else {
                self.write_into_filled(releases).await?;
                self.control.report(&self.done.counts);
            }
        }
        self.write_left().await?;
        self.finish_writing().await?;
        let seen = seen.await.context("read the dump")?;
        self.control.enter(LoadStage::Vanished);
        self.remove_vanished(&seen).await
    }

    /// Writes everything that was read.
    async fn write_left(&mut self) -> anyhow::Result<()> {
        self.write_planned().await?;
        if !self.waiting.wanted.is_empty() {
            self.write_waiting().await?;
        }
        Ok(())
    }

    /// Recreates all keys and indexes, and continues as in a catalog in use.
    async fn restore_indexes(&mut self) -> anyhow::Result<()> {
        if std::mem::take(&mut self.is_only_writer) {
            let stage = self.control.stage();
            self.control.enter(LoadStage::Indexes);
            bulk::restore(self.pool, RestoreScope::All).await?;
            self.control.enter(stage);
        }
        Ok(())
    }

    /// Recreates the dropped indexes whether or not the load succeeded, and saves the result.
    pub(crate) async fn finish(mut self, ended: anyhow::Result<bool>) -> anyhow::Result<LoadOutcome> {
        let ended = match self.finish_writing().await {
            Ok(()) => ended,
            Err(error) => ended.and(Err(error)),
        };
        self.control.enter(LoadStage::Indexes);
        let (pool, mut client) = (self.pool, self.client);
        if let Some(memory) = self.memory.take() {
            // A failure only leaves a gap in the keys.
            let _ = memory.blocks.give_back(&mut client).await;
        }
        drop(client);
        let restored = bulk::restore(pool, RestoreScope::All).await;
        // A load without its indexes is not complete.
        let restored = restored.context("create the indexes");
        let ended = ended.and_then(|is_complete| restored.map(|()| is_complete));
        self.done.finish(pool, self.load_id, ended).await
    }
}
