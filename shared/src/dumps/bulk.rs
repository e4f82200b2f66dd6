//! Tables that are empty are filled without keys and indexes, which are made at the end, on every core. What is gone stands
//! in `loads` before it goes, so that whoever loads next makes it, too, however the load ended.

use anyhow::Context as _;

use crate::db::{Client, Pool};
use crate::ids::{NormalizedTrackId, TrackId};
use crate::store::loads::{self, Ddl};
use crate::store::{loaded_records, normalized_tracks, track_producers};

/// Connections that make indexes at once.
const AT_ONCE: usize = 2;
/// Songs or tracks that are settled in one statement.
const SETTLED_AT_ONCE: usize = 50_000;

/// As much memory, and as much time, as it takes: an index of all tracks takes longer than the role's statements may.
const UNHURRIED: &str = "SELECT set_config('maintenance_work_mem', '256MB', true), set_config('work_mem', '64MB', true), set_config('synchronous_commit', 'off', true), set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true)";

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

/// Makes what a load left to be made, and settles what only indexes make quick. What is there already stays.
///
/// # Errors
/// The database's; then it is to be called again.
pub(super) async fn restore(pool: &Pool) -> anyhow::Result<bool> {
    let pending = {
        let client = pool.client().await?;
        loads::find_pending(&client).await?
    };
    let Some((load_id, ddl)) = pending else {
        return Ok(false);
    };
    let (foreign, others): (Vec<Ddl>, Vec<Ddl>) =
        ddl.into_iter().partition(|one| one.kind == "foreign");
    // A key comes before the foreign keys that refer to it; one table's are made on one connection.
    run_by_table(pool, others, |one| one.create.clone()).await?;
    {
        let client = pool.client().await?;
        for one in &foreign {
            make(&client, one, &one.create).await?;
        }
    }
    let validate = |one: &Ddl| {
        let name = one.name.replace('"', "\"\"");
        format!("ALTER TABLE {} VALIDATE CONSTRAINT \"{name}\"", one.table)
    };
    run_by_table(pool, foreign, validate).await?;
    let mut client = pool.client().await?;
    let transaction = client.transaction().await?;
    settle(&transaction).await?;
    loads::set_pending(&transaction, load_id, &[]).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Runs a statement for each, those of one table after another, those of several tables at once.
async fn run_by_table(
    pool: &Pool,
    mut all: Vec<Ddl>,
    statement: impl Fn(&Ddl) -> String,
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

async fn make(client: &Client<'_>, one: &Ddl, sql: &str) -> anyhow::Result<()> {
    let is_creation = sql == one.create;
    if is_creation && loads::has_ddl(client, one).await? {
        return Ok(());
    }
    client.run(UNHURRIED).await?;
    client
        .run(sql)
        .await
        .with_context(|| format!("make {}", one.name))
}

/// Which track stands for a song of several, who produced albums that several records are, and whose tracks are to be
/// counted.
async fn settle(client: &Client<'_>) -> Result<(), tokio_postgres::Error> {
    client.run(UNHURRIED).await?;
    client.run("ANALYZE tracks, albums, album_links, normalized_tracks, track_producers, credits, producer_identities, producer_names").await?;
    let songs = loaded_records::list_shared_songs(client).await?;
    for songs in songs.chunks(SETTLED_AT_ONCE) {
        let songs: Vec<NormalizedTrackId> = songs.iter().copied().map(NormalizedTrackId).collect();
        normalized_tracks::refresh(client, &songs).await?;
    }
    let tracks = loaded_records::list_pressed_tracks(client).await?;
    for tracks in tracks.chunks(SETTLED_AT_ONCE) {
        let tracks: Vec<TrackId> = tracks.iter().copied().map(TrackId).collect();
        track_producers::refresh(client, &tracks).await?;
    }
    loaded_records::mark_uncounted(client).await?;
    Ok(())
}
