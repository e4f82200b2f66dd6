//! The queues of one machine, in Postgres, with the semantics of SQS: at least once, a receipt per receive, a
//! visibility time-out, a receive count, dead letters. FIFO order is not promised, as it is not on SQS.

use crate::domain::messages::Delivery;
use crate::platform::db::Client;

const SEND: &str = "INSERT INTO queue_messages (queue, body) SELECT queue, body FROM unnest($1::text[], $2::text[]) AS m (queue, body)";

/// Puts messages on their queues.
///
/// # Errors
/// The database's.
pub async fn send(
    client: &Client<'_>,
    queues: &[&str],
    bodies: &[&str],
) -> Result<(), tokio_postgres::Error> {
    client.execute(SEND, &[&queues, &bodies]).await.map(drop)
}

// What was received too often dies instead of being received again, as a redrive policy has it.
const RECEIVE: &str = "
    WITH next AS (
        SELECT id, receive_count FROM queue_messages
        WHERE queue = $1 AND visible_at <= clock_timestamp()
        ORDER BY visible_at, id
        LIMIT $2::bigint
        FOR UPDATE SKIP LOCKED
    ),
    dead AS (
        DELETE FROM queue_messages q USING next
        WHERE q.id = next.id AND next.receive_count >= $4::integer
        RETURNING q.queue, q.body, q.receive_count, q.sent_at
    ),
    buried AS (
        INSERT INTO dead_messages (queue, body, reason, receive_count, sent_at)
        SELECT queue, body, 'received ' || receive_count || ' times without being done', receive_count, sent_at FROM dead
    )
    UPDATE queue_messages q
    SET receipt = gen_random_uuid(), receive_count = q.receive_count + 1,
        visible_at = clock_timestamp() + make_interval(secs => $3::float8)
    FROM next
    WHERE q.id = next.id AND next.receive_count < $4::integer
    RETURNING q.id, q.receipt, q.body, q.receive_count";

/// Receives up to `limit` messages, which nobody else receives for `visibility_seconds`. A message that was received
/// `max_receive_count` times already goes to the dead messages.
///
/// # Errors
/// The database's.
pub async fn receive(
    client: &Client<'_>,
    queue: &str,
    limit: i64,
    visibility_seconds: f64,
    max_receive_count: i32,
) -> Result<Vec<Delivery>, tokio_postgres::Error> {
    let rows = client
        .query(
            RECEIVE,
            &[&queue, &limit, &visibility_seconds, &max_receive_count],
        )
        .await?;
    let mut deliveries: Vec<_> = rows
        .iter()
        .map(|row| {
            let id: i64 = row.get(0);
            (
                id,
                Delivery {
                    message_id: id.to_string(),
                    receipt: row.get::<_, uuid::Uuid>(1).to_string(),
                    body: row.get(2),
                    receive_count: row.get(3),
                },
            )
        })
        .collect();
    deliveries.sort_by_key(|(id, _)| *id);
    Ok(deliveries.into_iter().map(|(_, delivery)| delivery).collect())
}

const DELETE: &str = "DELETE FROM queue_messages WHERE receipt = ANY ($1::uuid[])";

/// Acknowledges messages. A receipt that no longer holds deletes nothing.
///
/// # Errors
/// The database's.
pub async fn delete(client: &Client<'_>, receipts: &[uuid::Uuid]) -> Result<u64, tokio_postgres::Error> {
    client.execute(DELETE, &[&receipts]).await
}

const CHANGE_VISIBILITY: &str = "UPDATE queue_messages SET visible_at = clock_timestamp() + make_interval(secs => $2::float8) WHERE receipt = $1";

/// Makes a message visible in so many seconds from now.
///
/// # Errors
/// The database's.
pub async fn change_visibility(
    client: &Client<'_>,
    receipt: uuid::Uuid,
    seconds: f64,
) -> Result<u64, tokio_postgres::Error> {
    client.execute(CHANGE_VISIBILITY, &[&receipt, &seconds]).await
}

const RELEASE_ALL: &str =
    "UPDATE queue_messages SET visible_at = clock_timestamp() WHERE visible_at > clock_timestamp()";

/// Makes every message visible: for a process that knows that no other one is at work, when it starts.
///
/// # Errors
/// The database's.
pub async fn release_all(client: &Client<'_>) -> Result<u64, tokio_postgres::Error> {
    client.execute(RELEASE_ALL, &[]).await
}

const BURY: &str = "
    INSERT INTO dead_messages (queue, body, reason, receive_count, sent_at) VALUES ($1, $2, $3, $4, now())";

/// Keeps a message that can never be done.
///
/// # Errors
/// The database's.
pub async fn insert_dead(
    client: &Client<'_>,
    queue: &str,
    body: &str,
    reason: &str,
    receive_count: i32,
) -> Result<(), tokio_postgres::Error> {
    client
        .execute(BURY, &[&queue, &body, &reason, &receive_count])
        .await
        .map(drop)
}

/// How one queue stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueDepth {
    /// The queue.
    pub queue: String,
    /// Messages that wait to be received.
    pub waiting: i64,
    /// Messages that somebody works on, or that wait to be tried again.
    pub in_flight: i64,
    /// Messages that died.
    pub dead: i64,
    /// The age of the oldest message, in seconds.
    pub oldest_seconds: Option<i64>,
}

const LIST_DEPTHS: &str = "
    SELECT names.queue,
           count(q.id) FILTER (WHERE q.visible_at <= now()),
           count(q.id) FILTER (WHERE q.visible_at > now()),
           (SELECT count(*) FROM dead_messages d WHERE d.queue = names.queue),
           EXTRACT(epoch FROM now() - min(q.sent_at))::bigint
    FROM unnest($1::text[]) WITH ORDINALITY AS names (queue, position)
    LEFT JOIN queue_messages q ON q.queue = names.queue
    GROUP BY names.queue, names.position
    ORDER BY names.position";

/// How the queues stand, in the order given.
///
/// # Errors
/// The database's.
pub async fn list_depths(
    client: &Client<'_>,
    queues: &[&str],
) -> Result<Vec<QueueDepth>, tokio_postgres::Error> {
    let rows = client.query(LIST_DEPTHS, &[&queues]).await?;
    Ok(rows
        .iter()
        .map(|row| QueueDepth {
            queue: row.get(0),
            waiting: row.get(1),
            in_flight: row.get(2),
            dead: row.get(3),
            oldest_seconds: row.get(4),
        })
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    SEND,
    RECEIVE,
    DELETE,
    CHANGE_VISIBILITY,
    RELEASE_ALL,
    BURY,
    LIST_DEPTHS,
];
