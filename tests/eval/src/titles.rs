//! Evaluates whether two titles are the same song. Tracks are grouped by artist and song key only. Kinds of
//! versions are not labelled, so they are not evaluated.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::catalog::credit_matching::matching::{ListedTrack, match_tracks};
use shared::domain::ids::TrackId;
use shared::domain::{names, titles};
use shared::store::catalog::tracks::Track;

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
        precision: report.add_share("right song, of pairs called the same song", right, called_same),
        recall: report.add_share("called the same song, of pairs that are", right, same),
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
    add_track_matches(rows, report);
    scores
}

/// Adds how many tracks are the same song as a listed track that they are matched to, by match score: all
/// titles equal, or only similar. The tables have no durations, and each pair stands at one position.
fn add_track_matches(rows: &[TitlePairRow], report: &mut EvaluationReport) {
    let mut scores: BTreeMap<bool, (usize, usize)> = BTreeMap::new();
    for row in rows.iter().filter(|row| is_same_artist(row)) {
        let Some((score, most)) = match_score(row) else {
            continue;
        };
        let counts = scores.entry(score < most).or_default();
        counts.0 += usize::from(row.label == "same");
        counts.1 += 1;
    }
    for (is_lower, (right, n)) in scores {
        let measure = if is_lower {
            "right track, of matches by a similar title"
        } else {
            "right track, of matches by an equal title"
        };
        report.add_share(measure, right, n);
    }
}

/// The score of the second title as a listed track for a track of the first title, and the score of an equal
/// title.
fn match_score(row: &TitlePairRow) -> Option<(f32, f32)> {
    let id = TrackId(1);
    let track = Track {
        id,
        spotify_track_id: None,
        name: row.title_a.clone(),
        disc_number: 1,
        track_number: 1,
        duration_ms: None,
        isrc: None,
        artist_names: vec![row.artist_a.clone()],
    };
    let score = |title| {
        let listed = ListedTrack {
            track_in_place: Some(id),
            title,
            duration_ms: None,
        };
        Some(match_tracks(std::slice::from_ref(&track), &[listed]).get(&id)?.1)
    };
    Some((score(&row.title_b)?, score(&row.title_a)?))
}

fn is_same_artist(row: &TitlePairRow) -> bool {
    names::fold(&row.artist_a) == names::fold(&row.artist_b)
}

/// Real tracks are grouped by the artist's id. The tables have no ids, so the folded name stands for it.
fn is_same_song(row: &TitlePairRow) -> bool {
    is_same_artist(row) && titles::read(&row.title_a).key == titles::read(&row.title_b).key
}
