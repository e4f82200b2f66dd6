//! Albums that resemble one that arrives. Whether they are one is decided elsewhere.

use std::collections::BTreeSet;

use crate::domain::credits::Source;
use crate::domain::ids::{AlbumId, SpotifyAlbumId, Upc};
use crate::platform::db::{Client, Param};
use crate::store::catalog::albums;

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
pub async fn list_candidates(
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
            &[&names, &discs, &numbers, &total_tracks, &upc.map(Upc::as_str)],
        )
        .await?;
    let has_barcode = |row: &tokio_postgres::Row| row.get::<_, Option<bool>>(1).unwrap_or(false);
    Ok(rows
        .iter()
        .map(|row| (AlbumId(row.get(0)), has_barcode(row)))
        .collect())
}

/// A record of a source by which an album of ours may be told, unless ISRCs tell it.
#[derive(Debug, Clone, Copy)]
pub struct SourceRecord<'a> {
    /// Its id there.
    pub source_id: &'a str,
    /// The albums of Spotify's that it is, as the source says.
    pub spotify_ids: &'a [SpotifyAlbumId],
    /// Its barcode.
    pub upc: Option<&'a Upc>,
    /// How many tracks it has.
    pub total_tracks: i32,
}

// As albums::LIST_KNOWN finds them, for many records at once.
const LIST_PERHAPS_HERE: &str = "
    SELECT n.place
    FROM unnest($2::text[]) WITH ORDINALITY AS n (source_id, place)
    JOIN album_links l ON l.source = $1::text::source AND l.source_id = n.source_id AND l.matched_by IN ('own', 'link')
    UNION
    SELECT n.place
    FROM unnest($3::bigint[], $4::text[]) AS n (place, spotify_id)
    JOIN album_links l ON l.source = 'spotify' AND l.source_id = n.spotify_id AND l.matched_by = 'own'
    UNION
    SELECT n.place
    FROM unnest($5::bigint[], $6::text[], $7::integer[]) AS n (place, upc, total_tracks)
    JOIN albums b ON b.upc = n.upc AND b.total_tracks = n.total_tracks
    UNION
    SELECT n.place
    FROM unnest($5::bigint[], $6::text[], $7::integer[]) AS n (place, upc, total_tracks)
    JOIN pressings p ON p.upc = n.upc AND p.source <> $1::text::source
    JOIN loaded_records r ON r.source = p.source AND r.source_id = p.source_id
    JOIN albums b ON b.id = r.album_id AND b.total_tracks = n.total_tracks";

/// The places of those records that albums of ours may be. Until the transaction ends, nobody else brings in an album that
/// might be one of them.
///
/// # Errors
/// The database's.
pub async fn list_matching_records(
    client: &Client<'_>,
    source: Source,
    records: &[SourceRecord<'_>],
) -> Result<BTreeSet<usize>, tokio_postgres::Error> {
    let ids: Vec<&str> = records.iter().map(|record| record.source_id).collect();
    let stated = (1_i64..).zip(records).flat_map(|(place, record)| {
        let ids = record.spotify_ids.iter();
        ids.map(move |id| (place, id.as_str()))
    });
    let (stating, stated): (Vec<i64>, Vec<&str>) = stated.unzip();
    let (mut coded, mut upcs, mut totals) = (Vec::new(), Vec::new(), Vec::new());
    for (place, record) in (1_i64..).zip(records) {
        if let Some(upc) = record.upc {
            coded.push(place);
            upcs.push(upc.as_str());
            totals.push(record.total_tracks);
        }
    }
    let mut keys: Vec<String> = ids.iter().map(|id| format!("album:{source}:{id}")).collect();
    keys.extend(upcs.iter().map(|upc| format!("album:upc:{upc}")));
    keys.extend(stated.iter().map(|id| format!("album:spotify:{id}")));
    client.execute(albums::LOCK_KEYS, &[&keys]).await?;
    let source = source.as_str();
    let parameters: [&dyn Param; 7] = [&source, &ids, &stating, &stated, &coded, &upcs, &totals];
    let rows = client.query(LIST_PERHAPS_HERE, &parameters).await?;
    let places = rows.iter().map(|row| row.get::<_, i64>(0) - 1);
    Ok(places.filter_map(|place| usize::try_from(place).ok()).collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[LIST, LIST_PERHAPS_HERE];
