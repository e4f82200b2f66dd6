//! Starts a load, and saves its progress in `loads` while it runs and when it ends.

use std::error::Error;

use anyhow::Context as _;
use chrono::NaiveDate;
use shared::domain::credits::Source;
use shared::platform::db::{self, Client, Pool};
use shared::platform::error_text::error_text;
use shared::store::loads::{self, LoadKind, LoadMode, LoadStart, LoadState};
use tokio::sync::mpsc::Receiver;

use crate::control::{LoadControl, LoadStage};
use crate::counts::{LoadCounts, MalformedRecord};
use crate::direct_connection;

/// How often a write is tried in all if it conflicts with other writers.
pub(crate) const TRIES: u32 = 4;

/// Whether another try of a write may succeed.
pub(crate) fn is_load_conflict(error: &anyhow::Error) -> bool {
    db::is_conflict(error.as_ref())
}

/// Records of a dump that were read together.
#[derive(Debug)]
pub(crate) struct RecordChunk<T> {
    /// The records in the file's order.
    pub(crate) records: Vec<Result<T, MalformedRecord>>,
    /// What is odd about the file.
    pub(crate) note: Option<String>,
    /// Bytes of the file read so far.
    pub(crate) position_bytes: u64,
    /// The date on which the dump was made, if the file states it.
    pub(crate) dump_date: Option<NaiveDate>,
}

/// A load that is about to start.
pub(crate) struct RunningLoad<'a> {
    pub(crate) pool: &'a Pool,
    pub(crate) control: &'a LoadControl,
    /// The name of the file.
    name: &'a str,
    dump_date: Option<NaiveDate>,
}

/// The lock that only one load at a time can hold.
pub(crate) struct LoadLock(Client<'static>);

impl LoadLock {
    /// Takes the lock. Fails at once if another load holds it, or if the database is behind a pooler.
    pub(crate) async fn take(pool: &Pool) -> anyhow::Result<Self> {
        let client = pool.client().await?;
        direct_connection::check(pool, &client).await?;
        if !loads::try_lock(&client).await? {
            anyhow::bail!("another load is running on this database: wait until it has ended");
        }
        Ok(Self(client))
    }

    pub(crate) async fn release(self) -> Result<(), tokio_postgres::Error> {
        loads::unlock(&self.0).await
    }
}

/// Runs a load of the chunks of a file. The first chunk fails for a file of the wrong kind, before anything
/// is written; `cut_off` says that there is none. Fails at once if another load is running on this database.
pub(crate) async fn run_load<C, E: Error + Send + Sync + 'static>(
    pool: &Pool,
    control: &LoadControl,
    name: &str,
    dump_date: Option<NaiveDate>,
    mut chunks: Receiver<Result<C, E>>,
    cut_off: E,
    load: impl AsyncFnOnce(&RunningLoad<'_>, C, Receiver<Result<C, E>>) -> anyhow::Result<LoadOutcome>,
) -> anyhow::Result<LoadOutcome> {
    let run = async {
        let first = chunks.recv().await.unwrap_or(Err(cut_off))?;
        let lock = LoadLock::take(pool).await?;
        let running = RunningLoad {
            pool,
            control,
            name,
            dump_date,
        };
        let outcome = load(&running, first, chunks).await;
        let unlocked = lock.release().await;
        let outcome = outcome?;
        unlocked?;
        anyhow::Ok(outcome)
    };
    run.await.with_context(|| name.to_owned())
}

impl RunningLoad<'_> {
    /// The load as it starts. `stated_date` is the date in the file.
    pub(crate) fn of(&self, source: Source, kind: LoadKind, stated_date: Option<NaiveDate>) -> LoadStart<'_> {
        LoadStart {
            source,
            kind,
            file_name: self.name,
            dump_date: stated_date.or(self.dump_date),
            everything: false,
            mode: LoadMode::Filled,
            stored_before: None,
        }
    }

    /// Stores that the load starts to write records. Returns its id.
    pub(crate) async fn start(&self, started: LoadStart<'_>) -> anyhow::Result<i64> {
        let load_id = loads::insert(&self.pool.client().await?, &started).await?;
        self.control.enter(LoadStage::Records);
        Ok(load_id)
    }
}

/// The result of a load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadOutcome {
    /// How many of the dump's records were loaded, skipped and so on.
    pub counts: LoadCounts,
    /// Rows written; a release that is written by itself counts as one.
    pub rows: u64,
    /// False if the load was stopped before the end.
    pub is_complete: bool,
}

/// How far a load has come.
#[derive(Clone, Default)]
pub(crate) struct LoadProgress {
    /// Records by what was done with them.
    pub(crate) counts: LoadCounts,
    /// Rows written.
    pub(crate) rows: u64,
    /// Bytes of the file read for these records.
    pub(crate) position_bytes: u64,
}

impl LoadProgress {
    /// Saves the progress of a running load.
    pub(crate) async fn save(&self, client: &Client<'_>, load_id: i64) -> anyhow::Result<()> {
        self.save_as(client, load_id, LoadState::Running, None).await
    }

    /// Saves the end of a load. `ended` is true if the load read the whole file, false if it was asked to
    /// stop.
    pub(crate) async fn finish(
        self,
        pool: &Pool,
        load_id: i64,
        ended: anyhow::Result<bool>,
    ) -> anyhow::Result<LoadOutcome> {
        let (state, reason) = match &ended {
            Ok(true) => (LoadState::Done, None),
            Ok(false) => (LoadState::Stopped, Some("asked to stop".to_owned())),
            Err(error) => (LoadState::Stopped, Some(error_text(&**error))),
        };
        let saved = async {
            let client = pool.client().await?;
            let reason = reason.as_deref();
            self.save_as(&client, load_id, state, reason).await
        };
        // The cause of the stop is more useful to the user than a failure to save it.
        let saved = saved.await;
        let is_complete = ended?;
        saved?;
        Ok(LoadOutcome {
            counts: self.counts,
            rows: self.rows,
            is_complete,
        })
    }

    async fn save_as(
        &self,
        client: &Client<'_>,
        load_id: i64,
        state: LoadState,
        reason: Option<&str>,
    ) -> anyhow::Result<()> {
        let counts = serde_json::to_value(&self.counts)?;
        let position = i64::try_from(self.position_bytes).unwrap_or(i64::MAX);
        loads::update(client, load_id, position, &counts, state, reason).await?;
        Ok(())
    }
}
