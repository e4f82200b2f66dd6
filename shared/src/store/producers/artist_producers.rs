//! Who produced this artist? Over the songs the artist is on, and only those: an album can have tracks by others.

use serde::Serialize;

use crate::domain::ids::{ArtistId, ProducerId, SpotifyArtistId};
use crate::platform::db::Client;
use crate::store::producers::producer_tracks::CountPlace;

const FIND_BY_SPOTIFY_ID: &str = "
    SELECT id FROM artists WHERE spotify_id = $1
    UNION
    SELECT artist_id FROM artist_identities WHERE source = 'spotify' AND source_id = $1
    LIMIT 1";

/// The artist that Spotify calls this, by whichever of the artist's ids there.
///
/// # Errors
/// The database's.
pub async fn find_by_spotify_id(
    client: &Client<'_>,
    id: &SpotifyArtistId,
) -> Result<Option<ArtistId>, tokio_postgres::Error> {
    let row = client.query_opt(FIND_BY_SPOTIFY_ID, &[&id.as_str()]).await?;
    Ok(row.map(|row| ArtistId(row.get(0))))
}

/// An artist, and how many of their songs have a producer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Artist {
    /// The artist.
    pub id: ArtistId,
    /// The artist's name.
    pub name: String,
    /// The artist's Spotify id.
    pub spotify_id: Option<String>,
    /// How many songs the artist is on.
    pub track_count: i64,
    /// How many of them have no producer yet.
    pub without_producer_count: i64,
}

const FIND: &str = "
    WITH theirs AS (
        SELECT t.id, COALESCE(t.normalized_track_id, -t.id) AS song
        FROM track_artists ta
        JOIN tracks t ON t.id = ta.track_id
        WHERE ta.artist_id = $1
        UNION
        SELECT t.id, COALESCE(t.normalized_track_id, -t.id)
        FROM albums al
        JOIN tracks t ON t.album_id = al.id
        WHERE al.artist_id = $1 AND NOT EXISTS (SELECT FROM track_artists ta WHERE ta.track_id = t.id)
    ), songs AS (
        SELECT bool_or(tp.track_id IS NOT NULL) AS is_produced
        FROM theirs
        LEFT JOIN track_producers tp ON tp.track_id = theirs.id
        GROUP BY theirs.song
    )
    SELECT a.id, a.name, a.spotify_id, (SELECT count(*) FROM songs), (SELECT count(*) FROM songs WHERE NOT is_produced)
    FROM artists a
    WHERE a.id = $1";

/// The artist with this id.
///
/// # Errors
/// The database's.
pub async fn find(client: &Client<'_>, id: ArtistId) -> Result<Option<Artist>, tokio_postgres::Error> {
    let row = client.query_opt(FIND, &[&id.0]).await?;
    Ok(row.map(|row| Artist {
        id: ArtistId(row.get(0)),
        name: row.get(1),
        spotify_id: row.get(2),
        track_count: row.get(3),
        without_producer_count: row.get(4),
    }))
}

/// A producer of an artist's songs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ArtistProducer {
    /// The producer.
    pub producer_id: ProducerId,
    /// The producer's name.
    pub name: String,
    /// How many of the artist's songs they produced.
    pub track_count: i64,
    /// What they did on them: the strongest role.
    pub role: String,
    /// How sure the surest of them is, 0-1.
    pub confidence: f32,
    /// The year of the earliest album with one of them.
    pub first_year: Option<i32>,
    /// The year of the latest.
    pub last_year: Option<i32>,
}

const LIST: &str = "
    WITH theirs AS (
        SELECT t.id, t.album_id, COALESCE(t.normalized_track_id, -t.id) AS song
        FROM track_artists ta
        JOIN tracks t ON t.id = ta.track_id
        WHERE ta.artist_id = $1
        UNION
        SELECT t.id, t.album_id, COALESCE(t.normalized_track_id, -t.id)
        FROM albums al
        JOIN tracks t ON t.album_id = al.id
        WHERE al.artist_id = $1 AND NOT EXISTS (SELECT FROM track_artists ta WHERE ta.track_id = t.id)
    ), counted AS (
        SELECT tp.producer_id, count(DISTINCT theirs.song) AS track_count, min(tp.role) AS role, max(tp.confidence) AS confidence,
               min(al.release_date) AS first_date, max(al.release_date) AS last_date
        FROM theirs
        JOIN track_producers tp ON tp.track_id = theirs.id
        JOIN albums al ON al.id = theirs.album_id
        GROUP BY tp.producer_id
    )
    SELECT c.producer_id, p.name, c.track_count, c.role::text, c.confidence,
           extract(year FROM c.first_date)::integer, extract(year FROM c.last_date)::integer
    FROM counted c
    JOIN producers p ON p.id = c.producer_id
    WHERE $2::bigint IS NULL OR (c.track_count, -c.producer_id) < ($2, -$3::bigint)
    ORDER BY c.track_count DESC, c.producer_id
    LIMIT $4";

/// The producers of an artist's songs, those with the most first, from behind `after`.
///
/// # Errors
/// The database's.
pub async fn list(
    client: &Client<'_>,
    id: ArtistId,
    after: Option<CountPlace>,
    limit: i64,
) -> Result<Vec<ArtistProducer>, tokio_postgres::Error> {
    let count = after.map(|place| place.count);
    let producer_id = after.map(|place| place.id);
    let rows = client.query(LIST, &[&id.0, &count, &producer_id, &limit]).await?;
    Ok(rows
        .iter()
        .map(|row| ArtistProducer {
            producer_id: ProducerId(row.get(0)),
            name: row.get(1),
            track_count: row.get(2),
            role: row.get(3),
            confidence: row.get(4),
            first_year: row.get(5),
            last_year: row.get(6),
        })
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[FIND_BY_SPOTIFY_ID, FIND, LIST];
