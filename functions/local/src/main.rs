//! The program `linernotes`: parses the command line, runs the command and reports an error in one line.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = linernotes::cli::Cli::parse();
    match linernotes::run(cli).await {
        Ok(code) => code,
        Err(error) => {
            // A closed standard error cannot be reported anywhere.
            let _ = writeln!(std::io::stderr(), "error: {}", linernotes::error_line(&error));
            ExitCode::FAILURE
        }
    }
}
