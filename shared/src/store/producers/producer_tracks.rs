//! What has this producer done? Each song once with the evidence, and the artists they worked with.

use chrono::NaiveDate;
use serde::Serialize;

use crate::domain::ids::{AlbumId, ArtistId, NormalizedTrackId, ProducerId, TrackId};
use crate::platform::db::Client;

/// A song that a producer produced: its main version among the tracks that credit the producer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProducedSong {
    /// The track shown for the song.
    pub track_id: TrackId,
    /// Its title.
    pub name: String,
    /// Its Spotify id.
    pub spotify_id: Option<String>,
    /// The song; null for a track that is counted by itself.
    pub normalized_track_id: Option<NormalizedTrackId>,
    /// How many tracks of the song credit the producer.
    pub version_count: i64,
    /// The track's artists in order, at most 100.
    pub artists: Vec<SongArtist>,
    /// The album it is on.
    pub album: Album,
    /// What the producer did: the strongest role.
    pub role: String,
    /// The strongest source that says so.
    pub source: String,
    /// How sure that is, 0-1.
    pub confidence: f32,
    /// Where the next page begins after this song.
    #[serde(skip)]
    pub place: TrackPlace,
}

/// An artist as a list names one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SongArtist {
    /// The artist.
    pub id: ArtistId,
    /// The artist's name.
    pub name: String,
}

/// An album as a list names one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Album {
    /// The album.
    pub id: AlbumId,
    /// Its title.
    pub name: String,
    /// When it was released, as far as that is known: `1997`, `1997-05` or `1997-05-21`.
    pub release_date: Option<String>,
}

/// A place in the list of a producer's songs: the newest album first, and its songs as they are on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrackPlace {
    /// The release date; 0001-01-01 where it is not known.
    pub date: NaiveDate,
    /// The album.
    pub album: i64,
    /// The place on it, from the end: what stands first is the largest.
    pub position: i64,
    /// The song; a track without a normalized track has the negative of its own id.
    pub song: i64,
}

const LIST_TRACKS: &str = "
    WITH produced AS (
        SELECT tp.track_id, tp.role, tp.source, tp.confidence, t.album_id, -((t.disc_number::bigint << 32) + t.track_number) AS position,
               COALESCE(t.normalized_track_id, -t.id) AS song,
               count(*) OVER song AS version_count,
               row_number() OVER (
                   song ORDER BY n.representative_track_id = t.id DESC NULLS LAST, t.removed_at IS NOT NULL, tp.confidence DESC, t.id
               ) AS place
        FROM track_producers tp
        JOIN tracks t ON t.id = tp.track_id
        LEFT JOIN normalized_tracks n ON n.id = t.normalized_track_id
        WHERE tp.producer_id = $1
        WINDOW song AS (PARTITION BY COALESCE(t.normalized_track_id, -t.id))
    ), page AS (
        SELECT p.track_id, p.role, p.source, p.confidence, p.album_id, p.position, p.song, p.version_count, COALESCE(al.release_date, DATE '0001-01-01') AS date
        FROM produced p
        JOIN albums al ON al.id = p.album_id
        WHERE p.place = 1
          AND ($2::date IS NULL OR (COALESCE(al.release_date, DATE '0001-01-01'), p.album_id, p.position, p.song) < ($2, $3::bigint, $4::bigint, $5::bigint))
        ORDER BY date DESC, p.album_id DESC, p.position DESC, p.song DESC
        LIMIT $6
    )
    SELECT t.id, t.name, t.spotify_id, t.normalized_track_id, page.version_count, artists.ids, artists.names,
           al.id, al.name, to_char(al.release_date, CASE al.release_date_precision WHEN 'year' THEN 'YYYY' WHEN 'month' THEN 'YYYY-MM' ELSE 'YYYY-MM-DD' END),
           page.role::text, page.source::text, page.confidence, page.date, page.album_id, page.position, page.song
    FROM page
    JOIN tracks t ON t.id = page.track_id
    JOIN albums al ON al.id = t.album_id
    CROSS JOIN LATERAL (
        SELECT array_agg(a.id ORDER BY named.position) AS ids, array_agg(a.name ORDER BY named.position) AS names
        FROM (
            SELECT ta.artist_id, ta.position FROM track_artists ta WHERE ta.track_id = t.id
            UNION ALL
            SELECT al.artist_id, 1 WHERE NOT EXISTS (SELECT FROM track_artists ta WHERE ta.track_id = t.id)
            ORDER BY position
            LIMIT 100
        ) AS named
        JOIN artists a ON a.id = named.artist_id
    ) AS artists
    ORDER BY page.date DESC, page.album_id DESC, page.position DESC, page.song DESC";

/// The songs of a producer by album, the newest first, from behind `after`.
///
/// # Errors
/// The database's.
pub async fn list_tracks(
    client: &Client<'_>,
    id: ProducerId,
    after: Option<TrackPlace>,
    limit: i64,
) -> Result<Vec<ProducedSong>, tokio_postgres::Error> {
    let date = after.map(|place| place.date);
    let [album, position, song] = [
        after.map(|place| place.album),
        after.map(|place| place.position),
        after.map(|place| place.song),
    ];
    let rows = client
        .query(LIST_TRACKS, &[&id.0, &date, &album, &position, &song, &limit])
        .await?;
    Ok(rows.iter().map(produced).collect())
}

fn produced(row: &tokio_postgres::Row) -> ProducedSong {
    let ids: Vec<i64> = row.get(5);
    let names: Vec<String> = row.get(6);
    ProducedSong {
        track_id: TrackId(row.get(0)),
        name: row.get(1),
        spotify_id: row.get(2),
        normalized_track_id: row.get::<_, Option<i64>>(3).map(NormalizedTrackId),
        version_count: row.get(4),
        artists: ids
            .into_iter()
            .zip(names)
            .map(|(id, name)| SongArtist {
                id: ArtistId(id),
                name,
            })
            .collect(),
        album: Album {
            id: AlbumId(row.get(7)),
            name: row.get(8),
            release_date: row.get(9),
        },
        role: row.get(10),
        source: row.get(11),
        confidence: row.get(12),
        place: TrackPlace {
            date: row.get(13),
            album: row.get(14),
            position: row.get(15),
            song: row.get(16),
        },
    }
}

/// An artist that a producer has worked with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Collaboration {
    /// The artist.
    pub artist_id: ArtistId,
    /// The artist's name.
    pub artist_name: String,
    /// On how many songs.
    pub track_count: i64,
}

/// A place in a list that is ordered by a count, then by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountPlace {
    /// The count.
    pub count: i64,
    /// The id.
    pub id: i64,
}

const LIST_COLLABORATIONS: &str = "
    SELECT artist_id, artist_name, track_count
    FROM get_producer_collaborations($1)
    WHERE $2::bigint IS NULL OR (track_count, -artist_id) < ($2, -$3::bigint)
    ORDER BY track_count DESC, artist_id
    LIMIT $4";

/// The artists that a producer has worked with, those with the most songs first, from behind `after`.
///
/// # Errors
/// The database's.
pub async fn list_collaborations(
    client: &Client<'_>,
    id: ProducerId,
    after: Option<CountPlace>,
    limit: i64,
) -> Result<Vec<Collaboration>, tokio_postgres::Error> {
    let count = after.map(|place| place.count);
    let artist_id = after.map(|place| place.id);
    let rows = client
        .query(LIST_COLLABORATIONS, &[&id.0, &count, &artist_id, &limit])
        .await?;
    Ok(rows
        .iter()
        .map(|row| Collaboration {
            artist_id: ArtistId(row.get(0)),
            artist_name: row.get(1),
            track_count: row.get(2),
        })
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[LIST_TRACKS, LIST_COLLABORATIONS];
