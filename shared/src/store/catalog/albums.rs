//! Albums and the records of the sources that they are.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::albums::AlbumType;
use crate::domain::credits::{MatchMethod, Source};
use crate::domain::dates::ReleaseDate;
use crate::domain::ids::{AlbumId, ArtistId, Isrc, SpotifyAlbumId, Upc};
use crate::domain::text_enums::text_enum;
use crate::platform::db::Client;

/// An album as the source that brings it has it. What it leaves out stays as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceAlbum<'a> {
    /// The source: Spotify, whose albums lead, or MusicBrainz, whose releases are albums too.
    pub source: Source,
    /// Its id there.
    pub source_id: &'a str,
    /// The albums of Spotify's that it is, as another source says.
    pub stated_spotify_ids: &'a [SpotifyAlbumId],
    /// The first artist named.
    pub artist_id: ArtistId,
    /// What the record calls that artist, where it is of a source whose records differ in that.
    pub stated_artist_name: Option<&'a str>,
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
    /// The ISRCs of its tracks, as far as the source tells them.
    pub isrcs: &'a [&'a Isrc],
}

impl SourceAlbum<'_> {
    fn spotify_id(&self) -> Option<&str> {
        (self.source == Source::Spotify).then_some(self.source_id)
    }

    fn stated(&self) -> Vec<&str> {
        self.stated_spotify_ids
            .iter()
            .map(SpotifyAlbumId::as_str)
            .collect()
    }
}

text_enum! {
    /// Why an album of ours may be one that arrives, the surest first.
    AlbumMatchReason {
        /// It was brought in from the same record of the source.
        Own = "own",
        /// A source says that the two are one.
        Stated = "stated",
        /// The barcode and the track count agree.
        Barcode = "barcode",
        /// The track count agrees, and an ISRC of a track.
        Isrc = "isrc",
    }
}

/// An album of ours that an arrival may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownAlbum {
    /// Our id.
    pub id: AlbumId,
    /// The smallest of its Spotify ids: what that album says leads.
    pub spotify_id: Option<String>,
    /// Why the arrival may be this one.
    pub match_reason: AlbumMatchReason,
    /// Whether what the arrival says overwrites what is known: the smallest Spotify id leads, without any the smallest
    /// MBID or number at Discogs. So no row depends on which came first.
    pub arrival_leads: bool,
}

// By its hash, and in the order of the keys: who takes several waits for nobody who waits for him.
pub(super) const LOCK_KEYS: &str = "
    SELECT pg_advisory_xact_lock(hash)
    FROM (SELECT DISTINCT hashtextextended(key, 0) AS hash FROM unnest($1::text[]) AS k (key) ORDER BY 1 OFFSET 0) AS hashes";

// $1 the source, $2 the id there, $3 the Spotify ids that it states, $4 the Spotify id if the source is Spotify.
const LIST_KNOWN: &str = "
    SELECT a.id, a.spotify_id, min(found.kinship) AS kinship,
           COALESCE($4::text <= a.spotify_id, a.spotify_id IS NULL AND ($4::text IS NOT NULL OR NOT EXISTS (
               SELECT FROM album_links l
               WHERE l.album_id = a.id AND l.source = $1::text::source AND l.matched_by = 'own' AND (length(l.source_id), l.source_id) < (length($2), $2))))
    FROM (
        SELECT l.album_id AS id, CASE WHEN l.matched_by = 'own' THEN 0 ELSE 1 END AS kinship
        FROM album_links l
        WHERE l.source = $1::text::source AND l.source_id = $2 AND l.matched_by IN ('own', 'link')
        UNION ALL
        SELECT l.album_id, 1 FROM album_links l WHERE l.source = 'spotify' AND l.source_id = ANY ($3::text[]) AND l.matched_by = 'own'
        UNION ALL
        SELECT b.id, 2 FROM albums b WHERE b.upc = $5 AND b.total_tracks = $6
        UNION ALL
        SELECT b.id, 2
        FROM pressings p
        JOIN loaded_records r ON r.source = p.source AND r.source_id = p.source_id
        JOIN albums b ON b.id = r.album_id AND b.total_tracks = $6
        WHERE p.upc = $5 AND p.source <> $1::text::source
        UNION ALL
        SELECT b.id, 3
        FROM tracks t
        JOIN albums b ON b.id = t.album_id AND b.total_tracks = $6
        WHERE t.isrc IS NOT NULL AND t.isrc = ANY ($7::text[]) AND t.removed_at IS NULL
          AND ($4::text IS NOT NULL OR NOT EXISTS (
              SELECT FROM album_links l WHERE l.album_id = b.id AND l.source = $1::text::source AND l.matched_by = 'own'))
    ) found
    JOIN albums a ON a.id = found.id
    GROUP BY a.id
    ORDER BY min(found.kinship), a.id";

/// Looks for an album that arrives: by its id, then by what a source states, then by barcode with an equal track count, then
/// by ISRCs with an equal track count; several albums can have one barcode, and an album that several releases of another
/// source are those of them all. Two releases of one source are told apart by it,
/// and ISRCs make them one only at Spotify, which has one record under many ids. Until the transaction ends, nobody else
/// brings in an album that might be the same.
///
/// # Errors
/// The database's.
pub async fn list_known(
    client: &Client<'_>,
    arrival: &SourceAlbum<'_>,
) -> Result<Vec<KnownAlbum>, tokio_postgres::Error> {
    let (upc, stated) = (arrival.upc.map(Upc::as_str), arrival.stated());
    let mut keys = vec![format!("album:{}:{}", arrival.source, arrival.source_id)];
    keys.extend(upc.map(|upc| format!("album:upc:{upc}")));
    keys.extend(stated.iter().map(|id| format!("album:spotify:{id}")));
    let isrcs: Vec<&str> = arrival.isrcs.iter().map(|isrc| isrc.as_str()).collect();
    keys.extend(isrcs.iter().map(|isrc| format!("album:isrc:{isrc}")));
    client.execute(LOCK_KEYS, &[&keys]).await?;
    let rows = client
        .query(
            LIST_KNOWN,
            &[
                &arrival.source.as_str(),
                &arrival.source_id,
                &stated,
                &arrival.spotify_id(),
                &upc,
                &arrival.total_tracks,
                &isrcs,
            ],
        )
        .await?;
    Ok(rows
        .iter()
        .map(|row| KnownAlbum {
            id: AlbumId(row.get(0)),
            spotify_id: row.get(1),
            match_reason: AlbumMatchReason::ALL[usize::try_from(row.get::<_, i32>(2)).unwrap_or_default()],
            arrival_leads: row.get(3),
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
    INSERT INTO albums (artist_id, name, spotify_id, album_type, release_date, release_date_precision, cover_url, upc, total_tracks, label, genres,
                        stated_artist_name)
    VALUES ($1, $2, $3, COALESCE($4::text::album_type, 'other'), $5, $6::text::date_precision, $7, $8, $9, $10, $11, $12)
    RETURNING id";

// Who leads overwrites, what the others say fills gaps.
const UPDATE: &str = "
    UPDATE albums a
    SET artist_id = n.artist_id, name = n.name, spotify_id = n.spotify_id, album_type = n.album_type, release_date = n.release_date,
        release_date_precision = n.release_date_precision, cover_url = n.cover_url, upc = n.upc, total_tracks = n.total_tracks,
        label = n.label, genres = n.genres, stated_artist_name = n.stated_artist_name
    FROM (
        SELECT b.id, b.leads,
               CASE WHEN leads THEN $14::text ELSE b.stated_artist_name END AS stated_artist_name,
               CASE WHEN leads THEN $2::bigint ELSE b.artist_id END AS artist_id,
               CASE WHEN leads THEN $3::text ELSE b.name END AS name,
               CASE WHEN leads THEN COALESCE($4::text, b.spotify_id) ELSE b.spotify_id END AS spotify_id,
               CASE WHEN leads THEN COALESCE($5::text::album_type, b.album_type) ELSE b.album_type END AS album_type,
               CASE WHEN leads THEN COALESCE($6::date, b.release_date) ELSE COALESCE(b.release_date, $6::date) END AS release_date,
               CASE WHEN leads AND $6::date IS NOT NULL OR b.release_date IS NULL THEN $7::text::date_precision ELSE b.release_date_precision END AS release_date_precision,
               CASE WHEN leads THEN COALESCE($8::text, b.cover_url) ELSE COALESCE(b.cover_url, $8::text) END AS cover_url,
               CASE WHEN leads THEN COALESCE($9::text, b.upc) ELSE COALESCE(b.upc, $9::text) END AS upc,
               CASE WHEN leads THEN COALESCE($10::integer, b.total_tracks) ELSE COALESCE(b.total_tracks, $10::integer) END AS total_tracks,
               CASE WHEN leads THEN COALESCE($11::text, b.label) ELSE COALESCE(b.label, $11::text) END AS label,
               CASE WHEN cardinality($12::text[]) > 0 AND (leads OR b.genres = '{}') THEN $12::text[] ELSE b.genres END AS genres
        FROM (SELECT albums.*, $13::boolean AS leads FROM albums WHERE id = $1) b
    ) n
    WHERE a.id = n.id
      AND (a.artist_id, a.name, a.spotify_id, a.album_type, a.release_date, a.release_date_precision, a.cover_url, a.upc, a.total_tracks, a.label, a.genres,
           a.stated_artist_name)
          IS DISTINCT FROM (n.artist_id, n.name, n.spotify_id, n.album_type, n.release_date, n.release_date_precision, n.cover_url, n.upc, n.total_tracks, n.label, n.genres,
                            n.stated_artist_name)";

/// Keeps an album: a new one, or what the arrival adds to a known one and, where it leads, says otherwise. Gives its id and
/// whether a row was written.
///
/// # Errors
/// The database's.
pub async fn upsert(
    client: &Client<'_>,
    known: Option<&KnownAlbum>,
    arrival: &SourceAlbum<'_>,
) -> Result<(AlbumId, bool), tokio_postgres::Error> {
    let date: Option<NaiveDate> = arrival.release_date.map(|date| date.date);
    let precision = arrival.release_date.map(|date| date.precision.as_str());
    let spotify_album_id = arrival.spotify_id();
    let album_type = arrival.album_type.map(AlbumType::as_str);
    let upc = arrival.upc.map(Upc::as_str);
    if let Some(known) = known {
        let written = client
            .execute(
                UPDATE,
                &[
                    &known.id.0,
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
                    &known.arrival_leads,
                    &arrival.stated_artist_name,
                ],
            )
            .await?;
        return Ok((known.id, written > 0));
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
                &arrival.stated_artist_name,
            ],
        )
        .await?;
    Ok((AlbumId(row.get(0)), true))
}

const UPSERT_LINK: &str = "
    INSERT INTO album_links AS l (album_id, source, source_id, matched_by, match_score)
    VALUES ($1, $2::text::source, $3, $4::text::match_method, $5)
    ON CONFLICT (album_id, source, source_id) DO UPDATE SET matched_by = EXCLUDED.matched_by, match_score = EXCLUDED.match_score
    WHERE l.matched_by <> 'own' AND (l.matched_by, l.match_score) IS DISTINCT FROM (EXCLUDED.matched_by, EXCLUDED.match_score)";

/// Keeps that an album is a record of a source. That it was brought in from it is never taken back.
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

const LIST_LINKS: &str =
    "SELECT source_id FROM album_links WHERE album_id = $1 AND source = $2::text::source ORDER BY source_id";

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

const FIND_OWN: &str = "
    SELECT source_id FROM album_links WHERE album_id = $1 AND source = $2::text::source AND matched_by = 'own' ORDER BY length(source_id), source_id LIMIT 1";

/// The record of a source that an album was brought in from; the smallest of several.
///
/// # Errors
/// The database's.
pub async fn find_own(
    client: &Client<'_>,
    id: AlbumId,
    source: Source,
) -> Result<Option<String>, tokio_postgres::Error> {
    let row = client.query_opt(FIND_OWN, &[&id.0, &source.as_str()]).await?;
    Ok(row.map(|row| row.get(0)))
}

const DELETE_OTHER_LINKS: &str = "
    DELETE FROM album_links
    WHERE album_id = $1 AND source = $2::text::source AND source_id <> ALL ($3::text[]) AND matched_by NOT IN ('own', 'link')";

/// Forgets the records of a source that were found for an album and turned out not to be it. What it was brought in from
/// and what the source states stays.
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
pub async fn find(client: &Client<'_>, id: AlbumId) -> Result<Option<Album>, tokio_postgres::Error> {
    let row = client.query_opt(FIND, &[&id.0]).await?;
    Ok(row.map(|row| Album {
        id: AlbumId(row.get(0)),
        name: row.get(1),
        upc: row.get::<_, Option<&str>>(2).and_then(|upc| upc.parse().ok()),
        artist_id: ArtistId(row.get(3)),
        artist_name: row.get(4),
        is_various: row.get(5),
        updated_at: row.get(6),
        year: row.get(7),
    }))
}

const FIND_BY_LINK: &str = "
    SELECT album_id FROM album_links
    WHERE source = $1::text::source AND source_id = $2 AND matched_by IN ('own', 'link')
    ORDER BY matched_by, album_id
    LIMIT 1";

/// The album that was brought in from a record of a source, or that it is by what a source states.
///
/// # Errors
/// The database's.
pub async fn find_by_link(
    client: &Client<'_>,
    source: Source,
    source_id: &str,
) -> Result<Option<AlbumId>, tokio_postgres::Error> {
    Ok(client
        .query_opt(FIND_BY_LINK, &[&source.as_str(), &source_id])
        .await?
        .map(|row| AlbumId(row.get(0))))
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    LOCK_KEYS,
    LIST_KNOWN,
    LOCK,
    INSERT,
    UPDATE,
    UPSERT_LINK,
    LIST_LINKS,
    FIND_OWN,
    DELETE_OTHER_LINKS,
    FIND,
    FIND_BY_LINK,
];
