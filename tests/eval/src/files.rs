//! Reads labelled tables: comma- or tab-separated UTF-8 files with quotes whose first line names the columns.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use serde::de::DeserializeOwned;

/// Reads the rows of a table, from a file named after it or with `_sample` after the name.
///
/// # Errors
/// If there is no such file or more than one, or if it has no rows or lacks a column. The error names the
/// file.
pub(super) fn read<R: DeserializeOwned>(folder: &Path, name: &str) -> anyhow::Result<Vec<R>> {
    let rows = read_if_present(folder, name)?;
    rows.with_context(|| {
        format!(
            "{} has no table {name}: expected {name}.tsv, {name}.csv, {name}_sample.tsv or {name}_sample.csv",
            folder.display()
        )
    })
}

/// Reads the rows of a table as [`read`] does; `None` if there is no such file.
pub(super) fn read_if_present<R: DeserializeOwned>(
    folder: &Path,
    name: &str,
) -> anyhow::Result<Option<Vec<R>>> {
    let Some(path) = find_file(folder, name)? else {
        return Ok(None);
    };
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
    let rows = read().with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Some(rows))
}

fn find_file(folder: &Path, name: &str) -> anyhow::Result<Option<PathBuf>> {
    let names = ["", "_sample"]
        .iter()
        .flat_map(|ending| ["tsv", "csv"].map(|format| format!("{name}{ending}.{format}")));
    let found: Vec<PathBuf> = names
        .map(|name| folder.join(name))
        .filter(|path| path.is_file())
        .collect();
    match &found[..] {
        [path] => Ok(Some(path.clone())),
        [] => Ok(None),
        [first, second, ..] => bail!(
            "both {} and {} exist: remove one of them",
            first.display(),
            second.display()
        ),
    }
}
