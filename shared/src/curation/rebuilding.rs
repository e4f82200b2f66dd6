//! Computes what is derived from credits, verdicts and albums again, for the whole database: the producers of
//! every track, the representative track and the first date of every song. Each page is one transaction, so
//! that workers go on meanwhile and an interrupted run has changed nothing by halves.

use serde::Serialize;

use super::decisions::retry_conflicts;
use crate::domain::ids::{NormalizedTrackId, TrackId};
use crate::platform::db::Pool;
use crate::store::catalog::{normalized_tracks, tracks};
use crate::store::credits::track_producers;

/// Tracks or songs per transaction.
const PAGE: i64 = 2_000;

/// Counts of a rebuild.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RebuildCounts {
    /// Tracks whose producers were computed.
    pub tracks: u64,
    /// Rows of their producers that were written or deleted, because they differed.
    pub producers_changed: u64,
    /// Songs whose representative and date were computed.
    pub songs: u64,
    /// Songs that differed.
    pub songs_changed: u64,
}

/// Computes the producers of the next tracks after `after` and adds to `counts`. Returns the last track, or
/// `None` if there is none left.
///
/// # Errors
/// Fails also if other writers keep changing the same tracks. The tracks before stay computed.
pub async fn rebuild_next_tracks(
    pool: &Pool,
    after: TrackId,
    counts: &mut RebuildCounts,
) -> anyhow::Result<Option<TrackId>> {
    let (page, changed) = retry_conflicts(async || {
        let mut client = pool.client().await?;
        let transaction = client.transaction().await?;
        let page = tracks::list_next(&transaction, after, PAGE).await?;
        let changed = track_producers::refresh(&transaction, &page).await?;
        transaction.commit().await?;
        Ok((page, changed))
    })
    .await?;
    counts.tracks += page.len() as u64;
    counts.producers_changed += changed as u64;
    Ok(page.last().copied())
}

/// Computes the representatives and dates of the next songs after `after` and adds to `counts`. Returns the
/// last song, or `None` if there is none left.
///
/// # Errors
/// Fails also if other writers keep changing the same songs. The songs before stay computed.
pub async fn rebuild_next_songs(
    pool: &Pool,
    after: NormalizedTrackId,
    counts: &mut RebuildCounts,
) -> anyhow::Result<Option<NormalizedTrackId>> {
    let (page, changed) = retry_conflicts(async || {
        let mut client = pool.client().await?;
        let transaction = client.transaction().await?;
        let page = normalized_tracks::list_next(&transaction, after, PAGE).await?;
        let changed = normalized_tracks::refresh(&transaction, &page).await?;
        transaction.commit().await?;
        Ok((page, changed))
    })
    .await?;
    counts.songs += page.len() as u64;
    counts.songs_changed += changed as u64;
    Ok(page.last().copied())
}
