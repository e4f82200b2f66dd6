//! Starts or resumes a load of the Discogs dump of releases.

use anyhow::Context as _;
use shared::domain::credits::Source;
use shared::platform::db::Pool;
use shared::store::loads::{self, LoadKind, LoadMode, LoadStart};
use shared::store::loads::{dropped_keys, loaded_records};

use crate::bulk::{self, RestoreScope};
use crate::catalog_lock;
use crate::control::{LoadControl, LoadStage};
use crate::discogs::load::DiscogsReleaseLoad;
use crate::discogs::reader::{self, SplitChunk, SplitChunks, UnchangedFilter};
use crate::input::DumpInput;
use crate::progress::{LoadOutcome, RunningLoad, run_load};
use crate::removal::ReleaseOptions;
use crate::xml_elements::XmlDumpError;

/// Loads a dump of releases. The result is saved in `loads`. If the load stops for any reason, the next one
/// resumes.
///
/// # Errors
/// If the file is not such a dump, is cut off or cannot be read, if another load is running, if the database
/// is behind a transaction pooler, or if a statement fails. Everything read before is stored.
pub async fn load_releases(
    pool: &Pool,
    input: DumpInput,
    options: ReleaseOptions,
    control: &LoadControl,
) -> anyhow::Result<LoadOutcome> {
    let (name, dump_date) = (input.name.clone(), input.dump_date);
    let chunks = reader::split_dump(input.reader, input.read);
    run_load(
        pool,
        control,
        &name,
        dump_date,
        chunks,
        XmlDumpError::CutOff,
        async |load, first, chunks| load_chunks(load, options, first, chunks).await,
    )
    .await
}

async fn load_chunks(
    load: &RunningLoad<'_>,
    options: ReleaseOptions,
    first: SplitChunk,
    chunks: SplitChunks,
) -> anyhow::Result<LoadOutcome> {
    let (pool, control) = (load.pool, load.control);
    control.enter(LoadStage::Indexes);
    let mut client = pool.client().await?;
    let is_empty = loads::is_empty(&client).await?;
    let pending = dropped_keys::find_pending_source(&client).await?;
    // A load into empty tables that was killed is resumed without the keys and indexes that it had dropped.
    let is_resuming = !is_empty && pending == Some(Source::Discogs);
    let scope = if is_resuming {
        RestoreScope::Lookups
    } else {
        RestoreScope::All
    };
    bulk::restore(pool, scope)
        .await
        .context("create the indexes that an earlier load dropped")?;
    let is_only_writer = is_empty || is_resuming;
    let mode = if is_only_writer {
        LoadMode::Empty
    } else {
        LoadMode::Filled
    };
    let started = LoadStart {
        everything: options.everything,
        mode,
        stored_before: Some(loaded_records::count(&client, Source::Discogs).await?),
        ..load.of(Source::Discogs, LoadKind::Releases, None)
    };
    let load_id = load.start(started).await?;
    if is_empty {
        catalog_lock::drop_keys(&mut client, load_id).await?;
    }
    let mut load = DiscogsReleaseLoad::new(load, client, options, load_id, is_empty, is_only_writer);
    let filter = UnchangedFilter {
        client: pool.client().await?,
        is_first: is_empty,
        everything: options.everything,
    };
    let ended = load.run(filter, first, chunks).await;
    load.finish(ended).await
}
