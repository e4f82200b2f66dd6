//! The constraints and indexes that a load drops while it fills empty tables, and the lock that keeps others
//! from writing without them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::credits::Source;
use crate::platform::db::Client;

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
        SELECT unnest(tables_without_keys() || ARRAY['search_names', 'search_words', 'search_pairs',
                                                     'search_vocabulary']::regclass[]) AS id
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

const SET_PENDING: &str = "
    UPDATE loads
    SET pending_ddl = $2::jsonb
    FROM lock_catalog($2::jsonb <> '[]')
    WHERE id = $1";

/// Stores the DDL of what is dropped until the load ends, or an empty list once everything exists again.
/// Until then, the catalog is locked: only transactions that called [`admit`] write into its tables.
pub async fn set_pending(client: &Client<'_>, id: i64, ddl: &[Ddl]) -> Result<u64, tokio_postgres::Error> {
    let ddl = serde_json::to_value(ddl).unwrap_or_default();
    client.execute(SET_PENDING, &[&id, &ddl]).await
}

const ADMIT: &str = "SELECT set_config('linernotes.is_load', 'on', true)";

/// Lets this transaction write into a locked catalog. Only a load may do so.
pub async fn admit(client: &Client<'_>) -> Result<(), tokio_postgres::Error> {
    client.query_one(ADMIT, &[]).await.map(drop)
}

const FIND_LOCK: &str = "
    SELECT now() + interval '30 seconds' AS look_again_at
    WHERE EXISTS (SELECT FROM loads WHERE pending_ddl <> '[]')";

/// When a worker should look again whether the catalog is still locked; `None` if it is not locked now.
pub async fn find_lock(client: &Client<'_>) -> Result<Option<DateTime<Utc>>, tokio_postgres::Error> {
    let row = client.query_opt(FIND_LOCK, &[]).await?;
    Ok(row.map(|row| row.get("look_again_at")))
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

pub(in crate::store) const STATEMENTS: &[&str] = &[
    LIST_DDL,
    SET_PENDING,
    ADMIT,
    FIND_LOCK,
    FIND_PENDING,
    FIND_PENDING_SOURCE,
    HAS_DDL,
];
