//! The report of an evaluation for people: a line for each measure, then the rows on which code and label
//! disagree.

use std::fmt;

use linernotes::output::TextTable;

/// The most disagreements shown for each measure.
const MAX_SHOWN: usize = 30;

/// The results of all measures in words.
#[derive(Debug, Default)]
pub(crate) struct EvaluationReport {
    sections: Vec<ReportSection>,
}

#[derive(Debug)]
struct ReportSection {
    name: &'static str,
    summary: String,
    disagreements: Vec<Disagreement>,
}

/// A row on which code and label disagree.
#[derive(Debug)]
pub(super) struct Disagreement {
    /// How serious it is. The highest weight is shown first.
    pub(super) weight: usize,
    /// The row in short.
    pub(super) row: String,
    /// The right answer.
    pub(super) label: String,
    /// The code's answer.
    pub(super) answer: String,
}

impl EvaluationReport {
    pub(super) fn add(&mut self, name: &'static str, summary: String, mut disagreements: Vec<Disagreement>) {
        disagreements.sort_by_key(|disagreement| std::cmp::Reverse(disagreement.weight));
        self.sections.push(ReportSection {
            name,
            summary,
            disagreements,
        });
    }
}

/// `part` as a share of `whole`; 0 if `whole` is 0.
pub(super) fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

impl fmt::Display for EvaluationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ReportSection {
            name,
            summary,
            disagreements,
        } in &self.sections
        {
            writeln!(f, "{name}: {summary}")?;
            if !disagreements.is_empty() {
                let mut table = TextTable::new(&["ROW", "LABEL", "CODE"]);
                for shown in disagreements.iter().take(MAX_SHOWN) {
                    table.row([shown.row.clone(), shown.label.clone(), shown.answer.clone()]);
                }
                writeln!(f, "{table}")?;
            }
            if let Some(more) = disagreements
                .len()
                .checked_sub(MAX_SHOWN)
                .filter(|more| *more > 0)
            {
                writeln!(f, "… and {more} more")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
