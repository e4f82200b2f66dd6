//! The program `linernotes`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    linernotes::main().await
}
