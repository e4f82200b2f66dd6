//! Loaded albums that a Spotify album may be, found by titles before its ISRCs are known.

use tokio_postgres::Error;

use crate::domain::ids::{AlbumId, Upc};
use crate::platform::db::Client;

// At most 20 candidates; a more common title is no evidence.
const LIST_CANDIDATES: &str = "
    SELECT a.id,
           COALESCE(a.upc = $5 OR EXISTS (
               SELECT FROM loaded_records r
               JOIN pressings p ON p.source = r.source AND p.source_id = r.source_id
               WHERE r.album_id = a.id AND p.upc = $5), false) AS has_barcode
    FROM unnest($1::text[], $2::smallint[], $3::integer[]) AS n (name, disc_number, track_number)
    JOIN tracks t ON left(lower(t.name), 200) COLLATE \"C\" = left(lower(n.name), 200)
                 AND t.disc_number = n.disc_number AND t.track_number = n.track_number
    JOIN albums a ON a.id = t.album_id
    WHERE t.isrc IS NOT NULL AND t.removed_at IS NULL AND a.total_tracks = $4
      AND EXISTS (SELECT FROM loaded_records r WHERE r.album_id = a.id)
    GROUP BY a.id
    ORDER BY a.id
    LIMIT 20";

/// The albums with `total_tracks` tracks that were loaded from a dump and have a track with an ISRC at the
/// position and with the name of one in `titles` (name, disc number, track number). Each comes with whether
/// it has the barcode `upc`.
pub async fn list_candidates(
    client: &Client<'_>,
    titles: &[(&str, i16, i32)],
    total_tracks: i32,
    upc: Option<&Upc>,
) -> Result<Vec<(AlbumId, bool)>, Error> {
    let names: Vec<&str> = titles.iter().map(|(name, ..)| *name).collect();
    let discs: Vec<i16> = titles.iter().map(|(_, disc, _)| *disc).collect();
    let numbers: Vec<i32> = titles.iter().map(|(.., number)| *number).collect();
    let rows = client
        .query(LIST_CANDIDATES, &[&names, &discs, &numbers, &total_tracks, &upc])
        .await?;
    Ok(rows
        .iter()
        .map(|row| (row.get("id"), row.get("has_barcode")))
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[LIST_CANDIDATES];
