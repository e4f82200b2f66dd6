//! `linernotes search`: finds producers, artists, songs, albums and credited people by a text that may be
//! mistyped, or by an id.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use shared::platform::config::Config;
use shared::store::search::{self, SearchKind, SearchResult};

use crate::database::{CommandDatabase, Purpose};
use crate::output::{self, TextTable};

pub(super) async fn run(
    config: &Config,
    data_dir: Option<PathBuf>,
    text: &str,
    kind: Option<SearchKind>,
    limit: i32,
    json: bool,
) -> anyhow::Result<ExitCode> {
    if text.trim().is_empty() {
        bail!("the search text is empty: give a name, a title or an id");
    }
    let database = CommandDatabase::open(config, data_dir, Purpose::Read).await?;
    let kinds = kind.as_ref().map_or(SearchKind::ALL, std::slice::from_ref);
    let results = search::find(&database.pool.client().await?, text, kinds, limit).await?;
    database.close().await?;
    if json {
        output::print_json(&results)?;
    } else if results.items.is_empty() {
        output::print(format!("nothing matches \"{}\"", output::single_line(text)))?;
    } else {
        output::print(table(&results.items))?;
        if results.has_more {
            output::print("There are more matches: give more words, or --kind or --limit.")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn table(results: &[SearchResult]) -> TextTable {
    let mut table = TextTable::new(&["Kind", "#ID", "Name", "Artists", "Years", "#Tracks"]);
    for result in results {
        table.row([
            result.kind.to_string(),
            result.id.map(|id| id.to_string()).unwrap_or_default(),
            result.name.clone(),
            result.artists.join(", "),
            years(result),
            result
                .track_count
                .map(|count| count.to_string())
                .unwrap_or_default(),
        ]);
    }
    table
}

/// The years of a result: `1968`, `1968-2004`, or nothing.
fn years(result: &SearchResult) -> String {
    match (result.first_year, result.last_year) {
        (Some(first), Some(last)) if first != last => format!("{first}-{last}"),
        (Some(year), _) | (None, Some(year)) => year.to_string(),
        (None, None) => String::new(),
    }
}
