//! The table `pressings`: what each of several records of a dump states about the one album that they are.
//!
//! The smallest record leads: it states the names of the album and its tracks, their artists, and the
//! barcode, by which the album is recognised. Every other field comes from the smallest record that states
//! it, whatever the order of arrival. If the record that stated a field is gone, the field keeps its value
//! unless another record states it.

use tokio_postgres::Error;

use crate::domain::albums::AlbumType;
use crate::domain::credits::Source;
use crate::domain::dates::ReleaseDate;
use crate::domain::ids::AlbumId;
use crate::platform::db::Client;

/// What one record states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pressing<'a> {
    /// The id of the record at the source.
    pub source_id: &'a str,
    /// The type of the album.
    pub album_type: Option<AlbumType>,
    /// The release date, with its precision.
    pub release_date: Option<ReleaseDate>,
    /// The barcode.
    pub upc: Option<&'a str>,
    /// The label.
    pub label: Option<&'a str>,
    /// The genres.
    pub genres: &'a [String],
    /// The durations of the tracks by disc and number; 0 if the record does not state one.
    pub durations_ms: Vec<i32>,
    /// The ISRCs of the tracks; empty if the record does not state one.
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
    pressing: &Pressing<'_>,
) -> Result<u64, Error> {
    client.execute(DELETE, &[&source, &pressing.source_id]).await?;
    client
        .execute(
            INSERT,
            &[
                &source,
                &pressing.source_id,
                &album,
                &pressing.album_type,
                &pressing.release_date.map(|date| date.date),
                &pressing.release_date.map(|date| date.precision),
                &pressing.upc,
                &pressing.label,
                &pressing.genres,
                &pressing.durations_ms,
                &pressing.isrcs,
            ],
        )
        .await
}

const UPDATE_ALBUMS: &str = include_str!("pressings/update_albums.sql");

const UPDATE_TRACKS: &str = include_str!("pressings/update_tracks.sql");

/// Updates albums and their tracks from their pressings. An album with one record does not change. Returns
/// the number of rows written.
pub async fn refresh(client: &Client<'_>, albums: &[AlbumId]) -> Result<u64, Error> {
    let written = client.execute(UPDATE_ALBUMS, &[&albums]).await?;
    Ok(written + client.execute(UPDATE_TRACKS, &[&albums]).await?)
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    INSERT_SINGLE_RECORDS,
    DELETE,
    INSERT,
    UPDATE_ALBUMS,
    UPDATE_TRACKS,
];
