//! Evaluates the matching rules of `shared` on labelled data: a folder of tables in which a person wrote the
//! right answers.

mod credits;
mod files;
mod names;
mod report;
mod titles;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use linernotes::output;
use serde::Serialize;

use self::credits::{RangeScores, RoleScores};
use self::names::{NamePairScores, PrintedNameScores};
use self::report::{EvaluationReport, MeasuredShare};
use self::titles::TitlePairScores;

/// Evaluate the matching rules on labelled tables; the last line of the output is JSON.
///
/// The folder holds version_pairs, name_pairs, name_negatives, credit_roles, track_ranges and anv, each as
/// .tsv or .csv, with or without _sample in its name. The roles of discogs_credits, if it is there, are
/// searched for wordings that no rule reads.
#[derive(Debug, Parser)]
#[command(name = "scripts/eval")]
struct Eval {
    /// The folder with the labelled tables
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

fn main() -> ExitCode {
    output::exit_code(run(&Eval::parse().folder).map(|()| ExitCode::SUCCESS))
}

fn run(folder: &Path) -> anyhow::Result<()> {
    let (scores, report) = evaluate(folder)?;
    output::print(report)?;
    output::print(serde_json::to_string(&scores)?)?;
    Ok(())
}

/// The scores of all measures. Programs read them as JSON, so field names and their order are fixed.
#[derive(Debug, Serialize)]
struct EvaluationScores {
    /// Pairs of titles: are they the same song?
    version_pairs: TitlePairScores,
    /// Pairs of names: are they the same producer?
    names: NamePairScores,
    /// Wordings of roles: do they make the right kind of producer?
    credit_roles: RoleScores,
    /// Track ranges: do they cover the right tracks?
    track_ranges: RangeScores,
    /// Printed names: do they belong to the right identity?
    anv: PrintedNameScores,
    /// The measured shares, each with its 95 % interval.
    shares: Vec<MeasuredShare>,
}

/// Evaluates the folder's tables. The report lists the rows on which code and label disagree. It fails if a
/// table is missing, has no rows, or lacks a column.
fn evaluate(folder: &Path) -> anyhow::Result<(EvaluationScores, EvaluationReport)> {
    let mut report = EvaluationReport::default();
    let roles = files::read(folder, "credit_roles")?;
    let credits = files::read_if_present(folder, "discogs_credits")?.unwrap_or_default();
    let mut scores = EvaluationScores {
        version_pairs: titles::score_pairs(&files::read(folder, "version_pairs")?, &mut report),
        names: names::score_pairs(
            &files::read(folder, "name_pairs")?,
            &files::read(folder, "name_negatives")?,
            &mut report,
        ),
        credit_roles: credits::score_roles(&roles, &mut report),
        track_ranges: credits::score_ranges(&files::read(folder, "track_ranges")?, &mut report),
        anv: names::score_printed(&files::read(folder, "anv")?, &mut report),
        shares: Vec::new(),
    };
    scores.shares = report.shares().to_vec();
    credits::list_unread_wordings(&roles, &credits, &mut report);
    Ok((scores, report))
}

#[cfg(test)]
mod tests;
