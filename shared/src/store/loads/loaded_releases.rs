//! MusicBrainz releases that were loaded from the dump: one release of each release group.

use std::collections::HashMap;

use serde_json::Value;

use crate::domain::ids::AlbumId;
use crate::platform::db::Client;

/// A loaded release.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedRelease {
    /// The release's MBID.
    pub release_mbid: String,
    /// Its release group's MBID, or its own if it is in no group.
    pub group_mbid: String,
    /// Hash of the release as the dump states it.
    pub content_hash: i64,
    /// The facts by which the release was chosen from its group; `None` if the dump no longer has the
    /// release.
    pub candidate: Option<Value>,
    /// The release's album.
    pub album_id: AlbumId,
    /// The load that wrote it.
    pub load_id: i64,
}

impl LoadedRelease {
    fn from_row(row: &tokio_postgres::Row) -> Self {
        Self {
            release_mbid: row.get("release_mbid"),
            group_mbid: row.get("group_mbid"),
            content_hash: row.get("content_hash"),
            candidate: row.get("candidate"),
            album_id: row.get("album_id"),
            load_id: row.get("load_id"),
        }
    }
}

const LIST: &str = "
    SELECT release_mbid, group_mbid, content_hash, candidate, album_id, load_id
    FROM loaded_releases
    WHERE release_mbid = ANY ($1::text[])
    UNION
    SELECT release_mbid, group_mbid, content_hash, candidate, album_id, load_id
    FROM loaded_releases
    WHERE group_mbid = ANY ($2::text[])";

/// The loaded releases among `releases` and in `groups`, by MBID.
pub async fn list(
    client: &Client<'_>,
    releases: &[String],
    groups: &[String],
) -> Result<HashMap<String, LoadedRelease>, tokio_postgres::Error> {
    let rows = client.query(LIST, &[&releases, &groups]).await?;
    let loaded = rows.iter().map(LoadedRelease::from_row);
    Ok(loaded
        .map(|release| (release.release_mbid.clone(), release))
        .collect())
}

const COUNT: &str = "SELECT count(*) AS releases FROM loaded_releases";

/// How many releases are loaded.
pub async fn count(client: &Client<'_>) -> Result<i64, tokio_postgres::Error> {
    let row = client.query_one(COUNT, &[]).await?;
    Ok(row.get("releases"))
}

const LIST_AFTER: &str = "
    SELECT release_mbid, group_mbid, content_hash, candidate, album_id, load_id
    FROM loaded_releases
    WHERE release_mbid > $1
    ORDER BY release_mbid
    LIMIT $2::bigint";

/// The loaded releases whose MBID sorts after `after`, in order, at most `limit`.
pub async fn list_after(
    client: &Client<'_>,
    after: &str,
    limit: i64,
) -> Result<Vec<LoadedRelease>, tokio_postgres::Error> {
    let rows = client.query(LIST_AFTER, &[&after, &limit]).await?;
    Ok(rows.iter().map(LoadedRelease::from_row).collect())
}

const UPSERT: &str = "
    INSERT INTO loaded_releases (release_mbid, group_mbid, content_hash, candidate, album_id, load_id)
    SELECT release_mbid, group_mbid, content_hash, candidate, album_id, load_id
    FROM unnest($1::text[], $2::text[], $3::bigint[], $4::jsonb[], $5::bigint[], $6::bigint[])
         AS n (release_mbid, group_mbid, content_hash, candidate, album_id, load_id)
    ORDER BY release_mbid
    ON CONFLICT (release_mbid) DO UPDATE
    SET group_mbid = EXCLUDED.group_mbid, content_hash = EXCLUDED.content_hash,
        candidate = EXCLUDED.candidate,
        album_id = EXCLUDED.album_id, load_id = EXCLUDED.load_id";

/// Stores loaded releases.
pub async fn upsert(client: &Client<'_>, loaded: &[LoadedRelease]) -> Result<u64, tokio_postgres::Error> {
    let releases: Vec<&str> = loaded
        .iter()
        .map(|release| release.release_mbid.as_str())
        .collect();
    let groups: Vec<&str> = loaded.iter().map(|release| release.group_mbid.as_str()).collect();
    let hashes: Vec<i64> = loaded.iter().map(|release| release.content_hash).collect();
    let candidates: Vec<Option<Value>> = loaded.iter().map(|release| release.candidate.clone()).collect();
    let albums: Vec<AlbumId> = loaded.iter().map(|release| release.album_id).collect();
    let loads: Vec<i64> = loaded.iter().map(|release| release.load_id).collect();
    client
        .execute(
            UPSERT,
            &[&releases, &groups, &hashes, &candidates, &albums, &loads],
        )
        .await
}

const CLEAR_CANDIDATE: &str =
    "UPDATE loaded_releases SET candidate = NULL WHERE release_mbid = $1 AND candidate IS NOT NULL";

/// Marks a release as missing from the dump. Returns the number of rows written.
pub async fn clear_candidate(client: &Client<'_>, release: &str) -> Result<u64, tokio_postgres::Error> {
    client.execute(CLEAR_CANDIDATE, &[&release]).await
}

const DELETE: &str = "DELETE FROM loaded_releases WHERE release_mbid = $1";

/// Deletes the row of a loaded release.
pub async fn delete(client: &Client<'_>, release: &str) -> Result<u64, tokio_postgres::Error> {
    client.execute(DELETE, &[&release]).await
}

pub(in crate::store) const STATEMENTS: &[&str] = &[LIST, COUNT, LIST_AFTER, UPSERT, CLEAR_CANDIDATE, DELETE];
