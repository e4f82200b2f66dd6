//! The table `outgoing_messages`: messages to send. They are written in the transaction that makes them
//! necessary, or are snoozed until a time.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use tokio_postgres::{Error, Row};

use crate::domain::buckets::Bucket;
use crate::domain::credits::Source;
use crate::domain::messages::{Envelope, QueueName};
use crate::platform::db::Client;

/// A message that was written or listed, with the version of its row. Another sender is responsible for a row
/// that has changed since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMessage {
    /// The id of the row.
    pub id: i64,
    /// The version of the row.
    pub version: i32,
    /// The queue it is for.
    pub queue: String,
    /// The key of the message.
    pub message_key: String,
    /// The body to send.
    pub body: String,
}

// Rows are locked in the order of their keys, so that two writers of the same messages cannot deadlock. Equal
// messages are merged, with the earlier time, the later `fresh_after` (null is the earliest), the
// higher priority and the ingestions of both.
const UPSERT: &str = "
    INSERT INTO outgoing_messages AS o (queue, message_key, bucket, body, priority, not_before, snooze_count,
                                        snooze_reason, first_snoozed_at)
    SELECT queue, message_key, bucket, body, priority, COALESCE(not_before, now()), snooze_count,
           snooze_reason, first_snoozed_at
    FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[], $5::smallint[], $6::timestamptz[],
                $7::integer[], $8::text[], $9::timestamptz[])
         AS m (queue, message_key, bucket, body, priority, not_before, snooze_count, snooze_reason,
               first_snoozed_at)
    ORDER BY queue, message_key
    ON CONFLICT (queue, md5(message_key)) DO UPDATE SET
        version = o.version + 1,
        not_before = LEAST(o.not_before, EXCLUDED.not_before),
        priority = GREATEST(o.priority, EXCLUDED.priority),
        bucket = COALESCE(EXCLUDED.bucket, o.bucket),
        snooze_count = GREATEST(o.snooze_count, EXCLUDED.snooze_count),
        snooze_reason = COALESCE(EXCLUDED.snooze_reason, o.snooze_reason),
        first_snoozed_at = LEAST(o.first_snoozed_at, EXCLUDED.first_snoozed_at),
        body = o.body || EXCLUDED.body
            || jsonb_strip_nulls(jsonb_build_object(
                'fresh_after', GREATEST((o.body ->> 'fresh_after')::timestamptz,
                                        (EXCLUDED.body ->> 'fresh_after')::timestamptz),
                'priority', CASE WHEN GREATEST(o.priority, EXCLUDED.priority) > 0 THEN 'requested'
                                 ELSE 'background' END,
                'ingestions', (SELECT jsonb_agg(DISTINCT waiting.id ORDER BY waiting.id)
                               FROM jsonb_array_elements(COALESCE(o.body -> 'ingestions', '[]')
                                                         || COALESCE(EXCLUDED.body -> 'ingestions', '[]'))
                                    AS waiting (id))))
    RETURNING o.id, o.version, o.queue, o.message_key, o.body::text AS body";

/// Writes messages to send at once. No message key may occur twice.
pub async fn upsert(client: &Client<'_>, envelopes: &[Envelope]) -> Result<Vec<OutgoingMessage>, Error> {
    let messages: Vec<NewMessage<'_>> = envelopes
        .iter()
        .map(|envelope| NewMessage {
            envelope,
            snooze: None,
        })
        .collect();
    write(client, &messages).await
}

/// Writes a message that waits until a time for a call of `bucket`, with the reason that people see.
pub async fn snooze(
    client: &Client<'_>,
    envelope: &Envelope,
    until: DateTime<Utc>,
    bucket: &str,
    reason: &str,
) -> Result<(), Error> {
    let snooze = Some((until, bucket, reason));
    write(client, &[NewMessage { envelope, snooze }]).await.map(drop)
}

/// A message to write.
struct NewMessage<'a> {
    envelope: &'a Envelope,
    /// The time, the bucket and the reason, if the message is snoozed.
    snooze: Option<(DateTime<Utc>, &'a str, &'a str)>,
}

async fn write(client: &Client<'_>, messages: &[NewMessage<'_>]) -> Result<Vec<OutgoingMessage>, Error> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let envelopes = || messages.iter().map(|message| message.envelope);
    let snoozes = || messages.iter().map(|message| message.snooze);
    let queues: Vec<QueueName> = envelopes().map(|envelope| envelope.message.queue()).collect();
    let keys: Vec<String> = envelopes().map(|envelope| envelope.message.key()).collect();
    let buckets: Vec<Option<&str>> = snoozes()
        .map(|snooze| snooze.map(|(_, bucket, _)| bucket))
        .collect();
    let bodies: Vec<serde_json::Value> = envelopes()
        .map(|envelope| serde_json::to_value(envelope).expect("a message is JSON"))
        .collect();
    let priorities: Vec<i16> = envelopes().map(|envelope| envelope.priority as i16).collect();
    let times: Vec<Option<DateTime<Utc>>> = snoozes().map(|snooze| snooze.map(|(until, ..)| until)).collect();
    let counts: Vec<i32> = envelopes()
        .map(|envelope| envelope.snoozed.map_or(0, |snoozed| snoozed.count as i32))
        .collect();
    let reasons: Vec<Option<&str>> = snoozes()
        .map(|snooze| snooze.map(|(.., reason)| reason))
        .collect();
    let first_snoozed_at: Vec<Option<DateTime<Utc>>> = envelopes()
        .map(|envelope| envelope.snoozed.map(|snoozed| snoozed.since))
        .collect();
    let rows = client
        .query(
            UPSERT,
            &[
                &queues,
                &keys,
                &buckets,
                &bodies,
                &priorities,
                &times,
                &counts,
                &reasons,
                &first_snoozed_at,
            ],
        )
        .await?;
    let mut written: Vec<OutgoingMessage> = rows.iter().map(message_from_row).collect();
    let places: HashMap<&str, usize> = keys.iter().map(String::as_str).zip(0..).collect();
    written.sort_by_key(|message| places.get(message.message_key.as_str()).copied());
    Ok(written)
}

fn message_from_row(row: &Row) -> OutgoingMessage {
    OutgoingMessage {
        id: row.get("id"),
        version: row.get("version"),
        queue: row.get("queue"),
        message_key: row.get("message_key"),
        body: row.get("body"),
    }
}

const DELETE: &str = "
    WITH sent AS (
        SELECT o.id
        FROM unnest($1::bigint[], $2::integer[]) AS s (id, version)
        JOIN outgoing_messages o ON o.id = s.id AND o.version = s.version
        ORDER BY o.queue, o.message_key
        FOR UPDATE OF o
    )
    DELETE FROM outgoing_messages o USING sent WHERE o.id = sent.id";

/// Deletes messages that were sent, except those that have changed since.
pub async fn delete(client: &Client<'_>, sent: &[OutgoingMessage]) -> Result<u64, Error> {
    let ids: Vec<i64> = sent.iter().map(|row| row.id).collect();
    let versions: Vec<i32> = sent.iter().map(|row| row.version).collect();
    client.execute(DELETE, &[&ids, &versions]).await
}

// A message to send at once counts as left behind only after its sender has had time to send it. Of the
// snoozed messages, a source gets as many as it can serve until the next run, and none while the source or
// the group of calls is blocked. A group that was never blocked has no row of its own, so $4 and $5 map the
// groups to their sources. Messages go out in turns: the first of each ingestion, then the second of each. Of
// two ingestions with the same turn, another one goes first in each sweep, because a sweep may not have room
// for all of them.
const LIST_DUE: &str = "
    WITH waiting AS (
        SELECT o.id, o.priority, o.ingestion_id, o.not_before, COALESCE(g.source, o.bucket) AS source,
               row_number() OVER (PARTITION BY COALESCE(g.source, o.bucket), o.priority, o.ingestion_id
                                  ORDER BY o.not_before, o.id) AS turn,
               hashint8extended(o.ingestion_id, EXTRACT(epoch FROM now())::bigint) AS draw,
               CASE WHEN pace.interval_ms > 0 THEN ceil($2::float8 * 1000 / pace.interval_ms) END AS capacity
        FROM outgoing_messages o
        LEFT JOIN unnest($4::text[], $5::text[]) AS g (bucket, source) ON g.bucket = o.bucket
        LEFT JOIN upstream_budgets b ON b.bucket = o.bucket
        LEFT JOIN upstream_budgets pace ON pace.bucket = COALESCE(g.source, o.bucket)
        WHERE o.not_before <= now()
          AND (o.snooze_count > 0 OR o.created_at < now() - make_interval(secs => $3::float8))
          AND COALESCE(GREATEST(b.blocked_until, pace.blocked_until) <= now(), true)
    ),
    placed AS (
        SELECT id, priority, turn, draw, not_before, capacity,
               row_number() OVER (PARTITION BY source
                                  ORDER BY priority DESC, turn, draw, not_before, id) AS place
        FROM waiting
    ),
    due AS (
        SELECT id, priority, turn, draw, not_before
        FROM placed
        WHERE capacity IS NULL OR place <= capacity
        ORDER BY priority DESC, turn, draw, not_before, id
        LIMIT $1::bigint
    )
    SELECT o.id, o.version, o.queue, o.message_key, o.body::text AS body
    FROM due
    JOIN outgoing_messages o USING (id)
    ORDER BY due.priority DESC, due.turn, due.draw, due.not_before, due.id";

/// The messages that are due, at most `limit`: the ones that their senders have left behind for
/// `left_behind_seconds`, and as many snoozed ones as their sources can serve in `period_seconds`. Those of
/// people come before background ones, and those of different ingestions in turns.
pub async fn list_due(
    client: &Client<'_>,
    limit: i64,
    period_seconds: f64,
    left_behind_seconds: f64,
) -> Result<Vec<OutgoingMessage>, Error> {
    let (buckets, sources): (Vec<Bucket>, Vec<Source>) = Bucket::ALL
        .iter()
        .map(|bucket| (*bucket, bucket.source()))
        .unzip();
    let rows = client
        .query(
            LIST_DUE,
            &[&limit, &period_seconds, &left_behind_seconds, &buckets, &sources],
        )
        .await?;
    Ok(rows.iter().map(message_from_row).collect())
}

const SET_ASIDE: &str = "UPDATE outgoing_messages SET not_before = now() + interval '1 hour' WHERE id = $1";

/// Puts off a message that cannot be sent, so that it is tried again in an hour.
pub async fn set_aside(client: &Client<'_>, id: i64) -> Result<(), Error> {
    client.execute(SET_ASIDE, &[&id]).await.map(drop)
}

/// The snoozed messages that wait for the same reason.
#[derive(Debug, Clone, PartialEq)]
pub struct SnoozedMessages {
    /// The bucket they wait for.
    pub bucket: String,
    /// The reason.
    pub reason: String,
    /// The number of messages.
    pub count: i64,
    /// When the first of them is due.
    pub until: DateTime<Utc>,
}

const LIST_SNOOZED: &str = "
    SELECT COALESCE(bucket, '') AS bucket, COALESCE(snooze_reason, '') AS reason, count(*) AS count,
           min(not_before) AS until
    FROM outgoing_messages
    WHERE snooze_count > 0
    GROUP BY 1, 2
    ORDER BY 4";

/// The snoozed messages, grouped by bucket and reason.
pub async fn list_snoozed(client: &Client<'_>) -> Result<Vec<SnoozedMessages>, Error> {
    let rows = client.query(LIST_SNOOZED, &[]).await?;
    Ok(rows
        .iter()
        .map(|row| SnoozedMessages {
            bucket: row.get("bucket"),
            reason: row.get("reason"),
            count: row.get("count"),
            until: row.get("until"),
        })
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[UPSERT, DELETE, LIST_DUE, SET_ASIDE, LIST_SNOOZED];
