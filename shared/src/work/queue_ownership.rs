//! Keeps a database with one kind of queues. Work that is split between queues on SQS and in Postgres would
//! be done twice or never.

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use tokio::time::{Instant, timeout_at};

use crate::platform::db::{Client, Pool};
use crate::store::work::queue_kind::{self, QueueKind};
use crate::work::queue::Queues;

/// A process has queues of another kind than the database belongs to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", text(*.kind, *.since))]
pub struct OtherQueues {
    /// The kind that the database belongs to.
    pub kind: QueueKind,
    /// Since when.
    pub since: DateTime<Utc>,
}

fn text(kind: QueueKind, since: DateTime<Utc>) -> String {
    let (belongs, setting) = match kind {
        QueueKind::Sqs => ("its work goes through queues on SQS", "set"),
        QueueKind::Postgres => ("its queues are in the database itself", "unset"),
    };
    format!(
        "this database cannot be used with these settings: {belongs}, since {}; {setting} \
         CATALOG_QUEUE_URL and the other queue settings, or use another database",
        since.date_naive()
    )
}

impl Queues {
    /// The kind of these queues.
    #[must_use]
    pub fn kind(&self) -> QueueKind {
        match self {
            Self::Sqs { .. } => QueueKind::Sqs,
            Self::Postgres { .. } => QueueKind::Postgres,
        }
    }

    /// Claims the database for work with these queues, which records their kind at the first use.
    ///
    /// # Errors
    /// [`OtherQueues`] if the database belongs to queues of the other kind.
    pub async fn claim_database(&self, client: &Client<'_>) -> anyhow::Result<()> {
        match queue_kind::find(client).await? {
            Some(owner) => self.check_owner(owner),
            None => {
                queue_kind::record(client, self.kind()).await?;
                self.check_database(client).await
            }
        }
    }

    /// As [`Queues::claim_database`], before a batch of messages is handled until `deadline`. Also reads the
    /// clock of the database.
    pub(super) async fn begin_batch(&self, pool: &Pool, deadline: Instant) -> anyhow::Result<()> {
        let begin = async {
            let client = pool.client().await.context("the database is away")?;
            client.read_clock().await.context("the database is away")?;
            self.claim_database(&client).await
        };
        timeout_at(deadline, begin)
            .await
            .context("the database is away")?
    }

    /// Checks that the database does not belong to queues of the other kind, and records nothing.
    ///
    /// # Errors
    /// As [`Queues::claim_database`].
    pub async fn check_database(&self, client: &Client<'_>) -> anyhow::Result<()> {
        match queue_kind::find(client).await? {
            Some(owner) => self.check_owner(owner),
            None => Ok(()),
        }
    }

    fn check_owner(&self, (kind, since): (QueueKind, DateTime<Utc>)) -> anyhow::Result<()> {
        if kind == self.kind() {
            return Ok(());
        }
        Err(OtherQueues { kind, since }.into())
    }
}
