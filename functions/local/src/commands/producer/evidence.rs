//! Prints the evidence for a producer's tracks. Tracks of an album with the same evidence share one entry.

#[cfg(test)]
mod tests;

use chrono::DateTime;
use serde::Serialize;
use shared::domain::credits::Source;
use shared::store::credits::credit_overrides::CreditOverride;
use shared::store::credits::track_credits::TrackCredit;
use shared::store::producers::producer_tracks::ProducedSong;
use unicode_width::UnicodeWidthStr as _;

use crate::output::{self, single_line};

/// Maximum width of a line of titles, for a terminal of 100 columns.
const MAX_WIDTH: usize = 98;
const TITLE_INDENT: &str = "        ";

/// A track with the credits that name the producer.
#[derive(Debug, Serialize)]
pub(super) struct TrackEvidence {
    #[serde(flatten)]
    pub(super) track: ProducedSong,
    pub(super) credits: Vec<TrackCredit>,
    /// The confirmation by a person, if there is one.
    pub(super) verdict: Option<CreditOverride>,
}

/// Tracks with the same evidence, except for the records that the credits come from.
struct EvidenceGroup {
    heading: String,
    statements: Vec<String>,
    fact: Option<String>,
    /// Titles, each with one record per statement.
    tracks: Vec<(String, Vec<String>)>,
}

/// The evidence by album, in the order of the tracks. `fact` returns the public source of a credit that a
/// stand-in upstream stated.
pub(super) fn lines(tracks: &[TrackEvidence], fact: &dyn Fn(&ProducedSong) -> Option<String>) -> Vec<String> {
    let mut groups: Vec<EvidenceGroup> = Vec::new();
    for evidence in tracks {
        let group = EvidenceGroup::new(evidence, fact(&evidence.track));
        match groups.iter_mut().find(|other| other.has_same_evidence(&group)) {
            Some(same) => same.tracks.extend(group.tracks),
            None => groups.push(group),
        }
    }
    groups.iter().flat_map(EvidenceGroup::lines).collect()
}

impl EvidenceGroup {
    fn new(evidence: &TrackEvidence, fact: Option<String>) -> Self {
        let track = &evidence.track;
        let claims = claims(&evidence.credits);
        let statements = claims
            .iter()
            .map(|(credit, raw_roles)| statement(credit, raw_roles, fact.is_some()));
        let records = claims.iter().map(|(credit, _)| record(credit));
        Self {
            heading: heading(track, evidence.verdict.as_ref()),
            statements: statements.collect(),
            tracks: vec![(single_line(&track.name), records.collect())],
            fact,
        }
    }

    fn has_same_evidence(&self, other: &Self) -> bool {
        (&self.heading, &self.statements, &self.fact) == (&other.heading, &other.statements, &other.fact)
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.heading.clone()];
        if let Some(fact) = &self.fact {
            // The stand-in's records have no page to link to.
            lines.extend(
                self.statements
                    .iter()
                    .map(|statement| format!("      {statement}")),
            );
            lines.push(format!("      real source: {fact}"));
            lines.extend(wrapped(self.tracks.iter().map(|(title, _)| title)));
            return lines;
        }
        for (index, statement) in self.statements.iter().enumerate() {
            lines.push(match self.common_record(index) {
                Some(record) => format!("      {statement}: {record}"),
                None => format!("      {statement}"),
            });
        }
        let max_width = self.tracks.iter().map(|(title, _)| title.width()).max();
        for (title, records) in &self.tracks {
            let own_records = records
                .iter()
                .enumerate()
                .filter(|(index, _)| self.common_record(*index).is_none());
            let own_records: Vec<&str> = own_records.map(|(_, record)| record.as_str()).collect();
            let padding = " ".repeat(max_width.unwrap_or(0) - title.width());
            let line = format!("{TITLE_INDENT}{title}{padding}  {}", own_records.join(" "));
            lines.push(line.trim_end().to_owned());
        }
        lines
    }

    /// The record that a statement comes from, if it is the same for all tracks.
    fn common_record(&self, index: usize) -> Option<&str> {
        let mut records = self.tracks.iter().map(|(_, records)| &records[index]);
        let first = records.next()?;
        records.all(|record| record == first).then_some(first)
    }
}

/// Groups credits that differ only in role, range and date, and lists the wordings of their roles.
fn claims(credits: &[TrackCredit]) -> Vec<(&TrackCredit, Vec<String>)> {
    let statement = |credit: &TrackCredit| TrackCredit {
        covers: String::new(),
        track_range: None,
        role: String::new(),
        raw_role: String::new(),
        first_seen_at: DateTime::UNIX_EPOCH,
        ..credit.clone()
    };
    let mut claims: Vec<(TrackCredit, &TrackCredit, Vec<String>)> = Vec::new();
    for credit in credits {
        let (stated, raw_role) = (statement(credit), single_line(&credit.raw_role));
        match claims.iter_mut().find(|(first, ..)| *first == stated) {
            Some((.., raw_roles)) if raw_roles.contains(&raw_role) => {}
            Some((.., raw_roles)) => raw_roles.push(raw_role),
            None => claims.push((stated, credit, vec![raw_role])),
        }
    }
    let claims = claims.into_iter();
    claims.map(|(_, credit, raw_roles)| (credit, raw_roles)).collect()
}

fn heading(track: &ProducedSong, verdict: Option<&CreditOverride>) -> String {
    let year = track.album.release_date.as_deref();
    let artists: Vec<_> = track
        .artists
        .iter()
        .map(|artist| single_line(&artist.name))
        .collect();
    let roles: Vec<String> = track
        .roles
        .iter()
        .map(|role| role.parse().map_or_else(|_| role.clone(), output::role_name))
        .collect();
    let verdict = verdict.map_or_else(String::new, |verdict| {
        format!(
            ", {} by {}: {}",
            verdict.verdict,
            single_line(&verdict.decided_by),
            single_line(&verdict.reason)
        )
    });
    format!(
        "{}  {} · {}: {} ({:.2}){verdict}",
        year.and_then(|date| date.get(..4)).unwrap_or("    "),
        single_line(&track.album.name),
        artists.join(", "),
        roles.join(", "),
        track.confidence
    )
}

fn statement(credit: &TrackCredit, raw_roles: &[String], is_stand_in: bool) -> String {
    let note = credit
        .note
        .as_deref()
        .map_or_else(String::new, |note| format!(" ({})", single_line(note)));
    // A person names the track directly; no record had to be matched.
    let match_text = if credit.source == Source::Manual.as_str() {
        note
    } else {
        let matched = match &credit.known_from {
            Some(entity) => format!("copied from our {entity}"),
            None => match_method(&credit.matched_by),
        };
        format!(" ({} {matched})", credit.record_kind)
    };
    let reservation = if credit.counts {
        ""
    } else {
        ", which does not count"
    };
    format!(
        "{}{} credits \"{}\" as \"{}\"{match_text}{reservation}",
        if is_stand_in { "the stand-in for " } else { "" },
        stored_source_name(&credit.source),
        single_line(&credit.credited_as),
        raw_roles.join("\" and \""),
    )
}

/// How the record was matched to our track or album.
fn match_method(matched_by: &str) -> String {
    match matched_by {
        "own" => "imported directly".to_owned(),
        other => format!("matched by {}", other.replace('_', " ")),
    }
}

/// The web page of the record that a credit comes from, or its kind and id.
fn record(credit: &TrackCredit) -> String {
    let page = credit
        .source
        .parse()
        .ok()
        .and_then(|source: Source| source.record_url(&credit.record_kind, &credit.record_id));
    page.unwrap_or_else(|| single_line(&format!("{} {}", credit.record_kind, credit.record_id)))
}

/// The name of a source, given as the database stores it.
pub(super) fn stored_source_name(word: &str) -> &str {
    match word.parse::<Source>() {
        Ok(source) => source.name(),
        Err(_) => word,
    }
}

/// Titles separated by dots, wrapped into lines.
fn wrapped<'a>(titles: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for title in titles {
        match lines.last_mut() {
            Some(line) if line.width() + 3 + title.width() <= MAX_WIDTH => {
                line.push_str(" · ");
                line.push_str(title);
            }
            _ => lines.push(format!("{TITLE_INDENT}{title}")),
        }
    }
    lines
}
