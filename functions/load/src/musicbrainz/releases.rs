//! Starts a load of the MusicBrainz dump of releases.

use anyhow::Context as _;
use shared::domain::credits::Source;
use shared::platform::db::Pool;
use shared::store::loads::LoadMode;

use crate::bulk::{self, RestoreScope};
use crate::control::{LoadControl, LoadStage};
use crate::input::DumpInput;
use crate::musicbrainz::archive::JsonDumpError;
use crate::musicbrainz::dump_release::MusicBrainzRelease;
use crate::musicbrainz::lines;
use crate::musicbrainz::load::MusicBrainzReleaseLoad;
use crate::progress::{LoadOutcome, run_load};

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
    let (name, dump_date) = (input.name.clone(), input.dump_date);
    let chunks = lines::read_lines(input.reader, input.read, "release", MusicBrainzRelease::from_line);
    run_load(
        pool,
        control,
        &name,
        dump_date,
        chunks,
        JsonDumpError::CutOff,
        async |load, first, chunks| {
            control.enter(LoadStage::Indexes);
            bulk::restore(pool, RestoreScope::All)
                .await
                .context("create the indexes that an earlier load dropped")?;
            let load_id = load
                .start(Source::MusicBrainz, LoadMode::Filled, everything, first.dump_date)
                .await?;
            let mut load = MusicBrainzReleaseLoad::new(pool, control, load_id, everything);
            let ended = load.run(first, chunks).await;
            load.done.finish(pool, load_id, ended).await
        },
    )
    .await
}
