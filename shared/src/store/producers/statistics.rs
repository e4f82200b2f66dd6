//! What producers' tracks add up to, computed anew only for those whose tracks changed.

use crate::domain::ids::{ProducerId, TrackId};
use crate::platform::db::Client;

// Updating a row that is there makes a computation under way, which deletes it, wait or happen again.
const MARK_STALE: &str = "
    INSERT INTO producer_statistics_stale (producer_id)
    SELECT producer_id FROM unnest($1::bigint[]) AS n (producer_id)
    ORDER BY 1
    ON CONFLICT (producer_id) DO UPDATE SET marked_at = now()";

/// Marks producers whose statistics no longer hold. None may come twice.
///
/// # Errors
/// The database's.
pub async fn mark_stale(client: &Client<'_>, producers: &[ProducerId]) -> Result<(), tokio_postgres::Error> {
    if producers.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = producers.iter().map(|id| id.0).collect();
    client.execute(MARK_STALE, &[&ids]).await.map(drop)
}

const MARK_STALE_OF_TRACKS: &str = "
    INSERT INTO producer_statistics_stale (producer_id)
    SELECT DISTINCT producer_id FROM track_producers WHERE track_id = ANY ($1::bigint[])
    ORDER BY 1
    ON CONFLICT (producer_id) DO UPDATE SET marked_at = now()";

/// Marks the producers of tracks whose songs, artists, dates or popularity changed.
///
/// # Errors
/// The database's.
pub async fn mark_stale_of_tracks(
    client: &Client<'_>,
    tracks: &[TrackId],
) -> Result<(), tokio_postgres::Error> {
    let ids: Vec<i64> = tracks.iter().map(|id| id.0).collect();
    client.execute(MARK_STALE_OF_TRACKS, &[&ids]).await.map(drop)
}

const TAKE_STALE: &str = "
    DELETE FROM producer_statistics_stale
    WHERE producer_id IN (SELECT producer_id FROM producer_statistics_stale ORDER BY marked_at, producer_id LIMIT $1::bigint FOR UPDATE SKIP LOCKED)
    RETURNING producer_id";

const COMPUTE: &str = include_str!("statistics_compute.sql");

/// Computes the statistics of up to `limit` producers anew; gives how many were stale. In a transaction: what is taken
/// off the list is computed.
///
/// # Errors
/// The database's.
pub async fn compute_stale(client: &Client<'_>, limit: i64) -> Result<usize, tokio_postgres::Error> {
    let mut ids: Vec<i64> = client
        .query(TAKE_STALE, &[&limit])
        .await?
        .iter()
        .map(|row| row.get(0))
        .collect();
    if !ids.is_empty() {
        ids.sort_unstable();
        client.execute(COMPUTE, &[&ids]).await?;
    }
    Ok(ids.len())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[MARK_STALE, MARK_STALE_OF_TRACKS, TAKE_STALE, COMPUTE];
