//! Shared by the merge, verdict and regrouping commands: the acting user, recomputing statistics, and the
//! error for an unknown id.

use std::process::{Command, ExitCode};

use shared::curation::CurationError;

use crate::database::CommandDatabase;

/// The name of the user who runs the program, or "the operator" if the machine does not report one.
pub(super) fn user() -> String {
    let output = Command::new("id").arg("-un").output();
    let name = output
        .ok()
        .filter(|output| output.status.success())
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty());
    name.unwrap_or_else(|| "the operator".to_owned())
}

/// Recomputes the producers' statistics, also for what a failed command has changed, and closes the database.
/// No running sweep can be relied on to do it: this may be the only process that uses the database.
pub(super) async fn finish(
    database: CommandDatabase,
    result: anyhow::Result<()>,
) -> anyhow::Result<ExitCode> {
    let computed = sweep::compute_statistics(&database.pool).await;
    database.close().await?;
    result?;
    computed?;
    Ok(ExitCode::SUCCESS)
}

/// Adds what to do next to an error.
pub(super) fn with_next_step(error: CurationError) -> anyhow::Error {
    match error {
        CurationError::NotFound(message) if message.starts_with("there is no producer") => {
            anyhow::anyhow!("{message}: find the id with `linernotes search NAME`")
        }
        CurationError::NotFound(message) => anyhow::anyhow!("{message}"),
        error => anyhow::Error::new(error),
    }
}
