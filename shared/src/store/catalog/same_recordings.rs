//! Facts about an album that other rows of the database provide: tracks that may be the same recording,
//! albums with the same barcode, and credits from a dump. The caller decides whether two tracks or two albums
//! are the same.

use std::collections::BTreeSet;

use tokio_postgres::Error;

use crate::domain::credits::Source;
use crate::domain::ids::{AlbumId, TrackId};
use crate::platform::db::Client;

/// A track of another album that may be the same recording as a track of an album.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimilarTrack {
    /// The track of the album.
    pub track_id: TrackId,
    /// The track of the other album.
    pub similar_track_id: TrackId,
    /// The other album.
    pub album_id: AlbumId,
    /// The name of the other track.
    pub name: String,
    /// The duration of the other track in milliseconds.
    pub duration_ms: Option<i32>,
    /// Whether both have the same ISRC. If not, they are versions of the same song.
    pub same_isrc: bool,
}

const LIST_SIMILAR_TRACKS: &str = include_str!("same_recordings/list_similar_tracks.sql");

/// The tracks of other albums that may be the same recording as a track of this album.
pub async fn list_similar_tracks(client: &Client<'_>, album: AlbumId) -> Result<Vec<SimilarTrack>, Error> {
    let rows = client.query(LIST_SIMILAR_TRACKS, &[&album]).await?;
    Ok(rows
        .iter()
        .map(|row| SimilarTrack {
            track_id: row.get("track_id"),
            similar_track_id: row.get("similar_track_id"),
            album_id: row.get("album_id"),
            name: row.get("name"),
            duration_ms: row.get("duration_ms"),
            same_isrc: row.get("same_isrc"),
        })
        .collect())
}

/// Another album with the barcode of an album.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SameBarcodeAlbum {
    /// The other album.
    pub album_id: AlbumId,
    /// The name of the other album.
    pub name: String,
    /// The name of its artist.
    pub artist_name: String,
}

const LIST_SAME_BARCODE_ALBUMS: &str = "
    SELECT s.id, s.name, a.name AS artist_name
    FROM albums al
    JOIN albums s ON s.upc = al.upc AND s.id <> al.id
    JOIN artists a ON a.id = s.artist_id
    WHERE al.id = $1
    ORDER BY s.id";

/// The other albums with the barcode of this album. Labels reuse barcodes, so these can be different albums.
pub async fn list_same_barcode_albums(
    client: &Client<'_>,
    album: AlbumId,
) -> Result<Vec<SameBarcodeAlbum>, Error> {
    let rows = client.query(LIST_SAME_BARCODE_ALBUMS, &[&album]).await?;
    Ok(rows
        .iter()
        .map(|row| SameBarcodeAlbum {
            album_id: row.get("id"),
            name: row.get("name"),
            artist_name: row.get("artist_name"),
        })
        .collect())
}

// A record from a dump contains everything that the source knows, even if that is no credit at all.
const LIST_LOADED_TRACKS: &str = "
    SELECT c.track_id
    FROM album_links l
    JOIN credits c ON c.album_id = l.album_id AND c.source = l.source
    WHERE l.album_id = $1 AND l.source = $2::text::source
    UNION
    SELECT NULL FROM loaded_records WHERE album_id = $1 AND source = $2::text::source";

/// The tracks that the credits of an album from a source are about, if the album is linked to a record of the
/// source that has credits or was loaded from a dump. The set is empty if all credits are about the album, or
/// if there are none.
pub async fn find_loaded_tracks(
    client: &Client<'_>,
    album: AlbumId,
    source: Source,
) -> Result<Option<BTreeSet<TrackId>>, Error> {
    let rows = client.query(LIST_LOADED_TRACKS, &[&album, &source]).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    Ok(Some(rows.iter().filter_map(|row| row.get("track_id")).collect()))
}

// A lookup that was answered from our own rows does not count as asking the source. The exception is the
// record that the album was imported from, because the import asked the source.
const LIST_NEVER_LOOKED_UP: &str = "
    SELECT w.id
    FROM tracks w
    WHERE w.id = ANY ($1::bigint[])
      AND NOT EXISTS (
          SELECT FROM lookups l
          WHERE l.source = $2::text::source
            AND (l.kind, l.subject) IN (('album', w.album_id::text), ('track', w.id::text))
            AND (l.answer ->> 'matched_by' IS DISTINCT FROM 'own'
                 OR (l.answer ? 'record' AND NOT l.answer ?| ARRAY['same_as_track', 'same_as_album'])))
    ORDER BY w.id";

/// The tracks in `tracks` for which a source was never asked: their credits were loaded from a dump.
pub async fn list_never_looked_up(
    client: &Client<'_>,
    tracks: &[TrackId],
    source: Source,
) -> Result<Vec<TrackId>, Error> {
    let rows = client.query(LIST_NEVER_LOOKED_UP, &[&tracks, &source]).await?;
    Ok(rows.iter().map(|row| row.get("id")).collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    LIST_SIMILAR_TRACKS,
    LIST_SAME_BARCODE_ALBUMS,
    LIST_LOADED_TRACKS,
    LIST_NEVER_LOOKED_UP,
];
