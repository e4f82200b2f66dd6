//! The labelled tables: comma- or tab-separated, in UTF-8 with quotes, the first line naming the columns.
//! What the columns mean is the measures' matter.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use serde::de::DeserializeOwned;

/// The rows of the table of that name in a folder, with or without `_sample` in its file's name.
///
/// # Errors
/// Where there is no such file or more than one, no row, or a row lacks a column; the error names the file.
pub(super) fn read<R: DeserializeOwned>(folder: &Path, name: &str) -> anyhow::Result<Vec<R>> {
    let path = find(folder, name)?;
    let is_csv = path.extension().is_some_and(|extension| extension == "csv");
    let read = || -> anyhow::Result<Vec<R>> {
        let rows = csv::ReaderBuilder::new()
            .delimiter(if is_csv { b',' } else { b'\t' })
            .from_path(&path)?
            .into_deserialize()
            .collect::<Result<Vec<R>, _>>()?;
        ensure!(!rows.is_empty(), "it has no rows");
        Ok(rows)
    };
    read().with_context(|| format!("cannot read {}", path.display()))
}

fn find(folder: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let names = ["", "_sample"]
        .iter()
        .flat_map(|ending| ["tsv", "csv"].map(|format| format!("{name}{ending}.{format}")));
    let found: Vec<PathBuf> = names
        .map(|name| folder.join(name))
        .filter(|path| path.is_file())
        .collect();
    match &found[..] {
        [path] => Ok(path.clone()),
        [] => bail!(
            "{} has no table {name}: expected {name}.tsv, {name}.csv, {name}_sample.tsv or {name}_sample.csv",
            folder.display()
        ),
        [first, second, ..] => bail!(
            "{} and {} are both there: which one is meant?",
            first.display(),
            second.display()
        ),
    }
}
