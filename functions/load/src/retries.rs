//! Which failed writes of a load are tried again: workers may write the same rows at the same time.

use tokio_postgres::error::SqlState;

/// How often a write is tried in all if it conflicts with other writers.
pub(crate) const TRIES: usize = 4;

/// Whether a write failed because of a concurrent one, so that another try may succeed.
pub(crate) fn is_conflict(error: &anyhow::Error) -> bool {
    let conflicts = [
        SqlState::UNIQUE_VIOLATION,
        SqlState::FOREIGN_KEY_VIOLATION,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::T_R_SERIALIZATION_FAILURE,
    ];
    let causes = error.chain().filter_map(|cause| cause.downcast_ref());
    causes
        .filter_map(tokio_postgres::Error::code)
        .any(|code| conflicts.contains(code))
}
