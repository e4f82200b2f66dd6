//! Candidate albums for records that are being imported. The caller decides whether a candidate is the same
//! album.

use std::collections::BTreeSet;

use tokio_postgres::Error;

use crate::domain::credits::Source;
use crate::domain::ids::{AlbumId, SpotifyAlbumId, Upc};
use crate::platform::db::{Client, Param};
use crate::store::catalog::albums;

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

/// A record of a source with the facts, apart from ISRCs, by which it is matched with stored albums.
#[derive(Debug, Clone, Copy)]
pub struct SourceRecord<'a> {
    /// The id of the record at the source.
    pub source_id: &'a str,
    /// The Spotify albums that the source links the record to.
    pub spotify_ids: &'a [SpotifyAlbumId],
    /// The barcode.
    pub upc: Option<&'a Upc>,
    /// The number of tracks.
    pub total_tracks: i32,
}

// The same rules as in albums/list_known.sql, for many records at once.
const LIST_MATCHING_RECORDS: &str = "
    SELECT n.place
    FROM unnest($2::text[]) WITH ORDINALITY AS n (source_id, place)
    JOIN album_links l
      ON l.source = $1::text::source AND l.source_id = n.source_id AND l.matched_by IN ('own', 'link')
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

/// The indexes of the `records` that a stored album may be. Until the transaction ends, no other transaction
/// can import an album that may be one of the records.
pub async fn list_matching_records(
    client: &Client<'_>,
    source: Source,
    records: &[SourceRecord<'_>],
) -> Result<BTreeSet<usize>, Error> {
    let ids: Vec<&str> = records.iter().map(|record| record.source_id).collect();
    let links = (1_i64..).zip(records).flat_map(|(place, record)| {
        let spotify_ids = record.spotify_ids.iter();
        spotify_ids.map(move |id| (place, id))
    });
    let (link_places, spotify_ids): (Vec<i64>, Vec<&SpotifyAlbumId>) = links.unzip();
    let (mut upc_places, mut upcs, mut totals) = (Vec::new(), Vec::new(), Vec::new());
    for (place, record) in (1_i64..).zip(records) {
        if let Some(upc) = record.upc {
            upc_places.push(place);
            upcs.push(upc);
            totals.push(record.total_tracks);
        }
    }
    let mut keys: Vec<String> = ids.iter().map(|id| format!("album:{source}:{id}")).collect();
    keys.extend(upcs.iter().map(|upc| format!("album:upc:{upc}")));
    keys.extend(spotify_ids.iter().map(|id| format!("album:spotify:{id}")));
    client.execute(albums::LOCK_KEYS, &[&keys]).await?;
    let parameters: [&dyn Param; 7] = [
        &source,
        &ids,
        &link_places,
        &spotify_ids,
        &upc_places,
        &upcs,
        &totals,
    ];
    let rows = client.query(LIST_MATCHING_RECORDS, &parameters).await?;
    let indexes = rows.iter().map(|row| row.get::<_, i64>("place") - 1);
    Ok(indexes.filter_map(|index| usize::try_from(index).ok()).collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[LIST_CANDIDATES, LIST_MATCHING_RECORDS];
