//! Measurements, each beside a baseline in the same run on the same machine: what counts is the ratio. What is measured
//! is what runs; only its input is made up.

mod cold;
mod ingest;
mod load;
mod text;

use std::path::PathBuf;

use clap::Parser;

/// Measures one part of Linernotes and prints one line of JSON.
#[derive(Debug, Parser)]
#[command(name = "scripts/bench")]
enum Bench {
    /// Write albums, beside one commit for each row and a COPY of the same rows
    Ingest,
    /// Start the functions under AWS's emulator, beside the smallest function
    Cold {
        /// The target folder, with the functions in lambda/ and the emulator in aws/
        #[arg(long, default_value = "target", value_name = "DIR")]
        target: PathBuf,
    },
    /// Load a Discogs dump, beside decompressing it and a COPY of the finished rows
    Load {
        /// The dump of releases
        #[arg(value_name = "RELEASES.xml.gz")]
        file: PathBuf,
    },
    /// Read titles and names, beside lower-casing and decomposing the same texts
    Text,
}

#[tokio::main]
#[expect(
    clippy::print_stdout,
    reason = "the line of JSON is what a measurement is run for"
)]
async fn main() -> anyhow::Result<()> {
    let line = match Bench::parse() {
        Bench::Ingest => serde_json::to_string(&ingest::ingest().await?)?,
        Bench::Cold { target } => serde_json::to_string(&cold::cold(&target).await?)?,
        Bench::Load { file } => serde_json::to_string(&load::load(&file).await?)?,
        Bench::Text => serde_json::to_string(&text::text())?,
    };
    println!("{line}");
    Ok(())
}
