//! `linernotes load`: a source's dump into the tables, shown as it goes, and stopped without harm.
//! What a dump's records become is [`load`]' matter.

mod shown;

use std::io::{ErrorKind, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{anyhow, bail};
use load::input::{self, DumpInput};
use load::{LoadControl, LoadOutcome, discogs, musicbrainz};
use serde_json::json;
use shared::platform::config::Config;
use shared::platform::db::Pool;
use shared::work::queue::Queues;

use self::shown::{Shown, result};
use super::signals::Signals;
use crate::cli::Load;
use crate::database::{Database, Purpose};
use crate::output;

/// A load holds one to be alone, looks at what is here on another, writes on a third, makes indexes on two and settles on one.
const CONNECTIONS: usize = 6;
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Whose dump it is.
#[derive(Clone, Copy)]
enum DumpOf {
    Discogs,
    MusicBrainz,
}

/// What holds for all the files.
#[derive(Clone, Copy)]
struct Asked {
    source: DumpOf,
    all: bool,
    json: bool,
}

pub(super) async fn run(config: &Config, data_dir: Option<PathBuf>, asked: Load) -> anyhow::Result<ExitCode> {
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
    let files = open_all(&releases, artists.as_deref())?;
    let database = Database::open(config, data_dir, Purpose::Write).await?;
    let mut signals = Signals::listen()?;
    let asked = Asked { source, all, json };
    let ended = load(&database, &mut signals, asked, files).await;
    let closed = tokio::select! {
        closed = database.close() => closed,
        () = signals.next() => Ok(()),
    };
    // Why it stopped says more than that Postgres could not be.
    let code = ended?;
    closed?;
    Ok(code)
}

fn open_all(releases: &Path, artists: Option<&Path>) -> anyhow::Result<Vec<DumpInput>> {
    let is_standard_input = |path: &&Path| *path == Path::new("-");
    let paths: Vec<&Path> = [Some(releases), artists].into_iter().flatten().collect();
    let piped = paths.iter().copied().filter(is_standard_input).count();
    if piped > 1 {
        bail!("one file alone can come from standard input: name the other one");
    }
    if piped > 0 && std::io::stdin().is_terminal() {
        bail!("standard input is the terminal: let a program write the dump into it, as curl does");
    }
    paths.into_iter().map(open).collect()
}

fn open(path: &Path) -> anyhow::Result<DumpInput> {
    input::open(path).map_err(|cause| {
        let is_missing = cause.kind() == ErrorKind::NotFound;
        let error = anyhow!(cause).context(format!("open {}", path.display()));
        if !is_missing {
            return error;
        }
        anyhow!("{error:#}; where the dumps are is told by: linernotes help load discogs, or musicbrainz")
    })
}

async fn load(
    database: &Database,
    signals: &mut Signals,
    asked: Asked,
    files: Vec<DumpInput>,
) -> anyhow::Result<ExitCode> {
    let pool = Pool::new(&database.settings, CONNECTIONS)?;
    let mut came_to: Vec<LoadOutcome> = Vec::new();
    for input in files {
        let (name, begun) = (input.name.clone(), Instant::now());
        let is_first = came_to.is_empty();
        let loaded = match watch(&pool, signals, asked, input, is_first).await {
            Ok(Some(loaded)) => loaded,
            Ok(None) => {
                output::say("broken off: run the same command again to go on");
                return Ok(ExitCode::FAILURE);
            }
            Err(error) => {
                if !is_first && !asked.json {
                    output::print(result(&came_to))?;
                }
                return Err(error);
            }
        };
        if asked.json {
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
    let is_counted = count(&pool, signals).await?;
    pool.close();
    if !asked.json {
        output::print(result(&came_to))?;
    }
    let is_complete = came_to.iter().all(|loaded| loaded.is_complete);
    if !is_complete {
        output::say("stopped before the end: run the same command again to go on");
    } else if !is_counted {
        output::say("not all producers' tracks are counted: run the same command again to count them");
    }
    Ok(if is_complete && is_counted {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Counts whom the sweep would count within a minute, before anybody looks; false where somebody asked to stop.
async fn count(pool: &Pool, signals: &mut Signals) -> anyhow::Result<bool> {
    let context = sweep::Context {
        pool: pool.clone(),
        queues: Queues::postgres(pool.clone()),
        sources: Vec::new(),
    };
    tokio::select! {
        counted = sweep::compute_statistics(&context) => counted.map(|_| true),
        () = signals.next() => Ok(false),
    }
}

/// Loads a file, shows how far it is, and asks it to stop where somebody asks for that; None where somebody asked twice, and
/// it was broken off.
async fn watch(
    pool: &Pool,
    signals: &mut Signals,
    asked: Asked,
    input: DumpInput,
    is_first: bool,
) -> anyhow::Result<Option<LoadOutcome>> {
    let control = Arc::new(LoadControl::default());
    let mut shown = Shown::new(&input, is_first, asked.json);
    let read = Arc::clone(&input.read);
    let load = async {
        match (asked.source, is_first) {
            (DumpOf::Discogs, true) => discogs::load_releases(pool, input, asked.all, &control).await,
            (DumpOf::Discogs, false) => discogs::load_artists(pool, input, &control).await,
            (DumpOf::MusicBrainz, true) => musicbrainz::load_releases(pool, input, asked.all, &control).await,
            (DumpOf::MusicBrainz, false) => musicbrainz::load_artists(pool, input, &control).await,
        }
    };
    let mut load = std::pin::pin!(load);
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    let mut is_stopping = false;
    loop {
        tokio::select! {
            loaded = &mut load => {
                shown.end();
                return loaded.map(Some).map_err(|error| stopped(error, &control));
            }
            () = signals.next() => {
                if is_stopping {
                    shown.end();
                    return Ok(None);
                }
                is_stopping = true;
                control.stop();
                shown.say("stopping after what is under way (once more to break it off)");
            }
            _ = ticks.tick() => {
                let read = read.load(Ordering::Relaxed);
                shown.show(read, control.records(), control.stage())?;
            }
        }
    }
}

/// Why a load stopped, and what to do then. One that never began says what is wrong by itself.
fn stopped(error: anyhow::Error, control: &LoadControl) -> anyhow::Error {
    if !control.has_begun() {
        return error;
    }
    let cause = output::one_line(&error);
    anyhow!("the load stopped: {cause}; what was read before is kept: run the same command again to go on")
}
