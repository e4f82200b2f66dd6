//! What came of an ingestion: the producers, the tracks without one and why, and what a person has to see to.
//! Reading it and putting it in words are apart, so that the demo shows it, too.

use std::fmt::Write as _;

use serde_json::{Value, json};
use shared::domain::credits::Source;
use shared::domain::ids::IngestionId;
use shared::platform::db::Client;
use shared::store::work::ingestion_results::{self, IngestionProducer, UnproducedTracks};
use shared::store::work::ingestions::{self, TaskOutcome, TaskProblem, TaskProgress};
use shared::store::work::lookups::LookupOutcome;

use super::super::watching::stage_name;
use super::why::Why;
use crate::output::{self, Table, confidence, count, one_line_of};
use shared::upstreams::Clients;

/// More producers than these are no more to be read.
const SHOWN: usize = 40;

/// What came of an ingestion.
pub(in crate::commands) struct Results {
    id: IngestionId,
    stages: Vec<TaskProgress>,
    producers: Vec<IngestionProducer>,
    track_count: i64,
    missing: Vec<UnproducedTracks>,
    problems: Vec<TaskProblem>,
    why: Option<Why>,
}

impl Results {
    pub(in crate::commands) async fn read(
        client: &Client<'_>,
        id: IngestionId,
    ) -> Result<Self, tokio_postgres::Error> {
        Ok(Self {
            id,
            stages: ingestions::list_progress(client, id).await?,
            producers: ingestion_results::list_producers(client, id).await?,
            track_count: ingestion_results::count_tracks(client, id).await?,
            missing: ingestion_results::list_unproduced(client, id).await?,
            problems: ingestions::list_problems(client, id).await?,
            why: Why::read(client, id).await?,
        })
    }

    /// Whether nothing failed, is unclear or has to wait. A track that no source knows the producer of is no failure.
    pub(in crate::commands) fn is_all_found(&self) -> bool {
        self.stages
            .iter()
            .all(|stage| stage.waiting + stage.failed + stage.ambiguous == 0)
    }

    fn without_count(&self) -> i64 {
        self.missing.iter().map(|missing| missing.track_count).sum()
    }

    pub(in crate::commands) fn text(&self, clients: &Clients) -> String {
        let mut parts = Vec::new();
        if !self.producers.is_empty() {
            parts.push(producers(&self.producers));
        }
        parts.push(self.tracks_without(clients));
        parts.extend(self.why(false));
        if !self.is_all_found() {
            parts.push(self.left_over());
        }
        parts.join("\n\n")
    }

    /// What failed, is unclear or has to wait, and what to do about it.
    pub(in crate::commands) fn left_over(&self) -> String {
        let problems = self.problems.iter().map(problem);
        let waiting = self.stages.iter().filter(|stage| stage.waiting > 0).map(waiting);
        problems.chain(waiting).collect::<Vec<_>>().join("\n\n")
    }

    /// How many tracks have no producer, and why.
    pub(in crate::commands) fn tracks_without(&self, clients: &Clients) -> String {
        let without = self.without_count();
        if self.track_count == 0 {
            return "There are no tracks.".to_owned();
        }
        if without == 0 {
            return format!(
                "Of {}, none is without a producer.",
                count(self.track_count, "track")
            );
        }
        let mut text = format!(
            "{without} of {} have no producer:",
            count(self.track_count, "track")
        );
        for missing in &self.missing {
            let _ = write!(
                text,
                "\n  {:>5}  {}",
                missing.track_count,
                reason(missing, clients)
            );
        }
        let again = self.missing.iter().filter_map(|missing| missing.look_again_at);
        if let Some(again) = again.min() {
            let _ = write!(
                text,
                "\nThe sources are asked again from {}.",
                output::until(again)
            );
        }
        if let Some(off) = switched_off(clients) {
            let _ = write!(text, "\n{off}.");
        }
        text
    }

    /// Why one of the tracks has no producer, source by source, and where the missing credit can be added.
    pub(in crate::commands) fn why(&self, is_stand_in: bool) -> Option<String> {
        self.why.as_ref().map(|why| why.text(is_stand_in))
    }

    pub(in crate::commands) fn document(&self) -> Value {
        json!({
            "ingestion": self.id,
            "all_found": self.is_all_found(),
            "tracks": self.track_count,
            "tracks_without_producers": self.without_count(),
            "producers": self.producers.iter().map(|found| json!({
                "id": found.producer_id, "name": found.name, "tracks": found.track_count, "confidence": found.confidence,
                "all_tracks": found.all_track_count, "all_artists": found.all_artist_count,
            })).collect::<Vec<_>>(),
            "without_producers": self.missing.iter().map(missing_document).collect::<Vec<_>>(),
            "problems": self.problems.iter().map(|problem| json!({
                "kind": problem.kind, "subject": problem.subject, "outcome": problem.outcome, "detail": problem.detail,
            })).collect::<Vec<_>>(),
            "stages": self.stages.iter().map(|stage| json!({
                "kind": stage.kind, "waiting": stage.waiting, "snoozed": stage.snoozed, "snoozed_until": stage.snoozed_until,
                "snoozed_reason": stage.snoozed_reason, "done": stage.done, "failed": stage.failed, "ambiguous": stage.ambiguous,
            })).collect::<Vec<_>>(),
        })
    }
}

fn producers(found: &[IngestionProducer]) -> String {
    let mut table = Table::new(&[
        "#ID",
        "Producer",
        "#Tracks",
        "#Confidence",
        "#All tracks",
        "#All artists",
    ]);
    for producer in found.iter().take(SHOWN) {
        table.row([
            producer.producer_id.to_string(),
            producer.name.clone(),
            producer.track_count.to_string(),
            confidence(producer.confidence),
            producer.all_track_count.to_string(),
            producer.all_artist_count.to_string(),
        ]);
    }
    match found.len().saturating_sub(SHOWN) {
        0 => table.to_string(),
        more => format!("{table}\n… and {more} more (--json gives all)"),
    }
}

/// What every source that was asked said, and who is not asked at all.
fn reason(missing: &UnproducedTracks, clients: &Clients) -> String {
    if missing.lookups.is_empty() {
        let is_on = clients.musicbrainz.is_some() || clients.discogs.is_some() || clients.genius.is_some();
        return if is_on {
            "no source has been asked yet".to_owned()
        } else {
            "no source was asked: MusicBrainz is, where CONTACT is set".to_owned()
        };
    }
    let said: Vec<String> = missing
        .lookups
        .iter()
        .map(|(source, kind, outcome)| answer(*source, kind, *outcome))
        .collect();
    said.join("; ")
}

pub(super) fn answer(source: Source, kind: &str, outcome: LookupOutcome) -> String {
    let source: &str = output::source(source);
    match (outcome, kind) {
        (LookupOutcome::Found, "album") => {
            format!("{source} knows the album and names no producer of the track")
        }
        (LookupOutcome::Found, _) => format!("{source} knows the track and names no producer"),
        (LookupOutcome::NotFound, "album") => format!("{source} does not know the album"),
        (LookupOutcome::NotFound, _) => format!("{source} does not know the track"),
        (LookupOutcome::Blocked, _) => format!("{source} would not answer; it is asked again"),
        (LookupOutcome::Failed, _) => {
            format!("{source}'s answer could not be used; it is asked again")
        }
    }
}

/// The sources of credits that no setting switches on, in one line; None where all are asked.
fn switched_off(clients: &Clients) -> Option<String> {
    let off: Vec<&str> = [
        (clients.musicbrainz.is_none(), "MusicBrainz (CONTACT)"),
        (clients.discogs.is_none(), "Discogs (DISCOGS_TOKEN)"),
        (clients.genius.is_none(), "Genius (GENIUS_TOKEN)"),
    ]
    .into_iter()
    .filter_map(|(is_off, name)| is_off.then_some(name))
    .collect();
    (!off.is_empty()).then(|| format!("Not asked, as a setting is missing: {}", off.join(", ")))
}

fn missing_document(missing: &UnproducedTracks) -> Value {
    let asked: Vec<Value> = missing
        .lookups
        .iter()
        .map(|(source, kind, outcome)| json!({ "source": source, "asked_for": kind, "outcome": outcome }))
        .collect();
    json!({ "asked": asked, "look_again_at": missing.look_again_at, "tracks": missing.track_count })
}

fn problem(problem: &TaskProblem) -> String {
    let subject = one_line_of(
        problem
            .subject
            .trim_start_matches("name:")
            .trim_end_matches(" +appears_on"),
    );
    match problem.outcome {
        TaskOutcome::Ambiguous => {
            let candidates = candidates(&problem.detail);
            format!(
                "\"{subject}\" is several artists. Ask again for the one you mean, by the Spotify id:\n{candidates}"
            )
        }
        TaskOutcome::Failed | TaskOutcome::Done => {
            let reason = problem.detail["reason"]
                .as_str()
                .unwrap_or("the reason was not kept");
            format!(
                "Failed: {subject} ({}): {}",
                stage_name(&problem.kind),
                one_line_of(reason)
            )
        }
    }
}

/// The candidates for a name that fits several, with what is known to tell them apart.
fn candidates(detail: &Value) -> Table {
    let mut table = Table::new(&["Spotify id", "Artist", "Genres"]);
    for candidate in detail["candidates"].as_array().into_iter().flatten() {
        let text = |name: &str| candidate[name].as_str().unwrap_or_default().to_owned();
        let genres = candidate["genres"].as_array().into_iter().flatten();
        let genres: Vec<_> = genres.filter_map(Value::as_str).collect();
        table.row([text("spotify_artist_id"), text("name"), genres.join(", ")]);
    }
    table
}

fn waiting(stage: &TaskProgress) -> String {
    let steps = count(stage.waiting, "step");
    let until = stage.snoozed_until.map_or("later".to_owned(), |until| {
        format!("until {}", output::until(until))
    });
    let reason = stage.snoozed_reason.as_deref().unwrap_or("they have to wait");
    format!(
        "Waiting {until}: {steps} ({}), because {}. See to it or wait, then run the same command again; `linernotes up` goes on by itself.",
        stage_name(&stage.kind),
        one_line_of(reason)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ambiguous_name_lists_its_candidates() {
        let shown = problem(&TaskProblem {
            kind: "resolve".to_owned(),
            subject: "name:Nirvana".to_owned(),
            outcome: TaskOutcome::Ambiguous,
            detail: json!({ "candidates": [
                { "spotify_artist_id": "6olE6TJLqED3rqDCT0FyPh", "name": "Nirvana", "genres": ["grunge"] },
                { "spotify_artist_id": "7dIxU1XgxBIa3KJAWzaFAC", "name": "Nirvana" },
            ] }),
        });
        let expected = "\
\"Nirvana\" is several artists. Ask again for the one you mean, by the Spotify id:
Spotify id              Artist   Genres
6olE6TJLqED3rqDCT0FyPh  Nirvana  grunge
7dIxU1XgxBIa3KJAWzaFAC  Nirvana";
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_failure_says_why() {
        let shown = problem(&TaskProblem {
            kind: "ingest_album".to_owned(),
            subject: "1zXYNAA57WJ33GgZJHchhX".to_owned(),
            outcome: TaskOutcome::Failed,
            detail: json!({ "reason": "Spotify knows no such album:\ncheck the id" }),
        });
        assert_eq!(
            shown,
            "Failed: 1zXYNAA57WJ33GgZJHchhX (albums brought in): Spotify knows no such album: check the id"
        );
    }
}
