//! Statistics of producers and of their work with each artist, recomputed only for producers that are marked
//! as stale.

use crate::domain::ids::{ProducerId, TrackId};
use crate::platform::db::Client;

// A running computation deletes the marks that it took. Updating an existing mark here makes one of the two
// wait for the other, so that a change during the computation is not lost.
const MARK_STALE: &str = "
    INSERT INTO producer_statistics_stale (producer_id)
    SELECT producer_id FROM unnest($1::bigint[]) AS n (producer_id)
    ORDER BY 1
    ON CONFLICT (producer_id) DO UPDATE SET marked_at = now()";

/// Marks the statistics of these producers as stale. No producer may be given twice.
pub async fn mark_stale(client: &Client<'_>, producers: &[ProducerId]) -> Result<(), tokio_postgres::Error> {
    if producers.is_empty() {
        return Ok(());
    }
    client.execute(MARK_STALE, &[&producers]).await.map(drop)
}

const MARK_STALE_OF_TRACKS: &str = "
    INSERT INTO producer_statistics_stale (producer_id)
    SELECT DISTINCT producer_id FROM track_producers WHERE track_id = ANY ($1::bigint[])
    ORDER BY 1
    ON CONFLICT (producer_id) DO UPDATE SET marked_at = now()";

/// Marks the statistics of these tracks' producers as stale, after the tracks' songs, artists, dates or
/// popularity changed.
pub async fn mark_stale_of_tracks(
    client: &Client<'_>,
    tracks: &[TrackId],
) -> Result<(), tokio_postgres::Error> {
    client.execute(MARK_STALE_OF_TRACKS, &[&tracks]).await.map(drop)
}

const MARK_ALL_STALE: &str = "
    INSERT INTO producer_statistics_stale (producer_id)
    SELECT id FROM producers
    ORDER BY 1
    ON CONFLICT (producer_id) DO UPDATE SET marked_at = now()";

/// Marks the statistics of every producer as stale. Returns the number of producers.
pub async fn mark_all_stale(client: &Client<'_>) -> Result<u64, tokio_postgres::Error> {
    client.execute(MARK_ALL_STALE, &[]).await
}

const TAKE_STALE: &str = "
    DELETE FROM producer_statistics_stale
    WHERE producer_id IN (
        SELECT producer_id
        FROM producer_statistics_stale
        ORDER BY marked_at, producer_id
        LIMIT $1::bigint
        FOR UPDATE SKIP LOCKED)
    RETURNING producer_id";

const COMPUTE: &str = include_str!("statistics_compute.sql");

/// Recomputes the statistics of up to `limit` stale producers and unmarks them. Call it in a transaction, so
/// that no mark is lost if the computation fails. Returns the number of producers.
pub async fn compute_stale(client: &Client<'_>, limit: i64) -> Result<usize, tokio_postgres::Error> {
    let rows = client.query(TAKE_STALE, &[&limit]).await?;
    let mut ids: Vec<ProducerId> = rows.iter().map(|row| row.get("producer_id")).collect();
    if !ids.is_empty() {
        ids.sort_unstable();
        client.execute(COMPUTE, &[&ids]).await?;
    }
    Ok(ids.len())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    MARK_STALE,
    MARK_STALE_OF_TRACKS,
    MARK_ALL_STALE,
    TAKE_STALE,
    COMPUTE,
];
