//! `linernotes load`: loads a source's dump, shows the progress and can be interrupted safely.
//! For how records become rows see the crate `load`.

mod report;

use std::io::{ErrorKind, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{anyhow, bail};
use load::input::{self, DumpInput};
use load::{LoadControl, LoadOutcome, ReleaseOptions, discogs, musicbrainz};
use serde_json::json;
use shared::platform::config::Config;
use shared::platform::db::Pool;
use shared::platform::error_text::error_text;

use super::signals::StopSignals;
use crate::cli::LoadCommand;
use crate::commands::load::report::{LoadDisplay, result_text};
use crate::database::{CommandDatabase, Purpose};
use crate::output;

/// A load needs one connection for its lock, one for reading known records, one for writing, two for building
/// indexes and one for the final steps.
const CONNECTIONS: usize = 6;
const POLL_EVERY: Duration = Duration::from_millis(250);

/// The source of a dump.
#[derive(Clone, Copy)]
enum DumpSource {
    Discogs,
    MusicBrainz,
}

/// The options for all files.
#[derive(Clone, Copy)]
struct LoadOptions {
    source: DumpSource,
    releases: ReleaseOptions,
    json: bool,
}

pub(super) async fn run(
    config: &Config,
    data_dir: Option<PathBuf>,
    command: LoadCommand,
) -> anyhow::Result<ExitCode> {
    let (source, releases, artists, everything, remove, json) = match command {
        LoadCommand::Discogs {
            releases,
            artists,
            all,
            remove,
            json,
        } => (DumpSource::Discogs, releases, artists, all, remove, json),
        LoadCommand::MusicBrainz {
            releases,
            artists,
            all,
            remove,
            json,
        } => (DumpSource::MusicBrainz, releases, artists, all, remove, json),
    };
    // Before the database: a missing file should not start Postgres.
    let files = open_all(&releases, artists.as_deref())?;
    let database = CommandDatabase::open(config, data_dir, Purpose::Load).await?;
    let mut signals = StopSignals::listen()?;
    let options = LoadOptions {
        source,
        releases: ReleaseOptions { everything, remove },
        json,
    };
    let result = load(&database, &mut signals, options, files).await;
    let closed = tokio::select! {
        closed = database.close() => closed,
        () = signals.next() => Ok(()),
    };
    // The error of the load matters more than one of stopping Postgres.
    let code = result?;
    closed?;
    Ok(code)
}

fn open_all(releases: &Path, artists: Option<&Path>) -> anyhow::Result<Vec<DumpInput>> {
    let is_standard_input = |path: &&Path| *path == Path::new("-");
    let paths: Vec<&Path> = [Some(releases), artists].into_iter().flatten().collect();
    let piped_count = paths.iter().copied().filter(is_standard_input).count();
    if piped_count > 1 {
        bail!("only one file can come from standard input: give the path of the other one");
    }
    if piped_count > 0 && std::io::stdin().is_terminal() {
        bail!("standard input is a terminal: pipe the dump into the command, for example from curl");
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
        anyhow!(
            "{}; see `linernotes help load discogs` or `linernotes help load musicbrainz` for where to \
             download the dumps",
            error_text(&*error)
        )
    })
}

async fn load(
    database: &CommandDatabase,
    signals: &mut StopSignals,
    options: LoadOptions,
    files: Vec<DumpInput>,
) -> anyhow::Result<ExitCode> {
    let pool = Pool::new(&database.settings, CONNECTIONS)?;
    let mut results: Vec<LoadOutcome> = Vec::new();
    for input in files {
        let (name, started_at) = (input.name.clone(), Instant::now());
        let is_first = results.is_empty();
        let loaded = match watch(&pool, signals, options, input, is_first).await {
            Ok(Some(loaded)) => loaded,
            Ok(None) => {
                output::say("stopped at once: run the same command again to resume");
                return Ok(ExitCode::FAILURE);
            }
            Err(error) => {
                if !is_first && !options.json {
                    output::print(result_text(&results))?;
                }
                return Err(error);
            }
        };
        if options.json {
            let line = json!({
                "event": "loaded", "file": name, "complete": loaded.is_complete, "counts": loaded.counts,
                "rows_written": loaded.rows, "seconds": started_at.elapsed().as_secs_f64(),
            });
            output::print(line)?;
        }
        let is_complete = loaded.is_complete;
        results.push(loaded);
        if !is_complete {
            break;
        }
    }
    let has_statistics = compute_statistics(&pool, signals).await?;
    pool.close();
    if !options.json {
        output::print(result_text(&results))?;
    }
    let is_complete = results.iter().all(|loaded| loaded.is_complete);
    if !is_complete {
        output::say("stopped before the end: run the same command again to resume");
    } else if !has_statistics {
        output::say("the producers' statistics are incomplete: run the same command again to complete them");
    }
    Ok(if is_complete && has_statistics {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Recomputes the producers' statistics now instead of leaving them to the next sweep; false if a signal
/// stopped it.
async fn compute_statistics(pool: &Pool, signals: &mut StopSignals) -> anyhow::Result<bool> {
    tokio::select! {
        computed = sweep::compute_statistics(pool) => computed.map(|_| true),
        () = signals.next() => Ok(false),
    }
}

/// Loads a file and shows the progress. The first signal asks the load to stop; the second one drops it, and
/// the result is `None`.
async fn watch(
    pool: &Pool,
    signals: &mut StopSignals,
    options: LoadOptions,
    input: DumpInput,
    is_first: bool,
) -> anyhow::Result<Option<LoadOutcome>> {
    let control = Arc::new(LoadControl::default());
    let mut progress = LoadDisplay::new(&input, is_first, options.json);
    let read = Arc::clone(&input.read);
    let load = async {
        match (options.source, is_first) {
            (DumpSource::Discogs, true) => {
                discogs::load_releases(pool, input, options.releases, &control).await
            }
            (DumpSource::Discogs, false) => discogs::load_artists(pool, input, &control).await,
            (DumpSource::MusicBrainz, true) => {
                musicbrainz::load_releases(pool, input, options.releases, &control).await
            }
            (DumpSource::MusicBrainz, false) => musicbrainz::load_artists(pool, input, &control).await,
        }
    };
    let mut load = std::pin::pin!(load);
    let mut ticks = tokio::time::interval(POLL_EVERY);
    let mut is_stopping = false;
    loop {
        tokio::select! {
            loaded = &mut load => {
                progress.end();
                return loaded.map(Some).map_err(|error| with_next_step(error, &control));
            }
            () = signals.next() => {
                if is_stopping {
                    progress.end();
                    return Ok(None);
                }
                is_stopping = true;
                control.stop();
                progress.say("stopping after the current batch (press Ctrl-C again to stop at once)");
            }
            _ = ticks.tick() => {
                let read = read.load(Ordering::Relaxed);
                progress.show(read, control.records(), control.stage())?;
            }
        }
    }
}

/// Adds what to do next to the error of a load that had started.
fn with_next_step(error: anyhow::Error, control: &LoadControl) -> anyhow::Error {
    if !control.has_begun() {
        return error;
    }
    let cause = output::error_line(&error);
    anyhow!("the load stopped: {cause}; progress is saved: run the same command again to resume")
}
