//! `linernotes search`: producers by a name that may be mistyped.
//! What is alike is the database's matter.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use shared::platform::config::Config;
use shared::store::producers::producer_search::{self, ProducerMatch};

use crate::database::{Database, Purpose};
use crate::output::{self, Table};

pub(super) async fn run(
    config: &Config,
    data_dir: Option<PathBuf>,
    text: &str,
    limit: i32,
    json: bool,
) -> anyhow::Result<ExitCode> {
    if text.trim().is_empty() {
        bail!("the text is empty: give a name, or how it begins");
    }
    let database = Database::open(config, data_dir, Purpose::Read).await?;
    let found = producer_search::search(&database.pool.client().await?, text, limit).await?;
    database.close().await?;
    if json {
        output::print_json(&serde_json::json!({ "items": found }))?;
    } else if found.is_empty() {
        output::print(format!(
            "no producer is called anything like \"{}\"",
            output::one_line_of(text)
        ))?;
    } else {
        output::print(table(&found))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn table(found: &[ProducerMatch]) -> Table {
    let mut table = Table::new(&["#ID", "Producer", "Found as", "#Tracks", "#Artists"]);
    for producer in found {
        let is_name = producer.matched_name == producer.name;
        table.row([
            producer.id.to_string(),
            producer.name.clone(),
            if is_name {
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
