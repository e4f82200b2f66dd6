//! What follows for an album when one of its records is removed.

use crate::db::Client;
use crate::ids::{AlbumId, NormalizedTrackId, TrackId};
use crate::store::{loaded_records, normalized_tracks, track_producers};

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
    let songs: Vec<NormalizedTrackId> = songs.into_iter().map(NormalizedTrackId).collect();
    normalized_tracks::refresh(transaction, &songs).await.map(drop)
}
