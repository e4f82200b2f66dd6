//! The result of an ingestion: the producers, the tracks without one and why, and what needs attention.

use std::fmt::Write as _;

use serde_json::{Value, json};
use shared::domain::ids::IngestionId;
use shared::platform::db::Client;
use shared::store::work::ingestion_results::{self, IngestionProducer, UnproducedTracks};
use shared::store::work::ingestions::{self, TaskOutcome, TaskProblem, TaskProgress};
use shared::upstreams::Clients;

use super::lookups::{answers_text, disabled_sources};
use crate::commands::ingest::missing_credits::UncreditedTrack;
use crate::commands::ingestion_progress::stage_name;
use crate::output::{self, TextTable, count, format_confidence, single_line, wrapped};

/// Maximum number of producers in the text.
const MAX_PRODUCERS: usize = 40;

/// The result of an ingestion.
pub(crate) struct IngestionReport {
    id: IngestionId,
    stages: Vec<TaskProgress>,
    producers: Vec<IngestionProducer>,
    track_count: i64,
    missing: Vec<UnproducedTracks>,
    problems: Vec<TaskProblem>,
    example: Option<UncreditedTrack>,
}

impl IngestionReport {
    pub(crate) async fn read(client: &Client<'_>, id: IngestionId) -> Result<Self, tokio_postgres::Error> {
        Ok(Self {
            id,
            stages: ingestions::list_progress(client, id).await?,
            producers: ingestion_results::list_producers(client, id).await?,
            track_count: ingestion_results::count_tracks(client, id).await?,
            missing: ingestion_results::list_unproduced(client, id).await?,
            problems: ingestions::list_problems(client, id).await?,
            example: UncreditedTrack::read(client, id).await?,
        })
    }

    /// Whether no step failed, is ambiguous, was cancelled or has to wait. A track whose producer no source
    /// knows is not a failure.
    pub(crate) fn is_complete(&self) -> bool {
        self.stages
            .iter()
            .all(|stage| stage.waiting + stage.failed + stage.ambiguous + stage.cancelled == 0)
    }

    fn missing_count(&self) -> i64 {
        self.missing.iter().map(|missing| missing.track_count).sum()
    }

    pub(crate) fn text(&self, clients: &Clients) -> String {
        let mut parts = Vec::new();
        if !self.producers.is_empty() {
            parts.push(producers_text(&self.producers));
        }
        parts.push(self.missing_text(clients));
        parts.extend(self.example_text(false));
        if !self.is_complete() {
            parts.push(self.problems_text());
        }
        parts.join("\n\n")
    }

    /// The steps that failed, are ambiguous, were cancelled or have to wait, and what to do about them.
    pub(crate) fn problems_text(&self) -> String {
        let problems = self.problems.iter().map(problem_text);
        let cancelled = self.stages.iter().filter(|stage| stage.cancelled > 0);
        let cancelled = cancelled.map(|stage| {
            let steps = count(stage.cancelled, "step");
            format!("Cancelled: {steps} ({}).", stage_name(&stage.kind))
        });
        let waiting = self.stages.iter().filter(|stage| stage.waiting > 0);
        let waiting = waiting.map(waiting_text);
        problems
            .chain(cancelled)
            .chain(waiting)
            .collect::<Vec<_>>()
            .join("\n\n")
    }

    /// The number of tracks without a producer, and why.
    pub(crate) fn missing_text(&self, clients: &Clients) -> String {
        let missing_count = self.missing_count();
        if self.track_count == 0 {
            return "No tracks found.".to_owned();
        }
        if missing_count == 0 {
            return format!(
                "Every track has a producer ({}).",
                count(self.track_count, "track")
            );
        }
        let mut text = format!(
            "{missing_count} of {} have no producer:",
            count(self.track_count, "track")
        );
        for missing in &self.missing {
            let _ = write!(
                text,
                "\n  {:>5}  {}",
                missing.track_count,
                answers_text(missing, clients)
            );
        }
        let next_lookups = self.missing.iter().filter_map(|missing| missing.look_again_at);
        if let Some(next_lookup) = next_lookups.min() {
            let _ = write!(
                text,
                "\nThe sources will be asked again from {}.",
                output::format_time(next_lookup)
            );
        }
        if let Some(disabled) = disabled_sources(clients) {
            let _ = write!(text, "\n{disabled}.");
        }
        text
    }

    /// One of the tracks without a producer: each source's answer, and where to add the missing credit.
    pub(crate) fn example_text(&self, is_stand_in: bool) -> Option<String> {
        self.example.as_ref().map(|track| track.text(is_stand_in))
    }

    pub(crate) fn document(&self) -> Value {
        json!({
            "ingestion": self.id,
            "all_found": self.is_complete(),
            "tracks": self.track_count,
            "tracks_without_producers": self.missing_count(),
            "producers": self.producers.iter().map(|producer| json!({
                "id": producer.producer_id, "name": producer.name, "tracks": producer.track_count,
                "confidence": producer.confidence, "all_tracks": producer.all_track_count,
                "all_artists": producer.all_artist_count,
            })).collect::<Vec<_>>(),
            "without_producers": self.missing.iter().map(missing_document).collect::<Vec<_>>(),
            "problems": self.problems.iter().map(problem_document).collect::<Vec<_>>(),
            "stages": self.stages.iter().map(stage_document).collect::<Vec<_>>(),
        })
    }
}

fn producers_text(producers: &[IngestionProducer]) -> String {
    let mut table = TextTable::new(&[
        "#ID",
        "Producer",
        "#Tracks",
        "#Confidence",
        "#All tracks",
        "#All artists",
    ]);
    for producer in producers.iter().take(MAX_PRODUCERS) {
        table.row([
            producer.producer_id.to_string(),
            producer.name.clone(),
            producer.track_count.to_string(),
            format_confidence(producer.confidence),
            producer.all_track_count.to_string(),
            producer.all_artist_count.to_string(),
        ]);
    }
    match producers.len().saturating_sub(MAX_PRODUCERS) {
        0 => table.to_string(),
        more => format!("{table}\n… and {more} more (list all with --json)"),
    }
}

fn missing_document(missing: &UnproducedTracks) -> Value {
    let answers: Vec<Value> = missing
        .lookups
        .iter()
        .map(|(source, kind, outcome)| json!({ "source": source, "asked_for": kind, "outcome": outcome }))
        .collect();
    json!({ "asked": answers, "look_again_at": missing.look_again_at, "tracks": missing.track_count })
}

/// The progress of the steps of one kind as JSON.
pub(in crate::commands) fn stage_document(stage: &TaskProgress) -> Value {
    json!({
        "kind": stage.kind, "waiting": stage.waiting, "snoozed": stage.snoozed,
        "snoozed_until": stage.snoozed_until, "snoozed_reason": stage.snoozed_reason,
        "done": stage.done, "failed": stage.failed, "ambiguous": stage.ambiguous,
        "cancelled": stage.cancelled,
    })
}

/// A step that failed or is ambiguous as JSON.
pub(in crate::commands) fn problem_document(problem: &TaskProblem) -> Value {
    json!({
        "kind": problem.kind, "subject": problem.subject, "outcome": problem.outcome,
        "detail": problem.detail,
    })
}

/// A step that failed or is ambiguous, and what to do about it.
pub(in crate::commands) fn problem_text(problem: &TaskProblem) -> String {
    let subject = single_line(
        problem
            .subject
            .trim_start_matches("name:")
            .trim_end_matches(" +appears_on"),
    );
    match problem.outcome {
        TaskOutcome::Ambiguous => {
            let candidates = candidates(&problem.detail);
            format!(
                "\"{subject}\" is the name of several artists.\n\
                 Run the command again with the right id:\n{candidates}"
            )
        }
        TaskOutcome::Failed | TaskOutcome::Done | TaskOutcome::Cancelled => {
            let text = |name: &str| problem.detail[name].as_str();
            let reason = text("error")
                .or_else(|| text("reason"))
                .unwrap_or("the reason was not recorded");
            wrapped(
                &format!("Failed: {subject} ({}): {reason}", stage_name(&problem.kind)),
                "  ",
            )
        }
    }
}

/// The artists that an ambiguous name may mean.
fn candidates(detail: &Value) -> TextTable {
    let mut table = TextTable::new(&["Id", "Artist", "Known as"]);
    for candidate in detail["candidates"].as_array().into_iter().flatten() {
        let text = |name: &str| candidate[name].as_str().filter(|text| !text.is_empty());
        let id = match text("artist_mbid") {
            Some(mbid) => format!("mbid:{mbid}"),
            None => text("spotify_artist_id").unwrap_or_default().to_owned(),
        };
        let genres = candidate["genres"].as_array().into_iter().flatten();
        let known_as = genres
            .filter_map(Value::as_str)
            .chain(text("disambiguation"))
            .chain(text("area"));
        let known_as: Vec<_> = known_as.collect();
        table.row([
            id,
            text("name").unwrap_or_default().to_owned(),
            known_as.join(", "),
        ]);
    }
    table
}

fn waiting_text(stage: &TaskProgress) -> String {
    let steps = count(stage.waiting, "step");
    let until = stage.snoozed_until.map_or("later".to_owned(), |until| {
        format!("until {}", output::format_time(until))
    });
    let reason = stage.snoozed_reason.as_deref().unwrap_or("the work is postponed");
    format!(
        "Waiting {until}: {steps} ({}).\n\
         Reason: {}\n\
         Solve this or wait, then run the same command again. `linernotes up` resumes automatically.",
        stage_name(&stage.kind),
        single_line(reason)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ambiguous_name_lists_its_candidates() {
        let text = problem_text(&TaskProblem {
            kind: "resolve".to_owned(),
            subject: "name:Nirvana".to_owned(),
            outcome: TaskOutcome::Ambiguous,
            detail: json!({ "candidates": [
                { "spotify_artist_id": "6olE6TJLqED3rqDCT0FyPh", "name": "Nirvana", "genres": ["grunge"] },
                { "spotify_artist_id": "7dIxU1XgxBIa3KJAWzaFAC", "name": "Nirvana" },
                { "artist_mbid": "9282c8b4-ca0b-4c6b-b7e3-4f7762dfc4d6", "name": "Nirvana",
                  "disambiguation": "60s band from the UK", "area": "United Kingdom" },
                { "artist_mbid": "5b11f4ce-a62d-471e-81fc-a69a8278c7da", "name": "Nirvana",
                  "disambiguation": "", "area": null },
            ] }),
        });
        let expected = "\
\"Nirvana\" is the name of several artists.
Run the command again with the right id:
Id                                         Artist   Known as
6olE6TJLqED3rqDCT0FyPh                     Nirvana  grunge
7dIxU1XgxBIa3KJAWzaFAC                     Nirvana
mbid:9282c8b4-ca0b-4c6b-b7e3-4f7762dfc4d6  Nirvana  60s band from the UK, United
                                                    Kingdom
mbid:5b11f4ce-a62d-471e-81fc-a69a8278c7da  Nirvana";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_failure_says_why() {
        let text = problem_text(&TaskProblem {
            kind: "ingest_album".to_owned(),
            subject: "1zXYNAA57WJ33GgZJHchhX".to_owned(),
            outcome: TaskOutcome::Failed,
            detail: json!({ "reason": "Spotify knows no such album:\ncheck the id" }),
        });
        assert_eq!(
            text,
            "Failed: 1zXYNAA57WJ33GgZJHchhX (albums imported): Spotify knows no such album:\n  check the id"
        );
    }
}
