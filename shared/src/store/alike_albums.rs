//! Albums that a dump brought and an album from elsewhere resembles. Whether they are one is decided elsewhere.

use crate::db::Client;
use crate::ids::{AlbumId, Upc};

/// So many are looked at; a title that more records share tells nothing.
const LIST: &str = "
    SELECT a.id, a.upc
    FROM unnest($1::text[], $2::smallint[], $3::integer[]) AS n (name, disc_number, track_number)
    JOIN tracks t ON left(lower(t.name), 200) COLLATE \"C\" = left(lower(n.name), 200) AND t.disc_number = n.disc_number AND t.track_number = n.track_number
    JOIN albums a ON a.id = t.album_id
    WHERE t.isrc IS NOT NULL AND t.removed_at IS NULL AND a.total_tracks = $4
      AND EXISTS (SELECT FROM loaded_records r WHERE r.album_id = a.id)
    GROUP BY a.id
    ORDER BY a.id
    LIMIT 20";

/// The albums of so many tracks that a dump brought, and of which a track with one of these titles stands in that place, each
/// given as title, disc and number, and has an ISRC. With their barcodes.
///
/// # Errors
/// The database's.
pub async fn list(
    client: &Client<'_>,
    titles: &[(&str, i16, i32)],
    total_tracks: i32,
) -> Result<Vec<(AlbumId, Option<Upc>)>, tokio_postgres::Error> {
    let names: Vec<&str> = titles.iter().map(|(name, ..)| *name).collect();
    let discs: Vec<i16> = titles.iter().map(|(_, disc, _)| *disc).collect();
    let numbers: Vec<i32> = titles.iter().map(|(.., number)| *number).collect();
    let rows = client
        .query(LIST, &[&names, &discs, &numbers, &total_tracks])
        .await?;
    let upc = |text: Option<&str>| text.and_then(|text| text.parse().ok());
    Ok(rows
        .iter()
        .map(|row| (AlbumId(row.get(0)), upc(row.get(1))))
        .collect())
}

pub(super) const STATEMENTS: &[&str] = &[LIST];
