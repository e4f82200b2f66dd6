//! Starts a load of the MusicBrainz dump of releases.

use anyhow::Context as _;
use shared::domain::credits::Source;
use shared::platform::db::Pool;
use shared::store::loads::{self, LoadMode, LoadStart};

use crate::bulk::{self, RestoreScope};
use crate::control::{LoadControl, LoadStage};
use crate::input::DumpInput;
use crate::load_lock::run_exclusively;
use crate::musicbrainz::archive::JsonDumpError;
use crate::musicbrainz::dump_release::ReleaseLine;
use crate::musicbrainz::lines;
use crate::musicbrainz::load::MusicBrainzReleaseLoad;
use crate::progress::LoadOutcome;

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
    let mut chunks = lines::read_lines(input.reader, input.read, "release", ReleaseLine::parse);
    // The first chunk fails for a file of the wrong kind, before anything is written.
    let Some(first) = chunks.recv().await else {
        return Err(JsonDumpError::CutOff).context(name);
    };
    let first = first.with_context(|| name.clone())?;
    let load = async {
        control.enter(LoadStage::Indexes);
        bulk::restore(pool, RestoreScope::All)
            .await
            .context("create the indexes that an earlier load dropped")?;
        let client = pool.client().await?;
        let start = LoadStart {
            source: Source::MusicBrainz,
            file_name: &name,
            dump_date: first.dump_date.or(input.dump_date),
            everything,
            mode: LoadMode::Filled,
        };
        let load_id = loads::insert(&client, &start).await?;
        drop(client);
        control.enter(LoadStage::Records);
        let load = MusicBrainzReleaseLoad::new(pool, control, load_id, everything);
        load.run_to_end(first, chunks).await
    };
    run_exclusively(pool, load).await.with_context(|| name.clone())
}
