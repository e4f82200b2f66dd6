//! How far a load is, kept in `loads` as it goes on and at its end.

use super::Loaded;
use super::counts::Counts;
use crate::db::{Client, Pool};
use crate::store::loads::{self, State};

/// How far a load is.
#[derive(Clone, Default)]
pub(super) struct Progress {
    /// What became of the records.
    pub(super) counts: Counts,
    /// Rows written.
    pub(super) rows: u64,
    /// How much of the file they took.
    pub(super) position_bytes: u64,
}

impl Progress {
    /// Keeps how far a load is that goes on.
    ///
    /// # Errors
    /// The database's.
    pub(super) async fn keep(&self, client: &Client<'_>, load_id: i64) -> anyhow::Result<()> {
        self.keep_as(client, load_id, State::Running, None).await
    }

    /// Keeps how a load went: to its end, or false where it was asked to stop.
    ///
    /// # Errors
    /// What stopped it, else the database's.
    pub(super) async fn end(
        self,
        pool: &Pool,
        load_id: i64,
        came_to: anyhow::Result<bool>,
    ) -> anyhow::Result<Loaded> {
        let (state, reason) = match &came_to {
            Ok(true) => (State::Done, None),
            Ok(false) => (State::Stopped, Some("asked to stop".to_owned())),
            Err(error) => (State::Stopped, Some(format!("{error:#}"))),
        };
        let kept = async {
            let client = pool.client().await?;
            let reason = reason.as_deref();
            self.keep_as(&client, load_id, state, reason).await
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

    async fn keep_as(
        &self,
        client: &Client<'_>,
        load_id: i64,
        state: State,
        reason: Option<&str>,
    ) -> anyhow::Result<()> {
        let counts = serde_json::to_value(&self.counts)?;
        let position = i64::try_from(self.position_bytes).unwrap_or(i64::MAX);
        loads::update(client, load_id, position, &counts, state, reason).await?;
        Ok(())
    }
}
