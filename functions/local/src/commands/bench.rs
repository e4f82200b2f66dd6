//! `linernotes bench`: a measurement as one line of JSON.
//! How it is made is in `crate::bench`.

use std::process::ExitCode;

use crate::{bench, output};

pub(super) async fn run() -> anyhow::Result<ExitCode> {
    let measured = bench::ingest().await?;
    output::print(serde_json::to_string(&measured)?)?;
    Ok(ExitCode::SUCCESS)
}
