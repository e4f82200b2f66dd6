//! Albums whose last record is gone. Tracks with credits or verdicts of people survive it.

use crate::domain::ids::{AlbumId, NormalizedTrackId, TrackId};
use crate::platform::db::Client;

// A verdict holds for all versions of a song, so each of them stays.
const MARK_KEPT: &str = "
    UPDATE tracks t
    SET removed_at = COALESCE(t.removed_at, now())
    WHERE t.album_id = $1
      AND (EXISTS (SELECT FROM credits c
                   WHERE c.album_id = $1 AND c.source = 'manual' AND COALESCE(c.track_id, t.id) = t.id)
           OR EXISTS (SELECT FROM credit_overrides o WHERE o.normalized_track_id = t.normalized_track_id))
    RETURNING t.id";

/// Marks the album's tracks that have credits or verdicts of people as removed. Returns them.
pub async fn mark_kept(client: &Client<'_>, album: AlbumId) -> Result<Vec<TrackId>, tokio_postgres::Error> {
    let rows = client.query(MARK_KEPT, &[&album]).await?;
    Ok(rows.iter().map(|row| row.get("id")).collect())
}

const LIST_SONGS: &str = "
    SELECT DISTINCT normalized_track_id
    FROM tracks
    WHERE album_id = $1 AND normalized_track_id IS NOT NULL
    ORDER BY 1";

const DELETE_TRACKS: &str = "DELETE FROM tracks WHERE album_id = $1 AND id <> ALL ($2::bigint[])";

const DELETE: &str = "
    DELETE FROM albums WHERE id = $1 AND NOT EXISTS (SELECT FROM tracks WHERE album_id = $1)";

/// Deletes the album's tracks except those in `kept`, and the album if none is left. Returns the songs of all
/// its tracks.
pub async fn delete(
    client: &Client<'_>,
    album: AlbumId,
    kept: &[TrackId],
) -> Result<Vec<NormalizedTrackId>, tokio_postgres::Error> {
    let rows = client.query(LIST_SONGS, &[&album]).await?;
    client.execute(DELETE_TRACKS, &[&album, &kept]).await?;
    client.execute(DELETE, &[&album]).await?;
    Ok(rows.iter().map(|row| row.get("normalized_track_id")).collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[MARK_KEPT, LIST_SONGS, DELETE_TRACKS, DELETE];
