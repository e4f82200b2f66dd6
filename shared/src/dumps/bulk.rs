//! Tables that are empty are filled without keys and indexes, which are made at the end, on every core. What is gone stands
//! in `loads` before it goes, so that whoever loads next makes it, too, however the load ended.

use anyhow::Context as _;

use crate::credits::Source;
use crate::db::{Client, Pool};
use crate::ids::{AlbumId, NormalizedTrackId, TrackId};
use crate::store::loads::{self, Ddl};
use crate::store::{loaded_records, normalized_tracks, pressings, stated_names, track_producers};

/// Connections that make indexes at once.
const AT_ONCE: usize = 2;
/// Songs that are settled in one statement, and ten times as many as albums are.
const SETTLED_AT_ONCE: i64 = 50_000;

/// As much memory, and as much time, as it takes: an index of all tracks takes longer than the role's statements may. Indexes
/// are made on several connections at once, none of which needs helpers.
const UNHURRIED: &str = "
    SELECT set_config('maintenance_work_mem', '256MB', true), set_config('work_mem', '64MB', true), set_config('synchronous_commit', 'off', true),
           set_config('max_parallel_maintenance_workers', '0', true), set_config('max_parallel_workers_per_gather', '0', true),
           set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true)";

// Rows were written in the order of their keys, so both sides of a foreign key are read as they lie.
const IN_ORDER: &str = "SELECT set_config('enable_hashjoin', 'off', true)";

// What rows are joined and found by; of identities all, for they are found by an expression. The rest, and what is finer, is
// left to Postgres itself, which counts a table as analyzed only when all of it was.
const COARSE: &str = "SELECT set_config('default_statistics_target', '25', true)";
const ANALYZE: &str = "
    ANALYZE artists (id), artist_identities (source_id, artist_id), albums (id, artist_id), album_links (album_id, source_id), normalized_tracks (id, artist_id),
            tracks (id, album_id, normalized_track_id), track_artists (track_id, artist_id), credits (album_id, track_id, producer_identity_id),
            track_producers (track_id, producer_id), producers (id), producer_names (producer_id, search_key),
            producer_identities,
            loaded_records (album_id), pressings (source_id)";

/// Drops the keys and indexes of the tables that are filled.
///
/// # Errors
/// The database's.
pub(super) async fn drop_ddl(client: &mut Client<'_>, load_id: i64) -> anyhow::Result<()> {
    let ddl = loads::list_ddl(client).await?;
    // Committed before anything goes.
    loads::set_pending(client, load_id, &ddl).await?;
    let transaction = client.transaction().await?;
    for one in &ddl {
        transaction
            .run(&one.drop)
            .await
            .with_context(|| format!("drop {}", one.name))?;
    }
    transaction.commit().await?;
    Ok(())
}

/// What of the keys and indexes is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Those by which a load that remembers nothing finds what is here.
    Lookups,
    /// All, and what only they make quick is settled.
    All,
}

/// The keys and indexes by which a load finds what is here.
const LOOKUPS: &[&str] = &[
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

/// Makes what a load left to be made. What is there already stays.
///
/// # Errors
/// The database's; then it is to be called again.
pub(super) async fn restore(pool: &Pool, extent: Extent) -> anyhow::Result<()> {
    let pending = {
        let client = pool.client().await?;
        loads::find_pending(&client).await?
    };
    let Some((load_id, ddl)) = pending else {
        return Ok(());
    };
    let is_wanted = |one: &Ddl| extent == Extent::All || LOOKUPS.contains(&one.name.as_str());
    let (wanted, left): (Vec<Ddl>, Vec<Ddl>) = ddl.into_iter().partition(is_wanted);
    let (foreign, others): (Vec<Ddl>, Vec<Ddl>) = wanted.into_iter().partition(|one| one.kind == "foreign");
    let is_last = extent == Extent::All;
    // A key comes before the foreign keys that refer to it; one table's are made on one connection.
    let indexes = run_by_table(pool, others, |one| one.create.clone(), is_last);
    if is_last {
        tokio::try_join!(indexes, mark_uncounted(pool))?;
    } else {
        indexes.await?;
    }
    {
        let client = pool.client().await?;
        for one in &foreign {
            make(&client, one, &one.create).await?;
        }
    }
    if is_last {
        let validate = |one: &Ddl| {
            let name = one.name.replace('"', "\"\"");
            format!("ALTER TABLE {} VALIDATE CONSTRAINT \"{name}\"", one.table)
        };
        // What is settled only writes, which does not stand in the way of looking whether keys hold.
        let validated = run_by_table(pool, foreign, validate, false);
        tokio::try_join!(validated, settle(pool))?;
    }
    let client = pool.client().await?;
    loads::set_pending(&client, load_id, &left).await?;
    Ok(())
}

/// Keeps beside a table that everybody sees all rows of its pages: then its foreign keys are looked at in indexes alone. It
/// takes little where there are no indexes yet.
async fn see_all(client: &Client<'_>, table: &str) -> anyhow::Result<()> {
    // It runs in no transaction.
    client
        .run("SET statement_timeout = 0; SET lock_timeout = 0")
        .await?;
    let seen = client.run(&format!("VACUUM (PARALLEL 0) {table}")).await;
    client.run("RESET statement_timeout; RESET lock_timeout").await?;
    seen.with_context(|| format!("vacuum {table}"))
}

/// Runs a statement for each, those of one table after another, those of several tables at once; `all_seen`: after
/// [`see_all`].
async fn run_by_table(
    pool: &Pool,
    mut all: Vec<Ddl>,
    statement: impl Fn(&Ddl) -> String,
    all_seen: bool,
) -> anyhow::Result<()> {
    all.sort_by(|a, b| (rank(&a.table), &a.table).cmp(&(rank(&b.table), &b.table)));
    let mut tables: Vec<Vec<(Ddl, String)>> = Vec::new();
    for one in all {
        let sql = statement(&one);
        match tables.last_mut() {
            Some(table) if table[0].0.table == one.table => table.push((one, sql)),
            _ => tables.push(vec![(one, sql)]),
        }
    }
    let tables = std::sync::Arc::new(std::sync::Mutex::new(tables.into_iter()));
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..AT_ONCE {
        let (pool, tables) = (pool.clone(), std::sync::Arc::clone(&tables));
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
                if all_seen {
                    see_all(&client, &table[0].0.table).await?;
                }
                for (one, sql) in table {
                    let transaction = client.transaction().await?;
                    make(&transaction, &one, &sql).await?;
                    transaction.commit().await?;
                }
            }
        });
    }
    while let Some(worker) = workers.join_next().await {
        worker.context("make the indexes")??;
    }
    Ok(())
}

/// The biggest tables first, so that none is left for one connection at the end.
fn rank(table: &str) -> usize {
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

/// The keys that rise with the rows that refer to them.
const IN_ORDER_KEYS: &[&str] = &["_track_id_", "_album_id_"];

async fn make(client: &Client<'_>, one: &Ddl, sql: &str) -> anyhow::Result<()> {
    let is_creation = sql == one.create;
    if is_creation && loads::has_ddl(client, one).await? {
        return Ok(());
    }
    client.run(UNHURRIED).await?;
    if !is_creation && IN_ORDER_KEYS.iter().any(|key| one.name.contains(key)) {
        client.run(IN_ORDER).await?;
    }
    client
        .run(sql)
        .await
        .with_context(|| format!("make {}", one.name))
}

/// Whose tracks are to be counted.
async fn mark_uncounted(pool: &Pool) -> anyhow::Result<()> {
    let mut client = pool.client().await?;
    let transaction = client.transaction().await?;
    transaction.run(UNHURRIED).await?;
    loaded_records::mark_uncounted(&transaction).await?;
    transaction.commit().await?;
    Ok(())
}

/// Which track stands for a song of several, and who produced albums that several records are. Page by page, as there may be
/// many millions.
async fn settle(pool: &Pool) -> anyhow::Result<()> {
    let mut client = pool.client().await?;
    let transaction = client.transaction().await?;
    transaction.run(UNHURRIED).await?;
    transaction.run(COARSE).await?;
    transaction.run(ANALYZE).await?;
    transaction.commit().await?;
    let mut after = 0;
    loop {
        let transaction = client.transaction().await?;
        transaction.run(UNHURRIED).await?;
        let songs = loaded_records::list_shared_songs(&transaction, after, SETTLED_AT_ONCE).await?;
        let Some(last) = songs.last() else { break };
        after = *last;
        let songs: Vec<NormalizedTrackId> = songs.iter().copied().map(NormalizedTrackId).collect();
        normalized_tracks::refresh(&transaction, &songs).await?;
        transaction.commit().await?;
    }
    after = 0;
    loop {
        let transaction = client.transaction().await?;
        transaction.run(UNHURRIED).await?;
        let pressed = loaded_records::list_pressed_tracks(&transaction, after, SETTLED_AT_ONCE / 10).await?;
        let Some((album, _)) = pressed.last() else {
            break;
        };
        after = *album;
        let tracks: Vec<TrackId> = pressed.iter().map(|(_, track)| TrackId(*track)).collect();
        track_producers::refresh(&transaction, &tracks).await?;
        let mut albums: Vec<AlbumId> = pressed.iter().map(|(album, _)| AlbumId(*album)).collect();
        albums.dedup();
        pressings::insert_alone(&transaction, &albums).await?;
        pressings::refresh(&transaction, &albums).await?;
        transaction.commit().await?;
    }
    loop {
        let transaction = client.transaction().await?;
        transaction.run(UNHURRIED).await?;
        let is_any = stated_names::settle_left(&transaction, Source::Discogs).await?;
        transaction.commit().await?;
        if !is_any {
            break;
        }
    }
    Ok(())
}
