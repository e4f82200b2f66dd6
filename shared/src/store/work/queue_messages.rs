//! The tables `queue_messages` and `dead_messages`: the queues of one machine, with the semantics of SQS.
//! Messages are delivered at least once, with a receipt for each receive, a visibility time-out, a receive
//! count and dead letters. As on SQS, the order is not guaranteed.

use tokio_postgres::Error;
use uuid::Uuid;

use crate::domain::messages::Delivery;
use crate::platform::db::Client;

const SEND: &str = "
    INSERT INTO queue_messages (queue, body)
    SELECT queue, body FROM unnest($1::text[], $2::text[]) AS m (queue, body)";

/// Sends messages to their queues.
pub async fn send(client: &Client<'_>, queues: &[&str], bodies: &[&str]) -> Result<(), Error> {
    client.execute(SEND, &[&queues, &bodies]).await.map(drop)
}

// A message that was received too often becomes a dead message instead of being received again, as with a
// redrive policy.
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
        SELECT queue, body, 'received ' || receive_count || ' times without being done', receive_count,
               sent_at
        FROM dead
    )
    UPDATE queue_messages q
    SET receipt = gen_random_uuid(), receive_count = q.receive_count + 1,
        visible_at = clock_timestamp() + make_interval(secs => $3::float8)
    FROM next
    WHERE q.id = next.id AND next.receive_count < $4::integer
    RETURNING q.id, q.receipt, q.body, q.receive_count";

/// Receives up to `limit` messages, which no other receiver gets for `visibility_seconds`. A message that was
/// already received `max_receive_count` times becomes a dead message.
pub async fn receive(
    client: &Client<'_>,
    queue: &str,
    limit: i64,
    visibility_seconds: f64,
    max_receive_count: i32,
) -> Result<Vec<Delivery>, Error> {
    let rows = client
        .query(
            RECEIVE,
            &[&queue, &limit, &visibility_seconds, &max_receive_count],
        )
        .await?;
    let mut deliveries: Vec<(i64, Delivery)> = rows
        .iter()
        .map(|row| {
            let id: i64 = row.get("id");
            let delivery = Delivery {
                message_id: id.to_string(),
                receipt: row.get::<_, Uuid>("receipt").to_string(),
                body: row.get("body"),
                receive_count: row.get("receive_count"),
            };
            (id, delivery)
        })
        .collect();
    deliveries.sort_by_key(|(id, _)| *id);
    Ok(deliveries.into_iter().map(|(_, delivery)| delivery).collect())
}

const DELETE: &str = "DELETE FROM queue_messages WHERE receipt = ANY ($1::uuid[])";

/// Deletes messages by their receipts. A receipt that is no longer valid deletes nothing.
pub async fn delete(client: &Client<'_>, receipts: &[Uuid]) -> Result<u64, Error> {
    client.execute(DELETE, &[&receipts]).await
}

const CHANGE_VISIBILITY: &str = "
    UPDATE queue_messages
    SET visible_at = clock_timestamp() + make_interval(secs => $2::float8)
    WHERE receipt = $1";

/// Makes a message visible again in `seconds` from now.
pub async fn change_visibility(client: &Client<'_>, receipt: Uuid, seconds: f64) -> Result<u64, Error> {
    client.execute(CHANGE_VISIBILITY, &[&receipt, &seconds]).await
}

const RELEASE_ALL: &str =
    "UPDATE queue_messages SET visible_at = clock_timestamp() WHERE visible_at > clock_timestamp()";

/// Makes all messages visible. A process calls this at start if it knows that no other process is working.
pub async fn release_all(client: &Client<'_>) -> Result<u64, Error> {
    client.execute(RELEASE_ALL, &[]).await
}

const INSERT_DEAD: &str = "
    INSERT INTO dead_messages (queue, body, reason, receive_count, sent_at) VALUES ($1, $2, $3, $4, now())";

/// Stores a message that can never be handled.
pub async fn insert_dead(
    client: &Client<'_>,
    queue: &str,
    body: &str,
    reason: &str,
    receive_count: i32,
) -> Result<(), Error> {
    client
        .execute(INSERT_DEAD, &[&queue, &body, &reason, &receive_count])
        .await
        .map(drop)
}

/// The state of one queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueDepth {
    /// The queue.
    pub queue: String,
    /// The number of messages that wait to be received.
    pub waiting: i64,
    /// The number of messages that are being handled or wait for a retry.
    pub in_flight: i64,
    /// The number of dead messages.
    pub dead: i64,
    /// The age of the oldest message, in seconds.
    pub oldest_seconds: Option<i64>,
}

const LIST_DEPTHS: &str = "
    SELECT names.queue,
           count(q.id) FILTER (WHERE q.visible_at <= now()) AS waiting,
           count(q.id) FILTER (WHERE q.visible_at > now()) AS in_flight,
           (SELECT count(*) FROM dead_messages d WHERE d.queue = names.queue) AS dead,
           EXTRACT(epoch FROM now() - min(q.sent_at))::bigint AS oldest_seconds
    FROM unnest($1::text[]) WITH ORDINALITY AS names (queue, position)
    LEFT JOIN queue_messages q ON q.queue = names.queue
    GROUP BY names.queue, names.position
    ORDER BY names.position";

/// The states of these queues, in the given order.
pub async fn list_depths(client: &Client<'_>, queues: &[&str]) -> Result<Vec<QueueDepth>, Error> {
    let rows = client.query(LIST_DEPTHS, &[&queues]).await?;
    Ok(rows
        .iter()
        .map(|row| QueueDepth {
            queue: row.get("queue"),
            waiting: row.get("waiting"),
            in_flight: row.get("in_flight"),
            dead: row.get("dead"),
            oldest_seconds: row.get("oldest_seconds"),
        })
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    SEND,
    RECEIVE,
    DELETE,
    CHANGE_VISIBILITY,
    RELEASE_ALL,
    INSERT_DEAD,
    LIST_DEPTHS,
];
