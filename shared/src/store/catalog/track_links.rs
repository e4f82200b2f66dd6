//! The table `track_links`: which records of the sources a track is.

use tokio_postgres::{Error, Row};

use crate::domain::credits::{MatchMethod, Source};
use crate::domain::ids::{AlbumId, TrackId};
use crate::platform::db::Client;

/// A link of a track to a record of a source.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackLink {
    /// The track.
    pub track_id: TrackId,
    /// The id of the record at the source.
    pub source_id: String,
    /// How the record was matched.
    pub matched_by: MatchMethod,
    /// The score of the match, 0 to 1.
    pub match_score: f32,
}

const UPSERT: &str = "
    INSERT INTO track_links AS l (track_id, source, source_id, matched_by, match_score)
    SELECT track_id, $1::text::source, source_id, matched_by::match_method, match_score
    FROM unnest($2::bigint[], $3::text[], $4::text[], $5::real[])
         AS n (track_id, source_id, matched_by, match_score)
    ORDER BY 1, 3
    ON CONFLICT (track_id, source, source_id) DO UPDATE SET
        matched_by = EXCLUDED.matched_by, match_score = EXCLUDED.match_score
    WHERE (l.matched_by, l.match_score) IS DISTINCT FROM (EXCLUDED.matched_by, EXCLUDED.match_score)";

/// Links tracks to records of a source. No pair of track and record may occur twice.
pub async fn upsert(client: &Client<'_>, source: Source, links: &[TrackLink]) -> Result<u64, Error> {
    let tracks: Vec<TrackId> = links.iter().map(|link| link.track_id).collect();
    let records: Vec<&str> = links.iter().map(|link| link.source_id.as_str()).collect();
    let methods: Vec<MatchMethod> = links.iter().map(|link| link.matched_by).collect();
    let scores: Vec<f32> = links.iter().map(|link| link.match_score).collect();
    client
        .execute(UPSERT, &[&source, &tracks, &records, &methods, &scores])
        .await
}

const DELETE_OTHERS: &str = "
    DELETE FROM track_links l
    WHERE l.source = $1::text::source AND l.track_id = ANY ($2::bigint[])
      AND NOT EXISTS (
          SELECT FROM unnest($3::bigint[], $4::text[]) AS n (track_id, source_id)
          WHERE n.track_id = l.track_id AND n.source_id = l.source_id)
    RETURNING l.source_id";

/// Deletes the links of `tracks` to records of a source that are not in `kept`, and returns those records.
pub async fn delete_others(
    client: &Client<'_>,
    source: Source,
    tracks: &[TrackId],
    kept: &[TrackLink],
) -> Result<Vec<String>, Error> {
    let kept_tracks: Vec<TrackId> = kept.iter().map(|link| link.track_id).collect();
    let kept_records: Vec<&str> = kept.iter().map(|link| link.source_id.as_str()).collect();
    let rows = client
        .query(DELETE_OTHERS, &[&source, &tracks, &kept_tracks, &kept_records])
        .await?;
    Ok(rows.iter().map(|row| row.get("source_id")).collect())
}

const LIST_OF_ALBUM: &str = "
    SELECT DISTINCT ON (l.track_id) l.track_id, l.source_id, l.matched_by::text AS matched_by, l.match_score
    FROM tracks t
    JOIN track_links l ON l.track_id = t.id
    WHERE t.album_id = $1 AND l.source = $2::text::source
    ORDER BY l.track_id, l.match_score DESC, l.source_id";

/// The best link of each track of an album to a record of a source.
pub async fn list_of_album(
    client: &Client<'_>,
    album: AlbumId,
    source: Source,
) -> Result<Vec<TrackLink>, Error> {
    let rows = client.query(LIST_OF_ALBUM, &[&album, &source]).await?;
    let link = |row: &Row| TrackLink {
        track_id: row.get("track_id"),
        source_id: row.get("source_id"),
        matched_by: row.get("matched_by"),
        match_score: row.get("match_score"),
    };
    Ok(rows.iter().map(link).collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[UPSERT, DELETE_OTHERS, LIST_OF_ALBUM];
