//! One track as the API and the command line show it: its album, artists, producers and credits.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::domain::ids::{AlbumId, ArtistId, NormalizedTrackId, ProducerId, SpotifyTrackId, TrackId};
use crate::platform::db::Client;

const FIND_BY_SPOTIFY_ID: &str = "
    SELECT id FROM tracks WHERE spotify_id = $1
    UNION
    SELECT track_id FROM track_links WHERE source = 'spotify' AND source_id = $1
    ORDER BY 1
    LIMIT 1";

/// The track that has this Spotify id or a link to it.
pub async fn find_by_spotify_id(
    client: &Client<'_>,
    id: &SpotifyTrackId,
) -> Result<Option<TrackId>, tokio_postgres::Error> {
    let row = client.query_opt(FIND_BY_SPOTIFY_ID, &[id]).await?;
    Ok(row.map(|row| row.get("id")))
}

/// A track with its album.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Track {
    /// The track.
    pub id: TrackId,
    /// Its title.
    pub name: String,
    /// Its Spotify id.
    pub spotify_id: Option<String>,
    /// Its recording's ISRC.
    pub isrc: Option<String>,
    /// The disc it is on.
    pub disc_number: i16,
    /// Its number there.
    pub track_number: i32,
    /// Its length in milliseconds.
    pub duration_ms: Option<i32>,
    /// Its popularity, 0-100.
    pub popularity: Option<i16>,
    /// The song it is a version of; null if it counts as a song of its own.
    pub normalized_track_id: Option<NormalizedTrackId>,
    /// The main version of the song.
    pub representative_track_id: Option<TrackId>,
    /// The kind of version: remix, live, …; null for the song itself.
    pub version_kind: Option<String>,
    /// The title's words for the version.
    pub version_label: Option<String>,
    /// When the track was found missing from its album.
    pub removed_at: Option<DateTime<Utc>>,
    /// The album.
    pub album: Album,
}

/// The album of a track.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Album {
    /// The album.
    pub id: AlbumId,
    /// Its title.
    pub name: String,
    /// `album`, `single`, `compilation` or `other`.
    pub album_type: String,
    /// Its Spotify id.
    pub spotify_id: Option<String>,
    /// Its barcode, without leading zeros.
    pub upc: Option<String>,
    /// Its release date as far as it is known: `1997`, `1997-05` or `1997-05-21`.
    pub release_date: Option<String>,
}

const FIND: &str = "
    SELECT t.id, t.name, t.spotify_id, t.isrc, t.disc_number, t.track_number, t.duration_ms, t.popularity,
           t.normalized_track_id, n.representative_track_id, t.version_kind::text AS version_kind,
           t.version_label, t.removed_at, al.id AS album_id, al.name AS album_name,
           al.album_type::text AS album_type,
           al.spotify_id AS album_spotify_id, al.upc,
           release_date_text(al) AS release_date
    FROM tracks t
    JOIN albums al ON al.id = t.album_id
    LEFT JOIN normalized_tracks n ON n.id = t.normalized_track_id
    WHERE t.id = $1";

/// The track with this id.
pub async fn find(client: &Client<'_>, id: TrackId) -> Result<Option<Track>, tokio_postgres::Error> {
    let row = client.query_opt(FIND, &[&id]).await?;
    Ok(row.map(|row| Track {
        id: row.get("id"),
        name: row.get("name"),
        spotify_id: row.get("spotify_id"),
        isrc: row.get("isrc"),
        disc_number: row.get("disc_number"),
        track_number: row.get("track_number"),
        duration_ms: row.get("duration_ms"),
        popularity: row.get("popularity"),
        normalized_track_id: row.get("normalized_track_id"),
        representative_track_id: row.get("representative_track_id"),
        version_kind: row.get("version_kind"),
        version_label: row.get("version_label"),
        removed_at: row.get("removed_at"),
        album: Album {
            id: row.get("album_id"),
            name: row.get("album_name"),
            album_type: row.get("album_type"),
            spotify_id: row.get("album_spotify_id"),
            upc: row.get("upc"),
            release_date: row.get("release_date"),
        },
    }))
}

/// An artist of a track.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrackArtist {
    /// The artist.
    pub id: ArtistId,
    /// The artist's name.
    pub name: String,
    /// `main` or `featured`.
    pub part: String,
}

const LIST_ARTISTS: &str = "
    SELECT a.id, a.name, ta.part::text AS part
    FROM artists_of_tracks ta
    JOIN artists a ON a.id = ta.artist_id
    WHERE ta.track_id = $1
    ORDER BY ta.position
    LIMIT 100";

/// The track's artists in order, at most 100; if it states none, its album's artist.
pub async fn list_artists(
    client: &Client<'_>,
    id: TrackId,
) -> Result<Vec<TrackArtist>, tokio_postgres::Error> {
    let rows = client.query(LIST_ARTISTS, &[&id]).await?;
    Ok(rows
        .iter()
        .map(|row| TrackArtist {
            id: row.get("id"),
            name: row.get("name"),
            part: row.get("part"),
        })
        .collect())
}

/// A producer of a track, as computed from the credits.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrackProducer {
    /// The producer.
    pub id: ProducerId,
    /// The producer's name.
    pub name: String,
    /// The producer's strongest role.
    pub role: String,
    /// All roles that the credits claim, the strongest first.
    pub roles: Vec<String>,
    /// How certain it is, 0-1.
    pub confidence: f32,
    /// The strongest source of the credit.
    pub source: String,
}

const LIST_PRODUCERS: &str = "
    SELECT p.id, p.name, tp.role::text AS role, roles_of(tp) AS roles, tp.confidence,
           tp.source::text AS source
    FROM track_producers tp
    JOIN producers p ON p.id = tp.producer_id
    WHERE tp.track_id = $1
    ORDER BY tp.role, tp.confidence DESC, p.name, p.id
    LIMIT 100";

/// The track's producers, the strongest role first, at most 100.
pub async fn list_producers(
    client: &Client<'_>,
    id: TrackId,
) -> Result<Vec<TrackProducer>, tokio_postgres::Error> {
    let rows = client.query(LIST_PRODUCERS, &[&id]).await?;
    Ok(rows
        .iter()
        .map(|row| TrackProducer {
            id: row.get("id"),
            name: row.get("name"),
            role: row.get("role"),
            roles: row.get("roles"),
            confidence: row.get("confidence"),
            source: row.get("source"),
        })
        .collect())
}

/// A source's credit that covers a track, or may cover it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrackCredit {
    /// `track` for a credit of the track, `album` for one of the whole album, `range` for one of several
    /// tracks including this one, or `unresolved` for one of a range that could not be resolved; that one
    /// counts for no track.
    pub covers: String,
    /// Whether it counts for the track: not if it is unresolved, nor if the role is `supervisor` and no date
    /// before 1975 is known for the record.
    pub counts: bool,
    /// The source's own words for the range; null if there are none.
    pub track_range: Option<String>,
    /// The source.
    pub source: String,
    /// The kind of record that states the credit, in the source's word.
    pub record_kind: String,
    /// The record's id in the source.
    pub record_id: String,
    /// The producer; null if the credit makes nobody a producer.
    pub producer_id: Option<ProducerId>,
    /// The name as the source prints it.
    pub credited_as: String,
    /// The source's own words for the role.
    pub raw_role: String,
    /// The role.
    pub role: String,
    /// How the record was matched to the track or album.
    pub matched_by: String,
    /// The score of that match, 0-1.
    pub match_score: f32,
    /// The track or album that the credit was copied from (`album 12`), if no source was asked about this
    /// one.
    pub known_from: Option<String>,
    /// The note of the person who entered the credit, for a manual credit.
    pub note: Option<String>,
    /// When the credit was first seen.
    pub first_seen_at: DateTime<Utc>,
}

/// The statement that lists the credits of the tracks that a condition chooses.
macro_rules! list_credits {
    ($condition:literal, $limit:literal) => {
        concat!(
            include_str!("track_credits.sql"),
            "WHERE ",
            $condition,
            " ORDER BY c.role, c.source, covers DESC, c.credited_as, c.id, t.id LIMIT ",
            $limit
        )
    };
}

const LIST_CREDITS: &str = list_credits!("t.id = $1", "500");

/// The credits that cover the track or may cover it, the strongest role first, at most 500.
pub async fn list_credits(
    client: &Client<'_>,
    id: TrackId,
) -> Result<Vec<TrackCredit>, tokio_postgres::Error> {
    let rows = client.query(LIST_CREDITS, &[&id]).await?;
    Ok(rows.iter().map(track_credit).collect())
}

const LIST_CREDITS_OF_PRODUCER: &str =
    list_credits!("i.producer_id = $1 AND t.id = ANY ($2::bigint[])", "ALL");

/// The credits of a producer that cover these tracks or may cover them, each with its track, the strongest
/// role first.
pub async fn list_credits_of_producer(
    client: &Client<'_>,
    id: ProducerId,
    tracks: &[TrackId],
) -> Result<Vec<(TrackId, TrackCredit)>, tokio_postgres::Error> {
    let rows = client.query(LIST_CREDITS_OF_PRODUCER, &[&id, &tracks]).await?;
    Ok(rows
        .iter()
        .map(|row| (row.get("track_id"), track_credit(row)))
        .collect())
}

fn track_credit(row: &tokio_postgres::Row) -> TrackCredit {
    TrackCredit {
        covers: row.get("covers"),
        counts: row.get("counts"),
        track_range: row.get("track_range"),
        source: row.get("source"),
        record_kind: row.get("source_record_kind"),
        record_id: row.get("source_record_id"),
        producer_id: row.get("producer_id"),
        credited_as: row.get("credited_as"),
        raw_role: row.get("raw_role"),
        role: row.get("role"),
        matched_by: row.get("matched_by"),
        match_score: row.get("match_score"),
        known_from: row.get("known_from"),
        first_seen_at: row.get("first_seen_at"),
        note: row.get("note"),
    }
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    FIND_BY_SPOTIFY_ID,
    FIND,
    LIST_ARTISTS,
    LIST_PRODUCERS,
    LIST_CREDITS,
    LIST_CREDITS_OF_PRODUCER,
];
