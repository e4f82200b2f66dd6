//! Tasks of ingestions that wait although their message is gone: it is neither in the tables nor on a queue.

use chrono::{DateTime, Utc};
use tokio_postgres::Error;

use crate::domain::ids::IngestionId;
use crate::domain::messages::QueueName;
use crate::platform::db::Client;

/// A task whose message is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostTask {
    /// The ingestion that waits for it.
    pub ingestion_id: IngestionId,
    /// The kind of step.
    pub kind: String,
    /// The subject of its message.
    pub subject: String,
    /// Work from before this time does not count.
    pub fresh_after: Option<DateTime<Utc>>,
    /// Whether its message was sent again before, and is gone for the second time.
    pub is_lost_again: bool,
}

// SQS keeps a message for 14 days.
const LIST: &str = "
    SELECT t.ingestion_id, t.kind, t.subject, i.fresh_after, t.sent_again_at IS NOT NULL AS is_lost_again
    FROM ingestion_tasks t
    JOIN ingestions i ON i.id = t.ingestion_id
    WHERE t.outcome IS NULL
      AND COALESCE(t.sent_again_at, t.created_at) < now() - interval '1 hour'
      AND (queue_of_step(t.kind) = ANY ($1::text[])
           OR COALESCE(t.sent_again_at, t.created_at) < now() - interval '14 days')
      AND NOT EXISTS (SELECT FROM outgoing_messages o
                      WHERE o.queue = queue_of_step(t.kind)
                        AND md5(o.message_key) = md5(key_of_step(t.kind, t.subject)))
      AND NOT EXISTS (SELECT FROM queue_messages q
                      WHERE q.queue = queue_of_step(t.kind)
                        AND q.message_key = key_of_step(t.kind, t.subject))
    ORDER BY t.ingestion_id, t.kind, t.subject
    LIMIT $2::bigint";

/// The tasks that have waited for over an hour since their message was sent and whose message is gone, at
/// most `limit`. `known_queues` are the queues whose messages are all in the tables of the database; a
/// message on another queue is gone when SQS has deleted it.
pub async fn list(
    client: &Client<'_>,
    known_queues: &[QueueName],
    limit: i64,
) -> Result<Vec<LostTask>, Error> {
    let rows = client.query(LIST, &[&known_queues, &limit]).await?;
    Ok(rows
        .iter()
        .map(|row| LostTask {
            ingestion_id: row.get("ingestion_id"),
            kind: row.get("kind"),
            subject: row.get("subject"),
            fresh_after: row.get("fresh_after"),
            is_lost_again: row.get("is_lost_again"),
        })
        .collect())
}

const MARK_SENT_AGAIN: &str = "
    UPDATE ingestion_tasks t SET sent_again_at = now()
    FROM unnest($1::bigint[], $2::text[], $3::text[]) AS lost (ingestion_id, kind, subject)
    WHERE t.ingestion_id = lost.ingestion_id AND t.kind = lost.kind AND md5(t.subject) = md5(lost.subject)
      AND t.outcome IS NULL";

/// Notes that the messages of these tasks are sent again.
pub async fn mark_sent_again(client: &Client<'_>, tasks: &[LostTask]) -> Result<u64, Error> {
    let (ids, kinds, subjects) = columns(tasks);
    client.execute(MARK_SENT_AGAIN, &[&ids, &kinds, &subjects]).await
}

const MARK_FAILED: &str = "
    UPDATE ingestion_tasks t
    SET outcome = 'failed', finished_at = now(), detail = jsonb_build_object('reason', $4::text)
    FROM unnest($1::bigint[], $2::text[], $3::text[]) AS lost (ingestion_id, kind, subject)
    WHERE t.ingestion_id = lost.ingestion_id AND t.kind = lost.kind AND md5(t.subject) = md5(lost.subject)
      AND t.outcome IS NULL";

/// Marks these tasks as failed for a reason.
pub async fn mark_failed(client: &Client<'_>, tasks: &[LostTask], reason: &str) -> Result<u64, Error> {
    let (ids, kinds, subjects) = columns(tasks);
    client
        .execute(MARK_FAILED, &[&ids, &kinds, &subjects, &reason])
        .await
}

fn columns(tasks: &[LostTask]) -> (Vec<IngestionId>, Vec<&str>, Vec<&str>) {
    let ids = tasks.iter().map(|task| task.ingestion_id).collect();
    let kinds = tasks.iter().map(|task| task.kind.as_str()).collect();
    (
        ids,
        kinds,
        tasks.iter().map(|task| task.subject.as_str()).collect(),
    )
}

pub(in crate::store) const STATEMENTS: &[&str] = &[LIST, MARK_SENT_AGAIN, MARK_FAILED];
