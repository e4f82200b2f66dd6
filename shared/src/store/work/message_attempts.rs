//! The table `message_attempts`: how often a message failed, and the tries that began and did not end. A row
//! is written at the first failure or at the first recorded start, and deleted when the message is done,
//! discarded, cancelled or retried by an operator, or 30 days after its last change. Another request for the
//! same work leaves it as it is.

use tokio_postgres::Error;

use crate::domain::messages::QueueName;
use crate::platform::db::Client;

const RECORD_FAILURE: &str = "
    INSERT INTO message_attempts AS a (queue, message_key, failure_count, last_cause, last_failed_at)
    VALUES ($1, $2, 1, $3, now())
    ON CONFLICT (queue, md5(message_key)) DO UPDATE SET
        failure_count = a.failure_count + 1, last_cause = EXCLUDED.last_cause,
        last_failed_at = EXCLUDED.last_failed_at, open_starts = 0
    RETURNING failure_count";

/// Counts a failed try, which is also the end of a recorded start. Returns the number of failures so far.
pub async fn record_failure(
    client: &Client<'_>,
    queue: QueueName,
    key: &str,
    cause: &str,
) -> Result<i32, Error> {
    let row = client.query_one(RECORD_FAILURE, &[&queue, &key, &cause]).await?;
    Ok(row.get("failure_count"))
}

const RECORD_START: &str = "
    INSERT INTO message_attempts AS a (queue, message_key, open_starts)
    VALUES ($1, $2, 1)
    ON CONFLICT (queue, md5(message_key)) DO UPDATE SET open_starts = a.open_starts + 1
    RETURNING open_starts";

/// Records that a try begins. Returns the number of starts before it since the last end of a try.
pub async fn record_start(client: &Client<'_>, queue: QueueName, key: &str) -> Result<i32, Error> {
    let row = client.query_one(RECORD_START, &[&queue, &key]).await?;
    Ok(row.get::<_, i32>("open_starts") - 1)
}

// A row without failures says nothing once its try has ended.
const RECORD_ENDS: &str = "
    WITH ended AS (
        DELETE FROM message_attempts
        WHERE queue = $1 AND md5(message_key) IN (SELECT md5(key) FROM unnest($2::text[]) AS key)
          AND failure_count = 0
    )
    UPDATE message_attempts SET open_starts = 0
    WHERE queue = $1 AND md5(message_key) IN (SELECT md5(key) FROM unnest($2::text[]) AS key)
      AND failure_count > 0 AND open_starts > 0";

/// Records that tries with a recorded start ended without a failure and without being done.
pub async fn record_ends(client: &Client<'_>, queue: QueueName, keys: &[&str]) -> Result<(), Error> {
    client.execute(RECORD_ENDS, &[&queue, &keys]).await.map(drop)
}

const DELETE: &str = "
    DELETE FROM message_attempts a
    USING unnest($1::text[], $2::text[]) AS m (queue, message_key)
    WHERE a.queue = m.queue AND md5(a.message_key) = md5(m.message_key)";

/// Forgets the failures of messages that are done, discarded, cancelled or retried by an operator, each given
/// by its queue and key.
pub async fn delete(client: &Client<'_>, messages: &[(QueueName, &str)]) -> Result<u64, Error> {
    let (queues, keys): (Vec<QueueName>, Vec<&str>) = messages.iter().copied().unzip();
    client.execute(DELETE, &[&queues, &keys]).await
}

const DELETE_OLD: &str = "DELETE FROM message_attempts WHERE updated_at < now() - interval '30 days'";

/// Forgets the failures of messages that were not tried for 30 days: SQS has deleted them.
pub async fn delete_old(client: &Client<'_>) -> Result<u64, Error> {
    client.execute(DELETE_OLD, &[]).await
}

pub(in crate::store) const STATEMENTS: &[&str] =
    &[RECORD_FAILURE, RECORD_START, RECORD_ENDS, DELETE, DELETE_OLD];
