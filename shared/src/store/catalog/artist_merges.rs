//! Merges two artists, with their albums, tracks, songs and identities.

use tokio_postgres::Error;

use crate::domain::ids::{ArtistId, NormalizedTrackId, TrackId};
use crate::platform::db::Client;
use crate::store::catalog::normalized_tracks;
use crate::store::credits::track_producers;

const LOCK: &str = "SELECT id FROM artists WHERE id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE";

const LOCK_SONGS: &str =
    "SELECT id FROM normalized_tracks WHERE artist_id IN ($1, $2) ORDER BY id FOR UPDATE";

const MOVE_ALBUMS: &str = "UPDATE albums SET artist_id = $1 WHERE artist_id = $2";

// A song that both artists have becomes one song. Its tracks move to the song that is kept.
const MOVE_TRACKS_OF_SONGS: &str = "
    UPDATE tracks t
    SET normalized_track_id = kept.id
    FROM normalized_tracks gone
    JOIN normalized_tracks kept ON kept.artist_id = $1 AND kept.normalized_name = gone.normalized_name
    WHERE gone.artist_id = $2 AND t.normalized_track_id = gone.id
    RETURNING kept.id AS song_id";

const MOVE_OVERRIDES: &str = "
    INSERT INTO credit_overrides (normalized_track_id, producer_identity_id, verdict, decided_by, reason,
                                  created_at)
    SELECT kept.id, o.producer_identity_id, o.verdict, o.decided_by, o.reason, o.created_at
    FROM credit_overrides o
    JOIN normalized_tracks gone ON gone.id = o.normalized_track_id AND gone.artist_id = $2
    JOIN normalized_tracks kept ON kept.artist_id = $1 AND kept.normalized_name = gone.normalized_name
    ON CONFLICT DO NOTHING";

const DELETE_DUPLICATE_SONGS: &str = "
    DELETE FROM normalized_tracks gone
    USING normalized_tracks kept
    WHERE gone.artist_id = $2 AND kept.artist_id = $1 AND kept.normalized_name = gone.normalized_name";

const MOVE_SONGS: &str = "UPDATE normalized_tracks SET artist_id = $1 WHERE artist_id = $2";

// If a track names both artists, the earlier position is kept.
const DELETE_DUPLICATE_PARTS: &str = "
    DELETE FROM track_artists later
    USING track_artists first
    WHERE first.track_id = later.track_id AND first.position < later.position
      AND first.artist_id IN ($1, $2) AND later.artist_id IN ($1, $2)";

const MOVE_TRACK_ARTISTS: &str = "UPDATE track_artists SET artist_id = $1 WHERE artist_id = $2";

const MOVE_IDENTITIES: &str = "UPDATE artist_identities SET artist_id = $1 WHERE artist_id = $2";

const DELETE: &str = "
    DELETE FROM artists WHERE id = $1
    RETURNING name, spotify_id, followers, popularity, image_url, metadata, requested_at";

// The details come from the artist with the smaller Spotify id, and from the other one where it has none.
const MERGE_DETAILS: &str = "
    UPDATE artists a
    SET name = CASE WHEN gone.leads THEN gone.name ELSE a.name END,
        spotify_id = LEAST(a.spotify_id, gone.spotify_id),
        followers = CASE WHEN gone.leads THEN COALESCE(gone.followers, a.followers)
                         ELSE COALESCE(a.followers, gone.followers) END,
        popularity = CASE WHEN gone.leads THEN COALESCE(gone.popularity, a.popularity)
                          ELSE COALESCE(a.popularity, gone.popularity) END,
        image_url = CASE WHEN gone.leads THEN COALESCE(gone.image_url, a.image_url)
                         ELSE COALESCE(a.image_url, gone.image_url) END,
        metadata = CASE WHEN gone.leads THEN a.metadata || gone.metadata ELSE gone.metadata || a.metadata END,
        requested_at = LEAST(a.requested_at, gone.requested_at)
    FROM (
        SELECT n.*, COALESCE(n.spotify_id < b.spotify_id COLLATE \"C\",
                             n.spotify_id IS NOT NULL AND b.spotify_id IS NULL) AS leads
        FROM (SELECT $2::text AS name, $3::text AS spotify_id, $4::bigint AS followers,
                     $5::smallint AS popularity, $6::text AS image_url, $7::jsonb AS metadata,
                     $8::timestamptz AS requested_at) n
        JOIN artists b ON b.id = $1
    ) gone
    WHERE a.id = $1";

const LIST_DECIDED_TRACKS: &str = "
    SELECT t.id FROM tracks t
    WHERE t.normalized_track_id = ANY ($1::bigint[])
      AND EXISTS (SELECT FROM credit_overrides o WHERE o.normalized_track_id = t.normalized_track_id)
    ORDER BY t.id";

const MARK_STALE: &str = "
    INSERT INTO producer_statistics_stale (producer_id)
    SELECT tp.producer_id
    FROM albums al
    JOIN tracks t ON t.album_id = al.id
    JOIN track_producers tp ON tp.track_id = t.id
    WHERE al.artist_id = $1
    UNION
    SELECT tp.producer_id
    FROM track_artists ta
    JOIN track_producers tp ON tp.track_id = ta.track_id
    WHERE ta.artist_id = $1
    ORDER BY 1
    ON CONFLICT (producer_id) DO UPDATE SET marked_at = now()";

/// Merges the artist `gone` into `kept`. Songs that both have become one, and the statistics of the producers
/// of their tracks become stale. If one of the two does not exist, nothing changes.
pub async fn merge(client: &Client<'_>, kept: ArtistId, gone: ArtistId) -> Result<(), Error> {
    let both = client.query(LOCK, &[&vec![kept, gone]]).await?;
    if both.len() < 2 {
        return Ok(());
    }
    client.execute(MOVE_ALBUMS, &[&kept, &gone]).await?;
    let joined = move_songs(client, kept, gone).await?;
    for statement in [DELETE_DUPLICATE_PARTS, MOVE_TRACK_ARTISTS, MOVE_IDENTITIES] {
        client.execute(statement, &[&kept, &gone]).await?;
    }
    normalized_tracks::refresh(client, &joined).await?;
    merge_details(client, kept, gone).await?;
    let decided = client.query(LIST_DECIDED_TRACKS, &[&joined]).await?;
    let tracks: Vec<TrackId> = decided.iter().map(|row| row.get("id")).collect();
    track_producers::refresh(client, &tracks).await?;
    client.execute(MARK_STALE, &[&kept]).await.map(drop)
}

/// Moves the songs of `gone` to `kept` and returns the songs of `kept` that received tracks.
async fn move_songs(
    client: &Client<'_>,
    kept: ArtistId,
    gone: ArtistId,
) -> Result<Vec<NormalizedTrackId>, Error> {
    client.query(LOCK_SONGS, &[&kept, &gone]).await?;
    client.execute(MOVE_OVERRIDES, &[&kept, &gone]).await?;
    let moved = client.query(MOVE_TRACKS_OF_SONGS, &[&kept, &gone]).await?;
    for statement in [DELETE_DUPLICATE_SONGS, MOVE_SONGS] {
        client.execute(statement, &[&kept, &gone]).await?;
    }
    let mut joined: Vec<NormalizedTrackId> = moved.iter().map(|row| row.get("song_id")).collect();
    joined.sort_unstable();
    joined.dedup();
    Ok(joined)
}

/// Deletes `gone` and merges its details into `kept`.
async fn merge_details(client: &Client<'_>, kept: ArtistId, gone: ArtistId) -> Result<(), Error> {
    let row = client.query_one(DELETE, &[&gone]).await?;
    client
        .execute(
            MERGE_DETAILS,
            &[
                &kept,
                &row.get::<_, String>("name"),
                &row.get::<_, Option<String>>("spotify_id"),
                &row.get::<_, Option<i64>>("followers"),
                &row.get::<_, Option<i16>>("popularity"),
                &row.get::<_, Option<String>>("image_url"),
                &row.get::<_, serde_json::Value>("metadata"),
                &row.get::<_, Option<chrono::DateTime<chrono::Utc>>>("requested_at"),
            ],
        )
        .await
        .map(drop)
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    LOCK,
    LOCK_SONGS,
    MOVE_ALBUMS,
    MOVE_TRACKS_OF_SONGS,
    MOVE_OVERRIDES,
    DELETE_DUPLICATE_SONGS,
    MOVE_SONGS,
    DELETE_DUPLICATE_PARTS,
    MOVE_TRACK_ARTISTS,
    MOVE_IDENTITIES,
    DELETE,
    MERGE_DETAILS,
    LIST_DECIDED_TRACKS,
    MARK_STALE,
];
