//! What follows for an album when one of its records is removed.

use shared::domain::ids::{AlbumId, TrackId};
use shared::platform::db::Client;
use shared::store::catalog::normalized_tracks;
use shared::store::credits::track_producers;
use shared::store::loads::loaded_records;

/// Recomputes the producers of an album's tracks after one of its records was removed. If no other record is
/// this album, the album is deleted.
pub(crate) async fn refresh_or_delete_album(
    transaction: &Client<'_>,
    album: AlbumId,
    tracks: &[TrackId],
) -> Result<(), tokio_postgres::Error> {
    if loaded_records::has_links(transaction, album).await? {
        return track_producers::refresh(transaction, tracks).await.map(drop);
    }
    let songs = loaded_records::delete_album(transaction, album).await?;
    normalized_tracks::refresh(transaction, &songs).await.map(drop)
}
