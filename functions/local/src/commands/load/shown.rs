//! How a load is shown: a bar on a terminal, a sentence now and then elsewhere, lines of JSON for programs; and what it came
//! to. The counts are the load's.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use load::input::DumpInput;
use load::{LoadOutcome, LoadStage, SkipReason};
use serde_json::json;

use crate::output::{self, Table};

const JSON_EVERY: Duration = Duration::from_secs(1);
/// A load takes hours, and what it says elsewhere than on a terminal is kept.
const SENTENCE_EVERY: Duration = Duration::from_secs(30);
const DRAWN_EVERY: Duration = Duration::from_millis(250);

/// How progress is shown.
pub(super) struct Shown {
    how: How,
    noun: &'static str,
    file: String,
    bytes: Option<u64>,
    begun: Instant,
    last: Instant,
}

enum How {
    /// With the stage that it was drawn for.
    Bar(ProgressBar, LoadStage),
    Sentences,
    Json,
}

impl Shown {
    /// Sentences and the bar go to standard error.
    pub(super) fn new(input: &DumpInput, is_first: bool, json: bool) -> Self {
        let how = if json {
            How::Json
        } else if std::io::stderr().is_terminal() {
            let bar = match input.bytes {
                Some(bytes) => ProgressBar::new(bytes),
                None => ProgressBar::no_length(),
            };
            bar.set_style(style(input.bytes, LoadStage::Records));
            bar.enable_steady_tick(DRAWN_EVERY);
            How::Bar(bar, LoadStage::Records)
        } else {
            How::Sentences
        };
        let now = Instant::now();
        Self {
            how,
            noun: if is_first { "releases" } else { "artists" },
            file: input.name.clone(),
            bytes: input.bytes,
            begun: now,
            last: now,
        }
    }

    pub(super) fn show(&mut self, read: u64, records: u64, stage: LoadStage) -> std::io::Result<()> {
        let elapsed = self.begun.elapsed();
        let rate = (records as f64 / elapsed.as_secs_f64().max(0.001)).round();
        let every = match &mut self.how {
            How::Bar(bar, drawn_for) => {
                if *drawn_for != stage {
                    bar.set_style(style(self.bytes, stage));
                    *drawn_for = stage;
                }
                bar.set_position(read);
                bar.set_message(message(self.noun, records, rate, stage));
                return Ok(());
            }
            How::Sentences => SENTENCE_EVERY,
            How::Json => JSON_EVERY,
        };
        if self.last.elapsed() < every {
            return Ok(());
        }
        self.last = Instant::now();
        if matches!(self.how, How::Sentences) {
            let read = match self.bytes.filter(|bytes| *bytes > 0) {
                Some(bytes) => format!("{}%", read * 100 / bytes),
                None => HumanBytes(read).to_string(),
            };
            let message = message(self.noun, records, rate, stage);
            let (seconds, file) = (elapsed.as_secs(), &self.file);
            output::say(format!("[{seconds:3} s] {file}: {read} read, {message}"));
            return Ok(());
        }
        output::print(json!({
            "event": "progress", "file": self.file, "stage": word(stage), "bytes_read": read, "bytes": self.bytes,
            "records": records, "records_per_second": rate,
        }))
    }

    pub(super) fn say(&self, text: &str) {
        match &self.how {
            How::Bar(bar, _) => bar.suspend(|| output::say(text)),
            How::Sentences | How::Json => output::say(text),
        }
    }

    pub(super) fn end(&self) {
        if let How::Bar(bar, _) = &self.how {
            bar.finish_and_clear();
        }
    }
}

/// In 80 columns there is room for 34 of a message. How long it takes is told only of reading.
fn style(bytes: Option<u64>, stage: LoadStage) -> ProgressStyle {
    let template = match (bytes, stage) {
        (Some(_), LoadStage::Records) => {
            "{spinner} [{bar:12}] {percent:>3}% · {wide_msg} · {elapsed} gone, {eta} left"
        }
        (Some(_), _) => "{spinner} [{bar:12}] {percent:>3}% · {wide_msg} · {elapsed} gone",
        (None, _) => "{spinner} {bytes} · {wide_msg} · {elapsed} gone",
    };
    ProgressStyle::with_template(template)
        .expect("the templates are well formed")
        .progress_chars("=> ")
}

fn message(noun: &str, records: u64, rate: f64, stage: LoadStage) -> String {
    match stage {
        LoadStage::Records => format!("{records} {noun}, {rate} a second"),
        LoadStage::Vanished => "looking for what is gone".to_owned(),
        LoadStage::Indexes => "making indexes".to_owned(),
    }
}

fn word(stage: LoadStage) -> &'static str {
    match stage {
        LoadStage::Records => "records",
        LoadStage::Vanished => "vanished",
        LoadStage::Indexes => "indexes",
    }
}

/// What became of the releases, and of the artists where there were any.
pub(super) fn result(came_to: &[LoadOutcome]) -> String {
    let mut table = match came_to {
        [_, _, ..] => Table::new(&["", "#Releases", "#Artists"]),
        _ => Table::new(&["", "#Releases"]),
    };
    let mut row = |what: &str, count: &dyn Fn(&LoadOutcome) -> u64| {
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
    for why in SkipReason::ALL {
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

fn reason(why: SkipReason) -> &'static str {
    match why {
        SkipReason::Malformed => "skipped: cannot be read",
        SkipReason::Repeated => "skipped: the same id again",
        SkipReason::NoProduction => "skipped: no credit for production (--all loads them)",
        SkipReason::OtherOfGroup => "skipped: another release of its group is the album",
        SkipReason::NotHeard => "skipped: nothing to be heard, or no artist",
        SkipReason::NotHere => "skipped: on no record here",
    }
}
