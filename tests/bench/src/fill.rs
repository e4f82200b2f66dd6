//! Fills an empty database with a large made-up catalog, from the files of a generator: `names.tsv`
//! (producers), `artists.tsv` and `titles.tsv`. The rows are those of a load, and everything that follows
//! from them is computed by the product.

use std::path::Path;

use anyhow::{Context as _, ensure};
use futures::SinkExt as _;
use linernotes::output;
use load::bulk::{self, RestoreScope};
use load::drop_keys;
use serde::Serialize;
use shared::curation::rebuilding::{self, RebuildCounts};
use shared::domain::credits::Source;
use shared::domain::ids::TrackId;
use shared::domain::{names, titles};
use shared::platform::db::{DatabaseSettings, Pool, Statements};
use shared::store::loads::{self, LoadKind, LoadMode, LoadStart, LoadState};
use tokio_postgres::Client;

/// Rows written.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FillFigures {
    producers: i64,
    artists: i64,
    songs: i64,
    tracks_computed: u64,
}

/// Fills the database.
///
/// # Errors
/// If the database is not migrated or not empty, or a file is missing.
pub(crate) async fn fill(dir: &Path, database_url: &str) -> anyhow::Result<FillFigures> {
    let settings = DatabaseSettings::parse(database_url, Statements::Prepared)?;
    let (raw, pool) = (settings.connect().await?, Pool::new(&settings, 4)?);
    let mut client = pool.client().await?;
    ensure!(
        loads::is_empty(&client).await?,
        "the catalog is not empty: give a freshly migrated database"
    );
    let start = LoadStart {
        source: Source::Discogs,
        kind: LoadKind::Releases,
        file_name: "a made-up catalog",
        dump_date: None,
        everything: true,
        mode: LoadMode::Empty,
        stored_before: Some(0),
    };
    let load_id = loads::insert(&client, &start).await?;
    drop_keys(&mut client, load_id).await?;
    raw.batch_execute("SET linernotes.is_load = 'on'").await?;
    output::say("write the rows");
    copy(
        &raw,
        "person (id, name, folded)",
        &lines(dir, "names.tsv", names::fold)?,
    )
    .await?;
    copy(
        &raw,
        "act (id, name, folded)",
        &lines(dir, "artists.tsv", names::fold)?,
    )
    .await?;
    copy(
        &raw,
        "title (id, name, folded)",
        &lines(dir, "titles.tsv", |title| titles::read(title).key)?,
    )
    .await?;
    raw.batch_execute(include_str!("fill.sql"))
        .await
        .context("write the rows")?;
    output::say("create the keys and indexes");
    bulk::restore(&pool, RestoreScope::All).await?;
    output::say("compute the producers of the tracks");
    let (mut after, mut counts) = (TrackId(0), RebuildCounts::default());
    while let Some(last) = rebuilding::rebuild_next_tracks(&pool, after, &mut counts).await? {
        after = last;
    }
    output::say("compute the statistics");
    sweep::compute_statistics(&pool).await?;
    loads::update(&client, load_id, 0, &serde_json::json!({}), LoadState::Done, None).await?;
    raw.batch_execute("VACUUM ANALYZE").await?;
    let counted = "SELECT (SELECT count(*) FROM producers), (SELECT count(*) FROM artists),
                          (SELECT count(*) FROM normalized_tracks)";
    let row = raw.query_one(counted, &[]).await?;
    Ok(FillFigures {
        producers: row.get(0),
        artists: row.get(1),
        songs: row.get(2),
        tracks_computed: counts.tracks,
    })
}

/// The lines of a file as rows for COPY: number, text and its folded form.
fn lines(dir: &Path, file: &str, fold: impl Fn(&str) -> String) -> anyhow::Result<String> {
    let path = dir.join(file);
    let text = std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
    let escaped = |text: &str| text.replace('\\', "\\\\");
    let rows = text.lines().filter_map(|line| {
        let mut cells = line.split('\t');
        let (number, name) = (cells.next()?, cells.next()?);
        Some(format!("{number}\t{}\t{}\n", escaped(name), escaped(&fold(name))))
    });
    Ok(rows.collect())
}

async fn copy(client: &Client, table: &str, rows: &str) -> anyhow::Result<()> {
    let (name, _) = table.split_once(' ').context("a table has columns")?;
    let create = format!("CREATE TEMP TABLE {name} (id bigint, name text, folded text)");
    client.batch_execute(&create).await?;
    let sink = client.copy_in(&format!("COPY {table} FROM STDIN")).await?;
    let mut sink = std::pin::pin!(sink);
    for chunk in rows.as_bytes().chunks(1 << 20) {
        sink.send(bytes::Bytes::copy_from_slice(chunk)).await?;
    }
    sink.finish().await?;
    Ok(())
}
