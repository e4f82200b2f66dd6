//! Whether two names would be one producer, and whether a printed name would belong to the right one. Names are compared as where no source
//! gives an id; printed names have one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::domain::names::{source_identity, unlinked_key};

use super::report::{Disagreement, Report};
use super::share;

/// A labelled pair of names.
#[derive(Debug, Deserialize)]
pub(super) struct PairRow {
    canonical: String,
    variant: String,
    label: String,
    kind: String,
}

/// Two names of different people.
#[derive(Debug, Deserialize)]
pub(super) struct NegativeRow {
    name_a: String,
    name_b: String,
    kind: String,
}

/// A credit whose printed name is not the artist's.
#[derive(Debug, Deserialize)]
pub(super) struct PrintedRow {
    release_id: String,
    artist_id: String,
    name: String,
    name_as_credited: String,
}

/// How pairs of names were told.
#[derive(Debug, Serialize)]
pub struct Pairs {
    /// Of the pairs that are one, the share made one by their names alone.
    pub same_recall: f64,
    /// Pairs made one that are not.
    pub false_merges: usize,
    /// Pairs that are not one.
    pub pairs_different: usize,
}

/// How printed names were attached.
#[derive(Debug, Serialize)]
pub struct Printed {
    /// The share that belongs to the identity it should.
    pub right: f64,
}

pub(super) fn pairs(pairs: &[PairRow], negatives: &[NegativeRow], report: &mut Report) -> Pairs {
    let labelled = pairs
        .iter()
        .map(|row| (&row.canonical, &row.variant, &row.label, &row.kind));
    let different = "different".to_owned();
    let negatives = negatives
        .iter()
        .map(|row| (&row.name_a, &row.name_b, &different, &row.kind));
    let (mut same, mut merged, mut measured) = (0, 0, (0, 0));
    let mut kinds: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut disagreements = Vec::new();
    for (a, b, label, kind) in labelled.chain(negatives) {
        let keys = (unlinked_key(a), unlinked_key(b));
        let is_merged = keys.0 == keys.1;
        let of_kind = kinds.entry(kind).or_default();
        of_kind.0 += usize::from(is_merged);
        of_kind.1 += 1;
        // An alias is a producer of its own: linked, not merged.
        if label == "same" {
            same += 1;
            merged += usize::from(is_merged);
            continue;
        }
        measured.1 += 1;
        if is_merged {
            measured.0 += 1;
            disagreements.push(Disagreement {
                weight: 1,
                row: format!("{a} | {b}"),
                label: format!("{label} ({kind})"),
                made: format!("one producer: {}", keys.0),
            });
        }
    }
    let (false_merges, pairs_different) = measured;
    let kinds: Vec<String> = kinds
        .iter()
        .map(|(kind, (merged, pairs))| format!("{kind} {merged} of {pairs}"))
        .collect();
    let summary = format!(
        "{merged} of {same} pairs that are one made one by name alone, {false_merges} of {pairs_different} that are not ({})",
        kinds.join(", ")
    );
    report.add("names", summary, disagreements);
    Pairs {
        same_recall: share(merged, same),
        false_merges,
        pairs_different,
    }
}

pub(super) fn printed(rows: &[PrintedRow], report: &mut Report) -> Printed {
    let mut disagreements = Vec::new();
    for row in rows {
        let identity = source_identity(Some(&row.artist_id), &row.release_id, &row.name_as_credited);
        let of_page = source_identity(Some(&row.artist_id), &row.release_id, &row.name);
        if identity != row.artist_id || of_page != identity {
            disagreements.push(Disagreement {
                weight: 1,
                row: format!("{}: {} as {}", row.release_id, row.name, row.name_as_credited),
                label: row.artist_id.clone(),
                made: identity,
            });
        }
    }
    let right = rows.len() - disagreements.len();
    let summary = format!(
        "{right} of {} attached to the right identity, by its id",
        rows.len()
    );
    report.add("printed names", summary, disagreements);
    Printed {
        right: share(right, rows.len()),
    }
}
