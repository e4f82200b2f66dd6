//! Erasing a producer's contact details, and taking an erasure back on the same day. Both are recorded in
//! `operator_decisions`.

use super::decisions::{CurationError, Decision, NamedProducer, find_producer, retry_conflicts};
use crate::domain::ids::ProducerId;
use crate::domain::messages::{Envelope, Message};
use crate::platform::db::Pool;
use crate::store::producers::contact_suppressions::{self, ContactDetail};
use crate::store::producers::{contact_erasures, producer_merges};
use crate::store::work::operator_decisions::{self, OperatorAction};
use crate::store::work::outgoing_messages;

/// When erased contact details are deleted permanently. They are hidden at once in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContactDeletion {
    /// A day later. Until then, [`restore_contact`] brings them back.
    InADay,
    /// At once, with those that were hidden before.
    Now,
}

/// The producer, and the contact details that [`erase_contact`] would erase.
///
/// # Errors
/// [`CurationError::NotFound`] if there is no such producer.
pub async fn list_contact(
    pool: &Pool,
    id: ProducerId,
    deletion: ContactDeletion,
) -> Result<(NamedProducer, Vec<ContactDetail>), CurationError> {
    let client = pool.client().await?;
    let producer = find_producer(&client, id).await?;
    let with_hidden = deletion == ContactDeletion::Now;
    let details = contact_suppressions::list_details(&client, producer.id, with_hidden).await?;
    Ok((producer, details))
}

/// Erases a producer's contact details and suppresses them from now on, and records the decision. Returns the
/// producer and the number of details that were known.
///
/// # Errors
/// As [`list_contact`].
pub async fn erase_contact(
    pool: &Pool,
    id: ProducerId,
    decision: Decision<'_>,
    deletion: ContactDeletion,
) -> Result<(NamedProducer, usize), CurationError> {
    retry_conflicts(|| async move {
        let mut client = pool.client().await?;
        let transaction = client.transaction().await?;
        let producer = find_producer(&transaction, id).await?;
        if !producer_merges::lock(&transaction, &[producer.id]).await? {
            return Err(CurationError::Busy);
        }
        contact_erasures::delete_due(&transaction).await?;
        let is_final = deletion == ContactDeletion::Now;
        let details = contact_suppressions::list_details(&transaction, producer.id, is_final).await?;
        let erasure = contact_erasures::insert(&transaction, producer.id).await?;
        contact_suppressions::hide(&transaction, producer.id, erasure, &details).await?;
        if is_final {
            contact_erasures::delete_of_producer(&transaction, producer.id).await?;
        }
        let about = serde_json::json!({ "details": details.len(), "is_final": is_final });
        let subject = (producer.id.to_string(), about);
        operator_decisions::insert(&transaction, OperatorAction::EraseContact, decision, &[subject]).await?;
        transaction.commit().await?;
        Ok((producer, details.len()))
    })
    .await
}

/// Takes back the erasures of a producer's contact details that are not older than a day. Returns the
/// producer and the number of details that are known now. The sources are asked again about the producer,
/// because what they stated meanwhile was refused.
///
/// # Errors
/// As [`list_contact`], and [`CurationError::Refused`] if there is no such erasure.
pub async fn restore_contact(
    pool: &Pool,
    id: ProducerId,
    decision: Decision<'_>,
) -> Result<(NamedProducer, usize), CurationError> {
    retry_conflicts(|| async move {
        let mut client = pool.client().await?;
        let transaction = client.transaction().await?;
        let producer = find_producer(&transaction, id).await?;
        if !producer_merges::lock(&transaction, &[producer.id]).await? {
            return Err(CurationError::Busy);
        }
        let erasures = contact_erasures::list_restorable(&transaction, producer.id).await?;
        if erasures.is_empty() {
            let NamedProducer { id, name } = &producer;
            let deleted = contact_erasures::find_last_deletion(&transaction, *id).await?;
            return Err(CurationError::Refused(match deleted {
                Some(at) => format!(
                    "the contact details of {name} (producer {id}) were deleted permanently at {}",
                    at.format("%Y-%m-%d %H:%M UTC")
                ),
                None => format!("no contact details of {name} (producer {id}) were erased"),
            }));
        }
        contact_erasures::restore(&transaction, &erasures).await?;
        let details = contact_suppressions::list_details(&transaction, producer.id, false).await?;
        let subject = (
            producer.id.to_string(),
            serde_json::json!({ "details": details.len() }),
        );
        operator_decisions::insert(&transaction, OperatorAction::RestoreContact, decision, &[subject])
            .await?;
        let message = Message::EnrichProducer {
            producer_id: producer.id,
        };
        outgoing_messages::upsert(&transaction, &[Envelope::requested(message, Some(pool.now()))]).await?;
        transaction.commit().await?;
        Ok((producer, details.len()))
    })
    .await
}
