//! The table `albums`. For the albums that an arriving one may be see [`super::known_albums`].

use chrono::{DateTime, NaiveDate, Utc};
use tokio_postgres::{Error, Row};

use crate::domain::albums::{AlbumFacts, AlbumType};
use crate::domain::dates::ReleaseDate;
use crate::domain::ids::{AlbumId, ArtistId, Upc};
use crate::platform::db::{Client, Param};

/// What only the record that leads an album states about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlbumHeading<'a> {
    /// The first artist named.
    pub artist_id: ArtistId,
    /// The artist's name as printed on the record, if the names of the source differ from record to record.
    pub stated_artist_name: Option<&'a str>,
    /// The name of the album.
    pub name: &'a str,
    /// The smallest of its Spotify ids.
    pub spotify_id: Option<&'a str>,
}

const LOCK: &str = "SELECT id FROM albums WHERE id = $1 FOR NO KEY UPDATE";

/// Locks an album until the transaction ends, because two workers can handle the same message at once. Every
/// transaction that writes the credits of an album takes this lock.
pub async fn lock(client: &Client<'_>, id: AlbumId) -> Result<(), Error> {
    client.query_opt(LOCK, &[&id]).await.map(drop)
}

const INSERT: &str = "
    INSERT INTO albums (artist_id, name, spotify_id, album_type, release_date, release_date_precision,
                        cover_url, upc, total_tracks, label, genres, stated_artist_name)
    VALUES ($1, $2, $3, COALESCE($4::text::album_type, 'other'), $5, $6::text::date_precision, $7, $8, $9,
            $10, $11, $12)
    RETURNING id";

/// Inserts an album and returns our id.
pub async fn insert(
    client: &Client<'_>,
    heading: &AlbumHeading<'_>,
    facts: &AlbumFacts,
) -> Result<AlbumId, Error> {
    let parameters: [&dyn Param; 12] = [
        &heading.artist_id,
        &heading.name,
        &heading.spotify_id,
        &facts.album_type,
        &facts.release_date.map(|date| date.date),
        &facts.release_date.map(|date| date.precision),
        &facts.cover_url,
        &facts.upc,
        &facts.total_tracks,
        &facts.label,
        &facts.genres,
        &heading.stated_artist_name,
    ];
    let row = client.query_one(INSERT, &parameters).await?;
    Ok(row.get("id"))
}

const UPDATE: &str = include_str!("albums/update.sql");

/// New values of a stored album.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlbumChange<'a> {
    /// Our id.
    pub id: AlbumId,
    /// Its new heading; without one, the stored heading stays.
    pub heading: Option<AlbumHeading<'a>>,
    /// All its facts.
    pub facts: &'a AlbumFacts,
}

/// Stores new values of albums. An unchanged row is not written. Returns the number of rows written.
pub async fn update(client: &Client<'_>, albums: &[AlbumChange<'_>]) -> Result<u64, Error> {
    fn column<'a, T>(albums: &'a [AlbumChange<'_>], value: impl Fn(&'a AlbumChange<'_>) -> T) -> Vec<T> {
        albums.iter().map(value).collect()
    }
    let parameters: [&dyn Param; 13] = [
        &column(albums, |album| album.id),
        &column(albums, |album| album.heading.map(|heading| heading.artist_id)),
        &column(albums, |album| {
            album.heading.and_then(|heading| heading.stated_artist_name)
        }),
        &column(albums, |album| album.heading.map(|heading| heading.name)),
        &column(albums, |album| {
            album.heading.and_then(|heading| heading.spotify_id)
        }),
        &column(albums, |album| album.facts.album_type),
        &column(albums, |album| album.facts.release_date.map(|date| date.date)),
        &column(albums, |album| {
            album.facts.release_date.map(|date| date.precision)
        }),
        &column(albums, |album| album.facts.cover_url.as_deref()),
        &column(albums, |album| album.facts.upc.as_ref()),
        &column(albums, |album| album.facts.total_tracks),
        &column(albums, |album| album.facts.label.as_deref()),
        // Postgres has no arrays of arrays of different lengths, so the genres of an album are one value.
        &column(albums, |album| serde_json::json!(album.facts.genres)),
    ];
    client.execute(UPDATE, &parameters).await
}

const LIST_FACTS: &str = "
    SELECT a.id, a.album_type::text AS album_type, a.release_date,
           a.release_date_precision::text AS release_date_precision, a.cover_url, a.upc, a.total_tracks,
           a.label, a.genres,
           EXISTS (SELECT FROM album_links l
                   WHERE l.album_id = a.id AND l.matched_by = 'own' AND l.source < 'discogs') AS is_shared
    FROM albums a
    WHERE a.id = ANY ($1::bigint[])
    ORDER BY a.id
    FOR NO KEY UPDATE OF a";

/// What is stored of an album's facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFacts {
    /// The album.
    pub id: AlbumId,
    /// Whether it was also imported from Spotify or MusicBrainz.
    pub is_shared: bool,
    /// Its facts.
    pub facts: AlbumFacts,
}

/// The facts of these albums, which stay locked until the transaction ends.
pub async fn list_facts(client: &Client<'_>, albums: &[AlbumId]) -> Result<Vec<StoredFacts>, Error> {
    let rows = client.query(LIST_FACTS, &[&albums]).await?;
    Ok(rows
        .iter()
        .map(|row| StoredFacts {
            id: row.get("id"),
            is_shared: row.get("is_shared"),
            facts: facts_of_row(row),
        })
        .collect())
}

/// The facts in the columns of an album's row. The type "other" is stored for albums of no stated type.
pub(super) fn facts_of_row(row: &Row) -> AlbumFacts {
    let date = row.get::<_, Option<NaiveDate>>("release_date");
    AlbumFacts {
        album_type: Some(row.get("album_type")).filter(|kind| *kind != AlbumType::Other),
        release_date: date
            .zip(row.get("release_date_precision"))
            .map(|(date, precision)| ReleaseDate { date, precision }),
        cover_url: row.get("cover_url"),
        upc: row.get("upc"),
        total_tracks: row.get("total_tracks"),
        label: row.get("label"),
        genres: row.get("genres"),
    }
}

/// An album with the facts by which a source is searched for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Album {
    /// Our id.
    pub id: AlbumId,
    /// The name of the album.
    pub name: String,
    /// The barcode.
    pub upc: Option<Upc>,
    /// The first artist named.
    pub artist_id: ArtistId,
    /// The name of that artist.
    pub artist_name: String,
    /// Whether that artist is Various Artists.
    pub is_various: bool,
    /// The year of the release.
    pub year: Option<i32>,
    /// When the row last changed.
    pub updated_at: DateTime<Utc>,
}

const FIND: &str = "
    SELECT al.id, al.name, al.upc, al.artist_id, a.name AS artist_name,
           is_various_artists(a.id) AS is_various,
           al.updated_at, extract(year FROM al.release_date)::integer AS year
    FROM albums al
    JOIN artists a ON a.id = al.artist_id
    WHERE al.id = $1";

/// The album with this id.
pub async fn find(client: &Client<'_>, id: AlbumId) -> Result<Option<Album>, Error> {
    let row = client.query_opt(FIND, &[&id]).await?;
    Ok(row.map(|row| Album {
        id: row.get("id"),
        name: row.get("name"),
        upc: row.get::<_, Option<&str>>("upc").and_then(|upc| upc.parse().ok()),
        artist_id: row.get("artist_id"),
        artist_name: row.get("artist_name"),
        is_various: row.get("is_various"),
        updated_at: row.get("updated_at"),
        year: row.get("year"),
    }))
}

pub(in crate::store) const STATEMENTS: &[&str] = &[LOCK, INSERT, UPDATE, LIST_FACTS, FIND];
