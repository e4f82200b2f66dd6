//! Benchmarks. Each measures the real code on made-up input, and a baseline in the same run on the same
//! machine, because only the ratio is comparable.

mod clusters;
mod cold;
mod fill;
mod ingest;
mod load;
mod queue;
mod requests;
mod search;
mod text;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use linernotes::output;

/// Measure one part of Linernotes and print one line of JSON
#[derive(Debug, Parser)]
#[command(name = "scripts/bench")]
enum Bench {
    /// Write albums; baselines: one commit per row, and a COPY of the same rows
    Ingest,
    /// Start the API function under AWS's emulator; baseline: a minimal function
    Cold {
        /// The target folder, with the functions in lambda/ and the emulator in aws/
        #[arg(long, default_value = "target", value_name = "DIR")]
        target: PathBuf,
    },
    /// Load a Discogs dump; baselines: decompressing it, and a COPY of the finished rows
    ///
    /// Runs the program `linernotes` beside this one, which `scripts/bench` builds first.
    Load {
        /// The dump of releases
        #[arg(value_name = "RELEASES.xml.gz")]
        file: PathBuf,
    },
    /// Send and handle messages on the queue in Postgres; baseline: durable commits
    Queue,
    /// Import beside 300 callers of slow requests; baseline: the same import alone
    ///
    /// Runs the program `linernotes` beside this one, which `scripts/bench` builds first.
    Requests,
    /// Fill an empty, migrated database from the files of a made-up catalog
    Fill {
        /// The folder with names.tsv, artists.tsv and titles.tsv
        #[arg(value_name = "DIR")]
        dir: PathBuf,
        /// The database
        #[arg(value_name = "DATABASE_URL")]
        database_url: String,
    },
    /// Search a filled database; baseline: a trigram index
    Search {
        /// The database
        #[arg(value_name = "DATABASE_URL")]
        database_url: String,
        /// The folder with names.tsv, queries.tsv and song_queries.tsv
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
    /// Parse titles and fold names; baseline: lower-casing and decomposing the same texts
    Text,
}

#[tokio::main]
async fn main() -> ExitCode {
    output::exit_code(run().await.map(|()| ExitCode::SUCCESS))
}

async fn run() -> anyhow::Result<()> {
    let line = match Bench::parse() {
        Bench::Ingest => serde_json::to_string(&ingest::measure_ingest().await?)?,
        Bench::Cold { target } => serde_json::to_string(&cold::measure_cold_starts(&target).await?)?,
        Bench::Load { file } => serde_json::to_string(&load::measure_load(&file).await?)?,
        Bench::Queue => serde_json::to_string(&queue::measure_queue().await?)?,
        Bench::Requests => serde_json::to_string(&requests::measure_requests().await?)?,
        Bench::Fill { dir, database_url } => serde_json::to_string(&fill::fill(&dir, &database_url).await?)?,
        Bench::Search { database_url, dir } => {
            serde_json::to_string(&search::measure_search(&database_url, &dir).await?)?
        }
        Bench::Text => serde_json::to_string(&text::measure_text())?,
    };
    Ok(output::print(line)?)
}
