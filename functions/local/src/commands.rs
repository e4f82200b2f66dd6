//! Runs the parsed command: one module per command, and what several of them share.

mod api;
mod api_server;
mod config;
mod credits;
mod dead;
mod decisions;
mod demo;
mod ingest;
mod ingestion_progress;
mod ingestions;
mod issues;
mod keys;
mod load;
mod operator_queues;
mod producer;
mod producer_contacts;
mod producers;
mod rebuild;
mod renormalize;
mod schema;
mod search;
mod served_address;
mod signals;
mod sources;
mod status;
mod up;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use shared::platform::config::{Config, LogSettings, VARIABLES};
use shared::platform::telemetry;

use crate::cli::{Cli, Command};

/// Runs the command and returns the exit status.
///
/// # Errors
/// The error that `main` prints in one line before exiting with status 1.
pub(crate) async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    // Before the settings are loaded: this command also has to show invalid ones.
    if let Command::Config { json } = cli.command {
        return config::run(json);
    }
    let config = Config::load(VARIABLES).await?;
    telemetry::start(&log_settings(&cli.command, &config));
    let data_dir: Option<PathBuf> = cli.data_dir;
    match cli.command {
        Command::Config { .. } => unreachable!("it returned above"),
        Command::Up { listen } => up::run(&config, data_dir, listen).await,
        Command::Ingest(arguments) => ingest::run(&config, data_dir, arguments).await,
        Command::Load(command) => load::run(&config, data_dir, command).await,
        Command::Search {
            text,
            kind,
            limit,
            json,
        } => search::run(&config, data_dir, &text, kind, limit, json).await,
        Command::Producer { id, json } => producer::run(&config, data_dir, id, json).await,
        Command::Producers(command) => producers::run(&config, data_dir, command).await,
        Command::Credits(command) => credits::run(&config, data_dir, command).await,
        Command::Status { json } => status::run(&config, data_dir, json).await,
        Command::Dead(command) => dead::run(&config, data_dir, command).await,
        Command::Issues(command) => issues::run(&config, data_dir, command).await,
        Command::Ingestions(command) => ingestions::run(&config, data_dir, command).await,
        Command::Sources(command) => sources::run(&config, data_dir, command).await,
        Command::Api(arguments) => api::run(&config, data_dir, arguments).await,
        Command::Keys(command) => keys::run(&config, data_dir, command).await,
        Command::Migrate => schema::migrate(&config, data_dir).await,
        Command::Rebuild => rebuild::run(&config, data_dir).await,
        Command::Renormalize => renormalize::run(&config, data_dir).await,
        Command::Fingerprint { json } => schema::fingerprint(&config, data_dir, json).await,
        Command::Demo(arguments) => demo::run(arguments, data_dir).await,
    }
}

/// `up` is a server and logs at the configured level. Other commands report their result themselves
/// and log only errors, unless LOG is set.
fn log_settings(command: &Command, config: &Config) -> LogSettings {
    let is_level_set = VARIABLES
        .iter()
        .any(|variable| variable.name == "LOG" && variable.value().is_some());
    let mut settings = config.log.clone();
    settings.colour &= std::io::stderr().is_terminal();
    if !is_level_set && !matches!(command, Command::Up { .. }) {
        "error".clone_into(&mut settings.filter);
    }
    settings
}
