//! The table `normalized_tracks`: the songs that tracks are versions of.

use std::collections::HashMap;

use tokio_postgres::Error;

use crate::domain::ids::{AlbumId, ArtistId, NormalizedTrackId};
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
    WITH versions AS MATERIALIZED (
        SELECT t.normalized_track_id AS id, t.id AS track_id, t.removed_at, t.version_kind, t.disc_number,
               t.track_number, t.spotify_id, al.id AS album_id, al.release_date, al.release_date_precision,
               last_possible_day(al) AS last_day
        FROM tracks t
        JOIN albums al ON al.id = t.album_id
        WHERE t.normalized_track_id IS NOT NULL AND t.normalized_track_id = ANY ($1::bigint[])
    ),
    best AS (
        SELECT DISTINCT ON (v.id) v.id, v.track_id
        FROM versions v
        ORDER BY v.id, v.removed_at IS NOT NULL, v.version_kind IS NOT NULL,
                 v.release_date NULLS LAST, v.disc_number, v.track_number, v.spotify_id NULLS LAST,
                 (SELECT min(l.source_id) FROM album_links l
                  WHERE l.album_id = v.album_id AND l.matched_by = 'own') NULLS LAST, v.track_id
    ),
    first AS (
        SELECT DISTINCT ON (v.id) v.id, v.release_date, v.release_date_precision
        FROM versions v
        WHERE v.release_date IS NOT NULL
        ORDER BY v.id, v.last_day, v.release_date_precision DESC
    ),
    gone AS (
        DELETE FROM normalized_tracks n
        WHERE n.id = ANY ($1::bigint[]) AND NOT EXISTS (SELECT FROM best WHERE best.id = n.id)
          AND NOT EXISTS (SELECT FROM credit_overrides o WHERE o.normalized_track_id = n.id)
    )
    UPDATE normalized_tracks n
    SET representative_track_id = best.track_id, first_released = first.release_date,
        first_released_precision = first.release_date_precision
    FROM best
    LEFT JOIN first ON first.id = best.id
    JOIN normalized_tracks before ON before.id = best.id
    WHERE n.id = best.id
      AND (n.representative_track_id, n.first_released, n.first_released_precision)
          IS DISTINCT FROM (best.track_id, first.release_date, first.release_date_precision)
    RETURNING n.id, before.first_released IS DISTINCT FROM n.first_released AS is_dated_anew";

const MARK_PRODUCERS_STALE: &str = "
    INSERT INTO producer_statistics_stale (producer_id)
    SELECT DISTINCT tp.producer_id
    FROM tracks t
    JOIN track_producers tp ON tp.track_id = t.id
    WHERE t.normalized_track_id = ANY ($1::bigint[])
    ORDER BY 1
    ON CONFLICT (producer_id) DO UPDATE SET marked_at = now()";

/// Chooses the representatives and the first release dates of songs whose tracks changed, and deletes songs
/// that have no tracks left. The statistics of the producers of songs that get another date become stale.
/// Returns the number of songs changed.
pub async fn refresh(client: &Client<'_>, songs: &[NormalizedTrackId]) -> Result<usize, Error> {
    let rows = client.query(REFRESH, &[&songs]).await?;
    let dated_anew = rows.iter().filter(|row| row.get("is_dated_anew"));
    let dated_anew: Vec<NormalizedTrackId> = dated_anew.map(|row| row.get("id")).collect();
    if !dated_anew.is_empty() {
        client.execute(MARK_PRODUCERS_STALE, &[&dated_anew]).await?;
    }
    Ok(rows.len())
}

const LIST_OF_ALBUMS: &str = "
    SELECT DISTINCT normalized_track_id
    FROM tracks
    WHERE album_id = ANY ($1::bigint[]) AND normalized_track_id IS NOT NULL
    ORDER BY 1";

/// Refreshes the songs of albums whose release dates changed.
pub async fn refresh_of_albums(client: &Client<'_>, albums: &[AlbumId]) -> Result<(), Error> {
    if albums.is_empty() {
        return Ok(());
    }
    let rows = client.query(LIST_OF_ALBUMS, &[&albums]).await?;
    let songs: Vec<NormalizedTrackId> = rows.iter().map(|row| row.get("normalized_track_id")).collect();
    refresh(client, &songs).await.map(drop)
}

const LIST_NEXT: &str = "
    SELECT id FROM normalized_tracks WHERE id > $1 ORDER BY id LIMIT $2::bigint";

/// The next `songs` songs after `after`.
pub async fn list_next(
    client: &Client<'_>,
    after: NormalizedTrackId,
    songs: i64,
) -> Result<Vec<NormalizedTrackId>, Error> {
    let rows = client.query(LIST_NEXT, &[&after, &songs]).await?;
    Ok(rows.iter().map(|row| row.get("id")).collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    LOCK_ARTISTS,
    INSERT,
    LOCK,
    REFRESH,
    MARK_PRODUCERS_STALE,
    LIST_OF_ALBUMS,
    LIST_NEXT,
];
