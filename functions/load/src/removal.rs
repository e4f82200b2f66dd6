//! Removes a record from its album, because the dump or the album no longer has it.

use std::collections::BTreeSet;

use anyhow::Context as _;
use shared::catalog::album_import::{has_stated_names, pressings};
use shared::domain::credits::Source;
use shared::domain::ids::AlbumId;
use shared::platform::db::Client;
use shared::store::catalog::{album_links, albums, normalized_tracks, stated_names, track_links, tracks};
use shared::store::credits::{self, early_records, track_producers};
use shared::store::loads::{loaded_records, loaded_releases};
use shared::store::producers::statistics;

/// Removes a record of a source in a transaction of its own.
pub(crate) async fn remove_record(
    client: &mut Client<'_>,
    source: Source,
    id: &str,
    album: AlbumId,
) -> anyhow::Result<()> {
    let transaction = client.transaction().await?;
    detach_record(&transaction, source, id, album)
        .await
        .with_context(|| format!("remove release {id}"))?;
    transaction.commit().await?;
    Ok(())
}

/// Removes a record of a source from its album: its credits, its links, and the album itself if no other
/// record is that album.
pub(crate) async fn detach_record(
    transaction: &Client<'_>,
    source: Source,
    id: &str,
    album: AlbumId,
) -> Result<(), tokio_postgres::Error> {
    albums::lock(transaction, album).await?;
    let track_ids = tracks::list_ids(transaction, album).await?;
    statistics::mark_stale_of_tracks(transaction, &track_ids).await?;
    let mut renamed = BTreeSet::new();
    if has_stated_names(source) {
        renamed = stated_names::list_contested_ids(transaction, source, id, album).await?;
    }
    let mut records = vec![id.to_owned()];
    if source == Source::MusicBrainz {
        let own_release = album_links::find_own(transaction, album, source).await?;
        if own_release.as_deref() == Some(id) {
            // The recordings were matched through this release, so their credits go too.
            records.extend(track_links::delete_others(transaction, source, &track_ids, &[]).await?);
        }
        loaded_releases::delete(transaction, id).await?;
    }
    let mut affected = early_records::list_tracks(transaction, source, &[id.to_owned()]).await?;
    credits::replace(transaction, album, source, &records, &[]).await?;
    loaded_records::detach(transaction, source, id, album).await?;
    early_records::replace(transaction, source, id, false).await?;
    if loaded_records::has_links(transaction, album).await? {
        affected.extend(track_ids);
    } else {
        let songs = loaded_records::delete_album(transaction, album).await?;
        normalized_tracks::refresh(transaction, &songs).await?;
    }
    track_producers::refresh(transaction, &affected).await?;
    if source == Source::Discogs {
        pressings::refresh(transaction, &[album]).await?;
    }
    stated_names::settle(transaction, source, &Vec::from_iter(renamed)).await?;
    Ok(())
}
