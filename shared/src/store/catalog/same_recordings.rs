//! What is known of an album from elsewhere in our own tables: tracks that may be the same recording as one of its, and
//! credits that nobody had to ask for. Whether two tracks are one recording is decided by whoever asks.

use std::collections::BTreeSet;

use crate::domain::credits::Source;
use crate::domain::ids::{AlbumId, TrackId};
use crate::platform::db::Client;
use crate::store::credits::position;

/// A track of another album that may be the same recording as one of an album's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimilarTrack {
    /// The album's track.
    pub track_id: TrackId,
    /// The other one.
    pub similar_track_id: TrackId,
    /// Its album.
    pub album_id: AlbumId,
    /// Where it stands there, as [`position`] writes it.
    pub position: String,
    /// Its title.
    pub name: String,
    /// How long it is.
    pub duration_ms: Option<i32>,
    /// Whether both have one ISRC; else they are versions of one song.
    pub same_isrc: bool,
}

const LIST_OF_ALBUM: &str = "
    WITH pairs AS (
        SELECT t.id AS track_id, w.id AS twin_id, true AS same_isrc
        FROM tracks t
        JOIN tracks w ON w.isrc = t.isrc AND w.album_id <> t.album_id
        WHERE t.album_id = $1 AND t.removed_at IS NULL AND w.removed_at IS NULL
        UNION ALL
        SELECT t.id, w.id, false
        FROM tracks t
        JOIN tracks w ON w.normalized_track_id = t.normalized_track_id AND w.album_id <> t.album_id
        WHERE t.album_id = $1 AND t.removed_at IS NULL AND w.removed_at IS NULL
    )
    SELECT p.track_id, p.twin_id, w.name, w.duration_ms, bool_or(p.same_isrc), w.album_id, w.disc_number, w.track_number
    FROM pairs p
    JOIN tracks w ON w.id = p.twin_id
    JOIN albums al ON al.id = $1
    JOIN albums of_twin ON of_twin.id = w.album_id
    -- Labels reuse ISRCs: somebody must be on both.
    WHERE EXISTS (
        (SELECT ta.artist_id FROM track_artists ta WHERE ta.track_id = p.track_id
         UNION SELECT al.artist_id WHERE NOT EXISTS (SELECT FROM track_artists ta WHERE ta.track_id = p.track_id))
        INTERSECT
        (SELECT ta.artist_id FROM track_artists ta WHERE ta.track_id = p.twin_id
         UNION SELECT of_twin.artist_id WHERE NOT EXISTS (SELECT FROM track_artists ta WHERE ta.track_id = p.twin_id)))
    GROUP BY p.track_id, p.twin_id, w.name, w.duration_ms, w.album_id, w.disc_number, w.track_number
    ORDER BY p.track_id, p.twin_id";

/// The tracks of other albums that may be the same recording as one of an album's.
///
/// # Errors
/// The database's.
pub async fn list_similar_tracks(
    client: &Client<'_>,
    album: AlbumId,
) -> Result<Vec<SimilarTrack>, tokio_postgres::Error> {
    let rows = client.query(LIST_OF_ALBUM, &[&album.0]).await?;
    Ok(rows
        .iter()
        .map(|row| SimilarTrack {
            track_id: TrackId(row.get(0)),
            similar_track_id: TrackId(row.get(1)),
            album_id: AlbumId(row.get(5)),
            position: position(row.get(6), row.get(7)),
            name: row.get(2),
            duration_ms: row.get(3),
            same_isrc: row.get(4),
        })
        .collect())
}

/// Another album with an album's barcode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SameBarcodeAlbum {
    /// The other album.
    pub album_id: AlbumId,
    /// Its title.
    pub name: String,
    /// Its artist's name.
    pub artist_name: String,
}

const LIST_SIBLINGS: &str = "
    SELECT s.id, s.name, a.name
    FROM albums al
    JOIN albums s ON s.upc = al.upc AND s.id <> al.id
    JOIN artists a ON a.id = s.artist_id
    WHERE al.id = $1
    ORDER BY s.id";

/// The other albums with an album's barcode. Barcodes get reused: whether they are one is decided by whoever asks.
///
/// # Errors
/// The database's.
pub async fn list_same_barcode_albums(
    client: &Client<'_>,
    album: AlbumId,
) -> Result<Vec<SameBarcodeAlbum>, tokio_postgres::Error> {
    let rows = client.query(LIST_SIBLINGS, &[&album.0]).await?;
    Ok(rows
        .iter()
        .map(|row| SameBarcodeAlbum {
            album_id: AlbumId(row.get(0)),
            name: row.get(1),
            artist_name: row.get(2),
        })
        .collect())
}

const LIST_LOADED: &str = "
    SELECT c.track_id
    FROM album_links l
    JOIN credits c ON c.album_id = l.album_id AND c.source = l.source
    WHERE l.album_id = $1 AND l.source = $2::text::source
    UNION
    -- A dump's record tells all that the source knows, also where that is nothing.
    SELECT NULL FROM loaded_records WHERE album_id = $1 AND source = $2::text::source";

/// The tracks that credits of a record of a source are about, which the album is known to be; None where there are no such
/// credits and nobody loaded the record, and no track where all are about the album or there is none.
///
/// # Errors
/// The database's.
pub async fn find_loaded_tracks(
    client: &Client<'_>,
    album: AlbumId,
    source: Source,
) -> Result<Option<BTreeSet<TrackId>>, tokio_postgres::Error> {
    let rows = client.query(LIST_LOADED, &[&album.0, &source.as_str()]).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let tracks = rows.iter().filter_map(|row| row.get::<_, Option<i64>>(0));
    Ok(Some(tracks.map(TrackId).collect()))
}

const LIST_NEVER_ASKED: &str = "
    SELECT w.id
    FROM tracks w
    WHERE w.id = ANY ($1::bigint[])
      AND NOT EXISTS (
          SELECT FROM lookups l
          WHERE l.source = $2::text::source AND (l.kind, l.subject) IN (('album', w.album_id::text), ('track', w.id::text))
            AND (l.answer ->> 'matched_by' IS DISTINCT FROM 'own'
                -- Who brings an album in from a source is told of it by the source.
                OR (l.answer ? 'record' AND NOT l.answer ?| ARRAY['same_as_track', 'same_as_album'])))
    ORDER BY w.id";

/// Of these tracks, those about which a source was never asked: what it says of them was loaded.
///
/// # Errors
/// The database's.
pub async fn list_never_looked_up(
    client: &Client<'_>,
    tracks: &[TrackId],
    source: Source,
) -> Result<Vec<TrackId>, tokio_postgres::Error> {
    let ids: Vec<i64> = tracks.iter().map(|id| id.0).collect();
    let rows = client.query(LIST_NEVER_ASKED, &[&ids, &source.as_str()]).await?;
    Ok(rows.iter().map(|row| TrackId(row.get(0))).collect())
}

pub(in crate::store) const STATEMENTS: &[&str] =
    &[LIST_OF_ALBUM, LIST_SIBLINGS, LIST_LOADED, LIST_NEVER_ASKED];
