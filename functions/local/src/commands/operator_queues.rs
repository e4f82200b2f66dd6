//! Shared by the operator's commands: the database with its queues, and the question before something is
//! deleted.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;

use anyhow::bail;
use shared::platform::config::Config;
use shared::work::queue::Queues;

use crate::database::{CommandDatabase, Purpose};

/// The database of a command and the queues of the settings, in Postgres or on SQS.
pub(super) struct OperatorQueues {
    pub(super) database: CommandDatabase,
    pub(super) queues: Queues,
}

impl OperatorQueues {
    /// Opens them.
    ///
    /// # Errors
    /// Also fails if the database belongs to queues of the other kind.
    pub(super) async fn open(config: &Config, data_dir: Option<PathBuf>) -> anyhow::Result<Self> {
        let database = CommandDatabase::open(config, data_dir, Purpose::Read).await?;
        let queues = Queues::from_config(config, &database.pool).await?;
        queues.check_database(&database.pool.client().await?).await?;
        Ok(Self { database, queues })
    }
}

/// Asks on the terminal whether to do this; `yes` answers beforehand. Without a terminal there must be an
/// answer already.
pub(super) fn is_confirmed(what: &str, yes: bool) -> anyhow::Result<bool> {
    if yes {
        return Ok(true);
    }
    if !io::stdin().is_terminal() {
        bail!("{what}: add --yes to do it without being asked");
    }
    let mut stderr = io::stderr().lock();
    write!(stderr, "{what}. Continue? [y/N] ")?;
    stderr.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
