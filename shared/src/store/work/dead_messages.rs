//! The table `dead_messages`: the dead letters of the queues in Postgres.

use chrono::{DateTime, Utc};
use tokio_postgres::Error;

use crate::platform::db::Client;

const INSERT: &str = "
    INSERT INTO dead_messages (queue, body, reason, receive_count, sent_at) VALUES ($1, $2, $3, $4, now())";

/// Stores a message that can never be handled.
pub async fn insert(
    client: &Client<'_>,
    queue: &str,
    body: &str,
    reason: &str,
    receive_count: i32,
) -> Result<(), Error> {
    client
        .execute(INSERT, &[&queue, &body, &reason, &receive_count])
        .await
        .map(drop)
}

/// A dead message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadMessage {
    /// The id of the row.
    pub id: i64,
    /// The queue that it was received from.
    pub queue: String,
    /// Its body.
    pub body: String,
    /// Why it is dead.
    pub reason: String,
    /// How often it was received.
    pub receive_count: i32,
    /// When it died.
    pub died_at: DateTime<Utc>,
}

const LIST: &str = "
    SELECT id, queue, body, reason, receive_count, died_at
    FROM dead_messages
    WHERE $1::text IS NULL OR queue = $1
    ORDER BY id";

/// The dead messages of a queue, or of all queues, the oldest first.
pub async fn list(client: &Client<'_>, queue: Option<&str>) -> Result<Vec<DeadMessage>, Error> {
    let rows = client.query(LIST, &[&queue]).await?;
    Ok(rows
        .iter()
        .map(|row| DeadMessage {
            id: row.get("id"),
            queue: row.get("queue"),
            body: row.get("body"),
            reason: row.get("reason"),
            receive_count: row.get("receive_count"),
            died_at: row.get("died_at"),
        })
        .collect())
}

const DELETE: &str = "DELETE FROM dead_messages WHERE id = ANY ($1::bigint[]) RETURNING queue, body";

/// Deletes dead messages. Returns the queues and bodies of those that there were.
pub async fn delete(client: &Client<'_>, ids: &[i64]) -> Result<(Vec<String>, Vec<String>), Error> {
    let rows = client.query(DELETE, &[&ids]).await?;
    Ok(rows.iter().map(|row| (row.get("queue"), row.get("body"))).unzip())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[INSERT, LIST, DELETE];
