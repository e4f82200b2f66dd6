//! Shows the progress of an ingestion until it ends: a bar on a terminal, otherwise a line every few seconds.
//! The workers may run in this process or in another one.

use std::io::IsTerminal as _;
use std::time::Duration;

use chrono::{DateTime, Utc};
use indicatif::{ProgressBar, ProgressStyle};
use shared::domain::ids::IngestionId;
use shared::platform::db::Pool;
use shared::store::work::ingestions::{self, TaskProgress};
use tokio::time::Instant;

use crate::output;

const POLL_EVERY: Duration = Duration::from_millis(250);
const LINE_EVERY: Duration = Duration::from_secs(5);
/// Long enough for the pause that a source asks for. Longer snoozes, such as a used up quota or a missing
/// setting, are not waited for.
const MAX_SNOOZE: chrono::Duration = chrono::Duration::minutes(5);

/// The progress of an ingestion on standard error.
pub(super) enum IngestionProgress {
    Hidden,
    Bar(ProgressBar),
    Lines {
        started_at: Instant,
        last: Option<(Instant, String)>,
    },
}

impl IngestionProgress {
    /// A bar or lines, depending on whether standard error is a terminal; hidden if `is_visible` is false.
    pub(super) fn new(is_visible: bool) -> Self {
        if !is_visible {
            return Self::Hidden;
        }
        if !std::io::stderr().is_terminal() {
            return Self::Lines {
                started_at: Instant::now(),
                last: None,
            };
        }
        let style = ProgressStyle::with_template("{spinner} [{bar:24}] {wide_msg}")
            .expect("the template is valid")
            .progress_chars("=> ");
        let bar = ProgressBar::new(0).with_style(style);
        bar.enable_steady_tick(POLL_EVERY);
        Self::Bar(bar)
    }

    fn show(&mut self, stages: &[TaskProgress]) {
        let line = summary(stages);
        match self {
            Self::Hidden => {}
            Self::Bar(bar) => {
                let (done, all) = counts(stages);
                bar.set_length(all);
                bar.set_position(done);
                bar.set_message(line);
            }
            Self::Lines { started_at, last } => {
                let is_due = last
                    .as_ref()
                    .is_none_or(|(at, printed)| at.elapsed() >= LINE_EVERY && *printed != line);
                if is_due {
                    output::say(format!("[{:3} s] {line}", started_at.elapsed().as_secs()));
                    *last = Some((Instant::now(), line));
                }
            }
        }
    }

    /// Removes the bar.
    pub(super) fn end(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

/// Waits until no step of the ingestion is waiting, except for steps that are snoozed for long. Returns the
/// counts per stage.
pub(super) async fn watch(
    pool: &Pool,
    id: IngestionId,
    progress: &mut IngestionProgress,
) -> anyhow::Result<Vec<TaskProgress>> {
    loop {
        let stages = ingestions::list_progress(&pool.client().await?, id).await?;
        progress.show(&stages);
        if is_over(&stages, pool.now()) {
            return Ok(stages);
        }
        tokio::time::sleep(POLL_EVERY).await;
    }
}

fn is_over(stages: &[TaskProgress], now: DateTime<Utc>) -> bool {
    stages.iter().all(|stage| {
        let is_snoozed_long = stage.snoozed_until.is_some_and(|until| until > now + MAX_SNOOZE);
        stage.waiting == 0 || (stage.waiting == stage.snoozed && is_snoozed_long)
    })
}

fn counts(stages: &[TaskProgress]) -> (u64, u64) {
    let ended: i64 = stages.iter().map(ended).sum();
    let waiting: i64 = stages.iter().map(|stage| stage.waiting).sum();
    (ended.unsigned_abs(), (ended + waiting).unsigned_abs())
}

fn ended(stage: &TaskProgress) -> i64 {
    stage.done + stage.failed + stage.ambiguous + stage.cancelled
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
    let snoozed = stages.iter().filter_map(|stage| {
        let until = stage.snoozed_until?;
        Some((
            until,
            stage.snoozed_reason.as_deref().unwrap_or("the work is postponed"),
        ))
    });
    if let Some((until, reason)) = snoozed.min() {
        parts.push(format!(
            "waiting until {}: {}",
            output::format_time(until),
            output::single_line(reason)
        ));
    }
    parts.join(" · ")
}

/// What the steps of this kind produce.
pub(super) fn stage_name(kind: &str) -> &str {
    match kind {
        "resolve" => "names resolved",
        "ingest_artist" => "album lists",
        "ingest_album" => "albums imported",
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
            cancelled: 0,
        }
    }

    #[test]
    fn an_ingestion_is_over_if_only_long_snoozes_are_left() {
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
    fn a_summary_has_counts_and_the_reason_for_waiting() {
        let until = Utc::now() + chrono::Duration::days(1);
        let stages = [
            stage("resolve", 0, 1, 0, None),
            stage("ingest_album", 3, 9, 3, Some(until)),
        ];
        let expected = format!(
            "albums imported 9/12 · waiting until {}: the quota is used up",
            output::format_time(until)
        );
        assert_eq!(summary(&stages), expected);
        assert_eq!(counts(&stages), (10, 13));
    }
}
