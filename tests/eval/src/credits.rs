//! Evaluates whether the wording of a role makes the right kind of producer, and whether a track range covers
//! the right tracks. The labels distinguish fewer kinds than our roles, so roles are mapped to labels. Lists
//! the wordings that no rule reads.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use shared::domain::credits::Role;
use shared::domain::roles::{roles_from_wording, unknown_words};
use shared::domain::track_ranges::{self, TracklistEntry};

use super::report::{Disagreement, EvaluationReport, share};

/// A labelled wording of a role.
#[derive(Debug, Deserialize)]
pub(super) struct RoleRow {
    role: String,
    occurrences: usize,
    label: String,
}

/// A credit of a release.
#[derive(Debug, Deserialize)]
pub(super) struct CreditRow {
    role: String,
}

/// A labelled track range.
#[derive(Debug, Deserialize)]
pub(super) struct RangeRow {
    release_id: String,
    positions: String,
    titles: String,
    tracks: String,
    expected: String,
}

/// Scores of the role wordings.
#[derive(Debug, Serialize)]
pub(crate) struct RoleScores {
    /// Share of right answers, each wording weighted by how often it occurs.
    pub(crate) accuracy: f64,
}

/// Scores of the track ranges.
#[derive(Debug, Serialize)]
pub(crate) struct RangeScores {
    /// Share of ranges resolved to exactly the label's tracks, or left open like the label.
    pub(crate) exact: f64,
    /// Share of ranges resolved to other tracks. A range that is left open is not wrong.
    pub(crate) wrong: f64,
}

pub(super) fn score_roles(rows: &[RoleRow], report: &mut EvaluationReport) -> RoleScores {
    let (mut right, mut all) = (0, 0);
    let mut disagreements = Vec::new();
    for row in rows {
        let expected: BTreeSet<&str> = row
            .label
            .split('+')
            .map(str::trim)
            .filter(|label| makes_a_producer(label))
            .collect();
        let answer: BTreeSet<&str> = roles_from_wording(&row.role)
            .iter()
            .filter_map(|wording| label_of(wording.role))
            .collect();
        all += row.occurrences;
        if answer == expected {
            right += row.occurrences;
        } else {
            disagreements.push(Disagreement {
                weight: row.occurrences,
                row: format!("{} ×{}", row.role, row.occurrences),
                label: row.label.clone(),
                answer: answer.into_iter().collect::<Vec<_>>().join("+"),
            });
        }
    }
    let summary = format!(
        "{right} of {all} occurrences of {} wordings read right",
        rows.len()
    );
    let wrong_wordings = disagreements.len();
    report.add("credit roles", summary, disagreements);
    // Occurrences of one wording are not independent, so the interval counts wordings.
    report.add_share("right role, of wordings", rows.len() - wrong_wordings, rows.len());
    RoleScores {
        accuracy: share(right, all),
    }
}

/// Lists the wordings that no rule reads, the most frequent first: those about production with unknown words,
/// and those without a role of music.
pub(super) fn list_unread_wordings(
    labelled: &[RoleRow],
    credits: &[CreditRow],
    report: &mut EvaluationReport,
) {
    let labelled = labelled.iter().map(|row| (row.role.as_str(), row.occurrences));
    let credits = credits.iter().map(|row| (row.role.as_str(), 1));
    let (mut production, mut others) = (BTreeMap::new(), BTreeMap::new());
    for (role, occurrences) in labelled.chain(credits) {
        for wording in roles_from_wording(role) {
            let unknown = unknown_words(wording.text).join(" ");
            let list = match (wording.role, unknown.as_str()) {
                (Role::Other, "") => &mut others,
                (_, "") => continue,
                _ => &mut production,
            };
            let entry = list.entry(wording.text).or_insert((0, unknown, wording.role));
            entry.0 += occurrences;
        }
    }
    for (name, list) in [
        (
            "wordings about production with words that no rule knows (as LABEL)",
            production,
        ),
        ("wordings that make no role of music", others),
    ] {
        let summary = list.len().to_string();
        let rows = list
            .into_iter()
            .map(|(text, (occurrences, unknown, role))| Disagreement {
                weight: occurrences,
                row: format!("{text} ×{occurrences}"),
                label: unknown,
                answer: role.as_str().to_owned(),
            });
        report.add(name, summary, rows.collect());
    }
}

/// Whether a label stands for a music producer. Film, reissue and compilation producers are not.
fn makes_a_producer(label: &str) -> bool {
    !matches!(label, "not_producer" | "other_producer")
}

/// The label of a role; `None` for roles that make no producer.
fn label_of(role: Role) -> Option<&'static str> {
    match role {
        // The labels do not distinguish assistant, associate and vocal producers.
        Role::Producer | Role::AssistantProducer | Role::AssociateProducer | Role::VocalProducer => {
            Some("producer")
        }
        Role::CoProducer => Some("co_producer"),
        Role::AdditionalProducer => Some("additional_producer"),
        Role::ExecutiveProducer => Some("executive_producer"),
        // A wording alone has no date, and without one a supervisor makes no producer.
        Role::Supervisor => None,
        Role::Remixer
        | Role::Mixer
        | Role::Engineer
        | Role::Arranger
        | Role::Programmer
        | Role::Writer
        | Role::Performer
        | Role::Other => None,
    }
}

pub(super) fn score_ranges(rows: &[RangeRow], report: &mut EvaluationReport) -> RangeScores {
    let (mut exact, mut wrong, mut left_open) = (0, 0, 0);
    let mut disagreements = Vec::new();
    for row in rows {
        let answer = covered_positions(row);
        let is_open = row.expected == "?";
        left_open += usize::from(answer.is_none());
        let is_exact = match &answer {
            Some(answer) => !is_open && *answer == row.expected,
            None => is_open,
        };
        if is_exact {
            exact += 1;
            continue;
        }
        wrong += usize::from(answer.is_some());
        disagreements.push(Disagreement {
            weight: usize::from(answer.is_some()),
            row: format!("{}: {}", row.release_id, row.tracks),
            label: row.expected.clone(),
            answer: answer.unwrap_or_else(|| "left open".to_owned()),
        });
    }
    let summary = format!(
        "{exact} of {} exact, {wrong} wrong, the rest left open",
        rows.len()
    );
    report.add("track ranges", summary, disagreements);
    let resolved = rows.len() - left_open;
    report.add_share(
        "right tracks, of ranges that are resolved",
        resolved - wrong,
        resolved,
    );
    RangeScores {
        exact: report.add_share("range resolved, or left open, like the label", exact, rows.len()),
        wrong: share(wrong, rows.len()),
    }
}

/// The positions that a range covers, joined like the label; `None` if it is left open.
fn covered_positions(row: &RangeRow) -> Option<String> {
    let positions: Vec<&str> = row.positions.split('|').collect();
    let titles: Vec<&str> = row.titles.split('|').collect();
    let entries: Vec<TracklistEntry> = positions
        .iter()
        .enumerate()
        .map(|(place, position)| TracklistEntry {
            position,
            title: titles.get(place).copied().unwrap_or_default(),
        })
        .collect();
    let places = track_ranges::resolve(&row.tracks, &entries)?;
    let covered: Vec<&str> = places.iter().map(|&place| positions[place]).collect();
    Some(covered.join("|"))
}
