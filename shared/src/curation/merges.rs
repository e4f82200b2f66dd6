//! Merging two producers into one and undoing it, by a person's decision or because the sources state that
//! they are the same. The rows are moved by [`producer_merges`].

use serde::Serialize;

use super::decisions::{CurationError, Decision, NamedProducer, find_producer, retry_conflicts};
use crate::domain::ids::ProducerId;
use crate::domain::messages::{Envelope, Message};
use crate::platform::db::Pool;
use crate::store::producers::producer_joins::{self, JoinReason};
use crate::store::producers::producer_merges::{self, Merge};
use crate::store::producers::producer_pages;
use crate::store::work::outgoing_messages;

/// The name under which automatic merges are logged.
const AUTOMATIC: &str = "linernotes";

/// The result of a merge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MergeResult {
    /// The producer that was kept, with its current name.
    pub kept: NamedProducer,
    /// The producer that was merged into it.
    pub gone: NamedProducer,
    /// How many tracks credit the two.
    pub track_count: usize,
}

/// Merges two producers into the one with the lower id. An id that was merged before stands for the producer
/// that it was merged into.
///
/// # Errors
/// [`CurationError::NotFound`] if there is no such producer, [`CurationError::Refused`] if the two are the
/// same.
pub async fn merge(
    pool: &Pool,
    one: ProducerId,
    other: ProducerId,
    decision: Decision<'_>,
) -> Result<MergeResult, CurationError> {
    if one == other {
        return Err(CurationError::Refused(format!(
            "producer {one} cannot be merged with itself: name two producers"
        )));
    }
    retry_conflicts(|| async move {
        let mut client = pool.client().await?;
        let transaction = client.transaction().await?;
        let mut both = [
            find_producer(&transaction, one).await?,
            find_producer(&transaction, other).await?,
        ];
        both.sort_by_key(|producer| producer.id);
        let [kept, gone] = both;
        if kept.id == gone.id {
            return Err(CurationError::Refused(format!(
                "{one} and {other} are already the same producer: {} (producer {})",
                kept.name, kept.id
            )));
        }
        if !producer_merges::lock(&transaction, &[kept.id, gone.id]).await? {
            return Err(CurationError::Busy);
        }
        let Decision { by, reason } = decision;
        let track_count = producer_merges::merge(&transaction, kept.id, gone.id, by, reason).await?;
        let kept = find_producer(&transaction, kept.id).await?;
        transaction.commit().await?;
        Ok(MergeResult {
            kept,
            gone,
            track_count,
        })
    })
    .await
}

/// The result of undoing a merge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnmergeResult {
    /// The producer that was kept.
    pub kept: NamedProducer,
    /// The producer that is restored under its former id.
    pub back: NamedProducer,
    /// How many tracks credit the two.
    pub track_count: usize,
    /// Whether both producers are queued for enrichment, to find out which of them each contact detail
    /// belongs to.
    pub is_asked_anew: bool,
}

/// Undoes a merge. `id` is the producer that was merged, or the kept one if only one producer was merged into
/// it.
///
/// # Errors
/// [`CurationError::NotFound`] if there is no such producer. [`CurationError::Refused`] if no merge or
/// several merges fit, or if the kept producer was itself merged later.
pub async fn unmerge(pool: &Pool, id: ProducerId, by: &str) -> Result<UnmergeResult, CurationError> {
    retry_conflicts(|| async move {
        let mut client = pool.client().await?;
        let transaction = client.transaction().await?;
        let merge = choose_merge(
            &find_producer(&transaction, id).await?,
            id,
            producer_merges::list(&transaction, id).await?,
        )?;
        let kept = find_producer(&transaction, merge.kept_id).await?;
        if kept.id != merge.kept_id {
            return Err(CurationError::Refused(format!(
                "producer {} was itself merged into {} (producer {}) later: unmerge {} first",
                merge.kept_id, kept.name, kept.id, merge.kept_id
            )));
        }
        if !producer_merges::lock(&transaction, &[kept.id]).await?
            || !producer_merges::list(&transaction, id).await?.contains(&merge)
        {
            return Err(CurationError::Busy);
        }
        let is_asked_anew = producer_merges::was_enriched_since(&transaction, &merge).await?;
        let track_count = producer_merges::unmerge(&transaction, &merge, by).await?;
        if is_asked_anew {
            let now = transaction.read_clock().await?;
            let messages = [merge.kept_id, merge.gone_id]
                .map(|producer_id| Message::EnrichProducer { producer_id })
                .map(|message| Envelope::requested(message, Some(now)));
            outgoing_messages::upsert(&transaction, &messages).await?;
        }
        let (kept, back) = (
            find_producer(&transaction, merge.kept_id).await?,
            find_producer(&transaction, merge.gone_id).await?,
        );
        transaction.commit().await?;
        Ok(UnmergeResult {
            kept,
            back,
            track_count,
            is_asked_anew,
        })
    })
    .await
}

/// The merge that `id` names.
fn choose_merge(
    current: &NamedProducer,
    id: ProducerId,
    mut merges: Vec<Merge>,
) -> Result<Merge, CurationError> {
    if let Some(place) = merges.iter().position(|merge| merge.gone_id == id) {
        return Ok(merges.swap_remove(place));
    }
    match merges.len() {
        0 => Err(CurationError::Refused(format!(
            "no producer was merged into {} (producer {id})",
            current.name
        ))),
        1 => Ok(merges.swap_remove(0)),
        count => {
            let gone: Vec<String> = merges
                .iter()
                .map(|merge| format!("{} ({})", merge.gone_id, merge.gone_name))
                .collect();
            Err(CurationError::Refused(format!(
                "{count} producers were merged into {} (producer {id}): unmerge one of them: {}",
                current.name,
                gone.join(", ")
            )))
        }
    }
}

/// Merges a producer with all producers that are the same according to the sources. Returns the producer that
/// is left.
pub async fn merge_automatically(pool: &Pool, id: ProducerId) -> Result<ProducerId, CurationError> {
    let mut id = id;
    loop {
        let duplicate = {
            let client = pool.client().await?;
            if producer_pages::find(&client, id).await?.is_none() {
                return Ok(id);
            }
            producer_joins::find(&client, id).await?
        };
        let Some((other, why)) = duplicate else {
            return Ok(id);
        };
        let reason = match why {
            JoinReason::StatedLink => "a source links one to the other",
            JoinReason::SameTrack => "the same name on the same track",
        };
        let by = AUTOMATIC;
        match merge(pool, id, other, Decision { by, reason }).await {
            Ok(merged) => id = merged.kept.id,
            // Another process merged one of the two first. The merged producer gets its own turn.
            Err(CurationError::NotFound(_) | CurationError::Refused(_)) => return Ok(id),
            Err(error) => return Err(error),
        }
    }
}
