//! What the commands by which a person decides have in common: who decides, that counts follow, and what an id that is nobody's is answered.
//! The commands are in `producers` and `credits`.

use std::process::{Command, ExitCode};

use shared::curation::CurationError;
use shared::work::queue::Queues;

use crate::database::Database;

/// The name of the user who runs the program; where the machine does not tell, a word for them.
pub(super) fn user() -> String {
    let told = Command::new("id").arg("-un").output();
    let name = told
        .ok()
        .filter(|output| output.status.success())
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty());
    name.unwrap_or_else(|| "the operator".to_owned())
}

/// Closes the database of a command that decided; what producers' tracks add up to is counted anew before, since nobody
/// else may be at work on it.
pub(super) async fn finish(database: Database, done: anyhow::Result<()>) -> anyhow::Result<ExitCode> {
    let counted = match done {
        Ok(()) => {
            let context = sweep::Context {
                pool: database.pool.clone(),
                queues: Queues::postgres(database.pool.clone()),
                sources: Vec::new(),
            };
            sweep::compute_statistics(&context).await.map(drop)
        }
        Err(error) => Err(error),
    };
    database.close().await?;
    counted.map(|()| ExitCode::SUCCESS)
}

/// The error with what to do next.
pub(super) fn with_next_step(error: CurationError) -> anyhow::Error {
    match error {
        CurationError::NotFound(what) if what.starts_with("there is no producer") => {
            anyhow::anyhow!("{what}: `linernotes search NAME` gives the ids")
        }
        CurationError::NotFound(what) => anyhow::anyhow!("{what}"),
        error => anyhow::Error::new(error),
    }
}
