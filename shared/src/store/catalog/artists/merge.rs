//! Making one artist of two, with everything that hangs on them. Finding out that they are one is in [`super::link`].

use crate::domain::ids::{ArtistId, NormalizedTrackId, TrackId};
use crate::platform::db::Client;
use crate::store::catalog::normalized_tracks;
use crate::store::credits::track_producers;

const LOCK: &str = "SELECT id FROM artists WHERE id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE";

const LOCK_SONGS: &str =
    "SELECT id FROM normalized_tracks WHERE artist_id IN ($1, $2) ORDER BY id FOR UPDATE";

const MOVE_ALBUMS: &str = "UPDATE albums SET artist_id = $1 WHERE artist_id = $2";

// A song that both artists have becomes one; its tracks follow.
const MOVE_TRACKS_OF_SONGS: &str = "
    UPDATE tracks t
    SET normalized_track_id = kept.id
    FROM normalized_tracks gone
    JOIN normalized_tracks kept ON kept.artist_id = $1 AND kept.normalized_name = gone.normalized_name
    WHERE gone.artist_id = $2 AND t.normalized_track_id = gone.id
    RETURNING kept.id";

const MOVE_OVERRIDES: &str = "
    INSERT INTO credit_overrides (normalized_track_id, producer_identity_id, verdict, decided_by, reason, created_at)
    SELECT kept.id, o.producer_identity_id, o.verdict, o.decided_by, o.reason, o.created_at
    FROM credit_overrides o
    JOIN normalized_tracks gone ON gone.id = o.normalized_track_id AND gone.artist_id = $2
    JOIN normalized_tracks kept ON kept.artist_id = $1 AND kept.normalized_name = gone.normalized_name
    ON CONFLICT DO NOTHING";

const DELETE_DOUBLE_SONGS: &str = "
    DELETE FROM normalized_tracks gone
    USING normalized_tracks kept
    WHERE gone.artist_id = $2 AND kept.artist_id = $1 AND kept.normalized_name = gone.normalized_name";

const MOVE_SONGS: &str = "UPDATE normalized_tracks SET artist_id = $1 WHERE artist_id = $2";

// Named by both on one track, the artist is named where the first of them was.
const DELETE_DOUBLE_PARTS: &str = "
    DELETE FROM track_artists later
    USING track_artists first
    WHERE first.track_id = later.track_id AND first.position < later.position
      AND first.artist_id IN ($1, $2) AND later.artist_id IN ($1, $2)";

const MOVE_TRACK_ARTISTS: &str = "UPDATE track_artists SET artist_id = $1 WHERE artist_id = $2";

const MOVE_IDENTITIES: &str = "UPDATE artist_identities SET artist_id = $1 WHERE artist_id = $2";

const DELETE: &str = "
    DELETE FROM artists WHERE id = $1
    RETURNING name, spotify_id, followers, popularity, image_url, metadata, requested_at";

// The smaller Spotify id says the name and the rest; what it leaves out is taken from the other.
const TAKE_OVER: &str = "
    UPDATE artists a
    SET name = CASE WHEN gone.leads THEN gone.name ELSE a.name END,
        spotify_id = LEAST(a.spotify_id, gone.spotify_id),
        followers = CASE WHEN gone.leads THEN COALESCE(gone.followers, a.followers) ELSE COALESCE(a.followers, gone.followers) END,
        popularity = CASE WHEN gone.leads THEN COALESCE(gone.popularity, a.popularity) ELSE COALESCE(a.popularity, gone.popularity) END,
        image_url = CASE WHEN gone.leads THEN COALESCE(gone.image_url, a.image_url) ELSE COALESCE(a.image_url, gone.image_url) END,
        metadata = CASE WHEN gone.leads THEN a.metadata || gone.metadata ELSE gone.metadata || a.metadata END,
        requested_at = LEAST(a.requested_at, gone.requested_at)
    FROM (
        SELECT n.*, COALESCE(n.spotify_id < b.spotify_id COLLATE \"C\", n.spotify_id IS NOT NULL AND b.spotify_id IS NULL) AS leads
        FROM (SELECT $2::text AS name, $3::text AS spotify_id, $4::bigint AS followers, $5::smallint AS popularity,
                     $6::text AS image_url, $7::jsonb AS metadata, $8::timestamptz AS requested_at) n
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
    SELECT tp.producer_id FROM albums al JOIN tracks t ON t.album_id = al.id JOIN track_producers tp ON tp.track_id = t.id WHERE al.artist_id = $1
    UNION
    SELECT tp.producer_id FROM track_artists ta JOIN track_producers tp ON tp.track_id = ta.track_id WHERE ta.artist_id = $1
    ORDER BY 1
    ON CONFLICT (producer_id) DO UPDATE SET marked_at = now()";

/// Makes one artist of two: what was `gone`'s becomes `kept`'s, songs of both become one, and the statistics of those who
/// produced their tracks are stale. Nothing happens where one of them is not there.
///
/// # Errors
/// The database's.
pub async fn merge(client: &Client<'_>, kept: ArtistId, gone: ArtistId) -> Result<(), tokio_postgres::Error> {
    let both = client.query(LOCK, &[&vec![kept.0, gone.0]]).await?;
    if both.len() < 2 {
        return Ok(());
    }
    client.execute(MOVE_ALBUMS, &[&kept.0, &gone.0]).await?;
    let joined = move_songs(client, kept, gone).await?;
    for statement in [DELETE_DOUBLE_PARTS, MOVE_TRACK_ARTISTS, MOVE_IDENTITIES] {
        client.execute(statement, &[&kept.0, &gone.0]).await?;
    }
    normalized_tracks::refresh(client, &joined).await?;
    take_over(client, kept, gone).await?;
    let songs: Vec<i64> = joined.iter().map(|id| id.0).collect();
    let decided = client.query(LIST_DECIDED_TRACKS, &[&songs]).await?;
    let tracks: Vec<_> = decided.iter().map(|row| TrackId(row.get(0))).collect();
    track_producers::refresh(client, &tracks).await?;
    client.execute(MARK_STALE, &[&kept.0]).await.map(drop)
}

/// Gives `kept` the songs; returns those that tracks of `gone` joined.
async fn move_songs(
    client: &Client<'_>,
    kept: ArtistId,
    gone: ArtistId,
) -> Result<Vec<NormalizedTrackId>, tokio_postgres::Error> {
    client.query(LOCK_SONGS, &[&kept.0, &gone.0]).await?;
    client.execute(MOVE_OVERRIDES, &[&kept.0, &gone.0]).await?;
    let moved = client.query(MOVE_TRACKS_OF_SONGS, &[&kept.0, &gone.0]).await?;
    for statement in [DELETE_DOUBLE_SONGS, MOVE_SONGS] {
        client.execute(statement, &[&kept.0, &gone.0]).await?;
    }
    let mut joined: Vec<_> = moved.iter().map(|row| NormalizedTrackId(row.get(0))).collect();
    joined.sort_unstable();
    joined.dedup();
    Ok(joined)
}

async fn take_over(client: &Client<'_>, kept: ArtistId, gone: ArtistId) -> Result<(), tokio_postgres::Error> {
    let row = client.query_one(DELETE, &[&gone.0]).await?;
    client
        .execute(
            TAKE_OVER,
            &[
                &kept.0,
                &row.get::<_, String>(0),
                &row.get::<_, Option<String>>(1),
                &row.get::<_, Option<i64>>(2),
                &row.get::<_, Option<i16>>(3),
                &row.get::<_, Option<String>>(4),
                &row.get::<_, serde_json::Value>(5),
                &row.get::<_, Option<chrono::DateTime<chrono::Utc>>>(6),
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
    DELETE_DOUBLE_SONGS,
    MOVE_SONGS,
    DELETE_DOUBLE_PARTS,
    MOVE_TRACK_ARTISTS,
    MOVE_IDENTITIES,
    DELETE,
    TAKE_OVER,
    LIST_DECIDED_TRACKS,
    MARK_STALE,
];
