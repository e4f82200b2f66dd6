//! Starts a load of the MusicBrainz dump of releases.

use anyhow::Context as _;
use shared::domain::credits::Source;
use shared::platform::db::Pool;
use shared::store::loads::{LoadKind, LoadStart, loaded_releases};

use crate::bulk::{self, RestoreScope};
use crate::control::{LoadControl, LoadStage};
use crate::input::DumpInput;
use crate::musicbrainz::archive::JsonDumpError;
use crate::musicbrainz::dump_release::MusicBrainzRelease;
use crate::musicbrainz::lines;
use crate::musicbrainz::load::MusicBrainzReleaseLoad;
use crate::progress::{LoadOutcome, run_load};
use crate::removal::ReleaseOptions;

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
            let started = LoadStart {
                everything: options.everything,
                stored_before: Some(loaded_releases::count(&pool.client().await?).await?),
                ..load.of(Source::MusicBrainz, LoadKind::Releases, first.dump_date)
            };
            let load_id = load.start(started).await?;
            let mut load = MusicBrainzReleaseLoad::new(pool, control, load_id, options);
            let ended = load.run(first, chunks).await;
            load.done.finish(pool, load_id, ended).await
        },
    )
    .await
}
