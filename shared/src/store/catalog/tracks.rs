//! Tracks, their artists, and the records of the sources that they are.

use crate::domain::credits::{MatchMethod, Source};
use crate::domain::ids::{AlbumId, ArtistId, Isrc, NormalizedTrackId, SpotifyTrackId, TrackId};
use crate::domain::titles::VersionKind;
use crate::platform::db::Client;

/// A track of ours that a track which arrives may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownTrack {
    /// Our id.
    pub id: TrackId,
    /// Its album.
    pub album_id: AlbumId,
    /// The smallest Spotify id of that album.
    pub spotify_album_id: Option<String>,
    /// Its smallest Spotify id.
    pub spotify_id: Option<String>,
    /// All its Spotify ids.
    pub spotify_ids: Vec<String>,
    /// The recordings of MusicBrainz's that it is.
    pub recording_mbids: Vec<String>,
    /// The disc.
    pub disc_number: i16,
    /// The place on the disc.
    pub track_number: i32,
    /// The name.
    pub name: String,
    /// Its ISRC.
    pub isrc: Option<String>,
    /// The song it is a version of.
    pub normalized_track_id: Option<NormalizedTrackId>,
    /// Whether it is gone from its album.
    pub is_removed: bool,
}

const LIST_KNOWN: &str = "
    SELECT t.id, t.album_id, t.spotify_id, ARRAY(SELECT l.source_id FROM track_links l WHERE l.track_id = t.id AND l.source = 'spotify'),
           t.disc_number, t.track_number, t.name, t.normalized_track_id, t.removed_at IS NOT NULL, al.spotify_id,
           ARRAY(SELECT l.source_id FROM track_links l WHERE l.track_id = t.id AND l.source = 'musicbrainz'), t.isrc
    FROM tracks t
    JOIN albums al ON al.id = t.album_id
    WHERE t.id IN (
        SELECT id FROM tracks WHERE album_id = ANY ($1::bigint[])
        UNION
        SELECT track_id FROM track_links WHERE source = 'spotify' AND source_id = ANY ($2::text[]))
    ORDER BY t.disc_number, t.track_number, t.id";

/// The tracks of these albums, and the tracks of any album that have one of these Spotify ids.
///
/// # Errors
/// The database's.
pub async fn list_known(
    client: &Client<'_>,
    albums: &[AlbumId],
    spotify_ids: &[&str],
) -> Result<Vec<KnownTrack>, tokio_postgres::Error> {
    let albums: Vec<i64> = albums.iter().map(|id| id.0).collect();
    let rows = client.query(LIST_KNOWN, &[&albums, &spotify_ids]).await?;
    Ok(rows
        .iter()
        .map(|row| KnownTrack {
            id: TrackId(row.get(0)),
            album_id: AlbumId(row.get(1)),
            spotify_id: row.get(2),
            spotify_ids: row.get(3),
            disc_number: row.get(4),
            track_number: row.get(5),
            name: row.get(6),
            normalized_track_id: row.get::<_, Option<i64>>(7).map(NormalizedTrackId),
            is_removed: row.get(8),
            spotify_album_id: row.get(9),
            recording_mbids: row.get(10),
            isrc: row.get(11),
        })
        .collect())
}

const CLEAR_SPOTIFY_IDS: &str = "UPDATE tracks SET spotify_id = NULL WHERE id = ANY ($1::bigint[])";

/// Takes the Spotify ids off tracks, for those of another album that come before them to have.
///
/// # Errors
/// The database's.
pub async fn clear_spotify_ids(
    client: &Client<'_>,
    tracks: &[TrackId],
) -> Result<u64, tokio_postgres::Error> {
    let ids: Vec<i64> = tracks.iter().map(|id| id.0).collect();
    client.execute(CLEAR_SPOTIFY_IDS, &[&ids]).await
}

/// A track as the source that brings it has it. What it leaves out stays as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceTrack<'a> {
    /// Our id, where the track is known.
    pub known: Option<TrackId>,
    /// Whether what it says overwrites what is known or only fills gaps.
    pub leads: bool,
    /// Its Spotify id; null where a track of another album has that one, and for one from elsewhere.
    pub spotify_id: Option<&'a SpotifyTrackId>,
    /// The name.
    pub name: &'a str,
    /// The disc.
    pub disc_number: i16,
    /// The place on the disc.
    pub track_number: i32,
    /// How long it is.
    pub duration_ms: Option<i32>,
    /// Its ISRC.
    pub isrc: Option<&'a Isrc>,
    /// A preview.
    pub preview_url: Option<&'a str>,
    /// The song it is a version of.
    pub normalized_track_id: Option<NormalizedTrackId>,
    /// What kind of version.
    pub version_kind: Option<VersionKind>,
    /// What the title says of the version.
    pub version_label: Option<&'a str>,
}

const INSERT: &str = "
    INSERT INTO tracks (album_id, spotify_id, name, disc_number, track_number, duration_ms, isrc, spotify_preview_url, normalized_track_id, version_kind,
                        version_label)
    SELECT $1, n.spotify_id, n.name, n.disc_number, n.track_number, n.duration_ms, n.isrc, n.preview_url, n.normalized_track_id,
           n.version_kind::version_kind, n.version_label
    FROM unnest($2::text[], $3::text[], $4::smallint[], $5::integer[], $6::integer[], $7::text[], $8::text[], $9::bigint[], $10::text[], $11::text[])
         WITH ORDINALITY
         AS n (spotify_id, name, disc_number, track_number, duration_ms, isrc, preview_url, normalized_track_id, version_kind, version_label, place)
    ORDER BY n.place
    RETURNING id";

// A track that is gone has no name here: it keeps what it has and the time it went. It is back where $13 says so.
const UPDATE: &str = "
    UPDATE tracks t
    SET spotify_id = n.spotify_id, name = n.name, disc_number = n.disc_number, track_number = n.track_number, duration_ms = n.duration_ms,
        isrc = n.isrc, spotify_preview_url = n.preview_url, normalized_track_id = n.normalized_track_id, version_kind = n.version_kind,
        version_label = n.version_label, removed_at = n.removed_at
    FROM (
        SELECT old.id,
               CASE WHEN leads THEN COALESCE(n.spotify_id, old.spotify_id) ELSE old.spotify_id END AS spotify_id,
               CASE WHEN leads THEN n.name ELSE old.name END AS name,
               CASE WHEN leads THEN n.disc_number ELSE old.disc_number END AS disc_number,
               CASE WHEN leads THEN n.track_number ELSE old.track_number END AS track_number,
               CASE WHEN leads THEN COALESCE(n.duration_ms, old.duration_ms) ELSE COALESCE(old.duration_ms, n.duration_ms) END AS duration_ms,
               CASE WHEN leads THEN COALESCE(n.isrc, old.isrc) ELSE COALESCE(old.isrc, n.isrc) END AS isrc,
               CASE WHEN leads THEN COALESCE(n.preview_url, old.spotify_preview_url) ELSE COALESCE(old.spotify_preview_url, n.preview_url) END AS preview_url,
               CASE WHEN leads THEN n.normalized_track_id ELSE old.normalized_track_id END AS normalized_track_id,
               CASE WHEN leads THEN n.version_kind::version_kind ELSE old.version_kind END AS version_kind,
               CASE WHEN leads THEN n.version_label ELSE old.version_label END AS version_label,
               CASE WHEN n.name IS NULL THEN COALESCE(old.removed_at, now()) WHEN NOT $13::boolean THEN old.removed_at END AS removed_at
        FROM unnest($1::bigint[], $2::boolean[], $3::text[], $4::text[], $5::smallint[], $6::integer[], $7::integer[], $8::text[], $9::text[], $10::bigint[],
                    $11::text[], $12::text[])
             AS n (id, leads, spotify_id, name, disc_number, track_number, duration_ms, isrc, preview_url, normalized_track_id, version_kind, version_label)
        JOIN tracks old ON old.id = n.id
    ) n
    WHERE t.id = n.id
      AND (t.spotify_id, t.name, t.disc_number, t.track_number, t.duration_ms, t.isrc, t.spotify_preview_url, t.normalized_track_id, t.version_kind,
           t.version_label, t.removed_at)
          IS DISTINCT FROM (n.spotify_id, n.name, n.disc_number, n.track_number, n.duration_ms, n.isrc, n.preview_url, n.normalized_track_id,
                            n.version_kind, n.version_label, n.removed_at)";

/// Keeps the tracks of an album and, where the arrivals are `complete`, marks those that are gone and those that are back;
/// gives our ids in the order of the arrivals, and how many rows were written. Two statements, however many tracks.
///
/// # Errors
/// The database's.
pub async fn upsert(
    client: &Client<'_>,
    album: AlbumId,
    arrivals: &[SourceTrack<'_>],
    complete: bool,
    gone: &[TrackId],
) -> Result<(Vec<TrackId>, u64), tokio_postgres::Error> {
    let gone = if complete { gone } else { &[] };
    let (new, known): (Vec<&SourceTrack<'_>>, Vec<&SourceTrack<'_>>) =
        arrivals.iter().partition(|arrival| arrival.known.is_none());
    let mut written = 0;
    if !known.is_empty() || !gone.is_empty() {
        written += update(client, &known, complete, gone).await?;
    }
    let mut inserted = Vec::new();
    if !new.is_empty() {
        inserted = insert(client, album, &new).await?;
        written += inserted.len() as u64;
    }
    let mut inserted = inserted.into_iter();
    let ids = arrivals
        .iter()
        .filter_map(|arrival| arrival.known.or_else(|| inserted.next()))
        .collect();
    Ok((ids, written))
}

/// One column of a set of arrivals.
fn column<'a, T>(arrivals: &[&SourceTrack<'a>], value: impl Fn(&SourceTrack<'a>) -> T) -> Vec<T> {
    arrivals.iter().map(|arrival| value(arrival)).collect()
}

async fn insert(
    client: &Client<'_>,
    album: AlbumId,
    new: &[&SourceTrack<'_>],
) -> Result<Vec<TrackId>, tokio_postgres::Error> {
    let rows = client
        .query(
            INSERT,
            &[
                &album.0,
                &column(new, |track| track.spotify_id.map(SpotifyTrackId::as_str)),
                &column(new, |track| track.name),
                &column(new, |track| track.disc_number),
                &column(new, |track| track.track_number),
                &column(new, |track| track.duration_ms),
                &column(new, |track| track.isrc.map(Isrc::as_str)),
                &column(new, |track| track.preview_url),
                &column(new, |track| track.normalized_track_id.map(|id| id.0)),
                &column(new, |track| track.version_kind.map(VersionKind::as_str)),
                &column(new, |track| track.version_label),
            ],
        )
        .await?;
    Ok(rows.iter().map(|row| TrackId(row.get(0))).collect())
}

async fn update(
    client: &Client<'_>,
    known: &[&SourceTrack<'_>],
    complete: bool,
    gone: &[TrackId],
) -> Result<u64, tokio_postgres::Error> {
    let ids: Vec<i64> = known
        .iter()
        .filter_map(|track| track.known)
        .chain(gone.iter().copied())
        .map(|id| id.0)
        .collect();
    /// The column, with nulls for the tracks that are gone.
    fn padded<T: Clone>(mut column: Vec<Option<T>>, length: usize) -> Vec<Option<T>> {
        column.resize(length, None);
        column
    }
    let length = ids.len();
    let leads: Vec<bool> = known
        .iter()
        .map(|track| track.leads)
        .chain(gone.iter().map(|_| false))
        .collect();
    client
        .execute(
            UPDATE,
            &[
                &ids,
                &leads,
                &padded(
                    column(known, |track| track.spotify_id.map(SpotifyTrackId::as_str)),
                    length,
                ),
                &padded(column(known, |track| Some(track.name)), length),
                &padded(column(known, |track| Some(track.disc_number)), length),
                &padded(column(known, |track| Some(track.track_number)), length),
                &padded(column(known, |track| track.duration_ms), length),
                &padded(column(known, |track| track.isrc.map(Isrc::as_str)), length),
                &padded(column(known, |track| track.preview_url), length),
                &padded(
                    column(known, |track| track.normalized_track_id.map(|id| id.0)),
                    length,
                ),
                &padded(
                    column(known, |track| track.version_kind.map(VersionKind::as_str)),
                    length,
                ),
                &padded(column(known, |track| track.version_label), length),
                &complete,
            ],
        )
        .await
}

/// A track and an artist of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrackArtistRow<'a> {
    /// The track.
    pub track_id: TrackId,
    /// Where the artist is named, from 1.
    pub position: i16,
    /// The artist.
    pub artist_id: ArtistId,
    /// Whether as a guest.
    pub featured: bool,
    /// What the record calls the artist, where it is of a source whose records differ in that.
    pub stated_name: Option<&'a str>,
}

const DELETE_PARTS: &str = "
    DELETE FROM track_artists ta
    WHERE ta.track_id = ANY ($1::bigint[])
      AND NOT EXISTS (SELECT FROM unnest($2::bigint[], $3::smallint[]) AS n (track_id, position) WHERE n.track_id = ta.track_id AND n.position = ta.position)";

const UPSERT_PARTS: &str = "
    INSERT INTO track_artists AS ta (track_id, position, artist_id, part, stated_name)
    SELECT track_id, position, artist_id, (CASE WHEN featured THEN 'featured' ELSE 'main' END)::artist_part, stated_name
    FROM unnest($1::bigint[], $2::smallint[], $3::bigint[], $4::boolean[], $5::text[]) AS n (track_id, position, artist_id, featured, stated_name)
    ORDER BY 1, 2
    ON CONFLICT (track_id, position) DO UPDATE SET artist_id = EXCLUDED.artist_id, part = EXCLUDED.part, stated_name = EXCLUDED.stated_name
    WHERE (ta.artist_id, ta.part, ta.stated_name) IS DISTINCT FROM (EXCLUDED.artist_id, EXCLUDED.part, EXCLUDED.stated_name)";

/// Keeps who the artists of these tracks are; gives how many rows were written.
///
/// # Errors
/// The database's.
pub async fn replace_artists(
    client: &Client<'_>,
    tracks: &[TrackId],
    parts: &[TrackArtistRow<'_>],
) -> Result<u64, tokio_postgres::Error> {
    let track_ids: Vec<i64> = tracks.iter().map(|id| id.0).collect();
    let ids: Vec<i64> = parts.iter().map(|part| part.track_id.0).collect();
    let positions: Vec<i16> = parts.iter().map(|part| part.position).collect();
    let artists: Vec<i64> = parts.iter().map(|part| part.artist_id.0).collect();
    let featured: Vec<bool> = parts.iter().map(|part| part.featured).collect();
    let names: Vec<Option<&str>> = parts.iter().map(|part| part.stated_name).collect();
    let deleted = client
        .execute(DELETE_PARTS, &[&track_ids, &ids, &positions])
        .await?;
    Ok(deleted
        + client
            .execute(UPSERT_PARTS, &[&ids, &positions, &artists, &featured, &names])
            .await?)
}

/// That a track is a record of a source.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackLink {
    /// The track.
    pub track_id: TrackId,
    /// The record.
    pub source_id: String,
    /// How that was found.
    pub matched_by: MatchMethod,
    /// How well it fits, 0 to 1.
    pub match_score: f32,
}

const UPSERT_LINKS: &str = "
    INSERT INTO track_links AS l (track_id, source, source_id, matched_by, match_score)
    SELECT track_id, $1::text::source, source_id, matched_by::match_method, match_score
    FROM unnest($2::bigint[], $3::text[], $4::text[], $5::real[]) AS n (track_id, source_id, matched_by, match_score)
    ORDER BY 1, 3
    ON CONFLICT (track_id, source, source_id) DO UPDATE SET matched_by = EXCLUDED.matched_by, match_score = EXCLUDED.match_score
    WHERE (l.matched_by, l.match_score) IS DISTINCT FROM (EXCLUDED.matched_by, EXCLUDED.match_score)";

/// Keeps which records of a source these tracks are. No pair may come twice.
///
/// # Errors
/// The database's.
pub async fn upsert_links(
    client: &Client<'_>,
    source: Source,
    links: &[TrackLink],
) -> Result<u64, tokio_postgres::Error> {
    let tracks: Vec<i64> = links.iter().map(|link| link.track_id.0).collect();
    let ids: Vec<&str> = links.iter().map(|link| link.source_id.as_str()).collect();
    let methods: Vec<&str> = links.iter().map(|link| link.matched_by.as_str()).collect();
    let scores: Vec<f32> = links.iter().map(|link| link.match_score).collect();
    client
        .execute(
            UPSERT_LINKS,
            &[&source.as_str(), &tracks, &ids, &methods, &scores],
        )
        .await
}

const DELETE_OTHER_LINKS: &str = "
    DELETE FROM track_links l
    WHERE l.source = $1::text::source AND l.track_id = ANY ($2::bigint[])
      AND NOT EXISTS (SELECT FROM unnest($3::bigint[], $4::text[]) AS n (track_id, source_id) WHERE n.track_id = l.track_id AND n.source_id = l.source_id)
    RETURNING l.source_id";

/// Forgets the records of a source that these tracks turned out not to be; gives those records.
///
/// # Errors
/// The database's.
pub async fn delete_other_links(
    client: &Client<'_>,
    source: Source,
    tracks: &[TrackId],
    kept: &[TrackLink],
) -> Result<Vec<String>, tokio_postgres::Error> {
    let track_ids: Vec<i64> = tracks.iter().map(|id| id.0).collect();
    let kept_tracks: Vec<i64> = kept.iter().map(|link| link.track_id.0).collect();
    let kept_ids: Vec<&str> = kept.iter().map(|link| link.source_id.as_str()).collect();
    let rows = client
        .query(
            DELETE_OTHER_LINKS,
            &[&source.as_str(), &track_ids, &kept_tracks, &kept_ids],
        )
        .await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// A track as it is looked for in a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// Our id.
    pub id: TrackId,
    /// Its smallest Spotify id.
    pub spotify_track_id: Option<SpotifyTrackId>,
    /// The name.
    pub name: String,
    /// The disc.
    pub disc_number: i16,
    /// The place on the disc.
    pub track_number: i32,
    /// How long it is.
    pub duration_ms: Option<i32>,
    /// Its ISRC.
    pub isrc: Option<Isrc>,
    /// The names of its artists in order; its album's where it has none.
    pub artist_names: Vec<String>,
}

const LIST_OF_ALBUM: &str = "
    SELECT t.id, t.spotify_id, t.name, t.disc_number, t.track_number, t.duration_ms, t.isrc,
           COALESCE(NULLIF(ARRAY(SELECT a.name FROM track_artists ta JOIN artists a ON a.id = ta.artist_id WHERE ta.track_id = t.id ORDER BY ta.position), '{}'),
                    ARRAY[album_artist.name])
    FROM tracks t
    JOIN albums al ON al.id = t.album_id
    JOIN artists album_artist ON album_artist.id = al.artist_id
    WHERE t.album_id = $1 AND t.removed_at IS NULL
    ORDER BY t.disc_number, t.track_number, t.id";

/// The tracks that an album has now, in order.
///
/// # Errors
/// The database's.
pub async fn list_by_album(client: &Client<'_>, album: AlbumId) -> Result<Vec<Track>, tokio_postgres::Error> {
    let rows = client.query(LIST_OF_ALBUM, &[&album.0]).await?;
    Ok(rows
        .iter()
        .map(|row| Track {
            id: TrackId(row.get(0)),
            spotify_track_id: row.get::<_, Option<&str>>(1).and_then(|id| id.parse().ok()),
            name: row.get(2),
            disc_number: row.get(3),
            track_number: row.get(4),
            duration_ms: row.get(5),
            isrc: row.get::<_, Option<&str>>(6).and_then(|isrc| isrc.parse().ok()),
            artist_names: row.get(7),
        })
        .collect())
}

const FILL_GAPS: &str = "
    UPDATE tracks t
    SET isrc = COALESCE(t.isrc, n.isrc), duration_ms = COALESCE(t.duration_ms, n.duration_ms)
    FROM unnest($1::bigint[], $2::text[], $3::integer[]) AS n (id, isrc, duration_ms)
    WHERE t.id = n.id AND (t.isrc, t.duration_ms) IS DISTINCT FROM (COALESCE(t.isrc, n.isrc), COALESCE(t.duration_ms, n.duration_ms))";

/// Keeps ISRCs and lengths that a source knows of tracks which have none.
///
/// # Errors
/// The database's.
pub async fn fill_gaps(
    client: &Client<'_>,
    facts: &[(TrackId, Option<Isrc>, Option<i32>)],
) -> Result<u64, tokio_postgres::Error> {
    let ids: Vec<i64> = facts.iter().map(|(id, _, _)| id.0).collect();
    let isrcs: Vec<Option<&str>> = facts
        .iter()
        .map(|(_, isrc, _)| isrc.as_ref().map(Isrc::as_str))
        .collect();
    let durations: Vec<Option<i32>> = facts.iter().map(|(_, _, duration)| *duration).collect();
    client.execute(FILL_GAPS, &[&ids, &isrcs, &durations]).await
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    LIST_KNOWN,
    CLEAR_SPOTIFY_IDS,
    INSERT,
    UPDATE,
    DELETE_PARTS,
    UPSERT_PARTS,
    UPSERT_LINKS,
    DELETE_OTHER_LINKS,
    LIST_OF_ALBUM,
    FILL_GAPS,
];
