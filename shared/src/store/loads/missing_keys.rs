//! Whether the catalog is locked because a load has dropped its keys, and what to do about it.

use std::fmt;

use crate::domain::credits::Source;
use crate::platform::db::Client;

const FIND: &str = "
    SELECT l.source::text AS source, l.state = 'running' AND EXISTS (
               SELECT FROM pg_locks p
               WHERE p.locktype = 'advisory' AND p.granted AND p.objsubid = 1
                 AND p.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                 AND (p.classid::bigint << 32 | p.objid::bigint) = hashtextextended('loads', 0)
           ) AS is_running,
           (SELECT count(*)
            FROM jsonb_to_recordset(l.pending_ddl) AS d (kind text, \"table\" text, name text)
            WHERE CASE WHEN d.kind = 'index' THEN to_regclass(d.name) IS NULL
                       ELSE NOT EXISTS (SELECT FROM pg_constraint c
                                        WHERE c.conrelid = d.\"table\"::regclass AND c.conname::text = d.name)
                  END) AS missing
    FROM loads l
    WHERE l.pending_ddl <> '[]'
    ORDER BY l.id
    LIMIT 1";

/// The keys and indexes of a locked catalog that do not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingKeys {
    /// The source of the load that dropped them.
    pub source: Source,
    /// Whether the load still runs, and will create them.
    pub is_running: bool,
    /// Their number. It may be 0 while the catalog is locked: the load has dropped none yet, or has created
    /// all of them.
    pub count: i64,
}

impl fmt::Display for MissingKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (source, count) = (self.source, self.count);
        if self.is_running {
            return write!(
                f,
                "a load of {source} is filling the catalog: {count} keys and indexes are missing until it \
                 ends, answers are slow, and imports wait"
            );
        }
        write!(
            f,
            "a load of {source} was killed: {count} keys and indexes are missing, answers are slow, and \
             nothing can be imported or changed; run the same `linernotes load {source}` again to resume it, \
             or `linernotes migrate` to create them without it"
        )
    }
}

/// The missing keys of a catalog that a load has locked, whether it runs or was killed.
pub async fn find(client: &Client<'_>) -> Result<Option<MissingKeys>, tokio_postgres::Error> {
    let row = client.query_opt(FIND, &[]).await?;
    Ok(row.map(|row| MissingKeys {
        source: row.get("source"),
        is_running: row.get("is_running"),
        count: row.get("missing"),
    }))
}

pub(in crate::store) const STATEMENTS: &[&str] = &[FIND];
