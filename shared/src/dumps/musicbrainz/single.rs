//! A release of the dump as rows, by the very code that keeps one asked for online: the album in one transaction, its credits
//! in another, and off again. Which releases are written stays out.

use chrono::Utc;

use super::SOURCE;
use super::dumped::Dumped;
use crate::arriving::{self, ArrivingAlbum};
use crate::db::{Client, Pool};
use crate::dumps::removal::refresh_or_delete_album;
use crate::identifying::{self, AlbumSnapshot, musicbrainz};
use crate::ids::{AlbumId, TrackId};
use crate::store::loaded_releases::{self, LoadedRelease};
use crate::store::{albums, credits, loaded_records, loading, statistics, tracks};

/// Writes a release and takes another of its group off; gives how many credits it has. None where somebody changed the album
/// meanwhile: then it is to be written again.
///
/// # Errors
/// The database's.
pub(super) async fn write(
    pool: &Pool,
    dumped: &Dumped,
    rival: Option<&LoadedRelease>,
    load_id: i64,
) -> anyhow::Result<Option<(u64, LoadedRelease)>> {
    let release = &dumped.release;
    let mut client = pool.client().await?;
    let transaction = client.transaction().await?;
    loading::begin_batch(&transaction, false).await?;
    if let Some(rival) = rival {
        detach(&transaction, &rival.release_mbid, rival.album_id).await?;
    }
    let arriving = ArrivingAlbum::from_musicbrainz(release);
    let album_id = arriving::write(&transaction, dumped.id(), &arriving).await?;
    transaction.commit().await?;
    // As online: new producers are made by one transaction at a time, which must not wait for rows of an album.
    let transaction = client.transaction().await?;
    loading::begin_batch(&transaction, false).await?;
    let own = musicbrainz::findings_from_own_release(&transaction, album_id, release, Utc::now()).await?;
    let mut count = 0;
    if let Some(own) = own {
        let asked = AlbumSnapshot {
            album: &own.album,
            tracks: &own.tracks,
            own_release: Some(&release.id),
        };
        count = own.findings.credits.len() as u64;
        if !identifying::write_credits(&transaction, &asked, false, &[own.findings]).await? {
            return Ok(None);
        }
    }
    let loaded = dumped.loaded(album_id, load_id)?;
    loaded_releases::upsert(&transaction, std::slice::from_ref(&loaded)).await?;
    transaction.commit().await?;
    Ok(Some((count, loaded)))
}

/// Takes a release off the album that it was: its claims, its links, and the album where nobody else knows it.
///
/// # Errors
/// The database's.
pub(super) async fn detach(
    transaction: &Client<'_>,
    id: &str,
    album: AlbumId,
) -> Result<(), tokio_postgres::Error> {
    albums::lock(transaction, album).await?;
    let known = tracks::list_known(transaction, &[album], &[]).await?;
    let ids: Vec<TrackId> = known.iter().map(|track| track.id).collect();
    statistics::mark_stale_of_tracks(transaction, &ids).await?;
    let led = albums::find_own(transaction, album, SOURCE).await?;
    loaded_records::detach(transaction, SOURCE, id, album).await?;
    loaded_releases::delete(transaction, id).await?;
    let mut records = vec![id.to_owned()];
    if led.as_deref() == Some(id) {
        // What its recordings claim was told by it.
        records.extend(tracks::delete_other_links(transaction, SOURCE, &ids, &[]).await?);
    }
    credits::replace(transaction, album, SOURCE, &records, &[]).await?;
    refresh_or_delete_album(transaction, album, &ids).await
}
