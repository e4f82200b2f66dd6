//! Albums and the records of the sources that they are.

use chrono::{DateTime, NaiveDate, Utc};

use crate::catalog::AlbumType;
use crate::credits::{MatchMethod, Source};
use crate::dates::ReleaseDate;
use crate::db::Client;
use crate::ids::{AlbumId, ArtistId, SpotifyAlbumId, Upc};

/// An album as Spotify has it. What it leaves out stays as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival<'a> {
    /// Its Spotify id.
    pub spotify_album_id: &'a SpotifyAlbumId,
    /// The first artist named.
    pub artist_id: ArtistId,
    /// The name.
    pub name: &'a str,
    /// What kind of album it is.
    pub album_type: Option<AlbumType>,
    /// When it came out.
    pub release_date: Option<ReleaseDate>,
    /// The cover.
    pub cover_url: Option<&'a str>,
    /// The barcode.
    pub upc: Option<&'a Upc>,
    /// How many tracks it has.
    pub total_tracks: Option<i32>,
    /// The label.
    pub label: Option<&'a str>,
    /// The genres.
    pub genres: &'a [String],
}

/// An album of ours that an arrival may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Our id.
    pub id: AlbumId,
    /// The smallest of its Spotify ids: what that album says leads.
    pub spotify_id: Option<String>,
    /// Whether the arrival's Spotify id is one of its own already; otherwise the barcode and the track count agree.
    pub is_linked: bool,
}

const LOCK_KEY: &str = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";

const LIST_KNOWN: &str = "
    SELECT a.id, a.spotify_id, EXISTS (SELECT FROM album_links l WHERE l.album_id = a.id AND l.source = 'spotify' AND l.source_id = $1) AS is_linked
    FROM albums a
    WHERE a.id IN (
        SELECT l.album_id FROM album_links l WHERE l.source = 'spotify' AND l.source_id = $1
        UNION
        SELECT b.id FROM albums b WHERE b.upc = $2 AND b.total_tracks = $3)
    ORDER BY is_linked DESC, a.id";

/// Looks for an album that arrives: by its Spotify id, then by barcode with an equal track count; several albums can have
/// one barcode. Until the transaction ends, nobody else brings in an album of the same barcode.
///
/// # Errors
/// The database's.
pub async fn list_known(
    client: &Client<'_>,
    arrival: &Arrival<'_>,
) -> Result<Vec<Known>, tokio_postgres::Error> {
    let upc = arrival.upc.map(Upc::as_str);
    let key = upc.map_or_else(
        || format!("album:spotify:{}", arrival.spotify_album_id),
        |upc| format!("album:upc:{upc}"),
    );
    client.execute(LOCK_KEY, &[&key]).await?;
    let rows = client
        .query(
            LIST_KNOWN,
            &[
                &arrival.spotify_album_id.as_str(),
                &upc,
                &arrival.total_tracks,
            ],
        )
        .await?;
    Ok(rows
        .iter()
        .map(|row| Known {
            id: AlbumId(row.get(0)),
            spotify_id: row.get(1),
            is_linked: row.get(2),
        })
        .collect())
}

const LOCK: &str = "SELECT id FROM albums WHERE id = $1 FOR NO KEY UPDATE";

/// Lets nobody else write the credits of an album until the transaction ends: a message can be worked on twice at once.
///
/// # Errors
/// The database's.
pub async fn lock(client: &Client<'_>, id: AlbumId) -> Result<(), tokio_postgres::Error> {
    client.query_opt(LOCK, &[&id.0]).await.map(drop)
}

const INSERT: &str = "
    INSERT INTO albums (artist_id, name, spotify_id, album_type, release_date, release_date_precision, cover_url, upc, total_tracks, label, genres)
    VALUES ($1, $2, $3, COALESCE($4::text::album_type, 'other'), $5, $6::text::date_precision, $7, $8, $9, $10, $11)
    RETURNING id";

// Of several Spotify ids of an album, the smallest leads: what it says overwrites, what the others say fills gaps. So
// the row does not depend on which came first.
const UPDATE: &str = "
    UPDATE albums a
    SET artist_id = n.artist_id, name = n.name, spotify_id = n.spotify_id, album_type = n.album_type, release_date = n.release_date,
        release_date_precision = n.release_date_precision, cover_url = n.cover_url, upc = n.upc, total_tracks = n.total_tracks,
        label = n.label, genres = n.genres
    FROM (
        SELECT b.id, b.leads,
               CASE WHEN leads THEN $2::bigint ELSE b.artist_id END AS artist_id,
               CASE WHEN leads THEN $3::text ELSE b.name END AS name,
               CASE WHEN leads THEN $4::text ELSE b.spotify_id END AS spotify_id,
               CASE WHEN leads THEN COALESCE($5::text::album_type, b.album_type) ELSE b.album_type END AS album_type,
               CASE WHEN leads THEN COALESCE($6::date, b.release_date) ELSE COALESCE(b.release_date, $6::date) END AS release_date,
               CASE WHEN leads AND $6::date IS NOT NULL OR b.release_date IS NULL THEN $7::text::date_precision ELSE b.release_date_precision END AS release_date_precision,
               CASE WHEN leads THEN COALESCE($8::text, b.cover_url) ELSE COALESCE(b.cover_url, $8::text) END AS cover_url,
               CASE WHEN leads THEN COALESCE($9::text, b.upc) ELSE COALESCE(b.upc, $9::text) END AS upc,
               CASE WHEN leads THEN COALESCE($10::integer, b.total_tracks) ELSE COALESCE(b.total_tracks, $10::integer) END AS total_tracks,
               CASE WHEN leads THEN COALESCE($11::text, b.label) ELSE COALESCE(b.label, $11::text) END AS label,
               CASE WHEN cardinality($12::text[]) > 0 AND (leads OR b.genres = '{}') THEN $12::text[] ELSE b.genres END AS genres
        FROM (SELECT albums.*, COALESCE($4 <= spotify_id, true) AS leads FROM albums WHERE id = $1) b
    ) n
    WHERE a.id = n.id
      AND (a.artist_id, a.name, a.spotify_id, a.album_type, a.release_date, a.release_date_precision, a.cover_url, a.upc, a.total_tracks, a.label, a.genres)
          IS DISTINCT FROM (n.artist_id, n.name, n.spotify_id, n.album_type, n.release_date, n.release_date_precision, n.cover_url, n.upc, n.total_tracks, n.label, n.genres)";

/// Keeps an album: a new one, or what the arrival adds to a known one. Gives its id and whether a row was written.
///
/// # Errors
/// The database's.
pub async fn upsert(
    client: &Client<'_>,
    known: Option<AlbumId>,
    arrival: &Arrival<'_>,
) -> Result<(AlbumId, bool), tokio_postgres::Error> {
    let date: Option<NaiveDate> = arrival.release_date.map(|date| date.date);
    let precision = arrival.release_date.map(|date| date.precision.as_str());
    let spotify_album_id = arrival.spotify_album_id.as_str();
    let album_type = arrival.album_type.map(AlbumType::as_str);
    let upc = arrival.upc.map(Upc::as_str);
    if let Some(id) = known {
        let written = client
            .execute(
                UPDATE,
                &[
                    &id.0,
                    &arrival.artist_id.0,
                    &arrival.name,
                    &spotify_album_id,
                    &album_type,
                    &date,
                    &precision,
                    &arrival.cover_url,
                    &upc,
                    &arrival.total_tracks,
                    &arrival.label,
                    &arrival.genres,
                ],
            )
            .await?;
        return Ok((id, written > 0));
    }
    let row = client
        .query_one(
            INSERT,
            &[
                &arrival.artist_id.0,
                &arrival.name,
                &spotify_album_id,
                &album_type,
                &date,
                &precision,
                &arrival.cover_url,
                &upc,
                &arrival.total_tracks,
                &arrival.label,
                &arrival.genres,
            ],
        )
        .await?;
    Ok((AlbumId(row.get(0)), true))
}

const UPSERT_LINK: &str = "
    INSERT INTO album_links AS l (album_id, source, source_id, matched_by, match_score)
    VALUES ($1, $2::text::source, $3, $4::text::match_method, $5)
    ON CONFLICT (album_id, source, source_id) DO UPDATE SET matched_by = EXCLUDED.matched_by, match_score = EXCLUDED.match_score
    WHERE (l.matched_by, l.match_score) IS DISTINCT FROM (EXCLUDED.matched_by, EXCLUDED.match_score)";

/// Keeps that an album is a record of a source.
///
/// # Errors
/// The database's.
pub async fn upsert_link(
    client: &Client<'_>,
    id: AlbumId,
    source: Source,
    source_id: &str,
    matched_by: MatchMethod,
    match_score: f32,
) -> Result<u64, tokio_postgres::Error> {
    client
        .execute(
            UPSERT_LINK,
            &[
                &id.0,
                &source.as_str(),
                &source_id,
                &matched_by.as_str(),
                &match_score,
            ],
        )
        .await
}

const LIST_LINKS: &str = "SELECT source_id FROM album_links WHERE album_id = $1 AND source = $2::text::source ORDER BY source_id";

/// The records of a source that an album is.
///
/// # Errors
/// The database's.
pub async fn list_links(
    client: &Client<'_>,
    id: AlbumId,
    source: Source,
) -> Result<Vec<String>, tokio_postgres::Error> {
    let rows = client.query(LIST_LINKS, &[&id.0, &source.as_str()]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

const DELETE_OTHER_LINKS: &str = "DELETE FROM album_links WHERE album_id = $1 AND source = $2::text::source AND source_id <> ALL ($3::text[])";

/// Forgets the records of a source that an album turned out not to be.
///
/// # Errors
/// The database's.
pub async fn delete_other_links(
    client: &Client<'_>,
    id: AlbumId,
    source: Source,
    kept: &[String],
) -> Result<u64, tokio_postgres::Error> {
    client
        .execute(DELETE_OTHER_LINKS, &[&id.0, &source.as_str(), &kept])
        .await
}

/// An album as it is looked for in a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Album {
    /// Our id.
    pub id: AlbumId,
    /// The name.
    pub name: String,
    /// The barcode.
    pub upc: Option<Upc>,
    /// The first artist named.
    pub artist_id: ArtistId,
    /// That artist's name.
    pub artist_name: String,
    /// Whether that artist is Various Artists.
    pub is_various: bool,
    /// The year it came out.
    pub year: Option<i32>,
    /// When what is known of it last changed.
    pub updated_at: DateTime<Utc>,
}

const FIND: &str = "
    SELECT al.id, al.name, al.upc, a.id, a.name, is_various_artists(a.id), al.updated_at, extract(year FROM al.release_date)::integer
    FROM albums al
    JOIN artists a ON a.id = al.artist_id
    WHERE al.id = $1";

/// An album.
///
/// # Errors
/// The database's.
pub async fn find(
    client: &Client<'_>,
    id: AlbumId,
) -> Result<Option<Album>, tokio_postgres::Error> {
    let row = client.query_opt(FIND, &[&id.0]).await?;
    Ok(row.map(|row| Album {
        id: AlbumId(row.get(0)),
        name: row.get(1),
        upc: row
            .get::<_, Option<&str>>(2)
            .and_then(|upc| upc.parse().ok()),
        artist_id: ArtistId(row.get(3)),
        artist_name: row.get(4),
        is_various: row.get(5),
        updated_at: row.get(6),
        year: row.get(7),
    }))
}

const FIND_BY_SPOTIFY_ID: &str = "SELECT album_id FROM album_links WHERE source = 'spotify' AND source_id = $1 ORDER BY album_id LIMIT 1";

/// The album that has a Spotify id.
///
/// # Errors
/// The database's.
pub async fn find_by_spotify_id(
    client: &Client<'_>,
    id: &SpotifyAlbumId,
) -> Result<Option<AlbumId>, tokio_postgres::Error> {
    Ok(client
        .query_opt(FIND_BY_SPOTIFY_ID, &[&id.as_str()])
        .await?
        .map(|row| AlbumId(row.get(0))))
}

pub(super) const STATEMENTS: &[&str] = &[
    LOCK_KEY,
    LIST_KNOWN,
    LOCK,
    INSERT,
    UPDATE,
    UPSERT_LINK,
    LIST_LINKS,
    DELETE_OTHER_LINKS,
    FIND,
    FIND_BY_SPOTIFY_ID,
];
