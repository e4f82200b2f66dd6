//! Evaluates whether two titles are the same song. Tracks are grouped by artist and song key only. Kinds of
//! versions are not labelled, so they are not evaluated.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::domain::{names, titles};

use super::report::{Disagreement, EvaluationReport, share};

/// A labelled pair of titles.
#[derive(Debug, Deserialize)]
pub(super) struct TitlePairRow {
    artist_a: String,
    title_a: String,
    artist_b: String,
    title_b: String,
    label: String,
    kind: String,
}

/// Scores of the title pairs.
#[derive(Debug, Serialize)]
pub(crate) struct TitlePairScores {
    /// Of the pairs that the code calls the same song, the share that is.
    pub(crate) precision: f64,
    /// Of the pairs that are the same song, the share that the code calls the same.
    pub(crate) recall: f64,
    /// Share of right answers by kind of pair.
    pub(crate) by_kind: BTreeMap<String, f64>,
}

pub(super) fn score_pairs(rows: &[TitlePairRow], report: &mut EvaluationReport) -> TitlePairScores {
    let (mut called_same, mut right, mut same) = (0, 0, 0);
    let mut kinds: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut disagreements = Vec::new();
    for row in rows {
        let (is_same, is_called_same) = (row.label == "same", is_same_song(row));
        same += usize::from(is_same);
        called_same += usize::from(is_called_same);
        right += usize::from(is_same && is_called_same);
        let kind = kinds.entry(row.kind.clone()).or_default();
        kind.0 += usize::from(is_same == is_called_same);
        kind.1 += 1;
        if is_same != is_called_same {
            disagreements.push(Disagreement {
                weight: usize::from(is_called_same),
                row: format!("{} | {}", row.title_a, row.title_b),
                label: format!("{} ({})", row.label, row.kind),
                answer: format!(
                    "{} | {}",
                    titles::read(&row.title_a).key,
                    titles::read(&row.title_b).key
                ),
            });
        }
    }
    let scores = TitlePairScores {
        precision: share(right, called_same),
        recall: share(right, same),
        by_kind: kinds
            .into_iter()
            .map(|(kind, (right, pairs))| (kind, share(right, pairs)))
            .collect(),
    };
    let summary = format!(
        "{} pairs, of which {same} are the same song; {called_same} called the same, {right} of them \
         rightly: precision {:.3}, recall {:.3}",
        rows.len(),
        scores.precision,
        scores.recall
    );
    report.add("version pairs", summary, disagreements);
    scores
}

/// Real tracks are grouped by the artist's id. The tables have no ids, so the folded name stands for it.
fn is_same_song(row: &TitlePairRow) -> bool {
    names::fold(&row.artist_a) == names::fold(&row.artist_b)
        && titles::read(&row.title_a).key == titles::read(&row.title_b).key
}
