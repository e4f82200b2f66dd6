//! `linernotes load`: a source's dump into the tables, shown as it goes, and stopped without harm.
//! What a dump's records become is [`shared::dumps`]' matter.

mod shown;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::json;
use shared::config::Config;
use shared::db::Pool;
use shared::dumps::input::{self, Input};
use shared::dumps::{Control, Loaded, discogs, musicbrainz};
use shared::queue::Queues;

use self::shown::{Shown, result};
use super::signals::Signals;
use crate::cli::Load;
use crate::database::{Database, Purpose};
use crate::output;

/// A load reads on one connection, looks on another and makes indexes on two.
const CONNECTIONS: usize = 6;
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Whose dump it is.
#[derive(Clone, Copy)]
enum DumpOf {
    Discogs,
    MusicBrainz,
}

pub(super) async fn run(
    config: &Config,
    data_dir: Option<PathBuf>,
    asked: Load,
) -> anyhow::Result<ExitCode> {
    let (source, releases, artists, all, json) = match asked {
        Load::Discogs {
            releases,
            artists,
            all,
            json,
        } => (DumpOf::Discogs, releases, artists, all, json),
        Load::MusicBrainz {
            releases,
            artists,
            all,
            json,
        } => (DumpOf::MusicBrainz, releases, artists, all, json),
    };
    // Before a database is opened or started for them.
    let releases = open(&releases)?;
    let artists = artists.as_deref().map(open).transpose()?;
    let database = Database::open(config, data_dir, Purpose::Write).await?;
    let ended = load(&database, source, releases, artists, all, json).await;
    database.close().await?;
    ended
}

fn open(path: &Path) -> anyhow::Result<Input> {
    input::open(path).with_context(|| format!("open {}", path.display()))
}

async fn load(
    database: &Database,
    source: DumpOf,
    releases: Input,
    artists: Option<Input>,
    all: bool,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let pool = Pool::new(&database.settings, CONNECTIONS)?;
    let files = [Some(releases), artists].into_iter().flatten();
    let mut came_to: Vec<Loaded> = Vec::new();
    for input in files {
        let (name, begun) = (input.name.clone(), Instant::now());
        let is_first = came_to.is_empty();
        let loaded = watch(&pool, source, input, is_first, all, json).await?;
        if json {
            let line = json!({
                "event": "loaded", "file": name, "complete": loaded.is_complete, "counts": loaded.counts,
                "rows_written": loaded.rows, "seconds": begun.elapsed().as_secs_f64(),
            });
            output::print(line)?;
        }
        let is_complete = loaded.is_complete;
        came_to.push(loaded);
        if !is_complete {
            break;
        }
    }
    // Whom the sweep would count within a minute is counted before anybody looks.
    sweep::compute_statistics(&sweep::Context {
        pool: pool.clone(),
        queues: Queues::postgres(pool.clone()),
        sources: Vec::new(),
    })
    .await?;
    pool.close();
    if !json {
        output::print(result(&came_to))?;
    }
    let is_complete = came_to.iter().all(|loaded| loaded.is_complete);
    if !is_complete {
        output::say("stopped before the end: run the same command again to go on");
    }
    Ok(if is_complete {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Loads a file, shows how far it is, and asks it to stop where somebody asks for that.
async fn watch(
    pool: &Pool,
    source: DumpOf,
    input: Input,
    is_first: bool,
    all: bool,
    json: bool,
) -> anyhow::Result<Loaded> {
    let control = Arc::new(Control::default());
    let mut signals = Signals::listen()?;
    let mut shown = Shown::new(&input, is_first, json);
    let read = Arc::clone(&input.read);
    let load = async {
        match (source, is_first) {
            (DumpOf::Discogs, true) => discogs::load_releases(pool, input, all, &control).await,
            (DumpOf::Discogs, false) => discogs::load_artists(pool, input, &control).await,
            (DumpOf::MusicBrainz, true) => {
                musicbrainz::load_releases(pool, input, all, &control).await
            }
            (DumpOf::MusicBrainz, false) => musicbrainz::load_artists(pool, input, &control).await,
        }
    };
    let mut load = std::pin::pin!(load);
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            loaded = &mut load => {
                shown.end();
                return loaded.context("the load stopped; what was read before is kept, run the same command again to go on");
            }
            () = signals.next() => {
                control.stop();
                shown.say("stopping after what is under way");
            }
            _ = ticks.tick() => {
                let read = read.load(Ordering::Relaxed);
                shown.show(read, control.records(), control.stage())?;
            }
        }
    }
}
