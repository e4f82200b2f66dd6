//! What each of several records of a dump says of the album that they are. The smallest leads, and says what the album and its
//! tracks are called, whose they are, and what barcode the album has, by which it is told apart; all else the album has from
//! the smallest that says it, whichever came first. What a record said that is gone stays where no other one says it.

use crate::domain::albums::AlbumType;
use crate::domain::credits::Source;
use crate::domain::dates::ReleaseDate;
use crate::domain::ids::AlbumId;
use crate::platform::db::Client;

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pressing<'a> {
    /// Its id in the source.
    pub source_id: &'a str,
    /// What kind of album it is.
    pub album_type: Option<AlbumType>,
    /// When it came out.
    pub release_date: Option<ReleaseDate>,
    /// The barcode.
    pub upc: Option<&'a str>,
    /// The label.
    pub label: Option<&'a str>,
    /// The genres.
    pub genres: &'a [String],
    /// How long its tracks are, by disc and number; 0 where it does not say.
    pub durations_ms: Vec<i32>,
    /// Their ISRCs; empty where it does not say.
    pub isrcs: Vec<String>,
}

// A record that was alone said all that the album has.
const INSERT_ALONE: &str = "
    INSERT INTO pressings (source, source_id, album_type, release_date, release_date_precision, upc, label, genres, durations_ms, isrcs)
    SELECT r.source, r.source_id, NULLIF(a.album_type, 'other'), a.release_date, a.release_date_precision, a.upc, a.label, a.genres,
           ARRAY(SELECT COALESCE(t.duration_ms, 0) FROM tracks t WHERE t.album_id = a.id AND t.removed_at IS NULL ORDER BY t.disc_number, t.track_number, t.id),
           ARRAY(SELECT COALESCE(t.isrc, '') FROM tracks t WHERE t.album_id = a.id AND t.removed_at IS NULL ORDER BY t.disc_number, t.track_number, t.id)
    FROM loaded_records r
    JOIN albums a ON a.id = r.album_id
    WHERE r.album_id = ANY ($1::bigint[]) AND NOT EXISTS (SELECT FROM pressings p WHERE p.source = r.source AND p.source_id = r.source_id)";

/// Keeps what the only record of each of these albums says, before another one joins it.
///
/// # Errors
/// The database's.
pub async fn insert_single_records(
    client: &Client<'_>,
    albums: &[AlbumId],
) -> Result<u64, tokio_postgres::Error> {
    let ids: Vec<i64> = albums.iter().map(|id| id.0).collect();
    client.execute(INSERT_ALONE, &[&ids]).await
}

const DELETE: &str = "DELETE FROM pressings WHERE source = $1::text::source AND source_id = ANY ($2::text[])";

// None for a record that is alone.
const INSERT: &str = "
    INSERT INTO pressings (source, source_id, album_type, release_date, release_date_precision, upc, label, genres, durations_ms, isrcs)
    SELECT r.source, r.source_id, $4::text::album_type, $5, $6::text::date_precision, $7, $8, $9, $10, $11
    FROM loaded_records r
    WHERE r.source = $1::text::source AND r.source_id = $2 AND r.album_id = $3
      AND EXISTS (SELECT FROM loaded_records o WHERE o.album_id = r.album_id AND (o.source, o.source_id) <> (r.source, r.source_id))";

/// Keeps what a record that is here says, where it is not the album's only one.
///
/// # Errors
/// The database's.
pub async fn replace(
    client: &Client<'_>,
    source: Source,
    album: AlbumId,
    pressing: &Pressing<'_>,
) -> Result<u64, tokio_postgres::Error> {
    let (source, id) = (source.as_str(), pressing.source_id);
    client.execute(DELETE, &[&source, &vec![id]]).await?;
    client
        .execute(
            INSERT,
            &[
                &source,
                &id,
                &album.0,
                &pressing.album_type.map(AlbumType::as_str),
                &pressing.release_date.map(|date| date.date),
                &pressing.release_date.map(|date| date.precision.as_str()),
                &pressing.upc,
                &pressing.label,
                &pressing.genres,
                &pressing.durations_ms,
                &pressing.isrcs,
            ],
        )
        .await
}

// Of an album that Spotify or MusicBrainz tells, too, gaps are filled.
const UPDATE_ALBUMS: &str = "
    UPDATE albums a
    SET album_type = n.album_type, release_date = n.release_date, release_date_precision = n.release_date_precision, upc = n.upc,
        label = n.label, genres = n.genres
    FROM (
        SELECT b.id,
               CASE WHEN b.is_shared AND b.album_type <> 'other' THEN b.album_type ELSE COALESCE(kind.album_type, b.album_type) END AS album_type,
               CASE WHEN b.is_shared THEN COALESCE(b.release_date, day.release_date) ELSE COALESCE(day.release_date, b.release_date) END AS release_date,
               CASE WHEN b.is_shared THEN COALESCE(b.release_date_precision, day.release_date_precision)
                    ELSE COALESCE(day.release_date_precision, b.release_date_precision) END AS release_date_precision,
               CASE WHEN b.is_shared OR first.source_id IS NULL THEN b.upc ELSE first.upc END AS upc,
               CASE WHEN b.is_shared THEN COALESCE(b.label, by.label) ELSE COALESCE(by.label, b.label) END AS label,
               CASE WHEN b.is_shared AND b.genres <> '{}' THEN b.genres ELSE COALESCE(kinds.genres, b.genres) END AS genres
        FROM (
            SELECT albums.*, EXISTS (SELECT FROM album_links l WHERE l.album_id = albums.id AND l.matched_by = 'own' AND l.source < 'discogs') AS is_shared
            FROM albums WHERE id = ANY ($1::bigint[])
        ) b
        LEFT JOIN LATERAL (
            SELECT p.source_id, p.upc FROM loaded_records r JOIN pressings p USING (source, source_id)
            WHERE r.album_id = b.id ORDER BY length(p.source_id), p.source_id LIMIT 1
        ) first ON true
        LEFT JOIN LATERAL (
            SELECT p.album_type FROM loaded_records r JOIN pressings p USING (source, source_id)
            WHERE r.album_id = b.id AND p.album_type IS NOT NULL ORDER BY length(p.source_id), p.source_id LIMIT 1
        ) kind ON true
        LEFT JOIN LATERAL (
            SELECT p.release_date, p.release_date_precision FROM loaded_records r JOIN pressings p USING (source, source_id)
            WHERE r.album_id = b.id AND p.release_date IS NOT NULL ORDER BY length(p.source_id), p.source_id LIMIT 1
        ) day ON true
        LEFT JOIN LATERAL (
            SELECT p.label FROM loaded_records r JOIN pressings p USING (source, source_id)
            WHERE r.album_id = b.id AND p.label IS NOT NULL ORDER BY length(p.source_id), p.source_id LIMIT 1
        ) by ON true
        LEFT JOIN LATERAL (
            SELECT p.genres FROM loaded_records r JOIN pressings p USING (source, source_id)
            WHERE r.album_id = b.id AND p.genres <> '{}' ORDER BY length(p.source_id), p.source_id LIMIT 1
        ) kinds ON true
    ) n
    WHERE a.id = n.id
      AND (a.album_type, a.release_date, a.release_date_precision, a.upc, a.label, a.genres)
          IS DISTINCT FROM (n.album_type, n.release_date, n.release_date_precision, n.upc, n.label, n.genres)";

const UPDATE_TRACKS: &str = "
    UPDATE tracks t
    SET duration_ms = n.duration_ms, isrc = n.isrc
    FROM (
        SELECT o.id,
               CASE WHEN o.is_shared THEN COALESCE(o.duration_ms, said.duration_ms) ELSE COALESCE(said.duration_ms, o.duration_ms) END AS duration_ms,
               CASE WHEN o.is_shared THEN COALESCE(o.isrc, said.isrc) ELSE COALESCE(said.isrc, o.isrc) END AS isrc
        FROM (
            SELECT tracks.*, row_number() OVER (PARTITION BY album_id ORDER BY disc_number, track_number, id) AS place,
                   EXISTS (SELECT FROM album_links l WHERE l.album_id = tracks.album_id AND l.matched_by = 'own' AND l.source < 'discogs') AS is_shared
            FROM tracks WHERE album_id = ANY ($1::bigint[]) AND removed_at IS NULL
        ) o
        JOIN (
            SELECT r.album_id, s.place,
                   (array_agg(s.duration_ms ORDER BY length(p.source_id), p.source_id) FILTER (WHERE s.duration_ms > 0))[1] AS duration_ms,
                   (array_agg(s.isrc ORDER BY length(p.source_id), p.source_id) FILTER (WHERE s.isrc <> ''))[1] AS isrc
            FROM loaded_records r
            JOIN pressings p USING (source, source_id)
            CROSS JOIN unnest(p.durations_ms, p.isrcs) WITH ORDINALITY AS s (duration_ms, isrc, place)
            WHERE r.album_id = ANY ($1::bigint[])
            GROUP BY r.album_id, s.place
        ) said ON said.album_id = o.album_id AND said.place = o.place
    ) n
    WHERE t.id = n.id AND (t.duration_ms, t.isrc) IS DISTINCT FROM (n.duration_ms, n.isrc)";

/// Lets albums have what the records that they are say; an album that is one record stays as it is. Gives how many rows were
/// written.
///
/// # Errors
/// The database's.
pub async fn refresh(client: &Client<'_>, albums: &[AlbumId]) -> Result<u64, tokio_postgres::Error> {
    let ids: Vec<i64> = albums.iter().map(|id| id.0).collect();
    let written = client.execute(UPDATE_ALBUMS, &[&ids]).await?;
    Ok(written + client.execute(UPDATE_TRACKS, &[&ids]).await?)
}

pub(in crate::store) const STATEMENTS: &[&str] =
    &[INSERT_ALONE, DELETE, INSERT, UPDATE_ALBUMS, UPDATE_TRACKS];
