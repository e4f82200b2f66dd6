//! Writes single releases of the MusicBrainz dump, by the rules of an online import: the album in
//! one transaction, its credits in another.

use shared::catalog::album_import::{self, ArrivingAlbum};
use shared::catalog::identification;
use shared::domain::credits::Source;
use shared::platform::db::Pool;
use shared::store::loads::loaded_releases::{self, LoadedRelease};
use shared::store::loads::loading;

use crate::musicbrainz::dump_release::MusicBrainzRelease;
use crate::removal::detach_record;

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
        detach_record(
            &transaction,
            Source::MusicBrainz,
            &replaced.release_mbid,
            replaced.album_id,
        )
        .await?;
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
