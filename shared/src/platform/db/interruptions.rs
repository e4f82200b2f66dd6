//! Tells errors that come from the state of the database from errors of the work itself.

use std::error::Error;
use std::io;

use deadpool_postgres::{PoolError, TimeoutType};
use tokio_postgres::error::SqlState;

/// The classes and codes of errors that say nothing about the statement: connection failures, a lack of
/// resources, shutdowns, failures below the database, a server that became a standby, an idle transaction
/// that was ended, conflicts with other transactions, locks that were not free in time, and a catalog that is
/// locked by a load (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
const INTERRUPTIONS: [&str; 10] = [
    "08",
    "53",
    "57P",
    "58",
    "25006",
    "25P03",
    "40001",
    "40P01",
    "55P03",
    CATALOG_LOCKED,
];

/// The code of the trigger that keeps others from writing while a load has dropped the keys of the catalog.
const CATALOG_LOCKED: &str = "LN001";

/// Whether work failed because no connection could be had, the database went away, or another transaction was
/// in the way. `error` is the database's error or caused by it. The same work may succeed later as it is.
#[must_use]
pub fn is_interruption(error: &(dyn Error + 'static)) -> bool {
    anyhow::Chain::new(error).any(|cause| {
        let driver = cause.downcast_ref::<tokio_postgres::Error>();
        cause.is::<PoolError>() || driver.is_some_and(is_interruption_of_driver)
    })
}

/// Whether work failed because others used all connections of the pool for too long.
#[must_use]
pub fn is_no_connection_free(error: &(dyn Error + 'static)) -> bool {
    anyhow::Chain::new(error)
        .filter_map(|cause| cause.downcast_ref())
        .any(|error| matches!(error, PoolError::Timeout(TimeoutType::Wait)))
}

/// Whether work failed because a statement took longer than it may, or was cancelled.
#[must_use]
pub fn is_timed_out(error: &(dyn Error + 'static)) -> bool {
    anyhow::Chain::new(error)
        .filter_map(|cause| cause.downcast_ref::<tokio_postgres::Error>()?.code())
        .any(|code| *code == SqlState::QUERY_CANCELED)
}

/// Whether a statement was refused because a load has locked the catalog.
#[must_use]
pub fn is_catalog_locked(error: &(dyn Error + 'static)) -> bool {
    anyhow::Chain::new(error)
        .filter_map(|cause| cause.downcast_ref::<tokio_postgres::Error>()?.code())
        .any(|code| code.code() == CATALOG_LOCKED)
}

fn is_interruption_of_driver(error: &tokio_postgres::Error) -> bool {
    match error.code() {
        Some(state) => INTERRUPTIONS.iter().any(|code| state.code().starts_with(code)),
        None => error.is_closed() || error.source().is_some_and(|cause| cause.is::<io::Error>()),
    }
}
