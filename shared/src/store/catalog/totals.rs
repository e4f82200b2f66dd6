//! The whole database at a glance: how much there is of everything, the producers of the most tracks, and who produced
//! what in one list.

use crate::domain::ids::ProducerId;
use crate::platform::db::Client;

/// How many rows there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// Artists.
    pub artists: i64,
    /// Albums.
    pub albums: i64,
    /// Tracks.
    pub tracks: i64,
    /// Tracks with a producer.
    pub tracks_with_producers: i64,
    /// Producers.
    pub producers: i64,
}

const COUNT: &str = "
    SELECT (SELECT count(*) FROM artists),
           (SELECT count(*) FROM albums),
           (SELECT count(*) FROM tracks),
           (SELECT count(DISTINCT track_id) FROM track_producers),
           (SELECT count(*) FROM producers)";

/// Counts everything.
///
/// # Errors
/// The database's.
pub async fn count(client: &Client<'_>) -> Result<Totals, tokio_postgres::Error> {
    let row = client.query_one(COUNT, &[]).await?;
    Ok(Totals {
        artists: row.get(0),
        albums: row.get(1),
        tracks: row.get(2),
        tracks_with_producers: row.get(3),
        producers: row.get(4),
    })
}

/// A producer with what was counted of him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProducerCounts {
    /// The producer.
    pub id: ProducerId,
    /// The name.
    pub name: String,
    /// Tracks, versions of one song counted once.
    pub track_count: i32,
    /// The artists on them.
    pub artist_count: i32,
}

const LIST_PRODUCERS: &str = "
    SELECT p.id, p.name, s.track_count, s.artist_count
    FROM producer_statistics s
    JOIN producers p ON p.id = s.producer_id
    ORDER BY s.track_count DESC, s.producer_id
    LIMIT $1::bigint";

/// The producers of the most tracks, as their statistics count them.
///
/// # Errors
/// The database's.
pub async fn list_producers(
    client: &Client<'_>,
    limit: i64,
) -> Result<Vec<ProducerCounts>, tokio_postgres::Error> {
    let rows = client.query(LIST_PRODUCERS, &[&limit]).await?;
    Ok(rows
        .iter()
        .map(|row| ProducerCounts {
            id: ProducerId(row.get(0)),
            name: row.get(1),
            track_count: row.get(2),
            artist_count: row.get(3),
        })
        .collect())
}

const LIST_PRODUCED: &str = "
    SELECT COALESCE(t.spotify_id, ''), p.name
    FROM track_producers tp
    JOIN tracks t ON t.id = tp.track_id
    JOIN producers p ON p.id = tp.producer_id
    ORDER BY 1, 2";

/// Every pair of a track's Spotify id (empty where it has none) and the name of a producer of it. For a small catalog.
///
/// # Errors
/// The database's.
pub async fn list_track_producers(
    client: &Client<'_>,
) -> Result<Vec<(String, String)>, tokio_postgres::Error> {
    let rows = client.query(LIST_PRODUCED, &[]).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

const LIST_NAMES: &str = "SELECT name FROM producers ORDER BY name";

/// The name of every producer. For a small catalog.
///
/// # Errors
/// The database's.
pub async fn list_producer_names(client: &Client<'_>) -> Result<Vec<String>, tokio_postgres::Error> {
    let rows = client.query(LIST_NAMES, &[]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[COUNT, LIST_PRODUCERS, LIST_PRODUCED, LIST_NAMES];
