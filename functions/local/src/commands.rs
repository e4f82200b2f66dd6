//! The commands, a room each, and which of them was typed.
//! How results look is `output`'s matter, what they say is the store's.

mod config;
mod credits;
mod deciding;
mod demo;
mod ingest;
mod keys;
mod load;
mod producer;
mod producers;
mod renormalize;
mod search;
mod serving;
mod signals;
mod status;
mod tables;
mod up;
mod watching;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use shared::platform::config::{Config, LogSettings, VARIABLES};
use shared::platform::telemetry;

use crate::cli::{Cli, Command};

/// Runs what was typed; gives the exit status.
///
/// # Errors
/// Why it could not be done.
pub async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    if let Command::Config { json } = cli.command {
        return config::run(json);
    }
    let config = Config::load().await?;
    telemetry::start(&logs(&cli.command, &config));
    let data_dir: Option<PathBuf> = cli.data_dir;
    match cli.command {
        Command::Config { .. } => {
            unreachable!("it was run above, since it must work with settings that cannot be used")
        }
        Command::Up { listen } => up::run(&config, data_dir, listen).await,
        Command::Ingest(asked) => ingest::run(&config, data_dir, asked).await,
        Command::Load(asked) => load::run(&config, data_dir, asked).await,
        Command::Search { text, limit, json } => search::run(&config, data_dir, &text, limit, json).await,
        Command::Producer { id, json } => producer::run(&config, data_dir, id, json).await,
        Command::Producers(asked) => producers::run(&config, data_dir, asked).await,
        Command::Credits(asked) => credits::run(&config, data_dir, asked).await,
        Command::Status { json } => status::run(&config, data_dir, json).await,
        Command::Keys(keys) => keys::run(&config, data_dir, keys).await,
        Command::Migrate => tables::migrate(&config, data_dir).await,
        Command::Renormalize => renormalize::run(&config, data_dir).await,
        Command::Fingerprint { json } => tables::fingerprint(&config, data_dir, json).await,
        Command::Demo { once, json } => demo::run(once, json).await,
    }
}

/// A server logs what it does; a command says what came of it, and logs only what went wrong unless LOG says otherwise.
fn logs(command: &Command, config: &Config) -> LogSettings {
    let is_chosen = VARIABLES
        .iter()
        .any(|variable| variable.name == "LOG" && variable.value().is_some());
    let mut settings = config.log.clone();
    settings.colour &= std::io::stderr().is_terminal();
    if !is_chosen && !matches!(command, Command::Up { .. }) {
        "error".clone_into(&mut settings.filter);
    }
    settings
}
