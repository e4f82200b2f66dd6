//! Loads of dumps: a row for each load, and what the earlier loads of its source were.

pub mod dropped_keys;
pub mod key_blocks;
pub mod loaded_records;
pub mod loaded_releases;
pub mod loading;
pub mod missing_keys;
pub mod removed_albums;

use chrono::{DateTime, NaiveDate, Utc};

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

text_enum! {
    /// The kind of records a load reads.
    LoadKind {
        /// Releases.
        Releases = "releases",
        /// The pages of artists.
        Artists = "artists",
    }
}

/// A load as it starts.
#[derive(Debug, Clone)]
pub struct LoadStart<'a> {
    /// The dump's source.
    pub source: Source,
    /// The kind of its records.
    pub kind: LoadKind,
    /// The dump file's name.
    pub file_name: &'a str,
    /// The day the dump was made.
    pub dump_date: Option<NaiveDate>,
    /// Whether releases without a production credit are loaded, too.
    pub everything: bool,
    /// The kind of tables it writes into.
    pub mode: LoadMode,
    /// How many releases of the source are stored; null for artists.
    pub stored_before: Option<i64>,
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

const FIND_SERVER_PROCESS: &str = "SELECT pg_backend_pid() AS process";

/// The number of the server process behind a connection.
pub async fn find_server_process(client: &Client<'_>) -> Result<i32, tokio_postgres::Error> {
    let row = client.query_one(FIND_SERVER_PROCESS, &[]).await?;
    Ok(row.get("process"))
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
    INSERT INTO loads (source, kind, file_name, dump_date, everything, mode, stored_before)
    VALUES ($1::text::source, $2::text::load_kind, $3, $4, $5, $6::text::load_mode, $7)
    RETURNING id";

/// Stores that a load starts. Returns the load's id.
pub async fn insert(client: &Client<'_>, started: &LoadStart<'_>) -> Result<i64, tokio_postgres::Error> {
    let row = client
        .query_one(
            INSERT,
            &[
                &started.source,
                &started.kind,
                &started.file_name,
                &started.dump_date,
                &started.everything,
                &started.mode,
                &started.stored_before,
            ],
        )
        .await?;
    Ok(row.get("id"))
}

// A load that stopped and the loads that resume it count as one, so all of them are compared with what was
// stored before the first one.
const FIND_AGE: &str = "
    WITH earlier AS (
        SELECT e.id, e.dump_date, e.state, e.stored_before
        FROM loads e
        JOIN loads l ON l.id = $1
        WHERE e.source = l.source AND e.kind = l.kind AND e.id < l.id
    ), last_done AS (
        SELECT COALESCE(max(id) FILTER (WHERE state = 'done'), 0) AS id,
               COALESCE(max(id) FILTER (WHERE state = 'done' AND dump_date IS NOT NULL), 0) AS dated_id
        FROM earlier
    )
    SELECT l.dump_date IS NOT NULL
           AND NOT EXISTS (SELECT FROM earlier e, last_done d WHERE e.dump_date IS NULL AND e.id > d.dated_id)
               AS is_dated,
           NOT EXISTS (SELECT FROM earlier e
                       WHERE e.dump_date > l.dump_date OR (e.dump_date = l.dump_date AND e.state = 'done'))
               AS is_newer,
           LEAST(l.stored_before,
                 (SELECT min(e.stored_before) FROM earlier e, last_done d
                  WHERE e.id > d.id AND e.dump_date = l.dump_date)) AS stored_before
    FROM loads l
    WHERE l.id = $1";

/// How a load compares with the earlier ones of its source and kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadAge {
    /// Whether the dates of its dump and of those before are known. An unknown date counts only until a load
    /// of a dump with a date has ended.
    pub is_dated: bool,
    /// Whether no dump of the same or a later date was loaded before.
    pub is_newer: bool,
    /// How many releases of the source earlier loads had stored.
    pub stored_before: i64,
}

/// Compares a load of releases with the earlier ones.
pub async fn find_age(client: &Client<'_>, id: i64) -> Result<LoadAge, tokio_postgres::Error> {
    let row = client.query_one(FIND_AGE, &[&id]).await?;
    Ok(LoadAge {
        is_dated: row.get("is_dated"),
        is_newer: row.get("is_newer"),
        stored_before: row.get::<_, Option<i64>>("stored_before").unwrap_or(0),
    })
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
    FIND_SERVER_PROCESS,
    IS_EMPTY,
    INSERT,
    FIND_AGE,
    UPDATE,
    LIST_LAST,
];
