//! Recreates the keys and indexes that a load dropped, on several connections, and computes what it left to
//! its end.

mod derived_rows;
mod limits;

use std::sync::{Arc, Mutex};

use anyhow::Context as _;
use shared::platform::db::{Client, Pool};
use shared::store::loads::dropped_keys::{self, Ddl};
use shared::store::loads::loaded_records;
use shared::store::search::upkeep;
use tokio::task::JoinSet;

use self::limits::UNLIMITED;

/// Connections that create indexes at the same time.
const CONNECTIONS: usize = 2;

// Rows were written in the order of their keys, so a merge join reads both sides of a foreign key in storage
// order.
const NO_HASH_JOIN: &str = "SELECT set_config('enable_hashjoin', 'off', true)";

/// Which of the dropped keys and indexes are recreated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestoreScope {
    /// Those that a load needs to find stored rows when it does not remember them.
    Lookups,
    /// All of them. Then what the load left to its end is computed.
    All,
}

/// The keys and indexes of [`RestoreScope::Lookups`].
const LOOKUPS: &[&str] = &[
    "album_links_pkey",
    "album_links_source_idx",
    "albums_pkey",
    "albums_upc_idx",
    "artist_identities_pkey",
    "artists_pkey",
    "loaded_records_album_id_idx",
    "loaded_records_master_id_idx",
    "normalized_tracks_key",
    "producer_identities_key",
    "producer_names_key",
    "tracks_album_id_idx",
    "tracks_isrc_idx",
];

/// Recreates the keys and indexes that a load dropped, without those that exist already.
///
/// # Errors
/// If a statement fails; then call it again, as the remaining DDL is still saved.
pub async fn restore(pool: &Pool, scope: RestoreScope) -> anyhow::Result<()> {
    let pending = {
        let client = pool.client().await?;
        dropped_keys::find_pending(&client).await?
    };
    let Some((load_id, ddl)) = pending else {
        return Ok(());
    };
    let is_all = scope == RestoreScope::All;
    let is_wanted = |ddl: &Ddl| is_all || LOOKUPS.contains(&ddl.name.as_str());
    let (wanted, left): (Vec<Ddl>, Vec<Ddl>) = ddl.into_iter().partition(is_wanted);
    let (search, wanted): (Vec<Ddl>, Vec<Ddl>) = wanted
        .into_iter()
        .partition(|ddl| ddl.table.starts_with("search_"));
    let (foreign_keys, others): (Vec<Ddl>, Vec<Ddl>) =
        wanted.into_iter().partition(|ddl| ddl.kind == "foreign");
    // A primary key must exist before the foreign keys that refer to it.
    let indexes = run_by_table(pool, others, |ddl| ddl.create.clone(), is_all);
    if is_all {
        tokio::try_join!(indexes, mark_uncounted(pool))?;
    } else {
        indexes.await?;
    }
    {
        let client = pool.client().await?;
        for foreign_key in &foreign_keys {
            create_or_validate(&client, foreign_key, &foreign_key.create).await?;
        }
    }
    if is_all {
        let validate = |ddl: &Ddl| {
            let name = ddl.name.replace('"', "\"\"");
            format!("ALTER TABLE {} VALIDATE CONSTRAINT \"{name}\"", ddl.table)
        };
        // Validation does not block the writes of the refresh.
        let validated = run_by_table(pool, foreign_keys, validate, false);
        tokio::try_join!(validated, derived_rows::refresh(pool))?;
        rebuild_search(pool).await?;
        run_by_table(pool, search, |ddl| ddl.create.clone(), true).await?;
    }
    let client = pool.client().await?;
    dropped_keys::set_pending(&client, load_id, &left).await?;
    Ok(())
}

/// Fills the search tables, once the names are settled and before the tables have indexes.
async fn rebuild_search(pool: &Pool) -> anyhow::Result<()> {
    let mut client = pool.client().await?;
    let transaction = client.transaction().await?;
    transaction.run(UNLIMITED).await?;
    if upkeep::is_paused(&transaction).await? {
        upkeep::rebuild(&transaction).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Marks all pages of a table as visible to everybody, so that its foreign keys can be validated by
/// index-only scans. This is quick while the table has no indexes.
async fn vacuum(client: &Client<'_>, table: &str) -> anyhow::Result<()> {
    // VACUUM cannot run in a transaction, so the time-outs are set for the session.
    client
        .run("SET statement_timeout = 0; SET lock_timeout = 0")
        .await?;
    let vacuumed = client.run(&format!("VACUUM (PARALLEL 0) {table}")).await;
    client.run("RESET statement_timeout; RESET lock_timeout").await?;
    vacuumed.with_context(|| format!("vacuum {table}"))
}

/// Runs a statement for each key or index: those of one table in order on one connection, those of several
/// tables at the same time. With `vacuum_first`, each table is vacuumed before its statements.
async fn run_by_table(
    pool: &Pool,
    mut all: Vec<Ddl>,
    statement: impl Fn(&Ddl) -> String,
    vacuum_first: bool,
) -> anyhow::Result<()> {
    all.sort_by(|a, b| (size_rank(&a.table), &a.table).cmp(&(size_rank(&b.table), &b.table)));
    let mut tables: Vec<Vec<(Ddl, String)>> = Vec::new();
    for ddl in all {
        let sql = statement(&ddl);
        match tables.last_mut() {
            Some(table) if table[0].0.table == ddl.table => table.push((ddl, sql)),
            _ => tables.push(vec![(ddl, sql)]),
        }
    }
    let tables = Arc::new(Mutex::new(tables.into_iter()));
    let mut workers = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (pool, tables) = (pool.clone(), Arc::clone(&tables));
        workers.spawn(async move {
            let mut client = pool.client().await?;
            loop {
                let next = match tables.lock() {
                    Ok(mut tables) => tables.next(),
                    Err(_) => None,
                };
                let Some(table) = next else {
                    return anyhow::Ok(());
                };
                if vacuum_first {
                    vacuum(&client, &table[0].0.table).await?;
                }
                for (ddl, sql) in table {
                    let transaction = client.transaction().await?;
                    create_or_validate(&transaction, &ddl, &sql).await?;
                    transaction.commit().await?;
                }
            }
        });
    }
    while let Some(worker) = workers.join_next().await {
        worker.context("create the indexes")??;
    }
    Ok(())
}

/// Sorts the biggest tables first, so that no connection is left alone with a big one at the end.
fn size_rank(table: &str) -> usize {
    const BIGGEST: &[&str] = &[
        "tracks",
        "normalized_tracks",
        "track_artists",
        "credits",
        "track_producers",
        "artists",
        "artist_identities",
    ];
    let rank = BIGGEST.iter().position(|name| *name == table);
    rank.unwrap_or(BIGGEST.len())
}

/// Parts of the names of foreign keys whose values ascend with the rows that refer to them.
const ASCENDING_FOREIGN_KEYS: &[&str] = &["_track_id_", "_album_id_"];

/// Creates a key or index that does not exist yet, or runs another statement for it.
async fn create_or_validate(client: &Client<'_>, ddl: &Ddl, sql: &str) -> anyhow::Result<()> {
    let is_creation = sql == ddl.create;
    if is_creation && dropped_keys::has_ddl(client, ddl).await? {
        return Ok(());
    }
    client.run(UNLIMITED).await?;
    if !is_creation && ASCENDING_FOREIGN_KEYS.iter().any(|key| ddl.name.contains(key)) {
        client.run(NO_HASH_JOIN).await?;
    }
    client
        .run(sql)
        .await
        .with_context(|| format!("create {}", ddl.name))
}

/// Marks the producers whose tracks have to be counted.
async fn mark_uncounted(pool: &Pool) -> anyhow::Result<()> {
    let mut client = pool.client().await?;
    let transaction = client.transaction().await?;
    transaction.run(UNLIMITED).await?;
    loaded_records::mark_uncounted(&transaction).await?;
    transaction.commit().await?;
    Ok(())
}
