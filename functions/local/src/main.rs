//! The program `linernotes`: reads what was typed, runs it, and says in one line why it could not.
//! What the commands do is in the library.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = linernotes::cli::Cli::parse();
    match linernotes::run(cli).await {
        Ok(code) => code,
        Err(error) => {
            // Where nobody reads what is said there is nobody to tell that it cannot be said.
            let _ = writeln!(std::io::stderr(), "error: {}", linernotes::one_line(&error));
            ExitCode::FAILURE
        }
    }
}
