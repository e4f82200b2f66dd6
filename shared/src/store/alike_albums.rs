//! Albums that a dump brought and an album from elsewhere resembles. Whether they are one is decided elsewhere.

use crate::db::Client;
use crate::ids::{AlbumId, Upc};

/// So many are looked at; a title that more records share tells nothing.
const LIST: &str = "
    SELECT a.id,
           a.upc = $5 OR EXISTS (
               SELECT FROM loaded_records r JOIN pressings p ON p.source = r.source AND p.source_id = r.source_id WHERE r.album_id = a.id AND p.upc = $5)
    FROM unnest($1::text[], $2::smallint[], $3::integer[]) AS n (name, disc_number, track_number)
    JOIN tracks t ON left(lower(t.name), 200) COLLATE \"C\" = left(lower(n.name), 200) AND t.disc_number = n.disc_number AND t.track_number = n.track_number
    JOIN albums a ON a.id = t.album_id
    WHERE t.isrc IS NOT NULL AND t.removed_at IS NULL AND a.total_tracks = $4
      AND EXISTS (SELECT FROM loaded_records r WHERE r.album_id = a.id)
    GROUP BY a.id
    ORDER BY a.id
    LIMIT 20";

/// The albums of so many tracks that a dump brought, and of which a track with one of these titles stands in that place, each
/// given as title, disc and number, and has an ISRC. With whether they have a barcode, too.
///
/// # Errors
/// The database's.
pub async fn list(
    client: &Client<'_>,
    titles: &[(&str, i16, i32)],
    total_tracks: i32,
    upc: Option<&Upc>,
) -> Result<Vec<(AlbumId, bool)>, tokio_postgres::Error> {
    let names: Vec<&str> = titles.iter().map(|(name, ..)| *name).collect();
    let discs: Vec<i16> = titles.iter().map(|(_, disc, _)| *disc).collect();
    let numbers: Vec<i32> = titles.iter().map(|(.., number)| *number).collect();
    let rows = client
        .query(
            LIST,
            &[
                &names,
                &discs,
                &numbers,
                &total_tracks,
                &upc.map(Upc::as_str),
            ],
        )
        .await?;
    let has_barcode = |row: &tokio_postgres::Row| row.get::<_, Option<bool>>(1).unwrap_or(false);
    Ok(rows
        .iter()
        .map(|row| (AlbumId(row.get(0)), has_barcode(row)))
        .collect())
}

pub(super) const STATEMENTS: &[&str] = &[LIST];
