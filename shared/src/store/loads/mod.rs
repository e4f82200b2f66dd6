//! Loads of dumps: a row a run, and the keys and indexes that are gone while tables that were empty are filled.

pub mod loaded_records;
pub mod loaded_releases;
pub mod loading;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::credits::Source;
use crate::domain::text_enums::text_enum;
use crate::platform::db::Client;

text_enum! {
    /// Into what a load goes.
    LoadMode {
        /// Tables without a row, whose indexes and keys are made at the end.
        Empty = "empty",
        /// Tables in use.
        Filled = "filled",
    }
}

/// A load that begins.
#[derive(Debug, Clone)]
pub struct LoadStart<'a> {
    /// Whose dump it is.
    pub source: Source,
    /// What the file is called.
    pub file_name: &'a str,
    /// The day the dump was made.
    pub dump_date: Option<NaiveDate>,
    /// Whether what nobody produced is loaded, too.
    pub everything: bool,
    /// Into what it goes.
    pub mode: LoadMode,
}

const TRY_LOCK: &str = "SELECT pg_try_advisory_lock(hashtextextended('loads', 0))";

/// Keeps any other load out until [`unlock`] or the connection's end; false where one is at work.
///
/// # Errors
/// The database's.
pub async fn try_lock(client: &Client<'_>) -> Result<bool, tokio_postgres::Error> {
    Ok(client.query_one(TRY_LOCK, &[]).await?.get(0))
}

const UNLOCK: &str = "SELECT pg_advisory_unlock(hashtextextended('loads', 0))";

/// Lets other loads in again.
///
/// # Errors
/// The database's.
pub async fn unlock(client: &Client<'_>) -> Result<(), tokio_postgres::Error> {
    client.query_one(UNLOCK, &[]).await.map(drop)
}

const IS_EMPTY: &str = "
    SELECT NOT EXISTS (SELECT FROM artists) AND NOT EXISTS (SELECT FROM albums) AND NOT EXISTS (SELECT FROM producers)
       AND NOT EXISTS (SELECT FROM credits) AND NOT EXISTS (SELECT FROM normalized_tracks)";

/// Whether there is no catalog at all.
///
/// # Errors
/// The database's.
pub async fn is_empty(client: &Client<'_>) -> Result<bool, tokio_postgres::Error> {
    Ok(client.query_one(IS_EMPTY, &[]).await?.get(0))
}

const INSERT: &str = "
    INSERT INTO loads (source, file_name, dump_date, everything, mode)
    VALUES ($1::text::source, $2, $3, $4, $5::text::load_mode)
    RETURNING id";

/// Keeps that a load begins; gives its key.
///
/// # Errors
/// The database's.
pub async fn insert(client: &Client<'_>, started: &LoadStart<'_>) -> Result<i64, tokio_postgres::Error> {
    let row = client
        .query_one(
            INSERT,
            &[
                &started.source.as_str(),
                &started.file_name,
                &started.dump_date,
                &started.everything,
                &started.mode.as_str(),
            ],
        )
        .await?;
    Ok(row.get(0))
}

const UPDATE: &str = "
    UPDATE loads
    SET position_bytes = $2, counts = $3, stop_reason = $4, state = $5::text::load_state,
        finished_at = CASE WHEN $5::text = 'done' THEN clock_timestamp() END
    WHERE id = $1";

text_enum! {
    /// How a load stands.
    LoadState {
        /// It is at work, or was ended from outside.
        Running = "running",
        /// It stopped before its file's end.
        Stopped = "stopped",
        /// It came to its file's end.
        Done = "done",
    }
}

/// Keeps how far a load came.
///
/// # Errors
/// The database's.
pub async fn update(
    client: &Client<'_>,
    id: i64,
    position_bytes: i64,
    counts: &serde_json::Value,
    state: LoadState,
    stop_reason: Option<&str>,
) -> Result<u64, tokio_postgres::Error> {
    client
        .execute(
            UPDATE,
            &[&id, &position_bytes, counts, &stop_reason, &state.as_str()],
        )
        .await
}

/// A key or an index that is made anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ddl {
    /// `foreign`, `key` or `index`.
    pub kind: String,
    /// Of which table.
    pub table: String,
    /// Its name.
    pub name: String,
    /// What makes it.
    pub create: String,
    /// What drops it.
    pub drop: String,
}

// The primary key of loaded_records stays: releases are looked up in it all along. Foreign keys come first, as the others
// cannot go before them.
const LIST_DDL: &str = "
    WITH filled AS (
        SELECT unnest(ARRAY['artists', 'artist_identities', 'albums', 'album_links', 'normalized_tracks', 'tracks', 'track_artists', 'producers',
                            'producer_identities', 'producer_names', 'credits', 'track_producers', 'loaded_records']::regclass[]) AS id
    )
    SELECT kind, table_name, name, create_ddl, drop_ddl
    FROM (
    SELECT CASE c.contype WHEN 'f' THEN 'foreign' ELSE 'key' END AS kind, c.conrelid::regclass::text AS table_name, c.conname::text AS name,
           format('ALTER TABLE %s ADD CONSTRAINT %I %s%s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid), CASE c.contype WHEN 'f' THEN ' NOT VALID' ELSE '' END) AS create_ddl,
           format('ALTER TABLE %s DROP CONSTRAINT %I', c.conrelid::regclass, c.conname) AS drop_ddl
    FROM pg_constraint c
    WHERE (c.contype = 'f' AND (c.conrelid IN (SELECT id FROM filled) OR c.confrelid IN (SELECT id FROM filled)))
       OR (c.contype IN ('p', 'u') AND c.conrelid IN (SELECT id FROM filled) AND c.conrelid <> 'loaded_records'::regclass)
    UNION ALL
    SELECT 'index', i.indrelid::regclass::text, i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), format('DROP INDEX %s', i.indexrelid::regclass)
    FROM pg_index i
    WHERE i.indrelid IN (SELECT id FROM filled) AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u'))
    ) AS made
    ORDER BY kind <> 'foreign', table_name, name";

/// The foreign keys, keys and indexes of the tables that a load fills, in the order in which they can be dropped.
///
/// # Errors
/// The database's.
pub async fn list_ddl(client: &Client<'_>) -> Result<Vec<Ddl>, tokio_postgres::Error> {
    let rows = client.query(LIST_DDL, &[]).await?;
    Ok(rows
        .iter()
        .map(|row| Ddl {
            kind: row.get(0),
            table: row.get(1),
            name: row.get(2),
            create: row.get(3),
            drop: row.get(4),
        })
        .collect())
}

const SET_PENDING: &str = "UPDATE loads SET pending_ddl = $2 WHERE id = $1";

/// Keeps what is gone until the load ends; nothing where all is there.
///
/// # Errors
/// The database's.
pub async fn set_pending(client: &Client<'_>, id: i64, ddl: &[Ddl]) -> Result<u64, tokio_postgres::Error> {
    let ddl = serde_json::to_value(ddl).unwrap_or_default();
    client.execute(SET_PENDING, &[&id, &ddl]).await
}

const FIND_PENDING: &str = "SELECT id, pending_ddl FROM loads WHERE pending_ddl <> '[]' ORDER BY id LIMIT 1";

/// The load that left keys and indexes to be made, with these.
///
/// # Errors
/// The database's.
pub async fn find_pending(client: &Client<'_>) -> Result<Option<(i64, Vec<Ddl>)>, tokio_postgres::Error> {
    let row = client.query_opt(FIND_PENDING, &[]).await?;
    Ok(row.map(|row| {
        let ddl = serde_json::from_value(row.get(1)).unwrap_or_default();
        (row.get(0), ddl)
    }))
}

const FIND_PENDING_SOURCE: &str =
    "SELECT source::text FROM loads WHERE pending_ddl <> '[]' ORDER BY id LIMIT 1";

/// Whose dump the load was of that left keys and indexes to be made.
///
/// # Errors
/// The database's.
pub async fn find_pending_source(client: &Client<'_>) -> Result<Option<String>, tokio_postgres::Error> {
    let row = client.query_opt(FIND_PENDING_SOURCE, &[]).await?;
    Ok(row.map(|row| row.get(0)))
}

const HAS_DDL: &str = "
    SELECT CASE WHEN $1::text = 'index' THEN to_regclass($3) IS NOT NULL
                ELSE EXISTS (SELECT FROM pg_constraint WHERE conrelid = $2::text::regclass AND conname::text = $3) END";

/// Whether a key or an index is there.
///
/// # Errors
/// The database's.
pub async fn has_ddl(client: &Client<'_>, ddl: &Ddl) -> Result<bool, tokio_postgres::Error> {
    let row = client
        .query_one(HAS_DDL, &[&ddl.kind, &ddl.table, &ddl.name])
        .await?;
    Ok(row.get(0))
}

const LIST: &str = "
    SELECT id, source::text, file_name, dump_date, mode::text, state::text, position_bytes, counts, stop_reason FROM loads ORDER BY id";

/// A load as it was kept.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadRow {
    /// Its key.
    pub id: i64,
    /// Whose dump.
    pub source: String,
    /// Which file.
    pub file_name: String,
    /// The day the dump was made.
    pub dump_date: Option<NaiveDate>,
    /// Into what it went.
    pub mode: String,
    /// How it stands.
    pub state: String,
    /// How much of the file was read.
    pub position_bytes: i64,
    /// What became of the file's records.
    pub counts: serde_json::Value,
    /// Why it stopped.
    pub stop_reason: Option<String>,
}

/// Every load, in order.
///
/// # Errors
/// The database's.
pub async fn list(client: &Client<'_>) -> Result<Vec<LoadRow>, tokio_postgres::Error> {
    let rows = client.query(LIST, &[]).await?;
    Ok(rows
        .iter()
        .map(|row| LoadRow {
            id: row.get(0),
            source: row.get(1),
            file_name: row.get(2),
            dump_date: row.get(3),
            mode: row.get(4),
            state: row.get(5),
            position_bytes: row.get(6),
            counts: row.get(7),
            stop_reason: row.get(8),
        })
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    TRY_LOCK,
    UNLOCK,
    IS_EMPTY,
    INSERT,
    UPDATE,
    LIST_DDL,
    SET_PENDING,
    FIND_PENDING,
    FIND_PENDING_SOURCE,
    HAS_DDL,
    LIST,
];
