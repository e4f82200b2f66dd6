//! The table `track_artists`: the artists of a track, in the order in which the record names them.

use tokio_postgres::Error;

use crate::domain::ids::{ArtistId, TrackId};
use crate::platform::db::Client;

/// One artist of a track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrackArtistRow<'a> {
    /// The track.
    pub track_id: TrackId,
    /// The position at which the artist is named, from 1.
    pub position: i16,
    /// The artist.
    pub artist_id: ArtistId,
    /// Whether the artist is a guest.
    pub featured: bool,
    /// The artist's name as printed on the record, if the names of the source differ from record to record.
    pub stated_name: Option<&'a str>,
}

const DELETE_OTHERS: &str = "
    DELETE FROM track_artists ta
    WHERE ta.track_id = ANY ($1::bigint[])
      AND NOT EXISTS (
          SELECT FROM unnest($2::bigint[], $3::smallint[]) AS n (track_id, position)
          WHERE n.track_id = ta.track_id AND n.position = ta.position)";

const UPSERT: &str = "
    INSERT INTO track_artists AS ta (track_id, position, artist_id, part, stated_name)
    SELECT track_id, position, artist_id, (CASE WHEN featured THEN 'featured' ELSE 'main' END)::artist_part,
           stated_name
    FROM unnest($1::bigint[], $2::smallint[], $3::bigint[], $4::boolean[], $5::text[])
         AS n (track_id, position, artist_id, featured, stated_name)
    ORDER BY 1, 2
    ON CONFLICT (track_id, position) DO UPDATE SET
        artist_id = EXCLUDED.artist_id, part = EXCLUDED.part, stated_name = EXCLUDED.stated_name
    WHERE (ta.artist_id, ta.part, ta.stated_name)
          IS DISTINCT FROM (EXCLUDED.artist_id, EXCLUDED.part, EXCLUDED.stated_name)";

/// Replaces the artists of `tracks` and returns the number of rows written.
pub async fn replace(
    client: &Client<'_>,
    tracks: &[TrackId],
    artists: &[TrackArtistRow<'_>],
) -> Result<u64, Error> {
    let track_ids: Vec<TrackId> = artists.iter().map(|row| row.track_id).collect();
    let positions: Vec<i16> = artists.iter().map(|row| row.position).collect();
    let artist_ids: Vec<ArtistId> = artists.iter().map(|row| row.artist_id).collect();
    let featured: Vec<bool> = artists.iter().map(|row| row.featured).collect();
    let names: Vec<Option<&str>> = artists.iter().map(|row| row.stated_name).collect();
    let deleted = client
        .execute(DELETE_OTHERS, &[&tracks, &track_ids, &positions])
        .await?;
    let written = client
        .execute(UPSERT, &[&track_ids, &positions, &artist_ids, &featured, &names])
        .await?;
    Ok(deleted + written)
}

pub(in crate::store) const STATEMENTS: &[&str] = &[DELETE_OTHERS, UPSERT];
