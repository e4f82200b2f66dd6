//! Artists as the API shows them. Only songs that the artist is on count, because an album can contain tracks
//! by others.

use serde::Serialize;
use tokio_postgres::Error;

use crate::domain::ids::{ArtistId, SpotifyArtistId};
use crate::platform::db::Client;

const FIND_BY_SPOTIFY_ID: &str = "
    SELECT id FROM artists WHERE spotify_id = $1
    UNION
    SELECT artist_id FROM artist_identities WHERE source = 'spotify' AND source_id = $1
    LIMIT 1";

/// The artist with this Spotify id, which can be any of the artist's Spotify ids.
pub async fn find_by_spotify_id(
    client: &Client<'_>,
    id: &SpotifyArtistId,
) -> Result<Option<ArtistId>, Error> {
    let row = client.query_opt(FIND_BY_SPOTIFY_ID, &[id]).await?;
    Ok(row.map(|row| row.get("id")))
}

/// An artist with the number of songs that have a producer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Artist {
    /// Our id.
    pub id: ArtistId,
    /// The name.
    pub name: String,
    /// The smallest Spotify id.
    pub spotify_id: Option<String>,
    /// The number of songs that the artist is on.
    pub track_count: i64,
    /// The number of these songs that have no producer yet.
    pub without_producer_count: i64,
}

const FIND: &str = "
    WITH songs AS (
        SELECT bool_or(tp.track_id IS NOT NULL) AS is_produced
        FROM artists_of_tracks ta
        JOIN tracks t ON t.id = ta.track_id
        LEFT JOIN track_producers tp ON tp.track_id = t.id
        WHERE ta.artist_id = $1
        GROUP BY song_of(t)
    )
    SELECT a.id, a.name, a.spotify_id, (SELECT count(*) FROM songs) AS track_count,
           (SELECT count(*) FROM songs WHERE NOT is_produced) AS without_producer_count
    FROM artists a
    WHERE a.id = $1";

/// The artist with this id.
pub async fn find(client: &Client<'_>, id: ArtistId) -> Result<Option<Artist>, Error> {
    let row = client.query_opt(FIND, &[&id]).await?;
    Ok(row.map(|row| Artist {
        id: row.get("id"),
        name: row.get("name"),
        spotify_id: row.get("spotify_id"),
        track_count: row.get("track_count"),
        without_producer_count: row.get("without_producer_count"),
    }))
}

pub(in crate::store) const STATEMENTS: &[&str] = &[FIND_BY_SPOTIFY_ID, FIND];
