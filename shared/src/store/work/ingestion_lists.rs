//! Lists of ingestions, for people who look after the system.

use chrono::{DateTime, Utc};
use tokio_postgres::Error;

use crate::domain::ids::IngestionId;
use crate::platform::db::Client;

/// An ingestion in a list, with the numbers of its steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedIngestion {
    /// Our id.
    pub id: IngestionId,
    /// The requested items.
    pub what: Vec<String>,
    /// When it was requested.
    pub created_at: DateTime<Utc>,
    /// The number of steps that are not finished.
    pub waiting: i64,
    /// The number of steps that succeeded.
    pub done: i64,
    /// The number of steps that ended otherwise.
    pub not_done: i64,
}

const LIST_LAST: &str = "
    SELECT i.id, i.what, i.created_at, s.waiting, s.done, s.not_done
    FROM (SELECT id, what, created_at FROM ingestions ORDER BY id DESC LIMIT $1::bigint) AS i
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE t.outcome IS NULL) AS waiting,
               count(*) FILTER (WHERE t.outcome = 'done') AS done,
               count(*) FILTER (WHERE t.outcome <> 'done') AS not_done
        FROM ingestion_tasks t
        WHERE t.ingestion_id = i.id
    ) AS s
    ORDER BY i.id DESC";

/// The last ingestions, the most recent first.
pub async fn list_last(client: &Client<'_>, limit: i64) -> Result<Vec<ListedIngestion>, Error> {
    let rows = client.query(LIST_LAST, &[&limit]).await?;
    Ok(rows
        .iter()
        .map(|row| ListedIngestion {
            id: row.get("id"),
            what: row.get("what"),
            created_at: row.get("created_at"),
            waiting: row.get("waiting"),
            done: row.get("done"),
            not_done: row.get("not_done"),
        })
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[LIST_LAST];
