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
    /// Whether there are too many rows to count, so that the numbers are estimates.
    pub are_estimates: bool,
}

/// Tables with fewer rows are counted.
const MAX_COUNTED: i64 = 20_000;

// Postgres estimates the rows of a table as its planner does: by their density at the last ANALYZE and the
// present size of the table.
const COUNT: &str = "
    WITH tables (name, counted) AS (
        SELECT 'artists', count(*) FROM (SELECT FROM artists LIMIT $1::bigint) AS few
        UNION ALL
        SELECT 'albums', count(*) FROM (SELECT FROM albums LIMIT $1::bigint) AS few
        UNION ALL
        SELECT 'tracks', count(*) FROM (SELECT FROM tracks LIMIT $1::bigint) AS few
        UNION ALL
        SELECT 'producers', count(*) FROM (SELECT FROM producers LIMIT $1::bigint) AS few
    )
    SELECT name, counted < $1::bigint AS is_exact,
           CASE WHEN counted < $1::bigint THEN counted
                ELSE GREATEST(counted, (c.reltuples::float8 / NULLIF(c.relpages, 0)
                               * pg_relation_size(c.oid) / current_setting('block_size')::float8)::bigint)
           END AS rows
    FROM tables
    JOIN pg_class c ON c.oid = name::regclass";

const COUNT_TRACKS_WITH_PRODUCERS: &str = "SELECT count(DISTINCT track_id) AS count FROM track_producers";

// Whole pages of tracks are looked at, as many as hold about 10,000. They are always the same ones.
const FIND_SHARE_WITH_PRODUCERS: &str = "
    SELECT COALESCE(avg(CASE WHEN EXISTS (SELECT FROM track_producers tp WHERE tp.track_id = t.id)
                             THEN 1.0 ELSE 0.0 END), 0)::float8 AS share
    FROM tracks t TABLESAMPLE SYSTEM (LEAST(100, 1e6 / GREATEST($1::bigint, 1))) REPEATABLE (0)";

/// Counts the rows of each kind, or estimates them from a sample and from the statistics of Postgres.
pub async fn count(client: &Client<'_>) -> Result<Totals, Error> {
    let rows = client.query(COUNT, &[&MAX_COUNTED]).await?;
    let number = |name: &str| {
        let row = rows.iter().find(|row| row.get::<_, &str>("name") == name);
        row.map_or(0, |row| row.get("rows"))
    };
    let tracks: i64 = number("tracks");
    let tracks_with_producers = if tracks < MAX_COUNTED {
        let row = client.query_one(COUNT_TRACKS_WITH_PRODUCERS, &[]).await?;
        row.get("count")
    } else {
        let row = client.query_one(FIND_SHARE_WITH_PRODUCERS, &[&tracks]).await?;
        (row.get::<_, f64>("share") * tracks as f64).round() as i64
    };
    Ok(Totals {
        artists: number("artists"),
        albums: number("albums"),
        tracks,
        tracks_with_producers,
        producers: number("producers"),
        are_estimates: !rows.iter().all(|row| row.get("is_exact")),
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

pub(in crate::store) const STATEMENTS: &[&str] = &[
    COUNT,
    COUNT_TRACKS_WITH_PRODUCERS,
    FIND_SHARE_WITH_PRODUCERS,
    LIST_PRODUCERS,
    LIST_TRACK_PRODUCERS,
    LIST_PRODUCER_NAMES,
];
