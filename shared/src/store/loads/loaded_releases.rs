//! The releases of MusicBrainz's dump that are here, one of each release group. Which one is decided elsewhere.

use std::collections::HashMap;

use serde_json::Value;

use crate::domain::ids::AlbumId;
use crate::platform::db::Client;

/// A release that is here.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedRelease {
    /// Which.
    pub release_mbid: String,
    /// Of which group; itself where it is in none.
    pub group_mbid: String,
    /// Of what the dump said of it.
    pub content_hash: i64,
    /// What the choice among its group went by; None where the dump has it no more.
    pub candidate: Option<Value>,
    /// The album that it is.
    pub album_id: AlbumId,
    /// The load that brought it.
    pub load_id: i64,
}

impl LoadedRelease {
    fn of(row: &tokio_postgres::Row) -> Self {
        Self {
            release_mbid: row.get(0),
            group_mbid: row.get(1),
            content_hash: row.get(2),
            candidate: row.get(3),
            album_id: AlbumId(row.get(4)),
            load_id: row.get(5),
        }
    }
}

const LIST: &str = "
    SELECT release_mbid, group_mbid, content_hash, candidate, album_id, load_id FROM loaded_releases WHERE release_mbid = ANY ($1::text[])
    UNION
    SELECT release_mbid, group_mbid, content_hash, candidate, album_id, load_id FROM loaded_releases WHERE group_mbid = ANY ($2::text[])";

/// Those of these releases that are here, and those of these groups, by their ids.
///
/// # Errors
/// The database's.
pub async fn list(
    client: &Client<'_>,
    releases: &[String],
    groups: &[String],
) -> Result<HashMap<String, LoadedRelease>, tokio_postgres::Error> {
    let (releases, groups) = (releases.to_vec(), groups.to_vec());
    let rows = client.query(LIST, &[&releases, &groups]).await?;
    let loaded = rows.iter().map(LoadedRelease::of);
    Ok(loaded
        .map(|loaded| (loaded.release_mbid.clone(), loaded))
        .collect())
}

const LIST_AFTER: &str = "
    SELECT release_mbid, group_mbid, content_hash, candidate, album_id, load_id FROM loaded_releases WHERE release_mbid > $1 ORDER BY release_mbid LIMIT $2::bigint";

/// The releases that are here, in order from after one on.
///
/// # Errors
/// The database's.
pub async fn list_after(
    client: &Client<'_>,
    after: &str,
    limit: i64,
) -> Result<Vec<LoadedRelease>, tokio_postgres::Error> {
    let rows = client.query(LIST_AFTER, &[&after, &limit]).await?;
    Ok(rows.iter().map(LoadedRelease::of).collect())
}

const IS_LOADED: &str = "SELECT EXISTS (SELECT FROM loaded_releases WHERE album_id = $1)";

/// Whether an album is a release that a dump brought.
///
/// # Errors
/// The database's.
pub async fn is_loaded(client: &Client<'_>, album: AlbumId) -> Result<bool, tokio_postgres::Error> {
    let row = client.query_one(IS_LOADED, &[&album.0]).await?;
    Ok(row.get(0))
}

const UPSERT: &str = "
    INSERT INTO loaded_releases (release_mbid, group_mbid, content_hash, candidate, album_id, load_id)
    SELECT release_mbid, group_mbid, content_hash, candidate, album_id, load_id
    FROM unnest($1::text[], $2::text[], $3::bigint[], $4::jsonb[], $5::bigint[], $6::bigint[])
         AS n (release_mbid, group_mbid, content_hash, candidate, album_id, load_id)
    ORDER BY release_mbid
    ON CONFLICT (release_mbid) DO UPDATE
    SET group_mbid = EXCLUDED.group_mbid, content_hash = EXCLUDED.content_hash, candidate = EXCLUDED.candidate,
        album_id = EXCLUDED.album_id, load_id = EXCLUDED.load_id";

/// Keeps that releases are here.
///
/// # Errors
/// The database's.
pub async fn upsert(client: &Client<'_>, loaded: &[LoadedRelease]) -> Result<u64, tokio_postgres::Error> {
    let releases: Vec<&str> = loaded.iter().map(|one| one.release_mbid.as_str()).collect();
    let groups: Vec<&str> = loaded.iter().map(|one| one.group_mbid.as_str()).collect();
    let hashes: Vec<i64> = loaded.iter().map(|one| one.content_hash).collect();
    let candidates: Vec<Option<Value>> = loaded.iter().map(|one| one.candidate.clone()).collect();
    let albums: Vec<i64> = loaded.iter().map(|one| one.album_id.0).collect();
    let loads: Vec<i64> = loaded.iter().map(|one| one.load_id).collect();
    client
        .execute(
            UPSERT,
            &[&releases, &groups, &hashes, &candidates, &albums, &loads],
        )
        .await
}

const CLEAR_CANDIDATE: &str =
    "UPDATE loaded_releases SET candidate = NULL WHERE release_mbid = $1 AND candidate IS NOT NULL";

/// Keeps that a release is in the dump no more; gives how many rows were written.
///
/// # Errors
/// The database's.
pub async fn clear_candidate(client: &Client<'_>, release: &str) -> Result<u64, tokio_postgres::Error> {
    client.execute(CLEAR_CANDIDATE, &[&release]).await
}

const DELETE: &str = "DELETE FROM loaded_releases WHERE release_mbid = $1";

/// Forgets that a release is here.
///
/// # Errors
/// The database's.
pub async fn delete(client: &Client<'_>, release: &str) -> Result<u64, tokio_postgres::Error> {
    client.execute(DELETE, &[&release]).await
}

pub(in crate::store) const STATEMENTS: &[&str] =
    &[LIST, LIST_AFTER, IS_LOADED, UPSERT, CLEAR_CANDIDATE, DELETE];
