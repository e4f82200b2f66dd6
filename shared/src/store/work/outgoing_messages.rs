//! Messages to be sent: written with the data that made them necessary, or put off until a time.

use chrono::{DateTime, Utc};

use crate::domain::buckets::Bucket;
use crate::domain::messages::Envelope;
use crate::platform::db::Client;

/// Which row, and which state of it, was written: a row changed since is another's to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMessage {
    /// The row.
    pub id: i64,
    /// Its version.
    pub version: i32,
    /// The queue it is for.
    pub queue: String,
    /// The body to send.
    pub body: String,
}

/// Equal messages become one: the earlier time, the later `fresh_after` (null is earliest), the higher priority.
const UPSERT: &str = "
    INSERT INTO outgoing_messages AS o (queue, message_key, bucket, body, priority, not_before, snooze_count, snooze_reason, first_snoozed_at)
    SELECT queue, message_key, bucket, body, priority, COALESCE(not_before, now()), snooze_count, snooze_reason, first_snoozed_at
    FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[], $5::smallint[], $6::timestamptz[], $7::integer[], $8::text[], $9::timestamptz[])
         WITH ORDINALITY AS m (queue, message_key, bucket, body, priority, not_before, snooze_count, snooze_reason, first_snoozed_at, position)
    ORDER BY position
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
                'fresh_after', GREATEST((o.body ->> 'fresh_after')::timestamptz, (EXCLUDED.body ->> 'fresh_after')::timestamptz),
                'priority', CASE WHEN GREATEST(o.priority, EXCLUDED.priority) > 0 THEN 'requested' ELSE 'background' END))
    RETURNING o.id, o.version, o.queue, o.body::text";

/// Writes messages to be sent at once. No key may come twice.
///
/// # Errors
/// The database's.
pub async fn upsert(
    client: &Client<'_>,
    envelopes: &[Envelope],
) -> Result<Vec<OutgoingMessage>, tokio_postgres::Error> {
    let rows: Vec<_> = envelopes
        .iter()
        .map(|envelope| (envelope, None, None, None))
        .collect();
    write(client, &rows).await
}

/// Writes a message that is to wait until a time for a budget, with the reason that people are shown.
///
/// # Errors
/// The database's.
pub async fn snooze(
    client: &Client<'_>,
    envelope: &Envelope,
    until: DateTime<Utc>,
    bucket: &str,
    reason: &str,
) -> Result<(), tokio_postgres::Error> {
    write(client, &[(envelope, Some(until), Some(bucket), Some(reason))])
        .await
        .map(drop)
}

type Row<'a> = (
    &'a Envelope,
    Option<DateTime<Utc>>,
    Option<&'a str>,
    Option<&'a str>,
);

async fn write(client: &Client<'_>, rows: &[Row<'_>]) -> Result<Vec<OutgoingMessage>, tokio_postgres::Error> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let queues: Vec<&str> = rows.iter().map(|row| row.0.message.queue().as_str()).collect();
    let keys: Vec<String> = rows.iter().map(|row| row.0.message.key()).collect();
    let buckets: Vec<Option<&str>> = rows.iter().map(|row| row.2).collect();
    let bodies: Vec<serde_json::Value> = rows
        .iter()
        .map(|row| serde_json::to_value(row.0).expect("a message is JSON"))
        .collect();
    let priorities: Vec<i16> = rows.iter().map(|row| row.0.priority as i16).collect();
    let times: Vec<Option<DateTime<Utc>>> = rows.iter().map(|row| row.1).collect();
    let counts: Vec<i32> = rows
        .iter()
        .map(|row| row.0.snoozed.map_or(0, |snoozed| snoozed.count as i32))
        .collect();
    let reasons: Vec<Option<&str>> = rows.iter().map(|row| row.3).collect();
    let since: Vec<Option<DateTime<Utc>>> = rows
        .iter()
        .map(|row| row.0.snoozed.map(|snoozed| snoozed.since))
        .collect();
    let written = client
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
                &since,
            ],
        )
        .await?;
    Ok(written
        .iter()
        .map(|row| OutgoingMessage {
            id: row.get(0),
            version: row.get(1),
            queue: row.get(2),
            body: row.get(3),
        })
        .collect())
}

const DELETE: &str = "
    DELETE FROM outgoing_messages o
    USING unnest($1::bigint[], $2::integer[]) AS sent (id, version)
    WHERE o.id = sent.id AND o.version = sent.version";

/// Deletes messages that were sent, where nothing was added to them since.
///
/// # Errors
/// The database's.
pub async fn delete(client: &Client<'_>, sent: &[OutgoingMessage]) -> Result<u64, tokio_postgres::Error> {
    let ids: Vec<i64> = sent.iter().map(|row| row.id).collect();
    let versions: Vec<i32> = sent.iter().map(|row| row.version).collect();
    client.execute(DELETE, &[&ids, &versions]).await
}

// A message that was to be sent at once has been left behind only when its sender has had time to do it. Of what was
// put off, a source lets go what it can serve until the next run, and nothing while it or the group of calls is blocked.
// A group that was never blocked has no row of its own, so whose it is comes with $4 and $5.
const LOCK_DUE: &str = "
    WITH due AS (
        SELECT o.id,
               row_number() OVER (PARTITION BY COALESCE(g.source, o.bucket) ORDER BY o.priority DESC, o.not_before, o.id) AS place,
               CASE WHEN pace.interval_ms > 0 THEN ceil($2::float8 * 1000 / pace.interval_ms) END AS room
        FROM outgoing_messages o
        LEFT JOIN unnest($4::text[], $5::text[]) AS g (bucket, source) ON g.bucket = o.bucket
        LEFT JOIN upstream_budgets b ON b.bucket = o.bucket
        LEFT JOIN upstream_budgets pace ON pace.bucket = COALESCE(g.source, o.bucket)
        WHERE o.not_before <= now()
          AND (o.snooze_count > 0 OR o.created_at < now() - make_interval(secs => $3::float8))
          AND COALESCE(GREATEST(b.blocked_until, pace.blocked_until) <= now(), true)
    )
    SELECT o.id, o.version, o.queue, o.body::text
    FROM outgoing_messages o
    WHERE o.id IN (SELECT due.id FROM due WHERE due.room IS NULL OR due.place <= due.room)
    ORDER BY o.priority DESC, o.not_before, o.id
    LIMIT $1::bigint
    FOR UPDATE SKIP LOCKED";

/// Locks the messages that are due, at most `limit`, until the transaction ends: what their senders left behind for
/// `left_behind_seconds`, and of what was put off as much as its source can serve in `period_seconds`.
///
/// # Errors
/// The database's.
pub async fn lock_due(
    client: &Client<'_>,
    limit: i64,
    period_seconds: f64,
    left_behind_seconds: f64,
) -> Result<Vec<OutgoingMessage>, tokio_postgres::Error> {
    let (buckets, sources): (Vec<&str>, Vec<&str>) = Bucket::ALL
        .iter()
        .map(|bucket| (bucket.as_str(), bucket.source().as_str()))
        .unzip();
    let rows = client
        .query(
            LOCK_DUE,
            &[&limit, &period_seconds, &left_behind_seconds, &buckets, &sources],
        )
        .await?;
    Ok(rows
        .iter()
        .map(|row| OutgoingMessage {
            id: row.get(0),
            version: row.get(1),
            queue: row.get(2),
            body: row.get(3),
        })
        .collect())
}

/// Snoozed messages that wait for one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct SnoozedMessages {
    /// The bucket they wait for.
    pub bucket: String,
    /// Why.
    pub reason: String,
    /// How many.
    pub count: i64,
    /// When the first of them is due.
    pub until: DateTime<Utc>,
}

const LIST_SNOOZED: &str = "
    SELECT COALESCE(bucket, ''), COALESCE(snooze_reason, ''), count(*), min(not_before)
    FROM outgoing_messages
    WHERE snooze_count > 0
    GROUP BY 1, 2
    ORDER BY 4";

/// What is put off, by what it waits for.
///
/// # Errors
/// The database's.
pub async fn list_snoozed(client: &Client<'_>) -> Result<Vec<SnoozedMessages>, tokio_postgres::Error> {
    let rows = client.query(LIST_SNOOZED, &[]).await?;
    Ok(rows
        .iter()
        .map(|row| SnoozedMessages {
            bucket: row.get(0),
            reason: row.get(1),
            count: row.get(2),
            until: row.get(3),
        })
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[UPSERT, DELETE, LOCK_DUE, LIST_SNOOZED];
