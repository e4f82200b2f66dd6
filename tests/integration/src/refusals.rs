//! Statements that Postgres must refuse, and the reason that it must give.

use std::fmt::Debug;

use tokio_postgres::error::SqlState;

/// Asserts that Postgres refused a statement with this SQLSTATE.
pub fn assert_refused<T: Debug>(result: Result<T, tokio_postgres::Error>, code: &SqlState) {
    let error = result.expect_err("Postgres should refuse the statement");
    assert_eq!(error.code(), Some(code), "{error:?}");
}

/// Asserts that Postgres refused a statement because of this constraint.
pub fn assert_violates<T: Debug>(result: Result<T, tokio_postgres::Error>, constraint: &str) {
    let error = result.expect_err("Postgres should refuse the statement");
    let violated = error.as_db_error().and_then(|error| error.constraint());
    assert_eq!(violated, Some(constraint), "{error:?}");
}

/// Whether an error was caused by a statement that Postgres refused with this SQLSTATE.
pub fn is_caused_by(error: &anyhow::Error, code: &SqlState) -> bool {
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref());
    causes.any(|cause: &tokio_postgres::Error| cause.code() == Some(code))
}
