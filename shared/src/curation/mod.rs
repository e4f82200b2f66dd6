//! What a person decides: that two producers are one, who made a song, credits of one's own, and that a contact is to be
//! forgotten. Each is one transaction, begun again where somebody else wrote the same rows; the SQL is in the store.

mod csv;
pub mod manual_credits;
pub mod merges;
pub mod regrouping;
mod verdicts;

use std::time::Duration;

use tokio_postgres::error::SqlState;

use crate::domain::ids::ProducerId;
use crate::platform::db::{Client, Pool, PoolError};
use crate::store::producers::{contact_suppressions, producer_merges};

pub use manual_credits::{ImportResult, import};
pub use merges::{MergeResult, UnmergeResult, merge, merge_automatically, unmerge};
pub use verdicts::{SongVerdict, decide, withdraw};

/// How often a transaction is begun again that others were in the way of.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// Why something decided is not done.
#[derive(Debug, thiserror::Error)]
pub enum CurationError {
    /// There is no such thing.
    #[error("{0}")]
    NotFound(String),
    /// It cannot be done; the message says what can.
    #[error("{0}")]
    Refused(String),
    /// Others were in the way for too long.
    #[error("others keep writing the same producers and songs: try again in a minute")]
    Busy,
    /// The database's error.
    #[error(transparent)]
    Database(#[from] tokio_postgres::Error),
    /// There is no connection.
    #[error(transparent)]
    Pool(#[from] PoolError),
}

/// Who decides, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision<'a> {
    /// Who.
    pub by: &'a str,
    /// Why.
    pub reason: &'a str,
}

/// A producer as what came of a decision names it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct NamedProducer {
    /// The producer.
    pub id: ProducerId,
    /// The name.
    pub name: String,
}

/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 1000;

/// A reason, or a name, as it is kept: without space around it.
///
/// # Errors
/// Where nothing is left, it is too long, or holds what Postgres cannot keep.
pub fn checked_reason(text: &str) -> Result<&str, CurationError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(CurationError::Refused(
            "the reason is empty: say how you know, such as \"booklet of the CD\"".to_owned(),
        ));
    }
    if text.chars().count() > LONGEST_REASON || text.contains('\0') {
        return Err(CurationError::Refused(format!(
            "the reason is no text of at most {LONGEST_REASON} characters"
        )));
    }
    Ok(text)
}

/// Forgets how to reach a producer, for good; gives who that is and how many facts were known.
///
/// # Errors
/// Where there is no such producer, and the database's.
pub async fn erase_contact(pool: &Pool, id: ProducerId) -> Result<(NamedProducer, usize), CurationError> {
    retry_conflicts(|| async move {
        let mut client = pool.client().await?;
        let transaction = client.transaction().await?;
        let producer = find(&transaction, id).await?;
        if !producer_merges::lock(&transaction, &[producer.id]).await? {
            return Ok(None);
        }
        let facts = contact_suppressions::erase(&transaction, producer.id).await?;
        transaction.commit().await?;
        Ok(Some((producer, facts)))
    })
    .await
}

/// The producer with this id, or the one it is part of by now.
async fn find(client: &Client<'_>, id: ProducerId) -> Result<NamedProducer, CurationError> {
    match producer_merges::find_current(client, id).await? {
        Some((id, name)) => Ok(NamedProducer { id, name }),
        None => Err(CurationError::NotFound(format!("there is no producer {id}"))),
    }
}

/// Makes an attempt until it gives something: a deadlock, or none, means that others were in the way.
///
/// # Errors
/// The attempt's, and [`CurationError::Busy`] where they are in the way for long.
pub async fn retry_conflicts<T, F>(attempt: impl Fn() -> F) -> Result<T, CurationError>
where
    F: Future<Output = Result<Option<T>, CurationError>>,
{
    for number in 1..=ATTEMPTS {
        match attempt().await {
            Ok(Some(result)) => return Ok(result),
            Ok(None) => {}
            Err(CurationError::Database(error)) if error.code() == Some(&SqlState::T_R_DEADLOCK_DETECTED) => {
            }
            Err(error) => return Err(error),
        }
        tokio::time::sleep(PAUSE * number).await;
    }
    Err(CurationError::Busy)
}
