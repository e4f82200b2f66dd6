//! Linernotes on one machine: the command line, the one-process system, the private Postgres and the demo.

pub mod cli;
pub mod cluster;
mod commands;
pub mod database;
pub mod demo;
pub mod output;
mod owner_key;
pub mod system;

use std::process::ExitCode;

use clap::Parser as _;

/// Parses the command line, runs the command and returns the exit status. An error is printed in one line.
pub async fn main() -> ExitCode {
    output::exit_code(commands::run(cli::Cli::parse()).await)
}
