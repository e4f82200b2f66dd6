//! Totals over the whole database, and lists of everything for small catalogs.

use tokio_postgres::Error;

use crate::domain::ids::ProducerId;
use crate::platform::db::Client;

/// The number of rows of each kind.
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
    SELECT (SELECT count(*) FROM artists) AS artists,
           (SELECT count(*) FROM albums) AS albums,
           (SELECT count(*) FROM tracks) AS tracks,
           (SELECT count(DISTINCT track_id) FROM track_producers) AS tracks_with_producers,
           (SELECT count(*) FROM producers) AS producers";

/// Counts the rows of each kind.
pub async fn count(client: &Client<'_>) -> Result<Totals, Error> {
    let row = client.query_one(COUNT, &[]).await?;
    Ok(Totals {
        artists: row.get("artists"),
        albums: row.get("albums"),
        tracks: row.get("tracks"),
        tracks_with_producers: row.get("tracks_with_producers"),
        producers: row.get("producers"),
    })
}

/// A producer with statistics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProducerCounts {
    /// Our id.
    pub id: ProducerId,
    /// The name.
    pub name: String,
    /// The number of songs.
    pub track_count: i32,
    /// The number of artists on these songs.
    pub artist_count: i32,
}

const LIST_PRODUCERS: &str = "
    SELECT p.id, p.name, s.track_count, s.artist_count
    FROM producer_statistics s
    JOIN producers p ON p.id = s.producer_id
    ORDER BY s.track_count DESC, s.producer_id
    LIMIT $1::bigint";

/// The producers with the most songs.
pub async fn list_producers(client: &Client<'_>, limit: i64) -> Result<Vec<ProducerCounts>, Error> {
    let rows = client.query(LIST_PRODUCERS, &[&limit]).await?;
    Ok(rows
        .iter()
        .map(|row| ProducerCounts {
            id: row.get("id"),
            name: row.get("name"),
            track_count: row.get("track_count"),
            artist_count: row.get("artist_count"),
        })
        .collect())
}

const LIST_TRACK_PRODUCERS: &str = "
    SELECT COALESCE(t.spotify_id, '') AS spotify_track_id, p.name
    FROM track_producers tp
    JOIN tracks t ON t.id = tp.track_id
    JOIN producers p ON p.id = tp.producer_id
    ORDER BY 1, 2";

/// Every pair of a track and a producer, as the track's Spotify id (empty if it has none) and the producer's
/// name. Only for small catalogs.
pub async fn list_track_producers(client: &Client<'_>) -> Result<Vec<(String, String)>, Error> {
    let rows = client.query(LIST_TRACK_PRODUCERS, &[]).await?;
    Ok(rows
        .iter()
        .map(|row| (row.get("spotify_track_id"), row.get("name")))
        .collect())
}

const LIST_PRODUCER_NAMES: &str = "SELECT name FROM producers ORDER BY name";

/// The names of all producers. Only for small catalogs.
pub async fn list_producer_names(client: &Client<'_>) -> Result<Vec<String>, Error> {
    let rows = client.query(LIST_PRODUCER_NAMES, &[]).await?;
    Ok(rows.iter().map(|row| row.get("name")).collect())
}

pub(in crate::store) const STATEMENTS: &[&str] =
    &[COUNT, LIST_PRODUCERS, LIST_TRACK_PRODUCERS, LIST_PRODUCER_NAMES];
