//! Two producers made one, and one made two again: by a person, or because the sources state it. What moves is in
//! [`producer_merges`].

use chrono::Utc;
use serde::Serialize;

use super::{CurationError, Decision, NamedProducer, find, retry_conflicts};
use crate::domain::ids::ProducerId;
use crate::domain::messages::{Envelope, Message};
use crate::platform::db::Pool;
use crate::store::producers::producer_joins::{self, JoinReason};
use crate::store::producers::producer_merges::{self, Merge};
use crate::store::producers::producer_pages;
use crate::store::work::outgoing_messages;

/// Who decides what the sources state.
const OURSELVES: &str = "linernotes";

/// A merge that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MergeResult {
    /// The producer who stayed, under the name that holds now.
    pub kept: NamedProducer,
    /// The one whose id went.
    pub gone: NamedProducer,
    /// On how many tracks the two are credited.
    pub track_count: usize,
}

/// Makes one producer of two; the lower id stays. One who is part of another by now stands for that one.
///
/// # Errors
/// Where one of them is not there or they are one already, and the database's.
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
        let mut both = [find(&transaction, one).await?, find(&transaction, other).await?];
        both.sort_by_key(|producer| producer.id);
        let [kept, gone] = both;
        if kept.id == gone.id {
            return Err(CurationError::Refused(format!(
                "{one} and {other} are one already: {} (producer {})",
                kept.name, kept.id
            )));
        }
        if !producer_merges::lock(&transaction, &[kept.id, gone.id]).await? {
            return Ok(None);
        }
        let Decision { by, reason } = decision;
        let track_count = producer_merges::merge(&transaction, kept.id, gone.id, by, reason).await?;
        let kept = find(&transaction, kept.id).await?;
        transaction.commit().await?;
        Ok(Some(MergeResult {
            kept,
            gone,
            track_count,
        }))
    })
    .await
}

/// A merge that was undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnmergeResult {
    /// The producer who had stayed.
    pub kept: NamedProducer,
    /// The one who is back under the id of before.
    pub back: NamedProducer,
    /// On how many tracks the two are credited.
    pub track_count: usize,
    /// Whether the sources are asked anew what is whose.
    pub is_asked_anew: bool,
}

/// Undoes a merge, named by the producer whose id went, or by the one who stayed where only one went into it.
///
/// # Errors
/// Where there is none, there are several, or the producer who stayed is part of another since; and the database's.
pub async fn unmerge(pool: &Pool, id: ProducerId, by: &str) -> Result<UnmergeResult, CurationError> {
    retry_conflicts(|| async move {
        let mut client = pool.client().await?;
        let transaction = client.transaction().await?;
        let merge = chosen(
            &find(&transaction, id).await?,
            id,
            producer_merges::list(&transaction, id).await?,
        )?;
        let kept = find(&transaction, merge.kept_id).await?;
        if kept.id != merge.kept_id {
            return Err(CurationError::Refused(format!(
                "producer {} is itself part of {} (producer {}) since: unmerge {} first",
                merge.kept_id, kept.name, kept.id, merge.kept_id
            )));
        }
        if !producer_merges::lock(&transaction, &[kept.id]).await?
            || !producer_merges::list(&transaction, id).await?.contains(&merge)
        {
            return Ok(None);
        }
        let is_asked_anew = producer_merges::was_enriched_since(&transaction, &merge).await?;
        let track_count = producer_merges::unmerge(&transaction, &merge, by).await?;
        if is_asked_anew {
            let messages = [merge.kept_id, merge.gone_id]
                .map(|producer_id| Message::EnrichProducer { producer_id })
                .map(|message| Envelope::requested(message, Some(Utc::now())));
            outgoing_messages::upsert(&transaction, &messages).await?;
        }
        let (kept, back) = (
            find(&transaction, merge.kept_id).await?,
            find(&transaction, merge.gone_id).await?,
        );
        transaction.commit().await?;
        Ok(Some(UnmergeResult {
            kept,
            back,
            track_count,
            is_asked_anew,
        }))
    })
    .await
}

/// The merge that an id means.
fn chosen(now: &NamedProducer, id: ProducerId, mut merges: Vec<Merge>) -> Result<Merge, CurationError> {
    if let Some(place) = merges.iter().position(|merge| merge.gone_id == id) {
        return Ok(merges.swap_remove(place));
    }
    match merges.len() {
        0 => Err(CurationError::Refused(format!(
            "nobody was merged into {} (producer {id})",
            now.name
        ))),
        1 => Ok(merges.swap_remove(0)),
        number => {
            let gone: Vec<String> = merges
                .iter()
                .map(|merge| format!("{} ({})", merge.gone_id, merge.gone_name))
                .collect();
            Err(CurationError::Refused(format!(
                "{number} producers were merged into {} (producer {id}): unmerge one of them: {}",
                now.name,
                gone.join(", ")
            )))
        }
    }
}

/// Makes one of a producer and those who are the same by what the sources state, as long as there is one; gives the
/// producer whom that leaves.
///
/// # Errors
/// The database's.
pub async fn merge_automatically(pool: &Pool, id: ProducerId) -> Result<ProducerId, CurationError> {
    let mut id = id;
    loop {
        let found = {
            let client = pool.client().await?;
            if producer_pages::find(&client, id).await?.is_none() {
                return Ok(id);
            }
            producer_joins::find(&client, id).await?
        };
        let Some((other, why)) = found else {
            return Ok(id);
        };
        let reason = match why {
            JoinReason::StatedLink => "a source links one to the other",
            JoinReason::SameTrack => "the same name on the same track",
        };
        let by = OURSELVES;
        match merge(pool, id, other, Decision { by, reason }).await {
            Ok(merged) => id = merged.kept.id,
            // Somebody was quicker: the other one's own turn comes, too.
            Err(CurationError::NotFound(_) | CurationError::Refused(_)) => return Ok(id),
            Err(error) => return Err(error),
        }
    }
}
