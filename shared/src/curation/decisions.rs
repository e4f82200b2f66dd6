//! Shared by everything that a person decides: who decides and why, the error, and retries after a conflict.

use crate::domain::ids::ProducerId;
use crate::platform::db::{self, Client, PoolError};
use crate::store::producers::producer_merges;

pub use crate::store::work::operator_decisions::Decision;

/// How often a transaction that conflicts with other writers is tried.
const ATTEMPTS: u32 = 20;

/// Why a decision was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum CurationError {
    /// There is no such producer, track or verdict.
    #[error("{0}")]
    NotFound(String),
    /// The decision is not possible; the message says what is.
    #[error("{0}")]
    Refused(String),
    /// Other writers conflicted with every attempt.
    #[error("other writers keep changing the same producers and songs: try again in a minute")]
    Busy,
    /// The database returned an error.
    #[error(transparent)]
    Database(#[from] tokio_postgres::Error),
    /// No connection was available.
    #[error(transparent)]
    Pool(#[from] PoolError),
}

/// A producer with its name.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct NamedProducer {
    /// The producer.
    pub id: ProducerId,
    /// The name.
    pub name: String,
}

/// The longest reason, in characters.
const LONGEST_REASON: usize = 1000;

/// Trims and checks a reason or a person's name. Refuses it if it is empty or too long, or has a NUL
/// character, which Postgres cannot store.
pub fn checked_reason(text: &str) -> Result<&str, CurationError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(CurationError::Refused(
            "the reason is empty: say why, such as \"booklet of the CD\"".to_owned(),
        ));
    }
    if text.chars().count() > LONGEST_REASON || text.contains('\0') {
        return Err(CurationError::Refused(format!(
            "the reason must be a text of at most {LONGEST_REASON} characters"
        )));
    }
    Ok(text)
}

/// The producer with this id, or the one that it was merged into.
pub(super) async fn find_producer(
    client: &Client<'_>,
    id: ProducerId,
) -> Result<NamedProducer, CurationError> {
    match producer_merges::find_current(client, id).await? {
        Some((id, name)) => Ok(NamedProducer { id, name }),
        None => Err(CurationError::NotFound(format!("there is no producer {id}"))),
    }
}

/// Repeats a transaction that conflicts with other writers. It gives [`CurationError::Busy`] itself if one of
/// them changed what it had read before it locked the rows.
///
/// # Errors
/// [`CurationError::Busy`] if all attempts conflict; other errors of an attempt are returned at once.
pub(super) async fn retry_conflicts<T, F>(attempt: impl FnMut() -> F) -> Result<T, CurationError>
where
    F: Future<Output = Result<T, CurationError>>,
{
    let is_conflict = |error: &CurationError| match error {
        CurationError::Busy => true,
        CurationError::Database(error) => db::is_conflict(error),
        _ => false,
    };
    match db::retry_conflicts(ATTEMPTS, is_conflict, attempt).await {
        Err(error) if is_conflict(&error) => Err(CurationError::Busy),
        result => result,
    }
}
