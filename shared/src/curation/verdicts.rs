//! Verdicts of a person on who produced a song. A verdict holds for all versions of the song, whose producers
//! are recomputed in the same transaction.

use serde::Serialize;

use super::decisions::{CurationError, Decision, NamedProducer, find_producer, retry_conflicts};
use crate::domain::ids::{NormalizedTrackId, ProducerId, TrackId};
use crate::platform::db::{Client, Pool};
use crate::store::credits::credit_overrides::{self, OverrideVerdict};
use crate::store::credits::{track_credits, track_producers};
use crate::store::work::operator_decisions::{self, OperatorAction};

/// The song and the producer of a verdict that was given or withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerdictResult {
    /// The track by which the song was named.
    pub track_id: TrackId,
    /// The track's title.
    pub track_name: String,
    /// The song.
    pub normalized_track_id: NormalizedTrackId,
    /// The tracks that are versions of the song.
    pub track_ids: Vec<TrackId>,
    /// The producer.
    pub producer: NamedProducer,
}

/// Stores a verdict on a producer and a track's song, in place of any earlier one.
///
/// # Errors
/// [`CurationError::NotFound`] if there is no such track or producer, [`CurationError::Refused`] if the track
/// belongs to no song or the producer has no identity.
pub async fn decide(
    pool: &Pool,
    track: TrackId,
    producer: ProducerId,
    verdict: OverrideVerdict,
    decision: Decision<'_>,
) -> Result<VerdictResult, CurationError> {
    retry_conflicts(|| async move {
        let mut client = pool.client().await?;
        let transaction = client.transaction().await?;
        let result = find_subject(&transaction, track, producer).await?;
        let song = result.normalized_track_id;
        if !credit_overrides::lock(&transaction, song).await? {
            return Err(CurationError::Busy);
        }
        let Decision { by, reason } = decision;
        let id = result.producer.id;
        let stored = credit_overrides::replace(&transaction, song, id, verdict, by, reason).await?;
        if stored == 0 {
            return Err(CurationError::Refused(format!(
                "{} (producer {id}) has no identity in any source, so no verdict can be stored",
                result.producer.name
            )));
        }
        refresh_and_commit(transaction, result).await
    })
    .await
}

/// Withdraws the verdict on a producer and a track's song, and records who did.
///
/// # Errors
/// As [`decide`], and [`CurationError::NotFound`] if there is no verdict.
pub async fn withdraw(
    pool: &Pool,
    track: TrackId,
    producer: ProducerId,
    decision: Decision<'_>,
) -> Result<VerdictResult, CurationError> {
    retry_conflicts(|| async move {
        let mut client = pool.client().await?;
        let transaction = client.transaction().await?;
        let result = find_subject(&transaction, track, producer).await?;
        let song = result.normalized_track_id;
        if !credit_overrides::lock(&transaction, song).await? {
            return Err(CurationError::Busy);
        }
        let producer = &result.producer;
        if credit_overrides::delete(&transaction, song, producer.id).await? == 0 {
            return Err(CurationError::NotFound(format!(
                "there is no verdict on {} (producer {}) and \"{}\"",
                producer.name, producer.id, result.track_name
            )));
        }
        let subject = (format!("{song} {}", producer.id), serde_json::json!({}));
        operator_decisions::insert(
            &transaction,
            OperatorAction::WithdrawVerdict,
            decision,
            &[subject],
        )
        .await?;
        refresh_and_commit(transaction, result).await
    })
    .await
}

async fn find_subject(
    client: &Client<'_>,
    track_id: TrackId,
    producer: ProducerId,
) -> Result<VerdictResult, CurationError> {
    let track = track_credits::find(client, track_id)
        .await?
        .ok_or_else(|| CurationError::NotFound(format!("there is no track {track_id}")))?;
    let normalized_track_id = track.normalized_track_id.ok_or_else(|| {
        CurationError::Refused(format!(
            "\"{}\" (track {track_id}) states no artist of its own, so it belongs to no song, \
             and verdicts are on songs",
            track.name
        ))
    })?;
    Ok(VerdictResult {
        track_id,
        track_name: track.name,
        normalized_track_id,
        track_ids: credit_overrides::list_versions(client, normalized_track_id).await?,
        producer: find_producer(client, producer).await?,
    })
}

async fn refresh_and_commit(
    transaction: Client<'_>,
    result: VerdictResult,
) -> Result<VerdictResult, CurationError> {
    let track_ids = credit_overrides::list_versions(&transaction, result.normalized_track_id).await?;
    track_producers::refresh(&transaction, &track_ids).await?;
    transaction.commit().await?;
    Ok(VerdictResult { track_ids, ..result })
}
