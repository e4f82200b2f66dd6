//! A load under way: what is read is planned and written, how far it is is kept, and what is left to be made is made at its end.
//! Where it begins is decided before.

use anyhow::Context as _;
use tokio::task::JoinHandle;

use super::dumped::Dumped;
use super::reading::{self, Cut, Cuts, Releases, Sieve};
use super::writing::{keep_records, write_batch, write_tables};
use super::{SOURCE, places, single};
use crate::db::{Client, Pool};
use crate::dumps::batch::known::Known;
use crate::dumps::batch::memory::Memory;
use crate::dumps::batch::prepared::Prepared;
use crate::dumps::batch::{self, Tables};
use crate::dumps::bulk::{self, RestoreScope};
use crate::dumps::control::{LoadControl, LoadStage};
use crate::dumps::progress::{LoadOutcome, LoadProgress};
use crate::dumps::retries::{TRIES, is_conflict};
use crate::dumps::seen::NumberSet;
use crate::ids::AlbumId;
use crate::store::loaded_records;

/// Releases that are at least written in one transaction, which takes half a second then.
const BATCH: usize = 1_000;
/// Rows that are written in one transaction into tables that were empty: first few, so that something is kept soon, then
/// twice as many each time, up to so many.
const FIRST_ROWS: u64 = 10_000;
const MOST_ROWS: u64 = 40_000;
/// Ids that are looked at together for those that are gone.
const IDS: i64 = 20_000;

/// A load.
pub(super) struct Load<'a> {
    pool: &'a Pool,
    client: Client<'static>,
    control: &'a LoadControl,
    load_id: i64,
    /// The greatest number of a release that it remembers.
    last_id: i64,
    /// What it wrote since it began with empty tables, as long as that is not too much.
    memory: Option<Memory>,
    /// Whether the tables have no foreign keys, and no more indexes than are looked in.
    is_alone: bool,
    /// What is read and is to be written beside what others wrote.
    waiting: Releases,
    /// The rows that are to be written into tables that were empty.
    planned: Tables,
    /// How many rows there should be.
    rows_at_once: u64,
    /// How far it is there once they are.
    ahead: LoadProgress,
    /// What is being written there; gives how far the load is then.
    writing: Option<JoinHandle<anyhow::Result<LoadProgress>>>,
    /// How far it is.
    done: LoadProgress,
}

impl<'a> Load<'a> {
    /// One that begins: into empty tables, or at least `alone` in them.
    pub(super) fn new(
        pool: &'a Pool,
        client: Client<'static>,
        control: &'a LoadControl,
        load_id: i64,
        is_empty: bool,
        is_alone: bool,
    ) -> Self {
        Self {
            pool,
            client,
            control,
            load_id,
            memory: is_empty.then(Memory::default),
            last_id: 0,
            is_alone,
            waiting: Releases::default(),
            planned: Tables::of(SOURCE),
            rows_at_once: FIRST_ROWS,
            ahead: LoadProgress::default(),
            writing: None,
            done: LoadProgress::default(),
        }
    }

    /// Reads and writes as far as that goes, and keeps how it went.
    ///
    /// # Errors
    /// What stopped it.
    pub(super) async fn run_to_end(
        mut self,
        sieve: Sieve,
        first: Cut,
        cuts: Cuts,
    ) -> anyhow::Result<LoadOutcome> {
        let came_to = self.run(sieve, first, cuts).await;
        self.end(came_to).await
    }

    /// Reads and writes to the end; false where it was asked to stop before.
    async fn run(&mut self, sieve: Sieve, first: Cut, cuts: Cuts) -> anyhow::Result<bool> {
        let (mut releases, seen) = reading::sift(sieve, first, cuts);
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
                self.control.report(&self.ahead.counts);
            } else {
                self.write_beside(releases).await?;
                self.control.report(&self.done.counts);
            }
        }
        self.write_left().await?;
        self.written().await?;
        let seen = seen.await.context("read the dump")?;
        self.control.enter(LoadStage::Vanished);
        self.remove_vanished(&seen).await
    }

    /// Plans what nobody but this load has written anything beside, while what was planned before is being written.
    async fn write_into_empty(&mut self, mut releases: Releases) -> anyhow::Result<()> {
        releases.sort();
        let first = releases.wanted.first();
        if first.is_some_and(|(release, _)| release.release.id.0 < self.last_id) {
            // What it remembers does not tell which of two pressings leads.
            self.write_planned().await?;
            self.written().await?;
            self.forget().await?;
            return self.write_beside(releases).await;
        }
        let last = releases.wanted.last();
        self.last_id = last.map_or(self.last_id, |(release, _)| release.release.id.0);
        let Some(memory) = &mut self.memory else {
            return Ok(());
        };
        let wanted = releases.wanted.into_iter();
        let batch: Vec<Dumped> = wanted.map(|(release, _)| release).collect();
        let albums: Vec<&Prepared> = batch.iter().map(|release| &release.album).collect();
        memory.provide_keys(&mut self.client, &albums).await?;
        let places = places::find(&Known::Memory(memory), &batch).await?;
        let tables = std::mem::replace(&mut self.planned, Tables::of(SOURCE));
        let known = Known::Memory(memory);
        let mut planned = batch::plan(known, &albums, &places, tables).await?;
        places::remember(memory, &batch, &places, &planned.albums);
        keep_records(&mut planned.tables, &batch, &planned.albums, self.load_id);
        self.planned = planned.tables;
        let is_full = memory.is_full();
        self.ahead.position_bytes = releases.position_bytes;
        self.ahead.counts.add(&releases.counts);
        self.ahead.counts.loaded += batch.len() as u64;
        if self.planned.count() > self.rows_at_once || is_full {
            self.write_planned().await?;
            self.rows_at_once = MOST_ROWS.min(self.rows_at_once * 2);
        }
        if is_full {
            self.written().await?;
            self.forget().await?;
        }
        Ok(())
    }

    /// Begins to write what is planned, once what was planned before is written.
    async fn write_planned(&mut self) -> anyhow::Result<()> {
        if self.memory.is_none() {
            return Ok(());
        }
        let tables = std::mem::replace(&mut self.planned, Tables::of(SOURCE));
        self.ahead.counts.credits += tables.credits();
        self.ahead.rows += tables.count();
        self.written().await?;
        let (pool, ahead) = (self.pool.clone(), self.ahead.clone());
        let writing = write_tables(pool, tables, self.load_id, ahead);
        self.writing = Some(tokio::spawn(writing));
        Ok(())
    }

    /// Waits for the batch that is being written.
    async fn written(&mut self) -> anyhow::Result<()> {
        if let Some(writing) = self.writing.take() {
            let written = writing.await.map_err(anyhow::Error::from).flatten();
            self.done = written.context("write releases")?;
        }
        Ok(())
    }

    /// Looks in the tables from now on.
    async fn forget(&mut self) -> anyhow::Result<()> {
        if let Some(memory) = self.memory.take() {
            memory.blocks.give_back(&mut self.client).await?;
            self.control.enter(LoadStage::Indexes);
            bulk::restore(self.pool, RestoreScope::Lookups).await?;
            self.control.enter(LoadStage::Records);
        }
        Ok(())
    }

    /// Makes all keys and indexes, to go on as beside what others wrote.
    async fn join_others(&mut self) -> anyhow::Result<()> {
        if std::mem::take(&mut self.is_alone) {
            let stage = self.control.stage();
            self.control.enter(LoadStage::Indexes);
            bulk::restore(self.pool, RestoreScope::All).await?;
            self.control.enter(stage);
        }
        Ok(())
    }

    /// Writes what was read, once it is enough for a transaction, or what is to be written is none or not written in one.
    async fn write_beside(&mut self, releases: Releases) -> anyhow::Result<()> {
        self.waiting.add(releases);
        let wanted = &self.waiting.wanted;
        let is_changed = wanted.iter().any(|(_, before)| before.is_some());
        if wanted.is_empty() || wanted.len() >= BATCH || is_changed {
            self.write_waiting().await?;
        }
        Ok(())
    }

    /// Writes all that is read.
    async fn write_left(&mut self) -> anyhow::Result<()> {
        self.write_planned().await?;
        if !self.waiting.wanted.is_empty() {
            self.write_waiting().await?;
        }
        Ok(())
    }

    async fn write_waiting(&mut self) -> anyhow::Result<()> {
        let mut releases = std::mem::take(&mut self.waiting);
        releases.sort();
        self.done.position_bytes = releases.position_bytes;
        self.done.counts.add(&releases.counts);
        // What changed is written one by one, after what is first here.
        let changed: Vec<_> = releases
            .wanted
            .extract_if(.., |(_, before)| before.is_some())
            .collect();
        let first = releases.wanted.into_iter();
        let first: Vec<Dumped> = first.map(|(release, _)| release).collect();
        if !first.is_empty() {
            self.batch(&first).await?;
        }
        if !changed.is_empty() {
            self.join_others().await?;
        }
        for (release, before) in changed {
            self.single(&release, before).await?;
            self.done.counts.changed += 1;
        }
        self.done.save(&self.client, self.load_id).await
    }

    /// Writes releases that are first here.
    async fn batch(&mut self, batch: &[Dumped]) -> anyhow::Result<()> {
        let mut tries = 0;
        let planned = loop {
            tries += 1;
            match write_batch(&mut self.client, batch, self.load_id, self.is_alone).await {
                Ok(written) => break written,
                // Workers write beside us, who look first, too.
                Err(error) if tries < TRIES && is_conflict(&error) => {}
                Err(error) => return Err(error).context("write releases"),
            }
        };
        let places = planned.albums.iter().enumerate();
        let aside = places.filter(|(_, album)| album.is_none());
        let aside: Vec<&Dumped> = aside.map(|(at, _)| &batch[at]).collect();
        self.done.counts.loaded += (batch.len() - aside.len()) as u64;
        self.done.counts.credits += planned.tables.credits();
        self.done.rows += planned.tables.count();
        if !aside.is_empty() {
            self.join_others().await?;
        }
        for release in aside {
            self.single(release, None).await?;
            self.done.counts.loaded += 1;
        }
        Ok(())
    }

    async fn single(
        &mut self,
        release: &Dumped,
        before: Option<loaded_records::LoadedRecord>,
    ) -> anyhow::Result<()> {
        let mut tries = 0;
        loop {
            tries += 1;
            let transaction = self.client.transaction().await?;
            let written = match single::write(&transaction, release, before, self.load_id).await {
                Ok(()) => transaction.commit().await.map_err(anyhow::Error::from),
                Err(error) => {
                    drop(transaction);
                    Err(error)
                }
            };
            match written {
                Ok(()) => break,
                Err(error) if tries < TRIES && is_conflict(&error) => {}
                Err(error) => {
                    return Err(error.context(format!("write release {}", release.id())));
                }
            }
        }
        self.done.rows += 1;
        self.done.counts.credits += release.album.claims.len() as u64;
        Ok(())
    }

    /// Takes away what is here, and gone from between what the dump has.
    async fn remove_vanished(&mut self, seen: &NumberSet) -> anyhow::Result<bool> {
        if self.memory.is_some() {
            return Ok(true);
        }
        self.join_others().await?;
        let mut after = String::new();
        loop {
            let ids = loaded_records::list_ids(&self.client, SOURCE, &after, IDS).await?;
            let Some(last) = ids.last() else {
                return Ok(true);
            };
            after.clone_from(last);
            let is_gone = |id: &&String| {
                let number = id.parse::<i64>();
                number.is_ok_and(|id| seen.spans(id) && !seen.contains(id))
            };
            let gone: Vec<String> = ids.iter().filter(is_gone).cloned().collect();
            let known = loaded_records::list(&self.client, SOURCE, &gone).await?;
            for (id, loaded) in known {
                if self.control.is_stopping() {
                    return Ok(false);
                }
                self.remove(&id, loaded.album_id).await?;
            }
        }
    }

    async fn remove(&mut self, id: &str, album: AlbumId) -> anyhow::Result<()> {
        let transaction = self.client.transaction().await?;
        single::detach(&transaction, id, album)
            .await
            .with_context(|| format!("remove release {id}"))?;
        transaction.commit().await?;
        self.done.counts.vanished += 1;
        self.done.rows += 1;
        Ok(())
    }

    /// Makes what is left to be made, however it went, and keeps how it went.
    async fn end(mut self, came_to: anyhow::Result<bool>) -> anyhow::Result<LoadOutcome> {
        // What is under way is written to its end.
        let came_to = match self.written().await {
            Ok(()) => came_to,
            Err(error) => came_to.and(Err(error)),
        };
        self.control.enter(LoadStage::Indexes);
        let (pool, mut client) = (self.pool, self.client);
        if let Some(memory) = self.memory.take() {
            // Where it cannot, there is a gap.
            let _ = memory.blocks.give_back(&mut client).await;
        }
        drop(client);
        let restored = bulk::restore(pool, RestoreScope::All).await;
        // Without them it is not done.
        let restored = restored.context("make the indexes");
        let came_to = came_to.and_then(|is_complete| restored.map(|()| is_complete));
        self.done.finish(pool, self.load_id, came_to).await
    }
}
