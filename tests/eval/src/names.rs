//! Evaluates whether two names are the same producer, compared as names without a source id are, and whether
//! a printed name with an id belongs to the right producer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::domain::names::{source_identity, unlinked_key};

use super::report::{Disagreement, EvaluationReport};

/// A labelled pair of names.
#[derive(Debug, Deserialize)]
pub(super) struct NamePairRow {
    canonical: String,
    variant: String,
    label: String,
    kind: String,
}

/// Two names of different people.
#[derive(Debug, Deserialize)]
pub(super) struct DifferentNamesRow {
    name_a: String,
    name_b: String,
    kind: String,
}

/// A credit whose printed name is not the artist's.
#[derive(Debug, Deserialize)]
pub(super) struct PrintedNameRow {
    release_id: String,
    artist_id: String,
    name: String,
    name_as_credited: String,
}

/// Scores of the name pairs.
#[derive(Debug, Serialize)]
pub(crate) struct NamePairScores {
    /// Of the pairs of one person, the share merged by name alone.
    pub(crate) same_recall: f64,
    /// Pairs of different people that were merged.
    pub(crate) false_merges: usize,
    /// Pairs of different people.
    pub(crate) pairs_different: usize,
}

/// Scores of the printed names.
#[derive(Debug, Serialize)]
pub(crate) struct PrintedNameScores {
    /// Share of names that belong to the right identity.
    pub(crate) right: f64,
}

pub(super) fn score_pairs(
    pairs: &[NamePairRow],
    negatives: &[DifferentNamesRow],
    report: &mut EvaluationReport,
) -> NamePairScores {
    let labelled = pairs
        .iter()
        .map(|row| (&row.canonical, &row.variant, &row.label, &row.kind));
    let different = "different".to_owned();
    let negatives = negatives
        .iter()
        .map(|row| (&row.name_a, &row.name_b, &different, &row.kind));
    let (mut same, mut merged, mut pairs_different, mut false_merges) = (0, 0, 0, 0);
    let mut kinds: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut disagreements = Vec::new();
    for (a, b, label, kind) in labelled.chain(negatives) {
        let keys = (unlinked_key(a), unlinked_key(b));
        let is_merged = keys.0 == keys.1;
        let kind_counts = kinds.entry(kind).or_default();
        kind_counts.0 += usize::from(is_merged);
        kind_counts.1 += 1;
        // Aliases count as different: an alias is a producer of its own, linked but not merged.
        if label == "same" {
            same += 1;
            merged += usize::from(is_merged);
            continue;
        }
        pairs_different += 1;
        if is_merged {
            false_merges += 1;
            disagreements.push(Disagreement {
                weight: 1,
                row: format!("{a} | {b}"),
                label: format!("{label} ({kind})"),
                answer: format!("one producer: {}", keys.0),
            });
        }
    }
    let kinds: Vec<String> = kinds
        .iter()
        .map(|(kind, (merged, pairs))| format!("{kind} {merged} of {pairs}"))
        .collect();
    let summary = format!(
        "{merged} of {same} pairs of one person merged by name alone, \
         {false_merges} of {pairs_different} pairs \
         of different people merged wrongly ({})",
        kinds.join(", ")
    );
    report.add("names", summary, disagreements);
    report.add_share(
        "different people stay apart by name alone",
        pairs_different - false_merges,
        pairs_different,
    );
    NamePairScores {
        same_recall: report.add_share("one person found by name alone", merged, same),
        false_merges,
        pairs_different,
    }
}

pub(super) fn score_printed(rows: &[PrintedNameRow], report: &mut EvaluationReport) -> PrintedNameScores {
    let mut disagreements = Vec::new();
    for row in rows {
        let identity = source_identity(Some(&row.artist_id), &row.release_id, &row.name_as_credited);
        let page_identity = source_identity(Some(&row.artist_id), &row.release_id, &row.name);
        if identity != row.artist_id || page_identity != identity {
            disagreements.push(Disagreement {
                weight: 1,
                row: format!("{}: {} as {}", row.release_id, row.name, row.name_as_credited),
                label: row.artist_id.clone(),
                answer: identity,
            });
        }
    }
    let right = rows.len() - disagreements.len();
    let summary = format!(
        "{right} of {} attached to the right identity by its id",
        rows.len()
    );
    report.add("printed names", summary, disagreements);
    PrintedNameScores {
        right: report.add_share("right person, of printed names with an id", right, rows.len()),
    }
}
