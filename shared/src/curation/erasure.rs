//! Erasing a producer's contact details permanently.

use super::decisions::{CurationError, NamedProducer, find_producer, retry_conflicts};
use crate::domain::ids::ProducerId;
use crate::platform::db::Pool;
use crate::store::producers::{contact_suppressions, producer_merges};

/// Erases a producer's contact details and suppresses them from now on. Returns the producer and the number
/// of details that were known.
pub async fn erase_contact(pool: &Pool, id: ProducerId) -> Result<(NamedProducer, usize), CurationError> {
    retry_conflicts(|| async move {
        let mut client = pool.client().await?;
        let transaction = client.transaction().await?;
        let producer = find_producer(&transaction, id).await?;
        if !producer_merges::lock(&transaction, &[producer.id]).await? {
            return Err(CurationError::Busy);
        }
        let details = contact_suppressions::erase(&transaction, producer.id).await?;
        transaction.commit().await?;
        Ok((producer, details))
    })
    .await
}
