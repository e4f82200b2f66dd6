//! Dump records that were loaded, with the album of each.

use std::collections::HashMap;

use crate::domain::credits::Source;
use crate::domain::ids::{AlbumId, NormalizedTrackId, TrackId};
use crate::platform::db::Client;

/// What is stored about a loaded record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadedRecord {
    /// Hash of the record as the dump states it.
    pub content_hash: i64,
    /// The record's album.
    pub album_id: AlbumId,
    /// Hash of the record's tracklist.
    pub tracklist_hash: i64,
}

const LIST: &str = "
    SELECT source_id, content_hash, album_id, tracklist_hash
    FROM loaded_records
    WHERE source = $1::text::source AND source_id = ANY ($2::text[])";

/// The loaded records among `ids`, by id.
pub async fn list(
    client: &Client<'_>,
    source: Source,
    ids: &[String],
) -> Result<HashMap<String, LoadedRecord>, tokio_postgres::Error> {
    let rows = client.query(LIST, &[&source, &ids]).await?;
    Ok(rows
        .iter()
        .map(|row| {
            let loaded = LoadedRecord {
                content_hash: row.get("content_hash"),
                album_id: row.get("album_id"),
                tracklist_hash: row.get("tracklist_hash"),
            };
            (row.get("source_id"), loaded)
        })
        .collect())
}

const COUNT: &str = "SELECT count(*) AS records FROM loaded_records WHERE source = $1::text::source";

/// How many records of a source are loaded.
pub async fn count(client: &Client<'_>, source: Source) -> Result<i64, tokio_postgres::Error> {
    let row = client.query_one(COUNT, &[&source]).await?;
    Ok(row.get("records"))
}

const LIST_IDS: &str = "
    SELECT source_id
    FROM loaded_records
    WHERE source = $1::text::source AND source_id > $2
    ORDER BY source_id
    LIMIT $3::bigint";

/// The ids of loaded records that sort after `after`, in order, at most `limit`.
pub async fn list_ids(
    client: &Client<'_>,
    source: Source,
    after: &str,
    limit: i64,
) -> Result<Vec<String>, tokio_postgres::Error> {
    let rows = client.query(LIST_IDS, &[&source, &after, &limit]).await?;
    Ok(rows.iter().map(|row| row.get("source_id")).collect())
}

const UPSERT: &str = "
    INSERT INTO loaded_records (source, source_id, content_hash, album_id, master_id, tracklist_hash, load_id)
    VALUES ($1::text::source, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (source, source_id) DO UPDATE
    SET content_hash = EXCLUDED.content_hash, album_id = EXCLUDED.album_id, master_id = EXCLUDED.master_id,
        tracklist_hash = EXCLUDED.tracklist_hash, load_id = EXCLUDED.load_id";

/// A loaded record as it is written.
#[derive(Debug, Clone, Copy)]
pub struct LoadedRecordRow<'a> {
    /// The record's id in the source.
    pub source_id: &'a str,
    /// Its hashes and album.
    pub loaded: LoadedRecord,
    /// The Discogs master that the record is a pressing of.
    pub master_id: Option<i64>,
    /// The load that wrote it.
    pub load_id: i64,
}

/// Stores a loaded record.
pub async fn upsert(
    client: &Client<'_>,
    source: Source,
    record: &LoadedRecordRow<'_>,
) -> Result<u64, tokio_postgres::Error> {
    let LoadedRecordRow {
        source_id,
        loaded,
        master_id,
        load_id,
    } = record;
    let LoadedRecord {
        content_hash,
        album_id,
        tracklist_hash,
    } = &loaded;
    client
        .execute(
            UPSERT,
            &[
                &source,
                source_id,
                content_hash,
                album_id,
                master_id,
                tracklist_hash,
                load_id,
            ],
        )
        .await
}

const DELETE: &str = "DELETE FROM loaded_records WHERE source = $1::text::source AND source_id = $2";

/// Deletes a loaded record, but not its credits.
pub async fn delete(
    client: &Client<'_>,
    source: Source,
    source_id: &str,
) -> Result<u64, tokio_postgres::Error> {
    client.execute(DELETE, &[&source, &source_id]).await
}

const DELETE_LINK: &str = "
    DELETE FROM album_links WHERE album_id = $1 AND source = $2::text::source AND source_id = $3";

/// Deletes the link between a record and an album.
pub async fn delete_link(
    client: &Client<'_>,
    source: Source,
    source_id: &str,
    album: AlbumId,
) -> Result<u64, tokio_postgres::Error> {
    client.execute(DELETE_LINK, &[&album, &source, &source_id]).await
}

const HAS_OTHER_LINKS: &str = "
    SELECT EXISTS (SELECT FROM album_links
                   WHERE album_id = $1 AND (source, source_id) <> ($2::text::source, $3)) AS has_links";

/// Whether the album has a link to another record than this one.
pub async fn has_other_links(
    client: &Client<'_>,
    source: Source,
    source_id: &str,
    album: AlbumId,
) -> Result<bool, tokio_postgres::Error> {
    let row = client
        .query_one(HAS_OTHER_LINKS, &[&album, &source, &source_id])
        .await?;
    Ok(row.get("has_links"))
}

const LIST_PRESSED: &str = "
    SELECT t.album_id, t.id
    FROM (
        SELECT album_id
        FROM loaded_records
        WHERE album_id > $1
        GROUP BY album_id
        HAVING count(*) > 1
        ORDER BY album_id
        LIMIT $2::bigint
    ) r
    JOIN tracks t ON t.album_id = r.album_id
    ORDER BY t.album_id, t.id";

/// The tracks of the next `albums` albums after `after` that have several loaded records, each as album and
/// track.
pub async fn list_pressed_tracks(
    client: &Client<'_>,
    after: AlbumId,
    albums: i64,
) -> Result<Vec<(AlbumId, TrackId)>, tokio_postgres::Error> {
    let rows = client.query(LIST_PRESSED, &[&after, &albums]).await?;
    Ok(rows
        .iter()
        .map(|row| (row.get("album_id"), row.get("id")))
        .collect())
}

const LIST_SHARED_SONGS: &str = "
    SELECT normalized_track_id
    FROM tracks
    WHERE normalized_track_id > $1
    GROUP BY 1
    HAVING count(*) > 1
    ORDER BY 1
    LIMIT $2::bigint";

/// The next `songs` songs after `after` that have several tracks.
pub async fn list_shared_songs(
    client: &Client<'_>,
    after: NormalizedTrackId,
    songs: i64,
) -> Result<Vec<NormalizedTrackId>, tokio_postgres::Error> {
    let rows = client.query(LIST_SHARED_SONGS, &[&after, &songs]).await?;
    Ok(rows.iter().map(|row| row.get("normalized_track_id")).collect())
}

const MARK_UNCOUNTED: &str = "
    INSERT INTO producer_statistics_stale (producer_id)
    SELECT p.id FROM producers p
    WHERE EXISTS (SELECT FROM track_producers tp WHERE tp.producer_id = p.id)
      AND NOT EXISTS (SELECT FROM producer_statistics s WHERE s.producer_id = p.id)
    ORDER BY 1
    ON CONFLICT DO NOTHING";

/// Marks the statistics of every producer that has tracks but no statistics yet as stale.
pub async fn mark_uncounted(client: &Client<'_>) -> Result<u64, tokio_postgres::Error> {
    client.execute(MARK_UNCOUNTED, &[]).await
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    LIST,
    COUNT,
    LIST_IDS,
    UPSERT,
    DELETE,
    DELETE_LINK,
    HAS_OTHER_LINKS,
    LIST_PRESSED,
    LIST_SHARED_SONGS,
    MARK_UNCOUNTED,
];
