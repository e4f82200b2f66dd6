//! The table `worker_processes`, with the processes that run workers outside Lambda and what their lanes do.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio_postgres::Error;
use uuid::Uuid;

use crate::platform::db::Client;

/// What a lane of a process is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneReport {
    /// The lane, such as `catalog 2`.
    pub lane: String,
    /// The key of the message that it handles; `None` while it waits for one.
    pub message_key: Option<String>,
    /// For how long it has done so.
    pub seconds: u64,
}

const UPSERT: &str = "
    INSERT INTO worker_processes AS w (id, name, lanes) VALUES ($1, $2, $3)
    ON CONFLICT (id) DO UPDATE SET lanes = EXCLUDED.lanes, seen_at = now()";

/// Stores that a process runs and what its lanes are doing.
pub async fn upsert(client: &Client<'_>, id: Uuid, name: &str, lanes: &[LaneReport]) -> Result<(), Error> {
    let lanes = serde_json::to_value(lanes).unwrap_or_default();
    client.execute(UPSERT, &[&id, &name, &lanes]).await.map(drop)
}

// The row of a killed process is of use until people have looked why it is gone.
const DELETE: &str = "DELETE FROM worker_processes WHERE id = $1 OR seen_at < now() - interval '7 days'";

/// Removes a process that ends, and those that were killed over a week ago.
pub async fn delete(client: &Client<'_>, id: Uuid) -> Result<(), Error> {
    client.execute(DELETE, &[&id]).await.map(drop)
}

/// A process as people see it.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkerProcess {
    /// Its process id, as `process 4711`.
    pub name: String,
    /// What its lanes are doing.
    pub lanes: Vec<LaneReport>,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// When it last reported.
    pub seen_at: DateTime<Utc>,
    /// Whether it reported within the last minute.
    pub is_alive: bool,
}

const LIST: &str = "
    SELECT name, lanes, started_at, seen_at, seen_at > now() - interval '1 minute' AS is_alive
    FROM worker_processes
    ORDER BY seen_at DESC";

/// The processes that run and those that were killed, the last seen first.
pub async fn list(client: &Client<'_>) -> Result<Vec<WorkerProcess>, Error> {
    let rows = client.query(LIST, &[]).await?;
    Ok(rows
        .iter()
        .map(|row| WorkerProcess {
            name: row.get("name"),
            lanes: serde_json::from_value(row.get("lanes")).unwrap_or_default(),
            started_at: row.get("started_at"),
            seen_at: row.get("seen_at"),
            is_alive: row.get("is_alive"),
        })
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[UPSERT, DELETE, LIST];
