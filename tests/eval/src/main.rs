//! How well the rules of identification do on labelled data: a folder of tables, a person's labels in them, and what the code makes of the
//! same rows. What the rules are stands in `shared`; nothing here knows better than they do.

mod credits;
mod files;
mod names;
mod report;
mod titles;

use std::path::{Path, PathBuf};

use clap::Parser;
use serde::Serialize;

pub use report::Report;

/// Measures the rules of identification on labelled tables. The last line is JSON.
///
/// The folder holds version_pairs, name_pairs, name_negatives, credit_roles, track_ranges and anv, each as .tsv or .csv,
/// with or without _sample in its name.
#[derive(Debug, Parser)]
#[command(name = "scripts/eval")]
struct Eval {
    /// The folder with the labelled tables
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

#[expect(clippy::print_stdout, reason = "the report is what an evaluation is run for")]
fn main() -> anyhow::Result<()> {
    let (measured, report) = measure(&Eval::parse().folder)?;
    println!("{report}");
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}

/// What was measured; the fields' names and their order are what programs read.
#[derive(Debug, Serialize)]
pub struct Measured {
    /// Pairs of titles: would they be one song?
    pub version_pairs: titles::Pairs,
    /// Pairs of names: would they be one producer?
    pub names: names::Pairs,
    /// Wordings of roles: would they make the right kind of producer?
    pub credit_roles: credits::Roles,
    /// Ranges of tracks: would they cover the right ones?
    pub track_ranges: credits::Ranges,
    /// Printed names: would they belong to the right identity?
    pub anv: names::Printed,
}

/// Measures on the folder's tables, and says of each measure where code and label disagree.
///
/// # Errors
/// Where a table is missing, has no rows, or lacks a column.
pub fn measure(folder: &Path) -> anyhow::Result<(Measured, Report)> {
    let mut report = Report::default();
    let measured = Measured {
        version_pairs: titles::pairs(&files::read(folder, "version_pairs")?, &mut report),
        names: names::pairs(
            &files::read(folder, "name_pairs")?,
            &files::read(folder, "name_negatives")?,
            &mut report,
        ),
        credit_roles: credits::roles(&files::read(folder, "credit_roles")?, &mut report),
        track_ranges: credits::ranges(&files::read(folder, "track_ranges")?, &mut report),
        anv: names::printed(&files::read(folder, "anv")?, &mut report),
    };
    Ok((measured, report))
}

/// A share of a whole, of which nothing is nothing.
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

#[cfg(test)]
mod tests;
