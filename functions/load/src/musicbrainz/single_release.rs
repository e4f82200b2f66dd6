//! Writes and removes single releases of the MusicBrainz dump, by the rules of an online import: the album in
//! one transaction, its credits in another.

use shared::catalog::album_import::{self, ArrivingAlbum};
use shared::catalog::identification;
use shared::domain::credits::Source;
use shared::domain::ids::AlbumId;
use shared::platform::db::{Client, Pool};
use shared::store::catalog::{album_links, track_links};
use shared::store::catalog::{albums, tracks};
use shared::store::credits;
use shared::store::loads::loaded_releases::{self, LoadedRelease};
use shared::store::loads::{loaded_records, loading};
use shared::store::producers::statistics;

use crate::musicbrainz::dump_release::MusicBrainzRelease;
use crate::removal::refresh_or_delete_album;

/// Writes a release and removes `replaced`, another release of its group. Returns the number of credits and
/// the stored release, or `None` if the album was changed meanwhile; then the caller has to try again.
pub(crate) async fn write_release(
    pool: &Pool,
    dumped: &MusicBrainzRelease,
    replaced: Option<&LoadedRelease>,
    load_id: i64,
) -> anyhow::Result<Option<(u64, LoadedRelease)>> {
    let release = &dumped.release;
    let mut client = pool.client().await?;
    let transaction = client.transaction().await?;
    loading::begin_batch(&transaction, false).await?;
    if let Some(replaced) = replaced {
        remove_release(&transaction, &replaced.release_mbid, replaced.album_id).await?;
    }
    let arriving = ArrivingAlbum::from_musicbrainz(release);
    let album_id = album_import::write(&transaction, dumped.id(), &arriving)
        .await?
        .id;
    transaction.commit().await?;
    // A second transaction, as online: only one at a time creates producers, and it must not wait for rows of
    // an album.
    let transaction = client.transaction().await?;
    loading::begin_batch(&transaction, false).await?;
    let written = identification::write_own_release(&transaction, album_id, release, None).await?;
    let Some(credit_count) = written else {
        return Ok(None);
    };
    let loaded = dumped.loaded_release(album_id, load_id)?;
    loaded_releases::upsert(&transaction, std::slice::from_ref(&loaded)).await?;
    transaction.commit().await?;
    Ok(Some((credit_count, loaded)))
}

/// Removes a release from its album: its credits, its links, and the album itself if no other record is that
/// album.
pub(crate) async fn remove_release(
    transaction: &Client<'_>,
    id: &str,
    album: AlbumId,
) -> Result<(), tokio_postgres::Error> {
    albums::lock(transaction, album).await?;
    let track_ids = tracks::list_ids(transaction, album).await?;
    statistics::mark_stale_of_tracks(transaction, &track_ids).await?;
    let own_release = album_links::find_own(transaction, album, Source::MusicBrainz).await?;
    loaded_records::detach(transaction, Source::MusicBrainz, id, album).await?;
    loaded_releases::delete(transaction, id).await?;
    let mut records = vec![id.to_owned()];
    if own_release.as_deref() == Some(id) {
        // The recordings were matched through this release, so their credits go too.
        let recordings =
            track_links::delete_others(transaction, Source::MusicBrainz, &track_ids, &[]).await?;
        records.extend(recordings);
    }
    credits::replace(transaction, album, Source::MusicBrainz, &records, &[]).await?;
    refresh_or_delete_album(transaction, album, &track_ids).await
}
