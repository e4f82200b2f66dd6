//! The table `album_links`: which records of the sources an album is.

use tokio_postgres::Error;

use crate::domain::credits::{MatchMethod, Source};
use crate::domain::ids::AlbumId;
use crate::platform::db::Client;

const UPSERT: &str = "
    INSERT INTO album_links AS l (album_id, source, source_id, matched_by, match_score)
    VALUES ($1, $2::text::source, $3, $4::text::match_method, $5)
    ON CONFLICT (album_id, source, source_id) DO UPDATE SET
        matched_by = EXCLUDED.matched_by, match_score = EXCLUDED.match_score
    WHERE l.matched_by <> 'own'
      AND (l.matched_by, l.match_score) IS DISTINCT FROM (EXCLUDED.matched_by, EXCLUDED.match_score)";

/// Links an album to a record of a source. The link to the record that the album was imported from never
/// changes.
pub async fn upsert(
    client: &Client<'_>,
    id: AlbumId,
    source: Source,
    source_id: &str,
    matched_by: MatchMethod,
    match_score: f32,
) -> Result<u64, Error> {
    client
        .execute(UPSERT, &[&id, &source, &source_id, &matched_by, &match_score])
        .await
}

const LIST: &str = "
    SELECT source_id FROM album_links WHERE album_id = $1 AND source = $2::text::source ORDER BY source_id";

/// The records of a source that an album is linked to.
pub async fn list(client: &Client<'_>, id: AlbumId, source: Source) -> Result<Vec<String>, Error> {
    let rows = client.query(LIST, &[&id, &source]).await?;
    Ok(rows.iter().map(|row| row.get("source_id")).collect())
}

const FIND_OWN: &str = "
    SELECT source_id FROM album_links
    WHERE album_id = $1 AND source = $2::text::source AND matched_by = 'own'
    ORDER BY length(source_id), source_id
    LIMIT 1";

/// The record of a source that an album was imported from; the smallest if there are several.
pub async fn find_own(client: &Client<'_>, id: AlbumId, source: Source) -> Result<Option<String>, Error> {
    let row = client.query_opt(FIND_OWN, &[&id, &source]).await?;
    Ok(row.map(|row| row.get("source_id")))
}

const DELETE_OTHERS: &str = "
    DELETE FROM album_links
    WHERE album_id = $1 AND source = $2::text::source AND source_id <> ALL ($3::text[])
      AND matched_by NOT IN ('own', 'link')";

/// Deletes the links of an album to records of a source that are not in `kept`, because they were matched
/// wrongly. Links to the records it was imported from and links that the source states stay.
pub async fn delete_others(
    client: &Client<'_>,
    id: AlbumId,
    source: Source,
    kept: &[String],
) -> Result<u64, Error> {
    client.execute(DELETE_OTHERS, &[&id, &source, &kept]).await
}

const FIND_ALBUM: &str = "
    SELECT album_id FROM album_links
    WHERE source = $1::text::source AND source_id = $2 AND matched_by IN ('own', 'link')
    ORDER BY matched_by, album_id
    LIMIT 1";

/// The album that was imported from a record of a source or is linked to it by a source.
pub async fn find_album(
    client: &Client<'_>,
    source: Source,
    source_id: &str,
) -> Result<Option<AlbumId>, Error> {
    let row = client.query_opt(FIND_ALBUM, &[&source, &source_id]).await?;
    Ok(row.map(|row| row.get("album_id")))
}

pub(in crate::store) const STATEMENTS: &[&str] = &[UPSERT, LIST, FIND_OWN, DELETE_OTHERS, FIND_ALBUM];
