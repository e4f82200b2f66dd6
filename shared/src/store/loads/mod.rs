//! Loads of dumps: a row for each load, and the DDL of the constraints and indexes that are dropped while
//! empty tables are filled.

pub mod key_blocks;
pub mod loaded_records;
pub mod loaded_releases;
pub mod loading;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::credits::Source;
use crate::domain::text_enums::text_enum;
use crate::platform::db::Client;

text_enum! {
    /// The kind of tables a load writes into.
    LoadMode {
        /// Empty tables, whose constraints and indexes are created at the end.
        Empty = "empty",
        /// Tables that already have rows.
        Filled = "filled",
    }
}

/// A load as it starts.
#[derive(Debug, Clone)]
pub struct LoadStart<'a> {
    /// The dump's source.
    pub source: Source,
    /// The dump file's name.
    pub file_name: &'a str,
    /// The day the dump was made.
    pub dump_date: Option<NaiveDate>,
    /// Whether releases without a production credit are loaded, too.
    pub everything: bool,
    /// The kind of tables it writes into.
    pub mode: LoadMode,
}

const TRY_LOCK: &str = "SELECT pg_try_advisory_lock(hashtextextended('loads', 0)) AS is_locked";

/// Takes the lock that only one load at a time can hold, until [`unlock`] or the end of the connection.
/// Returns false if another load holds it.
pub async fn try_lock(client: &Client<'_>) -> Result<bool, tokio_postgres::Error> {
    let row = client.query_one(TRY_LOCK, &[]).await?;
    Ok(row.get("is_locked"))
}

const UNLOCK: &str = "SELECT pg_advisory_unlock(hashtextextended('loads', 0))";

/// Releases the lock of [`try_lock`].
pub async fn unlock(client: &Client<'_>) -> Result<(), tokio_postgres::Error> {
    client.query_one(UNLOCK, &[]).await.map(drop)
}

const IS_EMPTY: &str = "
    SELECT NOT EXISTS (SELECT FROM artists) AND NOT EXISTS (SELECT FROM albums)
       AND NOT EXISTS (SELECT FROM producers) AND NOT EXISTS (SELECT FROM credits)
       AND NOT EXISTS (SELECT FROM normalized_tracks) AS is_empty";

/// Whether the catalog is empty.
pub async fn is_empty(client: &Client<'_>) -> Result<bool, tokio_postgres::Error> {
    let row = client.query_one(IS_EMPTY, &[]).await?;
    Ok(row.get("is_empty"))
}

const INSERT: &str = "
    INSERT INTO loads (source, file_name, dump_date, everything, mode)
    VALUES ($1::text::source, $2, $3, $4, $5::text::load_mode)
    RETURNING id";

/// Stores that a load starts. Returns the load's id.
pub async fn insert(client: &Client<'_>, started: &LoadStart<'_>) -> Result<i64, tokio_postgres::Error> {
    let row = client
        .query_one(
            INSERT,
            &[
                &started.source,
                &started.file_name,
                &started.dump_date,
                &started.everything,
                &started.mode,
            ],
        )
        .await?;
    Ok(row.get("id"))
}

const UPDATE: &str = "
    UPDATE loads
    SET position_bytes = $2, counts = $3, stop_reason = $4, state = $5::text::load_state,
        finished_at = CASE WHEN $5::text = 'done' THEN clock_timestamp() END
    WHERE id = $1";

text_enum! {
    /// The state of a load.
    LoadState {
        /// It is running, or its process was killed.
        Running = "running",
        /// It stopped before the end of its file.
        Stopped = "stopped",
        /// It reached the end of its file.
        Done = "done",
    }
}

/// Stores a load's progress and state.
pub async fn update(
    client: &Client<'_>,
    id: i64,
    position_bytes: i64,
    counts: &serde_json::Value,
    state: LoadState,
    stop_reason: Option<&str>,
) -> Result<u64, tokio_postgres::Error> {
    client
        .execute(UPDATE, &[&id, &position_bytes, counts, &stop_reason, &state])
        .await
}

/// A constraint or an index that a load drops and creates again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ddl {
    /// `foreign`, `key` or `index`.
    pub kind: String,
    /// Its table.
    pub table: String,
    /// Its name.
    pub name: String,
    /// The statement that creates it.
    pub create: String,
    /// The statement that drops it.
    pub drop: String,
}

// The primary key of loaded_records is not dropped, because a load looks records up by it. Foreign keys come
// first, as the keys that they refer to cannot be dropped before them.
const LIST_DDL: &str = "
    WITH filled AS (
        SELECT unnest(ARRAY['artists', 'artist_identities', 'albums', 'album_links', 'normalized_tracks',
                            'tracks', 'track_artists', 'producers', 'producer_identities', 'producer_names',
                            'credits', 'track_producers', 'loaded_records',
                            'early_records']::regclass[]) AS id
    )
    SELECT kind, table_name, name, create_ddl, drop_ddl
    FROM (
        SELECT CASE c.contype WHEN 'f' THEN 'foreign' ELSE 'key' END AS kind,
               c.conrelid::regclass::text AS table_name,
               c.conname::text AS name,
               format('ALTER TABLE %s ADD CONSTRAINT %I %s%s', c.conrelid::regclass, c.conname,
                      pg_get_constraintdef(c.oid),
                      CASE c.contype WHEN 'f' THEN ' NOT VALID' ELSE '' END) AS create_ddl,
               format('ALTER TABLE %s DROP CONSTRAINT %I', c.conrelid::regclass, c.conname) AS drop_ddl
        FROM pg_constraint c
        WHERE (c.contype = 'f'
               AND (c.conrelid IN (SELECT id FROM filled) OR c.confrelid IN (SELECT id FROM filled)))
           OR (c.contype IN ('p', 'u') AND c.conrelid IN (SELECT id FROM filled)
               AND c.conrelid <> 'loaded_records'::regclass)
        UNION ALL
        SELECT 'index', i.indrelid::regclass::text, i.indexrelid::regclass::text,
               pg_get_indexdef(i.indexrelid),
               format('DROP INDEX %s', i.indexrelid::regclass)
        FROM pg_index i
        WHERE i.indrelid IN (SELECT id FROM filled)
          AND NOT EXISTS (SELECT FROM pg_constraint c
                          WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u'))
    ) AS made
    ORDER BY kind <> 'foreign', table_name, name";

/// The constraints and indexes of the tables that a load fills, in an order in which they can be dropped.
pub async fn list_ddl(client: &Client<'_>) -> Result<Vec<Ddl>, tokio_postgres::Error> {
    let rows = client.query(LIST_DDL, &[]).await?;
    Ok(rows
        .iter()
        .map(|row| Ddl {
            kind: row.get("kind"),
            table: row.get("table_name"),
            name: row.get("name"),
            create: row.get("create_ddl"),
            drop: row.get("drop_ddl"),
        })
        .collect())
}

const SET_PENDING: &str = "UPDATE loads SET pending_ddl = $2 WHERE id = $1";

/// Stores the DDL of what is dropped until the load ends, or an empty list once everything exists again.
pub async fn set_pending(client: &Client<'_>, id: i64, ddl: &[Ddl]) -> Result<u64, tokio_postgres::Error> {
    let ddl = serde_json::to_value(ddl).unwrap_or_default();
    client.execute(SET_PENDING, &[&id, &ddl]).await
}

const FIND_PENDING: &str = "SELECT id, pending_ddl FROM loads WHERE pending_ddl <> '[]' ORDER BY id LIMIT 1";

/// The first load whose constraints and indexes must still be created, with their DDL.
pub async fn find_pending(client: &Client<'_>) -> Result<Option<(i64, Vec<Ddl>)>, tokio_postgres::Error> {
    let row = client.query_opt(FIND_PENDING, &[]).await?;
    Ok(row.map(|row| {
        let ddl = serde_json::from_value(row.get("pending_ddl")).unwrap_or_default();
        (row.get("id"), ddl)
    }))
}

const FIND_PENDING_SOURCE: &str =
    "SELECT source::text AS source FROM loads WHERE pending_ddl <> '[]' ORDER BY id LIMIT 1";

/// The source of that load.
pub async fn find_pending_source(client: &Client<'_>) -> Result<Option<Source>, tokio_postgres::Error> {
    let row = client.query_opt(FIND_PENDING_SOURCE, &[]).await?;
    Ok(row.map(|row| row.get("source")))
}

const FIND_MISSING_KEYS: &str = "
    SELECT l.source::text AS source, l.state = 'running' AND EXISTS (
               SELECT FROM pg_locks p
               WHERE p.locktype = 'advisory' AND p.granted AND p.objsubid = 1
                 AND p.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                 AND (p.classid::bigint << 32 | p.objid::bigint) = hashtextextended('loads', 0)
           ) AS is_running,
           count(*) AS missing
    FROM loads l
    CROSS JOIN jsonb_to_recordset(l.pending_ddl) AS d (kind text, \"table\" text, name text)
    WHERE l.pending_ddl <> '[]'
      AND CASE WHEN d.kind = 'index' THEN to_regclass(d.name) IS NULL
               ELSE NOT EXISTS (SELECT FROM pg_constraint c
                                WHERE c.conrelid = d.\"table\"::regclass AND c.conname::text = d.name)
          END
    GROUP BY l.id
    ORDER BY l.id
    LIMIT 1";

/// Constraints and indexes that a load dropped and that do not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingKeys {
    /// The source of the load.
    pub source: Source,
    /// Whether the load still runs, and will create them.
    pub is_running: bool,
    /// Their number.
    pub count: i64,
}

/// The constraints and indexes that are missing because of a load that runs or was killed.
pub async fn find_missing_keys(client: &Client<'_>) -> Result<Option<MissingKeys>, tokio_postgres::Error> {
    let row = client.query_opt(FIND_MISSING_KEYS, &[]).await?;
    Ok(row.map(|row| MissingKeys {
        source: row.get("source"),
        is_running: row.get("is_running"),
        count: row.get("missing"),
    }))
}

const HAS_DDL: &str = "
    SELECT CASE WHEN $1::text = 'index' THEN to_regclass($3) IS NOT NULL
                ELSE EXISTS (SELECT FROM pg_constraint
                             WHERE conrelid = $2::text::regclass AND conname::text = $3)
           END AS has_ddl";

/// Whether a constraint or an index exists.
pub async fn has_ddl(client: &Client<'_>, ddl: &Ddl) -> Result<bool, tokio_postgres::Error> {
    let row = client
        .query_one(HAS_DDL, &[&ddl.kind, &ddl.table, &ddl.name])
        .await?;
    Ok(row.get("has_ddl"))
}

const LIST_LAST: &str = "
    SELECT id, source::text AS source, file_name, dump_date, mode::text AS mode, state::text AS state,
           position_bytes, counts, stop_reason, started_at
    FROM loads
    ORDER BY id DESC
    LIMIT $1::bigint";

/// A stored load.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadRow {
    /// The load's id.
    pub id: i64,
    /// The dump's source.
    pub source: String,
    /// The dump file's name.
    pub file_name: String,
    /// The day the dump was made.
    pub dump_date: Option<NaiveDate>,
    /// The kind of tables it wrote into.
    pub mode: String,
    /// Its state.
    pub state: String,
    /// How many bytes of the file were read.
    pub position_bytes: i64,
    /// Counts of the file's records by result.
    pub counts: serde_json::Value,
    /// Why it stopped, if it stopped early.
    pub stop_reason: Option<String>,
    /// When it started.
    pub started_at: DateTime<Utc>,
}

/// The last loads, the most recent first.
pub async fn list_last(client: &Client<'_>, limit: i64) -> Result<Vec<LoadRow>, tokio_postgres::Error> {
    let rows = client.query(LIST_LAST, &[&limit]).await?;
    Ok(rows
        .iter()
        .map(|row| LoadRow {
            id: row.get("id"),
            source: row.get("source"),
            file_name: row.get("file_name"),
            dump_date: row.get("dump_date"),
            mode: row.get("mode"),
            state: row.get("state"),
            position_bytes: row.get("position_bytes"),
            counts: row.get("counts"),
            stop_reason: row.get("stop_reason"),
            started_at: row.get("started_at"),
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
    FIND_MISSING_KEYS,
    HAS_DDL,
    LIST_LAST,
];
