//! Discogs' dump of releases: read, compared with what is here, and written. Its dump of artists is in `artists`.
//!
//! A release is an album by the rules of one asked for online; pressings of one master, or with one barcode, that have the
//! same titles in the same places are one album with a link each, and the first that is loaded says what the album is
//! called. A release that changed is written again. One that is gone from the dump, though the dump has numbers before and
//! behind it, was deleted at Discogs or merged into another: what it claimed and its link go, since no source states them any
//! more, and its album, too, where no other record of any source is that album. A dump in part takes nothing else away.

mod artists;
mod batch;
mod memory;
mod places;
mod prepared;
mod reading;
mod rows;
mod single;

use anyhow::Context as _;
use chrono::NaiveDate;
use tokio_postgres::error::SqlState;

pub use artists::load_artists;

use self::memory::Memory;
use self::prepared::Prepared;
use self::reading::{Cut, Cuts, Releases, Sieve};
use super::counts::Counts;
use super::input::Input;
use super::seen::Seen;
use super::{Control, Loaded, Stage, alone, bulk, elements};
use crate::credits::Source;
use crate::db::{Client, Pool};
use crate::ids::AlbumId;
use crate::store::loaded_records;
use crate::store::loads::{self, Mode, Started, State};

const SOURCE: Source = Source::Discogs;
/// Releases that are written in one transaction.
const BATCH: usize = 500;
/// How often a batch is tried that others stood in the way of.
const TRIES: usize = 4;
/// Ids that are looked at together for those that are gone.
const IDS: i64 = 20_000;

/// Loads a dump of releases; `everything`: also those that nobody is credited with producing. What it comes to is kept in
/// `loads`, and whatever stops it, the next load goes on.
///
/// # Errors
/// Where the file is no such dump, is cut off or cannot be read, where another load is at work, and the database's. What was
/// read before is kept.
pub async fn load_releases(
    pool: &Pool,
    input: Input,
    everything: bool,
    control: &Control,
) -> anyhow::Result<Loaded> {
    let name = input.name.clone();
    let mut cuts = reading::cut(input.reader, input.read);
    // A file of the wrong kind is told before anything is touched.
    let Some(first) = cuts.recv().await else {
        return Err(elements::Error::CutOff).context(name);
    };
    let first = first.with_context(|| name.clone())?;
    let load = load_cuts(
        pool,
        &name,
        input.dump_date,
        everything,
        control,
        first,
        cuts,
    );
    alone(pool, load).await.with_context(|| name.clone())
}

async fn load_cuts(
    pool: &Pool,
    name: &str,
    dump_date: Option<NaiveDate>,
    everything: bool,
    control: &Control,
    first: Cut,
    cuts: Cuts,
) -> anyhow::Result<Loaded> {
    control.enter(Stage::Indexes);
    bulk::restore(pool)
        .await
        .context("make the indexes that a load left to be made")?;
    let mut client = pool.client().await?;
    let is_empty = loads::is_empty(&client).await?;
    let started = Started {
        source: SOURCE,
        file_name: name,
        dump_date,
        everything,
        mode: if is_empty { Mode::Empty } else { Mode::Filled },
    };
    let load_id = loads::insert(&client, &started).await?;
    if is_empty {
        bulk::drop_ddl(&mut client, load_id).await?;
    }
    control.enter(Stage::Records);
    let mut load = Load {
        pool,
        client,
        control,
        load_id,
        memory: is_empty.then(Memory::default),
        counts: Counts::default(),
        rows: 0,
        position_bytes: 0,
    };
    let sieve = Sieve {
        client: pool.client().await?,
        is_first: is_empty,
        everything,
    };
    let came_to = load.run(sieve, first, cuts).await;
    load.end(came_to).await
}

struct Load<'a> {
    pool: &'a Pool,
    client: Client<'static>,
    control: &'a Control,
    load_id: i64,
    memory: Option<Memory>,
    counts: Counts,
    rows: u64,
    position_bytes: u64,
}

impl Load<'_> {
    /// Reads and writes to the end; false where it was asked to stop before.
    async fn run(&mut self, sieve: Sieve, first: Cut, cuts: Cuts) -> anyhow::Result<bool> {
        let (mut releases, seen) = reading::sift(sieve, first, cuts);
        while let Some(read) = releases.recv().await {
            if self.control.is_stopping() {
                return Ok(false);
            }
            self.write(read?).await?;
        }
        let seen = seen.await.context("read the dump")?;
        self.control.enter(Stage::Vanished);
        self.remove_vanished(&seen).await
    }

    async fn write(&mut self, mut releases: Releases) -> anyhow::Result<()> {
        self.position_bytes = releases.position_bytes;
        self.counts.add(&releases.counts);
        // What changed is written one by one, after what is first here.
        let changed: Vec<_> = releases
            .wanted
            .extract_if(.., |(_, before)| before.is_some())
            .collect();
        let mut first: Vec<Prepared> = releases
            .wanted
            .into_iter()
            .map(|(release, _)| release)
            .collect();
        while !first.is_empty() {
            let rest = first.split_off(first.len().min(BATCH));
            self.batch(&first).await?;
            first = rest;
        }
        for (release, before) in changed {
            self.single(&release, before).await?;
            self.counts.changed += 1;
        }
        let position = i64::try_from(self.position_bytes).unwrap_or(i64::MAX);
        let counts = serde_json::to_value(&self.counts)?;
        loads::update(
            &self.client,
            self.load_id,
            position,
            &counts,
            State::Running,
            None,
        )
        .await?;
        self.control.tell(&self.counts);
        if self.memory.as_ref().is_some_and(Memory::is_full) {
            self.control.enter(Stage::Indexes);
            bulk::restore(self.pool).await?;
            self.memory = None;
            self.control.enter(Stage::Records);
        }
        Ok(())
    }

    /// Writes releases that are first here.
    async fn batch(&mut self, batch: &[Prepared]) -> anyhow::Result<()> {
        let mut tries = 0;
        let outcome = loop {
            tries += 1;
            let transaction = self.client.transaction().await?;
            let memory = self.memory.as_mut();
            let written = batch::write(&transaction, memory, batch, self.load_id).await;
            let written = match written {
                Ok(outcome) => transaction.commit().await.map(|()| outcome),
                Err(error) => {
                    drop(transaction);
                    Err(error)
                }
            };
            match written {
                Ok(outcome) => break outcome,
                // Workers write beside us, who look first, too.
                Err(error) if tries < TRIES && is_conflict(&error) && self.memory.is_none() => {}
                Err(error) => return Err(error).context("write releases"),
            }
        };
        self.counts.loaded += (batch.len() - outcome.aside.len()) as u64;
        self.counts.credits += outcome.credits;
        self.rows += outcome.rows;
        for at in outcome.aside {
            self.single(&batch[at], None).await?;
            self.counts.loaded += 1;
        }
        Ok(())
    }

    async fn single(
        &mut self,
        release: &Prepared,
        before: Option<loaded_records::Loaded>,
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
                Err(error)
                    if tries < TRIES
                        && error
                            .chain()
                            .any(|cause| cause.downcast_ref().is_some_and(is_conflict)) => {}
                Err(error) => {
                    return Err(error.context(format!("write release {}", release.id)));
                }
            }
        }
        self.rows += 1;
        self.counts.credits += release.claims.len() as u64;
        Ok(())
    }

    /// Takes away what is here, and gone from between what the dump has.
    async fn remove_vanished(&mut self, seen: &Seen) -> anyhow::Result<bool> {
        if self.memory.is_some() {
            return Ok(true);
        }
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
        self.counts.vanished += 1;
        self.rows += 1;
        Ok(())
    }

    /// Makes what is left to be made, however it went, and keeps how it went.
    async fn end(self, came_to: anyhow::Result<bool>) -> anyhow::Result<Loaded> {
        let pool = self.pool;
        drop(self.client);
        self.control.enter(Stage::Indexes);
        let restored = bulk::restore(pool).await.context("make the indexes");
        // Without them it is not done.
        let came_to = came_to.and_then(|is_complete| restored.map(|_| is_complete));
        let (state, reason) = match &came_to {
            Ok(true) => (State::Done, None),
            Ok(false) => (State::Stopped, Some("asked to stop".to_owned())),
            Err(error) => (State::Stopped, Some(format!("{error:#}"))),
        };
        let kept = async {
            let counts = serde_json::to_value(&self.counts)?;
            let position = i64::try_from(self.position_bytes).unwrap_or(i64::MAX);
            let client = pool.client().await?;
            loads::update(
                &client,
                self.load_id,
                position,
                &counts,
                state,
                reason.as_deref(),
            )
            .await?;
            anyhow::Ok(())
        };
        // Why it stopped says more than that this could not be kept.
        let kept = kept.await;
        let is_complete = came_to?;
        kept?;
        Ok(Loaded {
            counts: self.counts,
            rows: self.rows,
            is_complete,
        })
    }
}

/// Whether somebody else stood in the way, and another try may do.
pub(super) fn is_conflict(error: &tokio_postgres::Error) -> bool {
    let conflicts = [
        SqlState::UNIQUE_VIOLATION,
        SqlState::FOREIGN_KEY_VIOLATION,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::T_R_SERIALIZATION_FAILURE,
    ];
    error.code().is_some_and(|code| conflicts.contains(code))
}
