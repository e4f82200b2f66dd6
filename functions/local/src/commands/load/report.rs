//! Prints the progress and the result of a load: a bar on a terminal, otherwise occasional lines, or JSON.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use load::input::DumpInput;
use load::{KeepReason, LoadCounts, LoadOutcome, LoadStage, SkipReason, SkippedRecords};
use serde_json::json;

use crate::output::{self, TextTable};

const JSON_EVERY: Duration = Duration::from_secs(1);
/// A load takes hours, and output that is not a terminal is usually a file.
const LINE_EVERY: Duration = Duration::from_secs(30);
const REDRAW_EVERY: Duration = Duration::from_millis(250);

/// The progress of loading a file.
pub(super) struct LoadDisplay {
    output: ProgressOutput,
    noun: &'static str,
    file: String,
    bytes: Option<u64>,
    started_at: Instant,
    last: Instant,
}

enum ProgressOutput {
    /// The bar, and the stage that its style is for.
    Bar(ProgressBar, LoadStage),
    Lines,
    Json,
}

impl LoadDisplay {
    /// The bar and the lines go to standard error, JSON to standard output.
    pub(super) fn new(input: &DumpInput, is_first: bool, json: bool) -> Self {
        let output = if json {
            ProgressOutput::Json
        } else if std::io::stderr().is_terminal() {
            let bar = match input.bytes {
                Some(bytes) => ProgressBar::new(bytes),
                None => ProgressBar::no_length(),
            };
            bar.set_style(style(input.bytes, LoadStage::Records));
            bar.enable_steady_tick(REDRAW_EVERY);
            ProgressOutput::Bar(bar, LoadStage::Records)
        } else {
            ProgressOutput::Lines
        };
        let now = Instant::now();
        Self {
            output,
            noun: if is_first { "releases" } else { "artists" },
            file: input.name.clone(),
            bytes: input.bytes,
            started_at: now,
            last: now,
        }
    }

    pub(super) fn show(&mut self, read: u64, records: u64, stage: LoadStage) -> std::io::Result<()> {
        let elapsed = self.started_at.elapsed();
        let rate = (records as f64 / elapsed.as_secs_f64().max(0.001)).round();
        let every = match &mut self.output {
            ProgressOutput::Bar(bar, styled_for) => {
                if *styled_for != stage {
                    bar.set_style(style(self.bytes, stage));
                    *styled_for = stage;
                }
                bar.set_position(read);
                bar.set_message(message(self.noun, records, rate, stage));
                return Ok(());
            }
            ProgressOutput::Lines => LINE_EVERY,
            ProgressOutput::Json => JSON_EVERY,
        };
        if self.last.elapsed() < every {
            return Ok(());
        }
        self.last = Instant::now();
        if matches!(self.output, ProgressOutput::Lines) {
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
            "event": "progress", "file": self.file, "stage": stage_word(stage), "bytes_read": read,
            "bytes": self.bytes, "records": records, "records_per_second": rate,
        }))
    }

    pub(super) fn say(&self, text: &str) {
        match &self.output {
            ProgressOutput::Bar(bar, _) => bar.suspend(|| output::say(text)),
            ProgressOutput::Lines | ProgressOutput::Json => output::say(text),
        }
    }

    pub(super) fn end(&self) {
        if let ProgressOutput::Bar(bar, _) = &self.output {
            bar.finish_and_clear();
        }
    }
}

/// In 80 columns, 34 are left for the message. The remaining time can be estimated only while reading.
fn style(bytes: Option<u64>, stage: LoadStage) -> ProgressStyle {
    let template = match (bytes, stage) {
        (Some(_), LoadStage::Records) => {
            "{spinner} [{bar:12}] {percent:>3}% · {wide_msg} · {elapsed} elapsed, {eta} left"
        }
        (Some(_), _) => "{spinner} [{bar:12}] {percent:>3}% · {wide_msg} · {elapsed} elapsed",
        (None, _) => "{spinner} {bytes} · {wide_msg} · {elapsed} elapsed",
    };
    ProgressStyle::with_template(template)
        .expect("the templates are valid")
        .progress_chars("=> ")
}

fn message(noun: &str, records: u64, rate: f64, stage: LoadStage) -> String {
    match stage {
        LoadStage::Records => format!("{records} {noun}, {rate}/s"),
        LoadStage::Vanished => "removing vanished records".to_owned(),
        LoadStage::Indexes => "building indexes".to_owned(),
    }
}

fn stage_word(stage: LoadStage) -> &'static str {
    match stage {
        LoadStage::Records => "records",
        LoadStage::Vanished => "vanished",
        LoadStage::Indexes => "indexes",
    }
}

/// The counts of the releases, and of the artists if they were loaded.
pub(super) fn result_text(results: &[LoadOutcome]) -> String {
    let mut table = match results {
        [_, _, ..] => TextTable::new(&["", "#Releases", "#Artists"]),
        _ => TextTable::new(&["", "#Releases"]),
    };
    let mut row = |label: &str, count: &dyn Fn(&LoadOutcome) -> u64| {
        let counts: Vec<u64> = results.iter().map(count).collect();
        if label != "read" && counts.iter().all(|count| *count == 0) {
            return;
        }
        match counts[..] {
            [releases, artists, ..] => {
                table.row([label.to_owned(), releases.to_string(), artists.to_string()]);
            }
            [releases] => table.row([label.to_owned(), releases.to_string()]),
            [] => {}
        }
    };
    row("read", &|loaded| loaded.counts.read);
    row("loaded", &|loaded| loaded.counts.loaded);
    row("changed", &|loaded| loaded.counts.changed);
    row("unchanged", &|loaded| loaded.counts.unchanged);
    row("removed", &|loaded| loaded.counts.vanished);
    row("of these, own credits kept", &|loaded| loaded.counts.kept);
    for skipped in SkipReason::ALL {
        row(skip_reason(*skipped), &|loaded| loaded.counts.skipped(*skipped));
    }
    let mut text = table.to_string();
    for (noun, loaded) in ["release", "artist"].into_iter().zip(results) {
        for (skipped, records) in &loaded.counts.skipped {
            text.push_str(&skipped_text(noun, *skipped, records));
        }
        for note in &loaded.counts.notes {
            text.push_str(&format!("\nnote: {noun}s: {note}"));
        }
    }
    text.extend(results.iter().filter_map(|loaded| kept_text(&loaded.counts)));
    let credits: u64 = results.iter().map(|loaded| loaded.counts.credits).sum();
    text.push_str(&format!(
        "\nWrote {}. Find a producer with: linernotes search NAME",
        output::count(i64::try_from(credits).unwrap_or(i64::MAX), "credit")
    ));
    text
}

/// Why stored releases that are not in the dump were not removed.
fn kept_text(counts: &LoadCounts) -> Option<String> {
    let reason = match counts.not_removed_because? {
        KeepReason::IncompleteDump => "it has less than 98 % of the stored ones",
        KeepReason::NotNewer => "a dump of the same or a later date was loaded before",
        KeepReason::UnknownDate => "its date, or that of the one before, is unknown",
    };
    let count = output::count(
        i64::try_from(counts.not_removed).unwrap_or(i64::MAX),
        "stored release",
    );
    Some(format!(
        "\nNot removed: {count} missing from the dump, because {reason}. To remove them, run the same \
         command with --remove."
    ))
}

/// The first records that were skipped for a reason; empty if none is listed.
fn skipped_text(noun: &str, skipped: SkipReason, records: &SkippedRecords) -> String {
    let problems = records.problems.iter().map(|record| {
        let named = match &record.id {
            Some(id) => format!("{noun} {id}"),
            None => format!("{noun} without an id, number {} in the file", record.number),
        };
        format!(
            "\n  {}",
            output::single_line(&format!("{named}: {}", record.problem))
        )
    });
    let (listed, count) = if records.problems.is_empty() {
        (format!(" {}", records.ids.join(", ")), records.ids.len())
    } else {
        (problems.collect(), records.problems.len())
    };
    if count == 0 {
        return String::new();
    }
    let more = match records.count - count as u64 {
        0 => String::new(),
        more if records.problems.is_empty() => format!(" and {more} more"),
        more => format!("\n  and {more} more"),
    };
    format!("\n{}:{listed}{more}", skip_reason(skipped))
}

fn skip_reason(skipped: SkipReason) -> &'static str {
    match skipped {
        SkipReason::Malformed => "skipped: malformed",
        SkipReason::Repeated => "skipped: repeated id",
        SkipReason::NoProduction => "skipped: no production credit (load them with --all)",
        SkipReason::OtherOfGroup => "skipped: not the best release of its group",
        SkipReason::NotHeard => "skipped: no audio, or no artist",
        SkipReason::NotHere => "skipped: not on any loaded record",
    }
}

#[cfg(test)]
mod tests {
    use load::MalformedRecord;

    use super::*;

    #[test]
    fn what_was_not_removed_is_counted_with_the_reason() {
        let counts = LoadCounts {
            not_removed: 998,
            not_removed_because: Some(KeepReason::IncompleteDump),
            ..LoadCounts::default()
        };
        assert_eq!(
            kept_text(&counts).as_deref(),
            Some(
                "\nNot removed: 998 stored releases missing from the dump, because it has less than 98 % of \
                 the stored ones. To remove them, run the same command with --remove."
            )
        );
        assert_eq!(kept_text(&LoadCounts::default()), None);
    }

    #[test]
    fn skipped_records_are_named_each_with_what_is_wrong() {
        let malformed = |number, id: Option<&str>, problem: &str| MalformedRecord {
            number,
            id: id.map(str::to_owned),
            problem: problem.to_owned(),
        };
        let records = SkippedRecords {
            count: 5,
            ids: vec!["7".to_owned(), "x\u{1b}[2J".to_owned()],
            problems: vec![
                malformed(2, Some("7"), "an artist without\na name"),
                malformed(4, None, "an artist without an id"),
                malformed(5, Some("x\u{1b}[2J"), "its end tag is missing"),
            ],
        };
        assert_eq!(
            skipped_text("artist", SkipReason::Malformed, &records),
            "\nskipped: malformed:\n  artist 7: an artist without a name\n  artist without an id, \
             number 4 in the file: an artist without an id\n  artist x [2J: its end tag is missing\n  \
             and 2 more"
        );
        let repeated = SkippedRecords {
            count: 3,
            ids: vec!["1".to_owned(), "2".to_owned()],
            problems: Vec::new(),
        };
        let text = skipped_text("release", SkipReason::Repeated, &repeated);
        assert_eq!(text, "\nskipped: repeated id: 1, 2 and 1 more");
        let uncounted = SkippedRecords {
            ids: Vec::new(),
            ..repeated
        };
        assert_eq!(skipped_text("release", SkipReason::NoProduction, &uncounted), "");
    }
}
