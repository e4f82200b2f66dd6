//! When the next call to an upstream may go out: one row per bucket, shared by every instance.

use chrono::{DateTime, Utc};

use crate::platform::db::Client;

/// What a reservation came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Reservation {
    /// The call may go out at this time, which is at most the asked time away.
    Slot {
        /// How long from now, in seconds.
        in_seconds: f64,
    },
    /// None was taken: the bucket has no slot soon enough.
    NotBefore {
        /// When it will have one.
        until: DateTime<Utc>,
        /// Why, where the upstream blocked it.
        reason: Option<String>,
    },
    /// None was taken: the upstream refuses our credentials, and is left alone for a while.
    Refused {
        /// For how long.
        until: DateTime<Utc>,
        /// What it said.
        reason: String,
    },
}

// The pace of a source is kept in one row, which every group of its calls shares; a group's own row holds only until
// when that group is blocked. A slot is taken where it lies within $4 seconds: behind a pause of the source, but not
// behind a block of the group, since the other groups would have to wait behind that slot.
const RESERVE: &str = "
    WITH blocked AS (
        SELECT max(blocked_until) AS until FROM upstream_budgets WHERE bucket = $1 AND bucket <> $2
    )
    INSERT INTO upstream_budgets AS b (bucket, source, interval_ms, next_free_at)
    SELECT $2, $3::text::source, $5::integer, clock_timestamp() + make_interval(secs => $5::integer / 1000.0)
    FROM blocked
    WHERE COALESCE(blocked.until, '-infinity') <= now()
    ON CONFLICT (bucket) DO UPDATE SET
        interval_ms = EXCLUDED.interval_ms,
        next_free_at = GREATEST(b.next_free_at, b.blocked_until, now()) + make_interval(secs => $5::integer / 1000.0)
    WHERE GREATEST(b.next_free_at, b.blocked_until) <= now() + make_interval(secs => $4::float8)
    RETURNING EXTRACT(epoch FROM b.next_free_at - make_interval(secs => $5::integer / 1000.0) - clock_timestamp())::float8";

const FIND_FREE_AT: &str = "
    SELECT max(GREATEST(next_free_at, blocked_until)), (array_agg(blocked_reason ORDER BY blocked_until DESC) FILTER (WHERE blocked_until > now()))[1],
           (array_agg(is_refusal ORDER BY blocked_until DESC) FILTER (WHERE blocked_until > now()))[1]
    FROM upstream_budgets
    WHERE bucket IN ($1, $2)";

/// Reserves one call of `group`, a part of `source` with a pace of one call every `interval_ms`, within `within_seconds`.
///
/// # Errors
/// The database's.
pub async fn reserve(
    client: &Client<'_>,
    group: &str,
    source: &str,
    interval_ms: i32,
    within_seconds: f64,
) -> Result<Reservation, tokio_postgres::Error> {
    if let Some(row) = client
        .query_opt(
            RESERVE,
            &[&group, &source, &source, &within_seconds, &interval_ms],
        )
        .await?
    {
        return Ok(Reservation::Slot {
            in_seconds: row.get::<_, f64>(0).max(0.0),
        });
    }
    let row = client.query_one(FIND_FREE_AT, &[&group, &source]).await?;
    let until = row.get::<_, Option<DateTime<Utc>>>(0).unwrap_or_else(Utc::now);
    Ok(match (row.get::<_, Option<bool>>(2), row.get(1)) {
        (Some(true), Some(reason)) => Reservation::Refused { until, reason },
        (_, reason) => Reservation::NotBefore { until, reason },
    })
}

const IS_BLOCKED: &str = "
    SELECT COALESCE(max(blocked_until) > now(), false) FROM upstream_budgets WHERE bucket IN ($1, $2)";

/// Whether a group of calls, or its whole source, is blocked now.
///
/// # Errors
/// The database's.
pub async fn is_blocked(
    client: &Client<'_>,
    group: &str,
    source: &str,
) -> Result<bool, tokio_postgres::Error> {
    Ok(client.query_one(IS_BLOCKED, &[&group, &source]).await?.get(0))
}

const BLOCK: &str = "
    INSERT INTO upstream_budgets AS b (bucket, source, interval_ms, blocked_until, blocked_reason, is_refusal)
    VALUES ($1, $2::text::source, 0, $3, $4, $5)
    ON CONFLICT (bucket) DO UPDATE SET
        blocked_until = EXCLUDED.blocked_until, blocked_reason = EXCLUDED.blocked_reason, is_refusal = EXCLUDED.is_refusal
    WHERE b.blocked_until < EXCLUDED.blocked_until";

/// Lets no call of a bucket out before `until`; a block only grows.
///
/// # Errors
/// The database's.
pub async fn block(
    client: &Client<'_>,
    bucket: &str,
    source: &str,
    until: DateTime<Utc>,
    reason: &str,
) -> Result<(), tokio_postgres::Error> {
    client
        .execute(BLOCK, &[&bucket, &source, &until, &reason, &false])
        .await
        .map(drop)
}

/// As [`block`] of a whole source, which refuses our credentials.
///
/// # Errors
/// The database's.
pub async fn block_refused(
    client: &Client<'_>,
    source: &str,
    until: DateTime<Utc>,
    reason: &str,
) -> Result<(), tokio_postgres::Error> {
    client
        .execute(BLOCK, &[&source, &source, &until, &reason, &true])
        .await
        .map(drop)
}

const IS_IDLE: &str = "
    SELECT NOT EXISTS (
        SELECT FROM upstream_budgets WHERE source = $1::text::source AND GREATEST(next_free_at, blocked_until) > now() - interval '2 seconds'
    )";

/// Whether nothing was asked of a source just now, and nothing blocks it.
///
/// # Errors
/// The database's.
pub async fn is_idle(client: &Client<'_>, source: &str) -> Result<bool, tokio_postgres::Error> {
    Ok(client.query_one(IS_IDLE, &[&source]).await?.get(0))
}

/// The state of one bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    /// Its name.
    pub bucket: String,
    /// The least time between two calls, in milliseconds; 0 for a group that shares its source's pace.
    pub interval_ms: i32,
    /// Until when it is blocked, if it is.
    pub blocked_until: Option<DateTime<Utc>>,
    /// Why.
    pub blocked_reason: Option<String>,
}

const LIST: &str = "
    SELECT bucket, interval_ms, CASE WHEN blocked_until > now() THEN blocked_until END, CASE WHEN blocked_until > now() THEN blocked_reason END
    FROM upstream_budgets
    ORDER BY source, bucket";

/// Every bucket that was ever used.
///
/// # Errors
/// The database's.
pub async fn list(client: &Client<'_>) -> Result<Vec<Budget>, tokio_postgres::Error> {
    let rows = client.query(LIST, &[]).await?;
    Ok(rows
        .iter()
        .map(|row| Budget {
            bucket: row.get(0),
            interval_ms: row.get(1),
            blocked_until: row.get(2),
            blocked_reason: row.get(3),
        })
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[RESERVE, FIND_FREE_AT, IS_BLOCKED, BLOCK, IS_IDLE, LIST];
