//! The table `queue_messages`: the queues of one machine, with the semantics of SQS.
//! Messages are delivered at least once, with a receipt for each receive, a visibility time-out, a receive
//! count and dead letters. As on SQS, the order is not guaranteed.

use std::fmt;
use std::str::FromStr;

use tokio_postgres::Error;
use uuid::Uuid;

use crate::domain::ids::IngestionId;
use crate::domain::messages::{Delivery, Envelope, Priority};
use crate::domain::params::Param;
use crate::platform::db::Client;

// The first turn of each ingestion is looked up once, whatever the number of its messages.
const SEND: &str = "
    WITH sent AS MATERIALIZED (
        SELECT queue, body, message_key, priority, ingestion_id, position,
               row_number() OVER (PARTITION BY queue, priority, ingestion_id ORDER BY position) - 1 AS place
        FROM unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::bigint[]) WITH ORDINALITY
             AS m (queue, body, message_key, priority, ingestion_id, position)
    ),
    turns AS MATERIALIZED (
        SELECT sent.queue, sent.priority, sent.ingestion_id, next.turn
        FROM sent
        CROSS JOIN LATERAL next_turn(sent.queue, sent.priority, sent.ingestion_id) AS next
        WHERE sent.place = 0
    )
    INSERT INTO queue_messages (queue, body, message_key, priority, ingestion_id, turn, not_before)
    SELECT sent.queue, sent.body, sent.message_key, sent.priority, sent.ingestion_id,
           turns.turn + sent.place, NULL
    FROM sent
    JOIN turns USING (queue, priority, ingestion_id)
    ORDER BY sent.position";

/// Sends messages to their queues.
pub async fn send(client: &Client<'_>, queues: &[&str], bodies: &[&str]) -> Result<(), Error> {
    let envelopes: Vec<Option<Envelope>> = bodies
        .iter()
        .map(|body| serde_json::from_str(body).ok())
        .collect();
    let envelopes = || envelopes.iter().map(Option::as_ref);
    let keys: Vec<Option<String>> = envelopes()
        .map(|envelope| envelope.map(|envelope| envelope.message.key()))
        .collect();
    let priorities: Vec<i16> = envelopes()
        .map(|envelope| envelope.map_or(Priority::default(), |envelope| envelope.priority) as i16)
        .collect();
    let ingestions: Vec<i64> = envelopes()
        .map(|envelope| envelope.and_then(Envelope::newest_ingestion))
        .map(|ingestion| ingestion.map_or(0, |IngestionId(id)| id))
        .collect();
    client
        .execute(SEND, &[&queues, &bodies, &keys, &priorities, &ingestions])
        .await
        .map(drop)
}

// Nothing waits for the disk here, as in RECEIVE.
const GIVE_TURNS: &str = "
    WITH due AS (
        SELECT id, queue, priority, ingestion_id, not_before FROM queue_messages
        WHERE queue = $1 AND not_before <= statement_timestamp()
        ORDER BY not_before
        LIMIT 100
        FOR UPDATE SKIP LOCKED
    ),
    placed AS (
        SELECT id, queue, priority, ingestion_id,
               row_number() OVER (PARTITION BY priority, ingestion_id ORDER BY not_before, id) AS place
        FROM due
    )
    UPDATE queue_messages q
    SET turn = next.turn + placed.place - 1, not_before = NULL
    FROM placed
    CROSS JOIN LATERAL next_turn(placed.queue, placed.priority, placed.ingestion_id) AS next
    CROSS JOIN set_config('synchronous_commit', 'off', true)
    WHERE q.id = placed.id";

// A message that was received too often becomes a dead message instead of being received again, as with a
// redrive policy. Nothing waits for the disk here: if Postgres crashes, a lost receipt makes its message
// visible again. The limit and the ids are subqueries because Postgres would make a new plan at each call if
// it could read the limit, and would read the whole table if it expected many ids.
const RECEIVE: &str = "
    WITH next AS (
        SELECT id, receive_count FROM queue_messages
        WHERE queue = $1 AND turn IS NOT NULL AND visible_at <= statement_timestamp()
        ORDER BY priority DESC, turn, id
        LIMIT (SELECT $2::bigint)
        FOR UPDATE SKIP LOCKED
    ),
    dead AS (
        DELETE FROM queue_messages q
        WHERE q.id = ANY (ARRAY(SELECT id FROM next WHERE receive_count >= $4::integer))
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
    FROM set_config('synchronous_commit', 'off', true)
    WHERE q.id = ANY (ARRAY(SELECT id FROM next WHERE receive_count < $4::integer))
    RETURNING q.id, q.receipt, q.body, q.receive_count";

/// Receives up to `limit` messages, which no other receiver gets for `visibility_seconds`: those of people
/// before background ones, and those of different ingestions in turns. A message that was already received
/// `max_receive_count` times becomes a dead message.
pub async fn receive(
    client: &Client<'_>,
    queue: &str,
    limit: i64,
    visibility_seconds: f64,
    max_receive_count: i32,
) -> Result<Vec<Delivery>, Error> {
    // The futures are polled together and in this order, which sends both statements in one round trip.
    let turns: [&dyn Param; 1] = [&queue];
    let next: [&dyn Param; 4] = [&queue, &limit, &visibility_seconds, &max_receive_count];
    let (_, rows) = futures::try_join!(client.execute(GIVE_TURNS, &turns), client.query(RECEIVE, &next))?;
    let mut deliveries: Vec<(i64, Delivery)> = rows
        .iter()
        .map(|row| {
            let id: i64 = row.get("id");
            let token = row.get("receipt");
            let delivery = Delivery {
                message_id: id.to_string(),
                receipt: Receipt { id, token }.to_string(),
                body: row.get("body"),
                receive_count: row.get("receive_count"),
            };
            (id, delivery)
        })
        .collect();
    deliveries.sort_by_key(|(id, _)| *id);
    Ok(deliveries.into_iter().map(|(_, delivery)| delivery).collect())
}

/// The receipt of a delivery: the row, and a token that is replaced when the message is received again. As a
/// text it is `ID:TOKEN`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    id: i64,
    token: Uuid,
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.id, self.token)
    }
}

/// The text is not a receipt of this queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a receipt")]
pub struct InvalidReceipt;

impl FromStr for Receipt {
    type Err = InvalidReceipt;

    fn from_str(text: &str) -> Result<Self, InvalidReceipt> {
        let (id, token) = text.split_once(':').ok_or(InvalidReceipt)?;
        Ok(Self {
            id: id.parse().map_err(|_| InvalidReceipt)?,
            token: token.parse().map_err(|_| InvalidReceipt)?,
        })
    }
}

const DELETE: &str = "
    DELETE FROM queue_messages WHERE id = ANY ($1::bigint[]) AND receipt = ANY ($2::uuid[])";

/// Deletes messages by their receipts. A receipt that is no longer valid deletes nothing.
pub async fn delete(client: &Client<'_>, receipts: &[Receipt]) -> Result<u64, Error> {
    let (ids, tokens): (Vec<i64>, Vec<Uuid>) =
        receipts.iter().map(|receipt| (receipt.id, receipt.token)).unzip();
    client.execute(DELETE, &[&ids, &tokens]).await
}

const CHANGE_VISIBILITY: &str = "
    UPDATE queue_messages
    SET turn = NULL, not_before = later.visible_at, visible_at = later.visible_at
    FROM (SELECT clock_timestamp() + make_interval(secs => $3::float8) AS visible_at) AS later
    WHERE id = $1 AND receipt = $2";

/// Makes a message visible again in `seconds` from now.
pub async fn change_visibility(client: &Client<'_>, receipt: Receipt, seconds: f64) -> Result<u64, Error> {
    client
        .execute(CHANGE_VISIBILITY, &[&receipt.id, &receipt.token, &seconds])
        .await
}

const RELEASE_ALL: &str = "
    UPDATE queue_messages
    SET visible_at = now(), not_before = CASE WHEN not_before IS NOT NULL THEN now() END
    WHERE visible_at > now()";

/// Makes all messages visible. A process calls this at start if it knows that no other process is working.
pub async fn release_all(client: &Client<'_>) -> Result<u64, Error> {
    client.execute(RELEASE_ALL, &[]).await
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

// The messages are counted before they are joined, which several processes of Postgres can share.
const LIST_DEPTHS: &str = "
    WITH depths AS (
        SELECT queue, count(*) FILTER (WHERE visible_at <= now()) AS waiting,
               count(*) FILTER (WHERE visible_at > now()) AS in_flight, min(sent_at) AS oldest_at
        FROM queue_messages
        GROUP BY queue
    )
    SELECT names.queue, COALESCE(depths.waiting, 0) AS waiting, COALESCE(depths.in_flight, 0) AS in_flight,
           (SELECT count(*) FROM dead_messages d WHERE d.queue = names.queue) AS dead,
           EXTRACT(epoch FROM now() - depths.oldest_at)::bigint AS oldest_seconds
    FROM unnest($1::text[]) WITH ORDINALITY AS names (queue, position)
    LEFT JOIN depths USING (queue)
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
    GIVE_TURNS,
    RECEIVE,
    DELETE,
    CHANGE_VISIBILITY,
    RELEASE_ALL,
    LIST_DEPTHS,
];
