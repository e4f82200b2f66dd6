//! Saves a load's progress in `loads`, while it runs and when it ends.

use shared::platform::db::{Client, Pool};
use shared::store::loads::{self, LoadState};

use crate::counts::LoadCounts;

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
            Err(error) => (LoadState::Stopped, Some(format!("{error:#}"))),
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
