//! Watching an ingestion until it is done: a bar on a terminal, a line every few seconds elsewhere.
//! The work itself is the system's matter, here or in another process.

use std::io::IsTerminal as _;
use std::time::Duration;

use chrono::{DateTime, Utc};
use indicatif::{ProgressBar, ProgressStyle};
use shared::domain::ids::IngestionId;
use shared::platform::db::Pool;
use shared::store::work::ingestions::{self, TaskProgress};
use tokio::time::Instant;

use crate::output;

const LOOK_EVERY: Duration = Duration::from_millis(250);
const LINE_EVERY: Duration = Duration::from_secs(5);
/// A source that asks for a pause is waited for; a quota used up, or a setting that is missing, is not.
const LONGEST_SNOOZE: chrono::Duration = chrono::Duration::minutes(5);

/// How progress is shown, on standard error.
pub(super) enum Shown {
    Not,
    Bar(ProgressBar),
    Lines {
        begun: Instant,
        last: Option<(Instant, String)>,
    },
}

impl Shown {
    /// As it can be seen where this runs; not at all where `is_wanted` is false.
    pub(super) fn on_standard_error(is_wanted: bool) -> Self {
        if !is_wanted {
            return Self::Not;
        }
        if !std::io::stderr().is_terminal() {
            return Self::Lines {
                begun: Instant::now(),
                last: None,
            };
        }
        let style = ProgressStyle::with_template("{spinner} [{bar:24}] {wide_msg}")
            .expect("the template is well formed")
            .progress_chars("=> ");
        let bar = ProgressBar::new(0).with_style(style);
        bar.enable_steady_tick(LOOK_EVERY);
        Self::Bar(bar)
    }

    fn show(&mut self, stages: &[TaskProgress]) {
        let line = summary(stages);
        match self {
            Self::Not => {}
            Self::Bar(bar) => {
                let (done, all) = counts(stages);
                bar.set_length(all);
                bar.set_position(done);
                bar.set_message(line);
            }
            Self::Lines { begun, last } => {
                let is_due = last
                    .as_ref()
                    .is_none_or(|(at, said)| at.elapsed() >= LINE_EVERY && *said != line);
                if is_due {
                    output::say(format!("[{:3} s] {line}", begun.elapsed().as_secs()));
                    *last = Some((Instant::now(), line));
                }
            }
        }
    }

    /// Clears what only shows that something goes on.
    pub(super) fn end(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

/// Watches until no step of an ingestion waits any more, or only such as are put off for long. Gives how far each stage
/// has come.
///
/// # Errors
/// The database's.
pub(super) async fn watch(
    pool: &Pool,
    id: IngestionId,
    shown: &mut Shown,
) -> anyhow::Result<Vec<TaskProgress>> {
    loop {
        let stages = ingestions::list_progress(&pool.client().await?, id).await?;
        shown.show(&stages);
        if is_over(&stages, Utc::now()) {
            return Ok(stages);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn is_over(stages: &[TaskProgress], now: DateTime<Utc>) -> bool {
    stages.iter().all(|stage| {
        let is_put_off = stage
            .snoozed_until
            .is_some_and(|until| until > now + LONGEST_SNOOZE);
        stage.waiting == 0 || (stage.waiting == stage.snoozed && is_put_off)
    })
}

fn counts(stages: &[TaskProgress]) -> (u64, u64) {
    let ended: i64 = stages.iter().map(ended).sum();
    let waiting: i64 = stages.iter().map(|stage| stage.waiting).sum();
    (ended.unsigned_abs(), (ended + waiting).unsigned_abs())
}

fn ended(stage: &TaskProgress) -> i64 {
    stage.done + stage.failed + stage.ambiguous
}

fn summary(stages: &[TaskProgress]) -> String {
    let mut parts: Vec<String> = stages
        .iter()
        .filter(|stage| stage.kind != "resolve" || stage.waiting > 0)
        .map(|stage| {
            let (ended, all) = (ended(stage), ended(stage) + stage.waiting);
            format!("{} {ended}/{all}", stage_name(&stage.kind))
        })
        .collect();
    let put_off = stages.iter().filter_map(|stage| {
        let until = stage.snoozed_until?;
        Some((until, stage.snoozed_reason.as_deref().unwrap_or("it has to wait")))
    });
    if let Some((until, reason)) = put_off.min() {
        parts.push(format!(
            "waiting until {}: {}",
            output::until(until),
            output::one_line_of(reason)
        ));
    }
    parts.join(" · ")
}

/// What the steps of a kind bring, in words.
pub(super) fn stage_name(kind: &str) -> &str {
    match kind {
        "resolve" => "looked up",
        "ingest_artist" => "pages of albums",
        "ingest_album" => "albums brought in",
        "identify_album" => "albums identified",
        "enrich_producer" => "producers enriched",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(
        kind: &str,
        waiting: i64,
        done: i64,
        snoozed: i64,
        until: Option<DateTime<Utc>>,
    ) -> TaskProgress {
        TaskProgress {
            kind: kind.to_owned(),
            waiting,
            snoozed,
            snoozed_until: until,
            snoozed_reason: until.map(|_| "the quota is used up".to_owned()),
            done,
            failed: 0,
            ambiguous: 0,
        }
    }

    #[test]
    fn it_is_over_when_nothing_waits_that_comes_soon() {
        let now = Utc::now();
        let later = Some(now + chrono::Duration::hours(5));
        let soon = Some(now + chrono::Duration::minutes(1));
        for (stages, expected) in [
            (vec![stage("resolve", 0, 1, 0, None)], true),
            (vec![stage("resolve", 1, 0, 0, None)], false),
            (vec![stage("ingest_album", 3, 1, 3, later)], true),
            (vec![stage("ingest_album", 3, 1, 2, later)], false),
            (vec![stage("ingest_album", 3, 1, 3, soon)], false),
            (
                vec![
                    stage("ingest_album", 3, 1, 3, later),
                    stage("identify_album", 1, 0, 0, None),
                ],
                false,
            ),
        ] {
            assert_eq!(is_over(&stages, now), expected, "{stages:?}");
        }
    }

    #[test]
    fn a_summary_counts_and_says_what_it_waits_for() {
        let until = Utc::now() + chrono::Duration::days(1);
        let stages = [
            stage("resolve", 0, 1, 0, None),
            stage("ingest_album", 3, 9, 3, Some(until)),
        ];
        let expected = format!(
            "albums brought in 9/12 · waiting until {}: the quota is used up",
            output::until(until)
        );
        assert_eq!(summary(&stages), expected);
        assert_eq!(counts(&stages), (10, 13));
    }
}
