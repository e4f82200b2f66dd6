//! The table `pressings`: what each of several records of a dump states about the one album that they are.
//! What the album gets from them is decided by `catalog::album_import`.

use tokio_postgres::Error;

use crate::domain::albums::AlbumFacts;
use crate::domain::credits::Source;
use crate::domain::ids::AlbumId;
use crate::platform::db::{Client, Param};
use crate::store::catalog::albums::facts_of_row;

/// What one record states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pressing {
    /// The id of the record at the source.
    pub source_id: String,
    /// Its facts, without a cover and the number of tracks.
    pub facts: AlbumFacts,
    /// The durations of the tracks in milliseconds, by disc and number; 0 if the record states none.
    pub durations_ms: Vec<i32>,
    /// The ISRCs of the tracks; empty if the record states none.
    pub isrcs: Vec<String>,
}

// While an album has only one record, everything it has was stated by that record.
const INSERT_SINGLE_RECORDS: &str = "
    INSERT INTO pressings (source, source_id, album_type, release_date, release_date_precision, upc, label,
                           genres, durations_ms, isrcs)
    SELECT r.source, r.source_id, NULLIF(a.album_type, 'other'), a.release_date, a.release_date_precision,
           a.upc, a.label, a.genres,
           ARRAY(SELECT COALESCE(t.duration_ms, 0) FROM tracks t
                 WHERE t.album_id = a.id AND t.removed_at IS NULL
                 ORDER BY t.disc_number, t.track_number, t.id),
           ARRAY(SELECT COALESCE(t.isrc, '') FROM tracks t
                 WHERE t.album_id = a.id AND t.removed_at IS NULL
                 ORDER BY t.disc_number, t.track_number, t.id)
    FROM loaded_records r
    JOIN albums a ON a.id = r.album_id
    WHERE r.album_id = ANY ($1::bigint[])
      AND NOT EXISTS (SELECT FROM pressings p WHERE p.source = r.source AND p.source_id = r.source_id)";

/// Stores the pressing of the only record of each album, before another record is added to it.
pub async fn insert_single_records(client: &Client<'_>, albums: &[AlbumId]) -> Result<u64, Error> {
    client.execute(INSERT_SINGLE_RECORDS, &[&albums]).await
}

const DELETE: &str = "DELETE FROM pressings WHERE source = $1::text::source AND source_id = $2";

// Inserts nothing for the only record of an album.
const INSERT: &str = "
    INSERT INTO pressings (source, source_id, album_type, release_date, release_date_precision, upc, label,
                           genres, durations_ms, isrcs)
    SELECT r.source, r.source_id, $4::text::album_type, $5, $6::text::date_precision, $7, $8, $9, $10, $11
    FROM loaded_records r
    WHERE r.source = $1::text::source AND r.source_id = $2 AND r.album_id = $3
      AND EXISTS (
          SELECT FROM loaded_records o
          WHERE o.album_id = r.album_id AND (o.source, o.source_id) <> (r.source, r.source_id))";

/// Replaces the pressing of a loaded record, unless it is the only record of the album.
pub async fn replace(
    client: &Client<'_>,
    source: Source,
    album: AlbumId,
    pressing: &Pressing,
) -> Result<u64, Error> {
    client.execute(DELETE, &[&source, &pressing.source_id]).await?;
    let facts = &pressing.facts;
    let parameters: [&dyn Param; 11] = [
        &source,
        &pressing.source_id,
        &album,
        &facts.album_type,
        &facts.release_date.map(|date| date.date),
        &facts.release_date.map(|date| date.precision),
        &facts.upc,
        &facts.label,
        &facts.genres,
        &pressing.durations_ms,
        &pressing.isrcs,
    ];
    client.execute(INSERT, &parameters).await
}

const LIST: &str = "
    SELECT r.album_id, p.source_id, COALESCE(p.album_type::text, 'other') AS album_type, p.release_date,
           p.release_date_precision::text AS release_date_precision, NULL::text AS cover_url, p.upc,
           NULL::integer AS total_tracks, p.label, p.genres, p.durations_ms, p.isrcs
    FROM loaded_records r
    JOIN pressings p USING (source, source_id)
    WHERE r.album_id = ANY ($1::bigint[])
    ORDER BY r.album_id, length(p.source_id), p.source_id";

/// The pressings of these albums, each with its album, the smallest record of each album first.
pub async fn list(client: &Client<'_>, albums: &[AlbumId]) -> Result<Vec<(AlbumId, Pressing)>, Error> {
    let rows = client.query(LIST, &[&albums]).await?;
    let pressings = rows.iter().map(|row| {
        let pressing = Pressing {
            source_id: row.get("source_id"),
            facts: facts_of_row(row),
            durations_ms: row.get("durations_ms"),
            isrcs: row.get("isrcs"),
        };
        (row.get("album_id"), pressing)
    });
    Ok(pressings.collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[INSERT_SINGLE_RECORDS, DELETE, INSERT, LIST];
