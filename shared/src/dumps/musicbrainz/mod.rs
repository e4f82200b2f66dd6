//! MusicBrainz's dump of releases: read, compared with what is here, and written by the rules of online work. Its dump of
//! artists is in `artists`.
//!
//! Of a release group one release is the album, the one that would be chosen online, among those of the group that are
//! loaded at all: by default, those with a credit for production. The dump is read once, from a pipe too, so the choice is
//! made as it goes: a better one takes the place of the one before. That leaves artists and producers here whom only the
//! other one named. Where the release that an album is has become the worse one in a newer dump, or is gone from it while
//! others of its group are there, one that stood before it in the file takes its place with the next load. One that is gone
//! with its whole group is taken away. A dump in which less than half of what is here is found is a part, such as those of
//! the changes of an hour, and takes nothing away.
//!
//! Releases that are first here, and better than what is here of their group, are written together, some dozens in a
//! transaction; what they replace is taken off in it. One that may be an album that others brought in, or that changed, is
//! written by itself, by the code that keeps it online, which is slower by far. It runs beside everything else, always into
//! tables in use with all their indexes: writing into those is most of what it takes. Memory is 30 MB, and grows by the hashes
//! of the ids alone, 75 MB for six million. It runs on any machine near the database; a function's time is too short for it.

mod artists;
mod dumped;
mod lines;
mod load;
mod single;
mod writing;

use anyhow::Context as _;

pub use artists::load_artists;

use self::dumped::Line;
use self::lines::Error;
use self::load::Load;
use super::bulk::{self, RestoreScope};
use super::control::{LoadControl, LoadStage};
use super::exclusive::run_exclusively;
use super::input::DumpInput;
use super::progress::LoadOutcome;
use crate::credits::Source;
use crate::db::Pool;
use crate::store::loads::{self, LoadMode, LoadStart};

const SOURCE: Source = Source::MusicBrainz;

/// Loads a dump of releases; `everything`: also those that nobody is credited with producing. What it comes to is kept in
/// `loads`, and whatever stops it, the next load goes on.
///
/// # Errors
/// Where the file is no such dump, is cut off or cannot be read, where another load is at work, and the database's. What was
/// read before is kept.
pub async fn load_releases(
    pool: &Pool,
    input: DumpInput,
    everything: bool,
    control: &LoadControl,
) -> anyhow::Result<LoadOutcome> {
    let name = input.name.clone();
    let mut chunks = lines::read(input.reader, input.read, "release", Line::of);
    // A file of the wrong kind is told before anything is touched.
    let Some(first) = chunks.recv().await else {
        return Err(Error::CutOff).context(name);
    };
    let first = first.with_context(|| name.clone())?;
    let load = async {
        control.enter(LoadStage::Indexes);
        bulk::restore(pool, RestoreScope::All)
            .await
            .context("make the indexes that a load left to be made")?;
        let client = pool.client().await?;
        let started = LoadStart {
            source: SOURCE,
            file_name: &name,
            dump_date: first.dump_date.or(input.dump_date),
            everything,
            mode: LoadMode::Filled,
        };
        let load_id = loads::insert(&client, &started).await?;
        drop(client);
        control.enter(LoadStage::Records);
        let load = Load::new(pool, control, load_id, everything);
        load.run_to_end(first, chunks).await
    };
    run_exclusively(pool, load).await.with_context(|| name.clone())
}
