//! A person's verdict on who produced a song, given and taken back. It holds for all versions of the song, which are
//! computed anew in the same transaction.

use serde::Serialize;

use super::{CurationError, Decision, NamedProducer, find, retry_conflicts};
use crate::domain::ids::{NormalizedTrackId, ProducerId, TrackId};
use crate::platform::db::{Client, Pool};
use crate::store::credits::credit_overrides::{self, OverrideVerdict};
use crate::store::credits::{track_credits, track_producers};

/// What a verdict is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SongVerdict {
    /// The track it was given on.
    pub track_id: TrackId,
    /// Its title.
    pub track_name: String,
    /// The song it holds for.
    pub normalized_track_id: NormalizedTrackId,
    /// The tracks that are versions of the song.
    pub track_ids: Vec<TrackId>,
    /// The producer.
    pub producer: NamedProducer,
}

/// Keeps a verdict on a producer and the song that a track is a version of, instead of the one there was.
///
/// # Errors
/// Where there is no such track or producer, or the track is of no song; and the database's.
pub async fn decide(
    pool: &Pool,
    track: TrackId,
    producer: ProducerId,
    verdict: OverrideVerdict,
    decision: Decision<'_>,
) -> Result<SongVerdict, CurationError> {
    retry_conflicts(|| async move {
        let mut client = pool.client().await?;
        let transaction = client.transaction().await?;
        let decided = subject(&transaction, track, producer).await?;
        let song = decided.normalized_track_id;
        if !credit_overrides::lock(&transaction, song).await? {
            return Ok(None);
        }
        let Decision { by, reason } = decision;
        let id = decided.producer.id;
        let kept = credit_overrides::replace(&transaction, song, id, verdict, by, reason).await?;
        if kept == 0 {
            return Err(CurationError::Refused(format!(
                "{} (producer {id}) is known to no source, so no verdict can be kept",
                decided.producer.name
            )));
        }
        finish(transaction, decided).await.map(Some)
    })
    .await
}

/// Takes back the verdict on a producer and the song that a track is a version of.
///
/// # Errors
/// As [`decide`], and where there is no verdict.
pub async fn withdraw(
    pool: &Pool,
    track: TrackId,
    producer: ProducerId,
) -> Result<SongVerdict, CurationError> {
    retry_conflicts(|| async move {
        let mut client = pool.client().await?;
        let transaction = client.transaction().await?;
        let decided = subject(&transaction, track, producer).await?;
        let song = decided.normalized_track_id;
        if !credit_overrides::lock(&transaction, song).await? {
            return Ok(None);
        }
        let producer = &decided.producer;
        if credit_overrides::delete(&transaction, song, producer.id).await? == 0 {
            return Err(CurationError::NotFound(format!(
                "nothing was decided on {} (producer {}) and \"{}\"",
                producer.name, producer.id, decided.track_name
            )));
        }
        finish(transaction, decided).await.map(Some)
    })
    .await
}

async fn subject(
    client: &Client<'_>,
    track_id: TrackId,
    producer: ProducerId,
) -> Result<SongVerdict, CurationError> {
    let track = track_credits::find(client, track_id)
        .await?
        .ok_or_else(|| CurationError::NotFound(format!("there is no track {track_id}")))?;
    let normalized_track_id = track.normalized_track_id.ok_or_else(|| {
        CurationError::Refused(format!(
            "\"{}\" (track {track_id}) names no artist of its own, so it is a version of no song, and verdicts are on songs",
            track.name
        ))
    })?;
    Ok(SongVerdict {
        track_id,
        track_name: track.name,
        normalized_track_id,
        track_ids: credit_overrides::list_versions(client, normalized_track_id).await?,
        producer: find(client, producer).await?,
    })
}

async fn finish(transaction: Client<'_>, decided: SongVerdict) -> Result<SongVerdict, CurationError> {
    let track_ids = credit_overrides::list_versions(&transaction, decided.normalized_track_id).await?;
    track_producers::refresh(&transaction, &track_ids).await?;
    transaction.commit().await?;
    Ok(SongVerdict { track_ids, ..decided })
}
