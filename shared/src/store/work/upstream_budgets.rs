//! The table `upstream_budgets`: when the next call to an upstream may be made, with one row per bucket that
//! all instances share.

use chrono::{DateTime, Utc};
use tokio_postgres::Error;

use crate::domain::buckets::Bucket;
use crate::domain::credits::Source;
use crate::platform::db::Client;

/// The result of a reservation.
#[derive(Debug, Clone, PartialEq)]
pub enum Reservation {
    /// The call may be made after this wait, which is at most the requested one.
    Slot {
        /// The wait from now, in seconds.
        in_seconds: f64,
    },
    /// Nothing was reserved, because the bucket has no slot soon enough.
    NotBefore {
        /// When the bucket has a slot.
        until: DateTime<Utc>,
        /// The reason, if the upstream blocked the bucket.
        reason: Option<String>,
    },
    /// Nothing was reserved, because the upstream rejected our credentials and is not called for a while.
    Refused {
        /// When it may be called again.
        until: DateTime<Utc>,
        /// The message of the upstream.
        reason: String,
    },
}

// All groups of calls to a source share the row $2 of the source, which holds its pace. The row of a group
// holds only the end of a block of that group, and so does the row of refused credentials. A slot is reserved
// if it is at most $4 seconds away. It may come after a block of the source, but not after a block of the
// group, because the other groups would have to wait for that slot.
const RESERVE: &str = "
    WITH blocked AS (
        SELECT max(blocked_until) AS until FROM upstream_budgets WHERE bucket IN ($1, $6) AND bucket <> $2
    )
    INSERT INTO upstream_budgets AS b (bucket, source, interval_ms, next_free_at)
    SELECT $2, $3::text::source, $5::integer, clock_timestamp() + make_interval(secs => $5::integer / 1000.0)
    FROM blocked
    WHERE COALESCE(blocked.until, '-infinity') <= now()
    ON CONFLICT (bucket) DO UPDATE SET
        interval_ms = EXCLUDED.interval_ms,
        next_free_at = GREATEST(b.next_free_at, b.blocked_until, now())
                       + make_interval(secs => $5::integer / 1000.0)
    WHERE GREATEST(b.next_free_at, b.blocked_until) <= now() + make_interval(secs => $4::float8)
    RETURNING EXTRACT(
        epoch FROM b.next_free_at - make_interval(secs => $5::integer / 1000.0) - clock_timestamp()
    )::float8 AS in_seconds";

const FIND_FREE_AT: &str = "
    SELECT max(GREATEST(next_free_at, blocked_until)) AS free_at,
           (array_agg(blocked_reason ORDER BY blocked_until DESC)
            FILTER (WHERE blocked_until > now()))[1] AS reason,
           (array_agg(is_refusal ORDER BY blocked_until DESC)
            FILTER (WHERE blocked_until > now()))[1] AS is_refusal
    FROM upstream_budgets
    WHERE bucket IN ($1, $2, $3)";

/// Reserves a call of `group` within the next `within_seconds`. The calls to its `source` are at least
/// `interval_ms` apart. `credentials` is the row that [`block_refused`] writes for the credentials of the
/// call.
pub async fn reserve(
    client: &Client<'_>,
    group: &str,
    source: &str,
    credentials: &str,
    interval_ms: i32,
    within_seconds: f64,
) -> Result<Reservation, Error> {
    let buckets = [group, source, credentials];
    reserve_in(client, buckets, source, interval_ms, within_seconds).await
}

/// Reserves one of the calls that together are at most half of the calls to a source, which are
/// `interval_ms` apart. It is no call yet: [`reserve`] gives that.
pub async fn reserve_of_half(
    client: &Client<'_>,
    source: &str,
    interval_ms: i32,
    within_seconds: f64,
) -> Result<Reservation, Error> {
    let half = format!("{source} (half)");
    let interval_ms = interval_ms.saturating_mul(2);
    reserve_in(client, [&half; 3], source, interval_ms, within_seconds).await
}

/// Reserves a slot in the second of three buckets, unless the first or the third is blocked.
async fn reserve_in(
    client: &Client<'_>,
    [group, pace, credentials]: [&str; 3],
    source: &str,
    interval_ms: i32,
    within_seconds: f64,
) -> Result<Reservation, Error> {
    if let Some(row) = client
        .query_opt(
            RESERVE,
            &[
                &group,
                &pace,
                &source,
                &within_seconds,
                &interval_ms,
                &credentials,
            ],
        )
        .await?
    {
        return Ok(Reservation::Slot {
            in_seconds: row.get::<_, f64>("in_seconds").max(0.0),
        });
    }
    let row = client
        .query_one(FIND_FREE_AT, &[&group, &pace, &credentials])
        .await?;
    let until = row
        .get::<_, Option<DateTime<Utc>>>("free_at")
        .unwrap_or_else(|| client.now());
    Ok(
        match (row.get::<_, Option<bool>>("is_refusal"), row.get("reason")) {
            (Some(true), Some(reason)) => Reservation::Refused { until, reason },
            (_, reason) => Reservation::NotBefore { until, reason },
        },
    )
}

const IS_BLOCKED: &str = "
    SELECT COALESCE(max(blocked_until) > now(), false) AS is_blocked
    FROM upstream_budgets
    WHERE bucket IN ($1, $2, $3)";

/// Whether a group of calls, its source or the credentials of the call are blocked now.
pub async fn is_blocked(
    client: &Client<'_>,
    group: &str,
    source: &str,
    credentials: &str,
) -> Result<bool, Error> {
    let row = client
        .query_one(IS_BLOCKED, &[&group, &source, &credentials])
        .await?;
    Ok(row.get("is_blocked"))
}

const BLOCK: &str = "
    INSERT INTO upstream_budgets AS b (bucket, source, interval_ms, blocked_until, blocked_reason, is_refusal)
    VALUES ($1, $2::text::source, 0, $3, $4, $5)
    ON CONFLICT (bucket) DO UPDATE SET
        blocked_until = EXCLUDED.blocked_until, blocked_reason = EXCLUDED.blocked_reason,
        is_refusal = EXCLUDED.is_refusal
    WHERE b.blocked_until < EXCLUDED.blocked_until";

/// Blocks the calls of a bucket until a time. It never shortens a block.
pub async fn block(
    client: &Client<'_>,
    bucket: &str,
    source: &str,
    until: DateTime<Utc>,
    reason: &str,
) -> Result<(), Error> {
    client
        .execute(BLOCK, &[&bucket, &source, &until, &reason, &false])
        .await
        .map(drop)
}

/// Blocks all calls to a source with these credentials, as [`block`] does, because it rejected them.
/// `credentials` is a row of their own: others are not blocked.
pub async fn block_refused(
    client: &Client<'_>,
    credentials: &str,
    source: &str,
    until: DateTime<Utc>,
    reason: &str,
) -> Result<(), Error> {
    client
        .execute(BLOCK, &[&credentials, &source, &until, &reason, &true])
        .await
        .map(drop)
}

// What waited for the refused credentials is due at once.
const FORGET_REFUSALS: &str = "
    WITH forgotten AS (
        DELETE FROM upstream_budgets
        WHERE source = $1::text::source AND is_refusal AND bucket NOT IN ($1, $2)
        RETURNING blocked_reason
    ),
    resolved AS (
        UPDATE worker_issues SET resolved = true
        WHERE worker_name = $1 AND issue_type = 'refused' AND NOT resolved AND EXISTS (SELECT FROM forgotten)
    ),
    waiting AS (
        SELECT id FROM outgoing_messages
        WHERE snooze_count > 0 AND not_before > now()
          AND snooze_reason IN (SELECT blocked_reason FROM forgotten)
        ORDER BY queue, message_key
        FOR UPDATE
    )
    UPDATE outgoing_messages o SET not_before = now() FROM waiting WHERE o.id = waiting.id";

/// Forgets that a source refused other credentials than these, resolves that issue and lets the messages go
/// on that wait because of it.
pub async fn forget_refusals(client: &Client<'_>, source: &str, credentials: &str) -> Result<(), Error> {
    client
        .execute(FORGET_REFUSALS, &[&source, &credentials])
        .await
        .map(drop)
}

// Steps that wait for a source start at once. They are locked in the order of their keys, as everywhere.
const UNBLOCK: &str = "
    WITH lifted AS (
        UPDATE upstream_budgets
        SET blocked_until = '-infinity', blocked_reason = NULL,
            is_refusal = is_refusal AND bucket <> source::text
        WHERE source = $1::text::source AND blocked_until > now()
        RETURNING bucket
    ),
    waiting AS (
        SELECT id FROM outgoing_messages
        WHERE snooze_count > 0 AND not_before > now() AND bucket = ANY ($2::text[])
          AND EXISTS (SELECT FROM lifted)
        ORDER BY queue, message_key
        FOR UPDATE
    ),
    due AS (
        UPDATE outgoing_messages o SET not_before = now() FROM waiting WHERE o.id = waiting.id RETURNING o.id
    )
    SELECT (SELECT count(*) FROM lifted) AS lifted, (SELECT count(*) FROM due) AS messages";

/// Lifts all blocks of a source, and lets the messages go on that wait for a call of its `buckets`. Returns
/// the numbers of blocks and of messages.
pub async fn unblock(client: &Client<'_>, source: Source, buckets: &[Bucket]) -> Result<(i64, i64), Error> {
    let row = client.query_one(UNBLOCK, &[&source, &buckets]).await?;
    Ok((row.get("lifted"), row.get("messages")))
}

const IS_IDLE: &str = "
    SELECT NOT EXISTS (
        SELECT FROM upstream_budgets
        WHERE source = $1::text::source
          AND GREATEST(next_free_at, blocked_until) > now() - interval '2 seconds'
    ) AS is_idle";

/// Whether a source is not blocked and was not called in the last seconds.
pub async fn is_idle(client: &Client<'_>, source: &str) -> Result<bool, Error> {
    Ok(client.query_one(IS_IDLE, &[&source]).await?.get("is_idle"))
}

/// The state of one bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    /// The name of the bucket.
    pub bucket: String,
    /// The minimum time between two calls in milliseconds; 0 for a group, which has the pace of its source.
    pub interval_ms: i32,
    /// The end of the block, if the bucket is blocked.
    pub blocked_until: Option<DateTime<Utc>>,
    /// The reason of the block.
    pub blocked_reason: Option<String>,
}

const LIST: &str = "
    SELECT CASE WHEN is_refusal AND bucket <> source::text THEN source::text || ' (refused credentials)'
                ELSE bucket END
               AS bucket,
           interval_ms, CASE WHEN blocked_until > now() THEN blocked_until END AS blocked_until,
           CASE WHEN blocked_until > now() THEN blocked_reason END AS blocked_reason
    FROM upstream_budgets
    WHERE NOT is_refusal OR bucket = source::text OR blocked_until > now()
    ORDER BY source, upstream_budgets.bucket";

/// All buckets that have been used.
pub async fn list(client: &Client<'_>) -> Result<Vec<Budget>, Error> {
    let rows = client.query(LIST, &[]).await?;
    Ok(rows
        .iter()
        .map(|row| Budget {
            bucket: row.get("bucket"),
            interval_ms: row.get("interval_ms"),
            blocked_until: row.get("blocked_until"),
            blocked_reason: row.get("blocked_reason"),
        })
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    RESERVE,
    FIND_FREE_AT,
    IS_BLOCKED,
    BLOCK,
    FORGET_REFUSALS,
    UNBLOCK,
    IS_IDLE,
    LIST,
];
