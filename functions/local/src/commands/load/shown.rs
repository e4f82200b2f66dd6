//! How a load is shown: a bar on a terminal, lines of JSON for programs, nothing in a pipe; and what it came to.
//! The counts are the load's.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use shared::dumps::input::Input;
use shared::dumps::{Loaded, Skipped, Stage};

use crate::output::{self, Table};

const LINE_EVERY: Duration = Duration::from_secs(1);

/// How progress is shown.
pub(super) enum Shown {
    Bar(ProgressBar, &'static str),
    Lines {
        file: String,
        bytes: Option<u64>,
        begun: Instant,
        last: Instant,
    },
}

impl Shown {
    /// A bar draws itself only on a terminal.
    pub(super) fn new(input: &Input, is_first: bool, json: bool) -> Self {
        if json {
            let now = Instant::now();
            return Self::Lines {
                file: input.name.clone(),
                bytes: input.bytes,
                begun: now,
                last: now,
            };
        }
        let bar = match input.bytes {
            Some(bytes) => ProgressBar::new(bytes),
            None => ProgressBar::no_length(),
        };
        let template = match input.bytes {
            Some(_) => {
                "{spinner} [{bar:24}] {bytes}/{total_bytes} · {wide_msg} · {elapsed} gone, {eta} left"
            }
            None => "{spinner} {bytes} · {wide_msg} · {elapsed} gone",
        };
        let style = ProgressStyle::with_template(template)
            .expect("the template is well formed")
            .progress_chars("=> ");
        bar.set_style(style);
        bar.enable_steady_tick(LINE_EVERY / 4);
        Self::Bar(bar, if is_first { "releases" } else { "artists" })
    }

    pub(super) fn show(&mut self, read: u64, records: u64, stage: Stage) -> std::io::Result<()> {
        match self {
            Self::Bar(bar, noun) => {
                bar.set_position(read);
                let seconds = bar.elapsed().as_secs_f64().max(0.001);
                let rate = records as f64 / seconds;
                bar.set_message(match stage {
                    Stage::Records => format!("{records} {noun}, {rate:.0} a second"),
                    Stage::Vanished => format!("{records} {noun}, looking for what is gone"),
                    Stage::Indexes => format!("{records} {noun}, making indexes"),
                });
                Ok(())
            }
            Self::Lines {
                file,
                bytes,
                begun,
                last,
            } => {
                if last.elapsed() < LINE_EVERY {
                    return Ok(());
                }
                *last = Instant::now();
                let seconds = begun.elapsed().as_secs_f64();
                output::print(json!({
                    "event": "progress", "file": file, "stage": word(stage), "bytes_read": read, "bytes": bytes,
                    "records": records, "records_per_second": (records as f64 / seconds).round(),
                }))
            }
        }
    }

    pub(super) fn say(&self, text: &str) {
        match self {
            Self::Bar(bar, _) => bar.suspend(|| output::say(text)),
            Self::Lines { .. } => output::say(text),
        }
    }

    pub(super) fn end(&self) {
        if let Self::Bar(bar, _) = self {
            bar.finish_and_clear();
        }
    }
}

fn word(stage: Stage) -> &'static str {
    match stage {
        Stage::Records => "records",
        Stage::Vanished => "vanished",
        Stage::Indexes => "indexes",
    }
}

/// What became of the releases, and of the artists where there were any.
pub(super) fn result(came_to: &[Loaded]) -> String {
    let mut table = match came_to {
        [_, _, ..] => Table::new(&["", "#Releases", "#Artists"]),
        _ => Table::new(&["", "#Releases"]),
    };
    let mut row = |what: &str, count: &dyn Fn(&Loaded) -> u64| {
        let counts: Vec<u64> = came_to.iter().map(count).collect();
        if what != "read" && counts.iter().all(|count| *count == 0) {
            return;
        }
        match counts[..] {
            [releases, artists, ..] => {
                table.row([what.to_owned(), releases.to_string(), artists.to_string()]);
            }
            [releases] => table.row([what.to_owned(), releases.to_string()]),
            [] => {}
        }
    };
    row("read", &|loaded| loaded.counts.read);
    row("loaded", &|loaded| loaded.counts.loaded);
    row("changed", &|loaded| loaded.counts.changed);
    row("unchanged", &|loaded| loaded.counts.unchanged);
    row("gone from the dump", &|loaded| loaded.counts.vanished);
    for why in Skipped::ALL {
        row(reason(*why), &|loaded| loaded.counts.skipped(*why));
    }
    let mut text = table.to_string();
    for loaded in came_to {
        for (why, records) in &loaded.counts.skipped {
            let ids = &records.ids;
            if !ids.is_empty() {
                let more = records.count - ids.len() as u64;
                let more = if more > 0 {
                    format!(" and {more} more")
                } else {
                    String::new()
                };
                text.push_str(&format!("\n{}: {}{more}", reason(*why), ids.join(", ")));
            }
        }
    }
    let credits: u64 = came_to.iter().map(|loaded| loaded.counts.credits).sum();
    text.push_str(&format!(
        "\n{} written. Find a producer with: linernotes search NAME",
        output::count(i64::try_from(credits).unwrap_or(i64::MAX), "credit")
    ));
    text
}

fn reason(why: Skipped) -> &'static str {
    match why {
        Skipped::Malformed => "skipped: cannot be read",
        Skipped::Repeated => "skipped: the same id again",
        Skipped::NoProduction => "skipped: no credit for production (--all loads them)",
        Skipped::OtherOfGroup => "skipped: another release of its group is the album",
        Skipped::NotHeard => "skipped: nothing to be heard, or no artist",
        Skipped::NotHere => "skipped: on no record here",
    }
}
