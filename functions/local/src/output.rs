//! Prints results and errors: text and tables, JSON documents, and errors in one line.

mod format;
mod table;

use std::io::{self, Write as _};
use std::process::ExitCode;

use serde::Serialize;
use shared::platform::db::{ConnectError, MigrateError, PoolError};
use tokio_postgres::error::SqlState;

pub(crate) use format::{count, format_age, format_confidence, format_time, role_name, single_line, wrapped};
pub use table::TextTable;

/// Writes a line of the result to standard output.
///
/// # Errors
/// If it cannot be written. A closed pipe is not an error: the reader has seen enough.
pub fn print(text: impl std::fmt::Display) -> io::Result<()> {
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Writes a JSON document to standard output, as [`print()`] does.
pub(crate) fn print_json(result: &impl Serialize) -> anyhow::Result<()> {
    Ok(print(serde_json::to_string_pretty(result)?)?)
}

/// Writes a message that is not part of the result to standard error.
pub fn say(text: impl std::fmt::Display) {
    // A closed standard error cannot be reported anywhere.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// The exit status of a program; prints an error as one line on standard error.
#[must_use]
pub fn exit_code(result: anyhow::Result<ExitCode>) -> ExitCode {
    result.unwrap_or_else(|error| {
        say(format!("error: {}", error_line(&error)));
        ExitCode::FAILURE
    })
}

/// An error with its causes and what to do next, in one line.
#[must_use]
pub(crate) fn error_line(error: &anyhow::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in error.chain() {
        let part = match cause.downcast_ref::<PoolError>() {
            Some(error) => pool_error_text(error),
            None => single_line(&cause.to_string()),
        };
        // Some errors already end with the text of their cause.
        if parts.last().is_none_or(|last| !last.ends_with(&part)) {
            parts.push(part);
        }
    }
    let line = parts.join(": ");
    match next_step(error) {
        // Postgres ends its hints with a full stop.
        Some(step) => format!("{}; {step}", line.trim_end_matches('.')),
        None => line,
    }
}

/// The pool's own texts speak of objects and slots, and repeat the cause.
fn pool_error_text(error: &PoolError) -> String {
    match error {
        PoolError::Backend(_) => "cannot connect to the database".to_owned(),
        PoolError::Timeout(_) => "no database connection became free in time".to_owned(),
        PoolError::Closed | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
            single_line(&error.to_string())
        }
    }
}

fn next_step(error: &anyhow::Error) -> Option<&'static str> {
    let is_unreachable = error.chain().any(|cause| {
        cause.is::<ConnectError>()
            || matches!(
                cause.downcast_ref::<MigrateError>(),
                Some(MigrateError::Connect(_))
            )
            || matches!(
                cause.downcast_ref::<PoolError>(),
                Some(PoolError::Backend(_) | PoolError::Timeout(_))
            )
    });
    let postgres_errors = || {
        let causes = error.chain();
        causes.filter_map(|cause| cause.downcast_ref::<tokio_postgres::Error>())
    };
    let code = postgres_errors().find_map(tokio_postgres::Error::code);
    let is_connection_lost = postgres_errors().any(tokio_postgres::Error::is_closed);
    match code {
        Some(code) if *code == SqlState::UNDEFINED_TABLE || *code == SqlState::UNDEFINED_FUNCTION => {
            Some("migrate the database with: linernotes migrate")
        }
        Some(code) if *code == SqlState::DISK_FULL => Some("the database's disk is full: free some space"),
        _ if is_unreachable => Some("check that Postgres is running there and that DATABASE_URL is correct"),
        // A full disk also has this effect: without space for its write-ahead log, Postgres closes all
        // connections.
        _ if is_connection_lost => {
            Some("check that Postgres is still running there and that its disk is not full")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn an_error_is_one_line_that_names_each_cause_once() {
        let error = anyhow!("the file\n  is gone").context("read it").context("start");
        assert_eq!(error_line(&error), "start: read it: the file is gone");
        let twice = anyhow!("no room").context("save: no room");
        assert_eq!(error_line(&twice), "save: no room");
    }

    #[tokio::test]
    async fn an_unreachable_database_is_named_with_a_hint() {
        let url = "postgres://nobody:hunter2@127.0.0.1:1/nothing";
        let settings =
            shared::platform::db::DatabaseSettings::parse(url, shared::platform::db::Statements::Prepared)
                .unwrap();
        let error = anyhow::Error::new(settings.connect().await.err().unwrap());
        let line = error_line(&error);
        assert!(
            line.starts_with("cannot connect to the database at 127.0.0.1:1: "),
            "{line}"
        );
        assert!(line.ends_with("that DATABASE_URL is correct"), "{line}");
        assert!(!line.contains("hunter2"), "{line}");
        let pool = shared::platform::db::Pool::new(&settings, 1).unwrap();
        let error = anyhow::Error::new(pool.client().await.err().unwrap());
        let by_pool = line.replace(" at 127.0.0.1:1", "");
        assert_eq!(error_line(&error), by_pool, "through the pool");
    }
}
