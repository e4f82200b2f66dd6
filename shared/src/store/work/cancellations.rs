//! Cancels ingestions. A message that was sent stays on its queue; the worker that receives it asks here
//! whether somebody still waits for it.

use tokio_postgres::Error;

use crate::domain::ids::IngestionId;
use crate::domain::messages::QueueName;
use crate::platform::db::Client;

const EXISTS: &str = "SELECT EXISTS (SELECT FROM ingestions WHERE id = $1) AS is_known";

const CANCEL: &str = "
    WITH cancelled AS (
        UPDATE ingestion_tasks SET outcome = 'cancelled', finished_at = now()
        WHERE ingestion_id = $1 AND outcome IS NULL
        RETURNING ingestion_id
    ),
    marked AS (
        UPDATE ingestions SET cancelled_at = COALESCE(cancelled_at, now())
        WHERE id IN (SELECT ingestion_id FROM cancelled)
    )
    SELECT count(*) AS steps FROM cancelled";

/// Cancels the steps of an ingestion that are not done, and returns how many these are. `None` if there is no
/// such ingestion. Steps under way still write what they found, but what would follow from them is not done.
pub async fn cancel(client: &Client<'_>, id: IngestionId) -> Result<Option<i64>, Error> {
    let is_known: bool = client.query_one(EXISTS, &[&id]).await?.get("is_known");
    if !is_known {
        return Ok(None);
    }
    Ok(Some(client.query_one(CANCEL, &[&id]).await?.get("steps")))
}

const DELETE_UNSENT: &str = "
    DELETE FROM outgoing_messages o
    USING ingestion_tasks t
    WHERE t.ingestion_id = $1 AND t.outcome = 'cancelled'
      AND o.queue = queue_of_step(t.kind) AND md5(o.message_key) = md5(key_of_step(t.kind, t.subject))
      AND o.body -> 'ingestions' @> to_jsonb($1::bigint)
      AND NOT EXISTS (
          SELECT FROM jsonb_array_elements(o.body -> 'ingestions') AS waiting (id)
          JOIN ingestions i ON i.id = waiting.id::bigint
          WHERE i.cancelled_at IS NULL
      )
    RETURNING o.queue, o.message_key";

/// Deletes the messages of a cancelled ingestion that were not sent and that no other ingestion waits for.
/// Returns their queues and keys.
pub async fn delete_unsent(client: &Client<'_>, id: IngestionId) -> Result<Vec<(QueueName, String)>, Error> {
    let rows = client.query(DELETE_UNSENT, &[&id]).await?;
    Ok(rows
        .iter()
        .map(|row| (row.get("queue"), row.get("message_key")))
        .collect())
}

const LIST_CANCELLED: &str = "
    SELECT id FROM ingestions WHERE id = ANY ($1::bigint[]) AND cancelled_at IS NOT NULL";

/// The ingestions among `ids` that are cancelled.
pub async fn list_cancelled(client: &Client<'_>, ids: &[IngestionId]) -> Result<Vec<IngestionId>, Error> {
    let rows = client.query(LIST_CANCELLED, &[&ids]).await?;
    Ok(rows.iter().map(|row| row.get("id")).collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[EXISTS, CANCEL, DELETE_UNSENT, LIST_CANCELLED];
