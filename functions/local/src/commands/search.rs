//! `linernotes search`: finds producers by a name that may be mistyped.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use shared::platform::config::Config;
use shared::store::producers::producer_search::{self, ProducerMatch};

use crate::database::{CommandDatabase, Purpose};
use crate::output::{self, TextTable};

pub(super) async fn run(
    config: &Config,
    data_dir: Option<PathBuf>,
    text: &str,
    limit: i32,
    json: bool,
) -> anyhow::Result<ExitCode> {
    if text.trim().is_empty() {
        bail!("the search text is empty: give a name, or the beginning of one");
    }
    let database = CommandDatabase::open(config, data_dir, Purpose::Read).await?;
    let matches = producer_search::search(&database.pool.client().await?, text, limit).await?;
    database.close().await?;
    if json {
        output::print_json(&serde_json::json!({ "items": matches }))?;
    } else if matches.is_empty() {
        output::print(format!("no producer matches \"{}\"", output::single_line(text)))?;
    } else {
        output::print(table(&matches))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn table(matches: &[ProducerMatch]) -> TextTable {
    let mut table = TextTable::new(&["#ID", "Producer", "Matching name", "#Tracks", "#Artists"]);
    for producer in matches {
        let is_main_name = producer.matched_name == producer.name;
        table.row([
            producer.id.to_string(),
            producer.name.clone(),
            if is_main_name {
                String::new()
            } else {
                producer.matched_name.clone()
            },
            producer.track_count.to_string(),
            producer.artist_count.to_string(),
        ]);
    }
    table
}
