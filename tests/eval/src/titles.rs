//! Whether two titles would be one song: tracks are grouped by artist and song key, and by nothing else. Kinds of versions are not labelled
//! and stay out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::domain::{names, titles};

use super::report::{Disagreement, Report};
use super::share;

/// A labelled pair of titles.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    artist_a: String,
    title_a: String,
    artist_b: String,
    title_b: String,
    label: String,
    kind: String,
}

/// How pairs of titles were told.
#[derive(Debug, Serialize)]
pub struct Pairs {
    /// Of the pairs made one song, the share that is.
    pub precision: f64,
    /// Of the pairs that are one song, the share made one.
    pub recall: f64,
    /// The share told right, by the kind of pair.
    pub by_kind: BTreeMap<String, f64>,
}

pub(super) fn pairs(rows: &[Row], report: &mut Report) -> Pairs {
    let (mut made, mut right, mut same) = (0, 0, 0);
    let mut kinds: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut disagreements = Vec::new();
    for row in rows {
        let (is_same, is_made) = (row.label == "same", is_one_song(row));
        same += usize::from(is_same);
        made += usize::from(is_made);
        right += usize::from(is_same && is_made);
        let kind = kinds.entry(row.kind.clone()).or_default();
        kind.0 += usize::from(is_same == is_made);
        kind.1 += 1;
        if is_same != is_made {
            disagreements.push(Disagreement {
                weight: usize::from(is_made),
                row: format!("{} | {}", row.title_a, row.title_b),
                label: format!("{} ({})", row.label, row.kind),
                made: format!(
                    "{} | {}",
                    titles::read(&row.title_a).key,
                    titles::read(&row.title_b).key
                ),
            });
        }
    }
    let measured = Pairs {
        precision: share(right, made),
        recall: share(right, same),
        by_kind: kinds
            .into_iter()
            .map(|(kind, (right, pairs))| (kind, share(right, pairs)))
            .collect(),
    };
    let summary = format!(
        "{} pairs, {same} of them one song; {made} made one, {right} of them rightly: precision {:.3}, recall {:.3}",
        rows.len(),
        measured.precision,
        measured.recall
    );
    report.add("version pairs", summary, disagreements);
    measured
}

/// The artist is known by an id where tracks are grouped; here the name stands for it.
fn is_one_song(row: &Row) -> bool {
    names::fold(&row.artist_a) == names::fold(&row.artist_b)
        && titles::read(&row.title_a).key == titles::read(&row.title_b).key
}
