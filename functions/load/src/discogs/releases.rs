//! Starts or resumes a load of the Discogs dump of releases.

use anyhow::Context as _;
use chrono::NaiveDate;
use shared::domain::credits::Source;
use shared::platform::db::Pool;
use shared::store::loads::{self, LoadMode, LoadStart};

use crate::bulk::{self, RestoreScope};
use crate::control::{LoadControl, LoadStage};
use crate::discogs::load::DiscogsReleaseLoad;
use crate::discogs::reader::{self, SplitChunk, SplitChunks, UnchangedFilter};
use crate::input::DumpInput;
use crate::load_lock::run_exclusively;
use crate::progress::LoadOutcome;
use crate::xml_elements::XmlDumpError;

/// Loads a dump of releases; with `everything`, also those without a production credit. The result is saved
/// in `loads`. If the load stops for any reason, the next one resumes.
///
/// # Errors
/// If the file is not such a dump, is cut off or cannot be read, if another load is running, or if a
/// statement fails. Everything read before is stored.
pub async fn load_releases(
    pool: &Pool,
    input: DumpInput,
    everything: bool,
    control: &LoadControl,
) -> anyhow::Result<LoadOutcome> {
    let name = input.name.clone();
    let mut chunks = reader::split_dump(input.reader, input.read);
    // The first chunk fails for a file of the wrong kind, before anything is written.
    let Some(first) = chunks.recv().await else {
        return Err(XmlDumpError::CutOff).context(name);
    };
    let first = first.with_context(|| name.clone())?;
    let load = load_chunks(pool, &name, input.dump_date, everything, control, first, chunks);
    run_exclusively(pool, load).await.with_context(|| name.clone())
}

async fn load_chunks(
    pool: &Pool,
    name: &str,
    dump_date: Option<NaiveDate>,
    everything: bool,
    control: &LoadControl,
    first: SplitChunk,
    chunks: SplitChunks,
) -> anyhow::Result<LoadOutcome> {
    control.enter(LoadStage::Indexes);
    let mut client = pool.client().await?;
    let is_empty = loads::is_empty(&client).await?;
    let pending = loads::find_pending_source(&client).await?;
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
    let started = LoadStart {
        source: Source::Discogs,
        file_name: name,
        dump_date,
        everything,
        mode: if is_empty || is_resuming {
            LoadMode::Empty
        } else {
            LoadMode::Filled
        },
    };
    let load_id = loads::insert(&client, &started).await?;
    if is_empty {
        bulk::drop_ddl(&mut client, load_id).await?;
    }
    control.enter(LoadStage::Records);
    let load = DiscogsReleaseLoad::new(pool, client, control, load_id, is_empty, is_empty || is_resuming);
    let filter = UnchangedFilter {
        client: pool.client().await?,
        is_first: is_empty,
        everything,
    };
    load.run_to_end(filter, first, chunks).await
}
