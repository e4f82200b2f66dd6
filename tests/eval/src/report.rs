//! What people read of an evaluation: a line for each measure, then the rows on which code and label disagree.
//! The figures that programs read are `Measured`'s.

use std::fmt;

use linernotes::output::Table;

/// Disagreements shown of each measure.
const SHOWN: usize = 30;

/// What was measured, for people.
#[derive(Debug, Default)]
pub struct Report {
    measures: Vec<Section>,
}

#[derive(Debug)]
struct Section {
    name: &'static str,
    summary: String,
    disagreements: Vec<Disagreement>,
}

/// A row on which code and label disagree.
#[derive(Debug)]
pub(super) struct Disagreement {
    /// How bad it is: of several the highest is shown first.
    pub(super) weight: usize,
    /// The row's own words.
    pub(super) row: String,
    /// What the label says.
    pub(super) label: String,
    /// What the code makes of it.
    pub(super) made: String,
}

impl Report {
    pub(super) fn add(&mut self, name: &'static str, summary: String, mut disagreements: Vec<Disagreement>) {
        disagreements.sort_by_key(|disagreement| std::cmp::Reverse(disagreement.weight));
        self.measures.push(Section {
            name,
            summary,
            disagreements,
        });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Section {
            name,
            summary,
            disagreements,
        } in &self.measures
        {
            writeln!(f, "{name}: {summary}")?;
            if !disagreements.is_empty() {
                let mut table = Table::new(&["ROW", "LABEL", "CODE"]);
                for shown in disagreements.iter().take(SHOWN) {
                    table.row([shown.row.clone(), shown.label.clone(), shown.made.clone()]);
                }
                writeln!(f, "{table}")?;
            }
            if let Some(more) = disagreements.len().checked_sub(SHOWN).filter(|more| *more > 0) {
                writeln!(f, "… and {more} more")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
