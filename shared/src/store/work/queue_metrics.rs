//! The tables `queue_metrics`, with a row per batch of messages, and `queue_metrics_hourly`, with their sums.

use chrono::{DateTime, Utc};
use tokio_postgres::Error;

use crate::platform::db::Client;

/// The metrics of one batch of messages.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchMetrics<'a> {
    /// The queue.
    pub queue_name: &'a str,
    /// The operation that handled the messages.
    pub operation: &'a str,
    /// When the batch was received.
    pub started_at: DateTime<Utc>,
    /// When the last message was settled.
    pub finished_at: DateTime<Utc>,
    /// The number of messages.
    pub processed_count: i32,
    /// The number of messages that were done or snoozed.
    pub success_count: i32,
    /// The number of messages that failed.
    pub error_count: i32,
    /// The number of messages by outcome.
    pub details: serde_json::Value,
}

// Nothing waits for the disk here: a crash of Postgres may lose the metrics of the last moment.
const INSERT: &str = "
    INSERT INTO queue_metrics (queue_name, operation, started_at, finished_at, processed_count, success_count,
                               error_count, details)
    SELECT $1, $2, $3::timestamptz, GREATEST($3, $4), $5, $6, $7, $8
    FROM set_config('synchronous_commit', 'off', true)";

/// Stores the metrics of a batch.
pub async fn insert(client: &Client<'_>, batch: &BatchMetrics<'_>) -> Result<(), Error> {
    client
        .execute(
            INSERT,
            &[
                &batch.queue_name,
                &batch.operation,
                &batch.started_at,
                &batch.finished_at,
                &batch.processed_count,
                &batch.success_count,
                &batch.error_count,
                &batch.details,
            ],
        )
        .await
        .map(drop)
}

// The sums of the last hours are recomputed as long as a late batch can still belong to them.
const SUM_HOURS: &str = "
    INSERT INTO queue_metrics_hourly AS h (queue_name, operation, hour, batch_count, processed_count,
                                           success_count, error_count, total_seconds, longest_seconds)
    SELECT queue_name, operation, date_trunc('hour', started_at), count(*), sum(processed_count),
           sum(success_count), sum(error_count), sum(EXTRACT(epoch FROM finished_at - started_at)),
           max(EXTRACT(epoch FROM finished_at - started_at))
    FROM queue_metrics
    WHERE started_at >= date_trunc('hour', now()) - interval '3 hours'
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (queue_name, operation, hour) DO UPDATE SET
        batch_count = EXCLUDED.batch_count, processed_count = EXCLUDED.processed_count,
        success_count = EXCLUDED.success_count, error_count = EXCLUDED.error_count,
        total_seconds = EXCLUDED.total_seconds, longest_seconds = EXCLUDED.longest_seconds
    WHERE (h.batch_count, h.processed_count, h.success_count, h.error_count)
          IS DISTINCT FROM (EXCLUDED.batch_count, EXCLUDED.processed_count, EXCLUDED.success_count,
                            EXCLUDED.error_count)";

/// Computes the sums of the last hours, and returns how many changed.
pub async fn sum_hours(client: &Client<'_>) -> Result<u64, Error> {
    client.execute(SUM_HOURS, &[]).await
}

const DELETE_OLD: &str = "DELETE FROM queue_metrics WHERE started_at < now() - interval '14 days'";

/// Deletes the metrics of batches older than two weeks. Their hourly sums stay.
pub async fn delete_old(client: &Client<'_>) -> Result<u64, Error> {
    client.execute(DELETE_OLD, &[]).await
}

pub(in crate::store) const STATEMENTS: &[&str] = &[INSERT, SUM_HOURS, DELETE_OLD];
