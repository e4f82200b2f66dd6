//! Songs: the normalized tracks that tracks are versions of.

use std::collections::HashMap;

use crate::domain::ids::{ArtistId, NormalizedTrackId};
use crate::domain::titles::RULES_VERSION;
use crate::platform::db::Client;

// What the new songs refer to, and first: who holds an artist, to read the songs anew, may make the same ones.
const LOCK_ARTISTS: &str = "SELECT FROM artists WHERE id = ANY ($1::bigint[]) ORDER BY id FOR KEY SHARE";

const INSERT: &str = "
    INSERT INTO normalized_tracks (artist_id, normalized_name, rules_version)
    SELECT artist_id, normalized_name, $3
    FROM unnest($1::bigint[], $2::text[]) AS n (artist_id, normalized_name)
    ORDER BY artist_id, hashtextextended(normalized_name, 0)
    ON CONFLICT (artist_id, hashtextextended(normalized_name, 0)) DO NOTHING";

// Locked, so that of two albums with versions of one song at once the second sees the first one's tracks when it
// chooses the representative.
pub(in crate::store) const LOCK: &str = "
    SELECT n.id, n.artist_id, n.normalized_name
    FROM normalized_tracks n
    JOIN unnest($1::bigint[], $2::text[]) AS k (artist_id, normalized_name)
      ON n.artist_id = k.artist_id AND hashtextextended(n.normalized_name, 0) = hashtextextended(k.normalized_name, 0)
    ORDER BY n.id
    FOR NO KEY UPDATE OF n";

/// The songs of these artists and keys, made where they are new, and locked until the transaction ends. No pair may
/// come twice.
///
/// # Errors
/// The database's.
pub async fn upsert(
    client: &Client<'_>,
    songs: &[(ArtistId, String)],
) -> Result<HashMap<(ArtistId, String), NormalizedTrackId>, tokio_postgres::Error> {
    let artists: Vec<i64> = songs.iter().map(|(artist, _)| artist.0).collect();
    let names: Vec<&str> = songs.iter().map(|(_, name)| name.as_str()).collect();
    client.execute(LOCK_ARTISTS, &[&artists]).await?;
    client
        .execute(INSERT, &[&artists, &names, &RULES_VERSION])
        .await?;
    let rows = client.query(LOCK, &[&artists, &names]).await?;
    Ok(rows
        .iter()
        .map(|row| ((ArtistId(row.get(1)), row.get(2)), NormalizedTrackId(row.get(0))))
        .collect())
}

// A song without tracks is no song, unless a person has decided something of it. The representative: the track without a
// version tag, then the earliest, then the lowest disc and place, then the smallest Spotify id, else that of the record
// which the album was brought in from.
const REFRESH: &str = "
    WITH best AS (
        SELECT DISTINCT ON (t.normalized_track_id) t.normalized_track_id AS id, t.id AS track_id
        FROM tracks t
        JOIN albums al ON al.id = t.album_id
        WHERE t.normalized_track_id IS NOT NULL AND t.normalized_track_id = ANY ($1::bigint[])
        ORDER BY t.normalized_track_id, t.removed_at IS NOT NULL, t.version_kind IS NOT NULL, al.release_date NULLS LAST,
                 t.disc_number, t.track_number, t.spotify_id NULLS LAST,
                 (SELECT min(l.source_id) FROM album_links l WHERE l.album_id = al.id AND l.matched_by = 'own') NULLS LAST, t.id
    ),
    gone AS (
        DELETE FROM normalized_tracks n
        WHERE n.id = ANY ($1::bigint[]) AND NOT EXISTS (SELECT FROM best WHERE best.id = n.id)
          AND NOT EXISTS (SELECT FROM credit_overrides o WHERE o.normalized_track_id = n.id)
    )
    UPDATE normalized_tracks n
    SET representative_track_id = best.track_id
    FROM best
    WHERE n.id = best.id AND n.representative_track_id IS DISTINCT FROM best.track_id";

/// Chooses the representatives of songs whose tracks changed, and deletes songs that have none left.
///
/// # Errors
/// The database's.
pub async fn refresh(client: &Client<'_>, songs: &[NormalizedTrackId]) -> Result<u64, tokio_postgres::Error> {
    let ids: Vec<i64> = songs.iter().map(|id| id.0).collect();
    client.execute(REFRESH, &[&ids]).await
}

pub(in crate::store) const STATEMENTS: &[&str] = &[LOCK_ARTISTS, INSERT, LOCK, REFRESH];
