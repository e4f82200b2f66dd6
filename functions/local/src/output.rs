//! How results reach people and programs: text and tables, JSON documents, and errors in one line.
//! What is in a result is the command's matter.

mod table;
mod words;

use std::io::{self, Write as _};

use serde::Serialize;
use shared::platform::db::{ConnectError, MigrateError, PoolError};
use tokio_postgres::error::SqlState;

pub use table::Table;
pub(crate) use words::{confidence, count, one_line_of, role, source, until};

/// Writes a line of the result on standard output.
///
/// # Errors
/// Where it cannot be written. A reader that has seen enough and gone is no error.
pub(crate) fn print(text: impl std::fmt::Display) -> io::Result<()> {
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Writes a result for programs on standard output.
///
/// # Errors
/// As [`print()`].
pub(crate) fn print_json(result: &impl Serialize) -> anyhow::Result<()> {
    Ok(print(serde_json::to_string_pretty(result)?)?)
}

/// Says something beside the result, on standard error.
pub fn say(text: impl std::fmt::Display) {
    // Where nobody reads what is said there is nobody to tell that it cannot be said.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// An error with its causes and what to do next, in one line.
#[must_use]
pub fn one_line(error: &anyhow::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in error.chain() {
        let said = match cause.downcast_ref::<PoolError>() {
            Some(error) => of_pool(error),
            None => one_line_of(&cause.to_string()),
        };
        // An error that only passes its cause on says the same twice.
        if parts.last().is_none_or(|last| !last.ends_with(&said)) {
            parts.push(said);
        }
    }
    let line = parts.join(": ");
    match next_step(error) {
        // A hint of the database's is a sentence.
        Some(step) => format!("{}; {step}", line.trim_end_matches('.')),
        None => line,
    }
}

/// The pool's own words are of objects and slots, and repeat the cause.
fn of_pool(error: &PoolError) -> String {
    match error {
        PoolError::Backend(_) => "cannot connect to the database".to_owned(),
        PoolError::Timeout(_) => "no connection to the database became free in time".to_owned(),
        PoolError::Closed | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
            one_line_of(&error.to_string())
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
    let of_postgres = || {
        let causes = error.chain();
        causes.filter_map(|cause| cause.downcast_ref::<tokio_postgres::Error>())
    };
    let code = of_postgres().find_map(tokio_postgres::Error::code);
    let is_lost = of_postgres().any(tokio_postgres::Error::is_closed);
    match code {
        Some(code) if *code == SqlState::UNDEFINED_TABLE || *code == SqlState::UNDEFINED_FUNCTION => {
            Some("bring the tables up to date with: linernotes migrate")
        }
        Some(code) if *code == SqlState::DISK_FULL => {
            Some("the disk of the database is full: make room on it")
        }
        _ if is_unreachable => Some("see that Postgres runs there and that DATABASE_URL is right"),
        // As when there is no room for the log of what is written: then Postgres ends them all.
        _ if is_lost => Some("see that Postgres still runs there and that its disk is not full"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn an_error_is_one_line_with_its_causes_once() {
        let error = anyhow!("the file\n  is gone").context("read it").context("start");
        assert_eq!(one_line(&error), "start: read it: the file is gone");
        let twice = anyhow!("no room").context("save: no room");
        assert_eq!(one_line(&twice), "save: no room");
    }

    #[tokio::test]
    async fn a_database_that_is_not_there_is_named_with_what_to_look_at() {
        let url = "postgres://nobody:hunter2@127.0.0.1:1/nothing";
        let settings =
            shared::platform::db::DatabaseSettings::parse(url, shared::platform::db::Statements::Prepared)
                .unwrap();
        let error = anyhow::Error::new(settings.connect().await.err().unwrap());
        let line = one_line(&error);
        assert!(
            line.starts_with("cannot connect to the database at 127.0.0.1:1: "),
            "{line}"
        );
        assert!(line.ends_with("that DATABASE_URL is right"), "{line}");
        assert!(!line.contains("hunter2"), "{line}");
        let pool = shared::platform::db::Pool::new(&settings, 1).unwrap();
        let error = anyhow::Error::new(pool.client().await.err().unwrap());
        let by_pool = line.replace(" at 127.0.0.1:1", "");
        assert_eq!(one_line(&error), by_pool, "by way of the pool");
    }
}
