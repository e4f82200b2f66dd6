//! The table `normalized_tracks`: the songs that tracks are versions of.

use std::collections::HashMap;

use tokio_postgres::Error;

use crate::domain::ids::{ArtistId, NormalizedTrackId};
use crate::domain::titles::RULES_VERSION;
use crate::platform::db::Client;

// The artists are locked before their songs are inserted, because a regrouping that holds an artist may
// insert the same songs.
const LOCK_ARTISTS: &str = "SELECT FROM artists WHERE id = ANY ($1::bigint[]) ORDER BY id FOR KEY SHARE";

const INSERT: &str = "
    INSERT INTO normalized_tracks (artist_id, normalized_name, rules_version)
    SELECT artist_id, normalized_name, $3
    FROM unnest($1::bigint[], $2::text[]) AS n (artist_id, normalized_name)
    ORDER BY artist_id, hashtextextended(normalized_name, 0)
    ON CONFLICT (artist_id, hashtextextended(normalized_name, 0)) DO NOTHING";

// The lock serialises two albums with versions of one song: the second one sees the tracks of the first when
// it chooses the representative.
pub(in crate::store) const LOCK: &str = "
    SELECT n.id, n.artist_id, n.normalized_name
    FROM normalized_tracks n
    JOIN unnest($1::bigint[], $2::text[]) AS k (artist_id, normalized_name)
      ON n.artist_id = k.artist_id
     AND hashtextextended(n.normalized_name, 0) = hashtextextended(k.normalized_name, 0)
    ORDER BY n.id
    FOR NO KEY UPDATE OF n";

/// The songs with these artists and normalized names, which are inserted if they are new and locked until the
/// transaction ends. No pair may occur twice.
pub async fn upsert(
    client: &Client<'_>,
    songs: &[(ArtistId, String)],
) -> Result<HashMap<(ArtistId, String), NormalizedTrackId>, Error> {
    let artists: Vec<ArtistId> = songs.iter().map(|(artist, _)| *artist).collect();
    let names: Vec<&str> = songs.iter().map(|(_, name)| name.as_str()).collect();
    client.execute(LOCK_ARTISTS, &[&artists]).await?;
    client
        .execute(INSERT, &[&artists, &names, &RULES_VERSION])
        .await?;
    let rows = client.query(LOCK, &[&artists, &names]).await?;
    Ok(rows
        .iter()
        .map(|row| ((row.get("artist_id"), row.get("normalized_name")), row.get("id")))
        .collect())
}

// A song without tracks is deleted unless a person has decided something about it. The representative is the
// track without a version tag, then the earliest, then the one with the lowest disc and position, then the
// one with the smallest Spotify id, then the one whose album was imported from the smallest record.
const REFRESH: &str = "
    WITH best AS (
        SELECT DISTINCT ON (t.normalized_track_id) t.normalized_track_id AS id, t.id AS track_id
        FROM tracks t
        JOIN albums al ON al.id = t.album_id
        WHERE t.normalized_track_id IS NOT NULL AND t.normalized_track_id = ANY ($1::bigint[])
        ORDER BY t.normalized_track_id, t.removed_at IS NOT NULL, t.version_kind IS NOT NULL,
                 al.release_date NULLS LAST, t.disc_number, t.track_number, t.spotify_id NULLS LAST,
                 (SELECT min(l.source_id) FROM album_links l
                  WHERE l.album_id = al.id AND l.matched_by = 'own') NULLS LAST, t.id
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

/// Chooses the representatives of songs whose tracks changed, and deletes songs that have no tracks left.
pub async fn refresh(client: &Client<'_>, songs: &[NormalizedTrackId]) -> Result<u64, Error> {
    client.execute(REFRESH, &[&songs]).await
}

pub(in crate::store) const STATEMENTS: &[&str] = &[LOCK_ARTISTS, INSERT, LOCK, REFRESH];
