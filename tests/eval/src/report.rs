//! The report of an evaluation for people: a line for each measure, then the rows on which code and label
//! disagree; and the measured shares with their intervals.

use std::fmt;

use linernotes::output::TextTable;
use serde::Serialize;

/// The most disagreements shown for each measure.
const MAX_SHOWN: usize = 30;

/// The results of all measures in words.
#[derive(Debug, Default)]
pub(crate) struct EvaluationReport {
    sections: Vec<ReportSection>,
    shares: Vec<MeasuredShare>,
}

/// A share of right answers, and where the true share lies with 95 % confidence if the rows are a random
/// sample.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct MeasuredShare {
    /// What was counted.
    measure: &'static str,
    right: usize,
    /// The number of answers.
    n: usize,
    low: f64,
    high: f64,
}

impl MeasuredShare {
    /// The share with its Wilson score interval
    /// (<https://www.itl.nist.gov/div898/handbook/prc/section2/prc241.htm>), which holds for shares near 1
    /// and for few rows.
    fn new(measure: &'static str, right: usize, n: usize) -> Self {
        // The normal distribution has 95 % of its values within so many standard deviations.
        const DEVIATIONS: f64 = 1.96;
        let (mut low, mut high) = (0.0, 1.0);
        if n > 0 {
            let (rows, share) = (n as f64, share(right, n));
            let square = DEVIATIONS * DEVIATIONS;
            let middle = share + square / (2.0 * rows);
            let spread = DEVIATIONS * (share * (1.0 - share) / rows + square / (4.0 * rows * rows)).sqrt();
            let digits = |bound: f64| (bound / (1.0 + square / rows) * 1e4).round().abs() / 1e4;
            (low, high) = (digits(middle - spread), digits(middle + spread));
        }
        Self {
            measure,
            right,
            n,
            low,
            high,
        }
    }
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

    /// Adds how many of `n` answers are right. Returns their share.
    pub(super) fn add_share(&mut self, measure: &'static str, right: usize, n: usize) -> f64 {
        self.shares.push(MeasuredShare::new(measure, right, n));
        share(right, n)
    }

    /// The measured shares, in the order in which they were added.
    pub(crate) fn shares(&self) -> &[MeasuredShare] {
        &self.shares
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
        let mut table = TextTable::new(&["MEASURE", "RIGHT", "OF", "SHARE", "95 % INTERVAL"]);
        for measured in &self.shares {
            table.row([
                measured.measure.to_owned(),
                measured.right.to_string(),
                measured.n.to_string(),
                format!("{:.4}", share(measured.right, measured.n)),
                format!("{:.4} to {:.4}", measured.low, measured.high),
            ]);
        }
        writeln!(f, "{table}\n")?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_has_the_wilson_interval() {
        let interval = |right, n| {
            let share = MeasuredShare::new("", right, n);
            format!("{:.4} {:.4}", share.low, share.high)
        };
        assert_eq!(interval(10, 10), "0.7225 1.0000");
        assert_eq!(interval(0, 10), "0.0000 0.2775");
        assert_eq!(interval(81, 263), "0.2553 0.3662");
        assert_eq!(interval(0, 0), "0.0000 1.0000");
    }
}
