//! The records of dumps that are here, and what became of them.

use std::collections::HashMap;

use crate::domain::credits::Source;
use crate::domain::ids::AlbumId;
use crate::platform::db::Client;

/// A record that is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadedRecord {
    /// Of what the dump said of it.
    pub content_hash: i64,
    /// The album that it is.
    pub album_id: AlbumId,
    /// Of its tracklist.
    pub tracklist_hash: i64,
}

const LIST: &str = "
    SELECT source_id, content_hash, album_id, tracklist_hash FROM loaded_records WHERE source = $1::text::source AND source_id = ANY ($2::text[])";

/// Those of these records that are here.
///
/// # Errors
/// The database's.
pub async fn list(
    client: &Client<'_>,
    source: Source,
    ids: &[String],
) -> Result<HashMap<String, LoadedRecord>, tokio_postgres::Error> {
    let ids = ids.to_vec();
    let rows = client.query(LIST, &[&source.as_str(), &ids]).await?;
    Ok(rows
        .iter()
        .map(|row| {
            let loaded = LoadedRecord {
                content_hash: row.get(1),
                album_id: AlbumId(row.get(2)),
                tracklist_hash: row.get(3),
            };
            (row.get(0), loaded)
        })
        .collect())
}

const LIST_IDS: &str = "
    SELECT source_id FROM loaded_records WHERE source = $1::text::source AND source_id > $2 ORDER BY source_id LIMIT $3::bigint";

/// The ids of records that are here, in order from after one on.
///
/// # Errors
/// The database's.
pub async fn list_ids(
    client: &Client<'_>,
    source: Source,
    after: &str,
    limit: i64,
) -> Result<Vec<String>, tokio_postgres::Error> {
    let rows = client
        .query(LIST_IDS, &[&source.as_str(), &after, &limit])
        .await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

const UPSERT: &str = "
    INSERT INTO loaded_records (source, source_id, content_hash, album_id, master_id, tracklist_hash, load_id)
    VALUES ($1::text::source, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (source, source_id) DO UPDATE
    SET content_hash = EXCLUDED.content_hash, album_id = EXCLUDED.album_id, master_id = EXCLUDED.master_id,
        tracklist_hash = EXCLUDED.tracklist_hash, load_id = EXCLUDED.load_id";

/// A record as it is kept.
#[derive(Debug, Clone, Copy)]
pub struct LoadedRecordRow<'a> {
    /// Its id in the source.
    pub source_id: &'a str,
    /// What it is.
    pub loaded: LoadedRecord,
    /// The master that it is a pressing of.
    pub master_id: Option<i64>,
    /// The load that brought it.
    pub load_id: i64,
}

/// Keeps that a record is here.
///
/// # Errors
/// The database's.
pub async fn upsert(
    client: &Client<'_>,
    source: Source,
    record: &LoadedRecordRow<'_>,
) -> Result<u64, tokio_postgres::Error> {
    client
        .execute(
            UPSERT,
            &[
                &source.as_str(),
                &record.source_id,
                &record.loaded.content_hash,
                &record.loaded.album_id.0,
                &record.master_id,
                &record.loaded.tracklist_hash,
                &record.load_id,
            ],
        )
        .await
}

const DELETE: &str = "DELETE FROM loaded_records WHERE source = $1::text::source AND source_id = $2";

const DELETE_LINK: &str = "
    DELETE FROM album_links WHERE album_id = $1 AND source = $2::text::source AND source_id = $3";

/// Takes a record off the album that it is: its link, and that it is here. Its credits stay out.
///
/// # Errors
/// The database's.
pub async fn detach(
    client: &Client<'_>,
    source: Source,
    source_id: &str,
    album: AlbumId,
) -> Result<(), tokio_postgres::Error> {
    client.execute(DELETE, &[&source.as_str(), &source_id]).await?;
    client
        .execute(DELETE_LINK, &[&album.0, &source.as_str(), &source_id])
        .await
        .map(drop)
}

const HAS_LINKS: &str = "SELECT EXISTS (SELECT FROM album_links WHERE album_id = $1)";

/// Whether any source knows the album.
///
/// # Errors
/// The database's.
pub async fn has_links(client: &Client<'_>, album: AlbumId) -> Result<bool, tokio_postgres::Error> {
    Ok(client.query_one(HAS_LINKS, &[&album.0]).await?.get(0))
}

const LIST_SONGS: &str = "
    SELECT DISTINCT normalized_track_id FROM tracks WHERE album_id = $1 AND normalized_track_id IS NOT NULL ORDER BY 1";

const DELETE_ALBUM: &str = "DELETE FROM albums WHERE id = $1";

/// Deletes an album that nobody knows any more, with its tracks; gives the songs that these were versions of.
///
/// # Errors
/// The database's.
pub async fn delete_album(client: &Client<'_>, album: AlbumId) -> Result<Vec<i64>, tokio_postgres::Error> {
    let rows = client.query(LIST_SONGS, &[&album.0]).await?;
    client.execute(DELETE_ALBUM, &[&album.0]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

const LIST_PRESSED: &str = "
    SELECT t.album_id, t.id
    FROM (SELECT album_id FROM loaded_records WHERE album_id > $1 GROUP BY album_id HAVING count(*) > 1 ORDER BY album_id LIMIT $2::bigint) r
    JOIN tracks t ON t.album_id = r.album_id
    ORDER BY t.album_id, t.id";

/// The next so many albums that several records are: each with its tracks.
///
/// # Errors
/// The database's.
pub async fn list_pressed_tracks(
    client: &Client<'_>,
    after: i64,
    albums: i64,
) -> Result<Vec<(i64, i64)>, tokio_postgres::Error> {
    let rows = client.query(LIST_PRESSED, &[&after, &albums]).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

const LIST_SHARED_SONGS: &str = "
    SELECT normalized_track_id FROM tracks WHERE normalized_track_id > $1 GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT $2::bigint";

/// The next so many songs of which there are several tracks.
///
/// # Errors
/// The database's.
pub async fn list_shared_songs(
    client: &Client<'_>,
    after: i64,
    songs: i64,
) -> Result<Vec<i64>, tokio_postgres::Error> {
    let rows = client.query(LIST_SHARED_SONGS, &[&after, &songs]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

const MARK_ALL_STALE: &str = "
    INSERT INTO producer_statistics_stale (producer_id)
    SELECT p.id FROM producers p
    WHERE EXISTS (SELECT FROM track_producers tp WHERE tp.producer_id = p.id)
      AND NOT EXISTS (SELECT FROM producer_statistics s WHERE s.producer_id = p.id)
    ORDER BY 1
    ON CONFLICT DO NOTHING";

/// Marks every producer whose tracks were never counted.
///
/// # Errors
/// The database's.
pub async fn mark_uncounted(client: &Client<'_>) -> Result<u64, tokio_postgres::Error> {
    client.execute(MARK_ALL_STALE, &[]).await
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    LIST,
    LIST_IDS,
    UPSERT,
    DELETE,
    DELETE_LINK,
    HAS_LINKS,
    LIST_SONGS,
    DELETE_ALBUM,
    LIST_PRESSED,
    LIST_SHARED_SONGS,
    MARK_ALL_STALE,
];
