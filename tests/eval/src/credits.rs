//! Whether a wording makes the right kind of producer, and whether a range covers the right tracks. Labels tell fewer kinds apart than our
//! roles do, so ours are brought down to theirs.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use shared::domain::credits::Role;
use shared::domain::roles::roles_from_wording;
use shared::domain::track_ranges::{self, TracklistEntry};

use super::report::{Disagreement, Report};
use super::share;

/// A labelled wording of a role.
#[derive(Debug, Deserialize)]
pub(super) struct RoleRow {
    role: String,
    occurrences: usize,
    label: String,
}

/// A labelled range of tracks.
#[derive(Debug, Deserialize)]
pub(super) struct RangeRow {
    release_id: String,
    positions: String,
    titles: String,
    tracks: String,
    expected: String,
}

/// How wordings were read.
#[derive(Debug, Serialize)]
pub struct Roles {
    /// The share read right, each wording as often as it occurs.
    pub accuracy: f64,
}

/// How ranges were resolved.
#[derive(Debug, Serialize)]
pub struct Ranges {
    /// The share whose tracks are exactly those of the label, or that are left open where the label leaves them open.
    pub exact: f64,
    /// The share resolved to other tracks; one that is left open is not wrong.
    pub wrong: f64,
}

pub(super) fn roles(rows: &[RoleRow], report: &mut Report) -> Roles {
    let (mut right, mut all) = (0, 0);
    let mut disagreements = Vec::new();
    for row in rows {
        let expected: BTreeSet<&str> = row
            .label
            .split('+')
            .map(str::trim)
            .filter(|label| makes_a_producer(label))
            .collect();
        let made: BTreeSet<&str> = roles_from_wording(&row.role)
            .iter()
            .filter_map(|wording| label_of(wording.role))
            .collect();
        all += row.occurrences;
        if made == expected {
            right += row.occurrences;
        } else {
            disagreements.push(Disagreement {
                weight: row.occurrences,
                row: format!("{} ×{}", row.role, row.occurrences),
                label: row.label.clone(),
                made: made.into_iter().collect::<Vec<_>>().join("+"),
            });
        }
    }
    let summary = format!(
        "{right} of {all} occurrences of {} wordings read right",
        rows.len()
    );
    report.add("credit roles", summary, disagreements);
    Roles {
        accuracy: share(right, all),
    }
}

/// Those of films, reissues and compilations make no producer of music, as little as those of other roles.
fn makes_a_producer(label: &str) -> bool {
    !matches!(label, "not_producer" | "other_producer")
}

/// The label that a role would have.
fn label_of(role: Role) -> Option<&'static str> {
    match role {
        // The labels know no assistants, associates and producers of vocals apart.
        Role::Producer | Role::AssistantProducer | Role::AssociateProducer | Role::VocalProducer => {
            Some("producer")
        }
        Role::CoProducer => Some("co_producer"),
        Role::AdditionalProducer => Some("additional_producer"),
        Role::ExecutiveProducer => Some("executive_producer"),
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

pub(super) fn ranges(rows: &[RangeRow], report: &mut Report) -> Ranges {
    let (mut exact, mut wrong) = (0, 0);
    let mut disagreements = Vec::new();
    for row in rows {
        let made = covered(row);
        let is_open = row.expected == "?";
        let is_exact = match &made {
            Some(made) => !is_open && *made == row.expected,
            None => is_open,
        };
        if is_exact {
            exact += 1;
            continue;
        }
        wrong += usize::from(made.is_some());
        disagreements.push(Disagreement {
            weight: usize::from(made.is_some()),
            row: format!("{}: {}", row.release_id, row.tracks),
            label: row.expected.clone(),
            made: made.unwrap_or_else(|| "left open".to_owned()),
        });
    }
    let summary = format!(
        "{exact} of {} exact, {wrong} wrong, the rest left open",
        rows.len()
    );
    report.add("track ranges", summary, disagreements);
    Ranges {
        exact: share(exact, rows.len()),
        wrong: share(wrong, rows.len()),
    }
}

fn covered(row: &RangeRow) -> Option<String> {
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
