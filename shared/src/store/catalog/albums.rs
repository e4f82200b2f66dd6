//! The table `albums`: matches the album of a source with known ones, and reads and writes albums.

use chrono::{DateTime, NaiveDate, Utc};
use tokio_postgres::Error;

use crate::domain::albums::AlbumType;
use crate::domain::credits::Source;
use crate::domain::dates::{DatePrecision, ReleaseDate};
use crate::domain::ids::{AlbumId, ArtistId, Isrc, SpotifyAlbumId, Upc};
use crate::domain::text_enums::text_enum;
use crate::platform::db::Client;

/// An album as a source states it. A field that the source leaves out does not overwrite what is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceAlbum<'a> {
    /// The source that the album is imported from.
    pub source: Source,
    /// The id of the album at the source.
    pub source_id: &'a str,
    /// The Spotify albums that another source links this album to.
    pub stated_spotify_ids: &'a [SpotifyAlbumId],
    /// The first artist named.
    pub artist_id: ArtistId,
    /// The artist's name as printed on the record, if the names of the source differ from record to record.
    pub stated_artist_name: Option<&'a str>,
    /// The name of the album.
    pub name: &'a str,
    /// The type of the album.
    pub album_type: Option<AlbumType>,
    /// The release date, with its precision.
    pub release_date: Option<ReleaseDate>,
    /// The URL of the cover image.
    pub cover_url: Option<&'a str>,
    /// The barcode.
    pub upc: Option<&'a Upc>,
    /// The number of tracks.
    pub total_tracks: Option<i32>,
    /// The label.
    pub label: Option<&'a str>,
    /// The genres.
    pub genres: &'a [String],
    /// The ISRCs of the tracks that the source knows.
    pub isrcs: &'a [&'a Isrc],
}

impl SourceAlbum<'_> {
    fn spotify_id(&self) -> Option<&str> {
        (self.source == Source::Spotify).then_some(self.source_id)
    }
}

text_enum! {
    /// Why a known album may be the album of a source, with the most certain reason first.
    AlbumMatchReason {
        /// It was imported from the same record of the source.
        Own = "own",
        /// A source links the two.
        Stated = "stated",
        /// They have the same barcode and the same track count.
        Barcode = "barcode",
        /// They have the same track count and share the ISRC of a track.
        Isrc = "isrc",
    }
}

/// A stored album that may be the album of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownAlbum {
    /// Our id.
    pub id: AlbumId,
    /// The smallest of its Spotify ids, whose record leads.
    pub spotify_id: Option<String>,
    /// Why the two may be one album.
    pub match_reason: AlbumMatchReason,
    /// Whether the album of the source overwrites the stored one. The smallest Spotify id leads; without a
    /// Spotify id, the smallest MBID or Discogs number leads. So the stored row does not depend on the order
    /// of arrival.
    pub arrival_leads: bool,
}

// The hashes are locked in order, so that transactions that lock several keys do not deadlock.
pub(super) const LOCK_KEYS: &str = "
    SELECT pg_advisory_xact_lock(hash)
    FROM (
        SELECT DISTINCT hashtextextended(key, 0) AS hash FROM unnest($1::text[]) AS k (key)
        ORDER BY 1 OFFSET 0
    ) AS hashes";

const LIST_KNOWN: &str = include_str!("albums/list_known.sql");

/// The stored albums that may be the album of a source: by its id, by a link that a source states, by barcode
/// and track count, and by ISRC and track count.
///
/// Several albums can have one barcode, and one album can be several releases of another source. Two releases
/// of one source are different albums. ISRCs join two records of one source only at Spotify, which has one
/// record under many ids. Until the transaction ends, no other transaction can import an album that may be
/// the same.
pub async fn list_known(client: &Client<'_>, album: &SourceAlbum<'_>) -> Result<Vec<KnownAlbum>, Error> {
    let mut keys = vec![format!("album:{}:{}", album.source, album.source_id)];
    keys.extend(album.upc.map(|upc| format!("album:upc:{upc}")));
    keys.extend(
        album
            .stated_spotify_ids
            .iter()
            .map(|id| format!("album:spotify:{id}")),
    );
    keys.extend(album.isrcs.iter().map(|isrc| format!("album:isrc:{isrc}")));
    client.execute(LOCK_KEYS, &[&keys]).await?;
    let rows = client
        .query(
            LIST_KNOWN,
            &[
                &album.source,
                &album.source_id,
                &album.stated_spotify_ids,
                &album.spotify_id(),
                &album.upc,
                &album.total_tracks,
                &album.isrcs,
            ],
        )
        .await?;
    Ok(rows
        .iter()
        .map(|row| KnownAlbum {
            id: row.get("id"),
            spotify_id: row.get("spotify_id"),
            match_reason: AlbumMatchReason::ALL
                [usize::try_from(row.get::<_, i32>("match_reason")).unwrap_or_default()],
            arrival_leads: row.get("arrival_leads"),
        })
        .collect())
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

const UPDATE: &str = include_str!("albums/update.sql");

/// Inserts an album, or updates the `known` one: the album of the source fills gaps, and overwrites if it
/// leads. Returns our id and whether a row was written.
pub async fn upsert(
    client: &Client<'_>,
    known: Option<&KnownAlbum>,
    album: &SourceAlbum<'_>,
) -> Result<(AlbumId, bool), Error> {
    let date: Option<NaiveDate> = album.release_date.map(|date| date.date);
    let precision: Option<DatePrecision> = album.release_date.map(|date| date.precision);
    if let Some(known) = known {
        let written = client
            .execute(
                UPDATE,
                &[
                    &known.id,
                    &album.artist_id,
                    &album.name,
                    &album.spotify_id(),
                    &album.album_type,
                    &date,
                    &precision,
                    &album.cover_url,
                    &album.upc,
                    &album.total_tracks,
                    &album.label,
                    &album.genres,
                    &known.arrival_leads,
                    &album.stated_artist_name,
                ],
            )
            .await?;
        return Ok((known.id, written > 0));
    }
    let row = client
        .query_one(
            INSERT,
            &[
                &album.artist_id,
                &album.name,
                &album.spotify_id(),
                &album.album_type,
                &date,
                &precision,
                &album.cover_url,
                &album.upc,
                &album.total_tracks,
                &album.label,
                &album.genres,
                &album.stated_artist_name,
            ],
        )
        .await?;
    Ok((row.get("id"), true))
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

pub(in crate::store) const STATEMENTS: &[&str] = &[LOCK_KEYS, LIST_KNOWN, LOCK, INSERT, UPDATE, FIND];
