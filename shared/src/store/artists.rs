//! Artists and who they are to each source.

use std::collections::BTreeMap;

use crate::credits::Source;
use crate::db::Client;
use crate::ids::{ArtistId, NormalizedTrackId, SpotifyArtistId};
use crate::store::normalized_tracks;

const INSERT_SPOTIFY: &str = "
    INSERT INTO artists (name, spotify_id)
    SELECT n.name, n.spotify_id
    FROM unnest($1::text[], $2::text[]) AS n (spotify_id, name)
    WHERE NOT EXISTS (SELECT FROM artist_identities i WHERE i.source = 'spotify' AND i.source_id = n.spotify_id)
    ORDER BY n.spotify_id COLLATE \"C\"
    ON CONFLICT (spotify_id) WHERE spotify_id IS NOT NULL DO NOTHING";

const INSERT_SPOTIFY_IDENTITIES: &str = "
    INSERT INTO artist_identities (source, source_id, artist_id)
    SELECT 'spotify', a.spotify_id, a.id
    FROM artists a
    WHERE a.spotify_id = ANY ($1::text[])
    ORDER BY a.spotify_id
    ON CONFLICT DO NOTHING";

// Of several Spotify ids of an artist, the smallest says the name.
const RENAME_SPOTIFY: &str = "
    UPDATE artists a
    SET name = n.name
    FROM unnest($1::text[], $2::text[]) AS n (spotify_id, name)
    WHERE a.spotify_id = n.spotify_id AND a.name IS DISTINCT FROM n.name";

const LIST_BY_IDENTITY: &str = "
    SELECT source_id, artist_id FROM artist_identities WHERE source = $1::text::source AND source_id = ANY ($2::text[])";

/// Keeps artists that Spotify named, by Spotify id; gives our id of each. Three statements that write, however many.
///
/// # Errors
/// The database's.
pub async fn upsert_spotify(
    client: &Client<'_>,
    artists: &BTreeMap<SpotifyArtistId, String>,
) -> Result<BTreeMap<SpotifyArtistId, ArtistId>, tokio_postgres::Error> {
    let ids: Vec<&str> = artists.keys().map(SpotifyArtistId::as_str).collect();
    let names: Vec<&str> = artists.values().map(String::as_str).collect();
    client.execute(INSERT_SPOTIFY, &[&ids, &names]).await?;
    client.execute(INSERT_SPOTIFY_IDENTITIES, &[&ids]).await?;
    client.execute(RENAME_SPOTIFY, &[&ids, &names]).await?;
    let rows = client
        .query(LIST_BY_IDENTITY, &[&Source::Spotify.as_str(), &ids])
        .await?;
    let found: BTreeMap<String, i64> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    Ok(artists
        .keys()
        .filter_map(|id| {
            found
                .get(id.as_str())
                .map(|found| (id.clone(), ArtistId(*found)))
        })
        .collect())
}

/// What Spotify says of one artist. What it leaves out stays as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Details<'a> {
    /// Followers.
    pub followers: Option<i64>,
    /// Popularity, 0 to 100.
    pub popularity: Option<i16>,
    /// A picture.
    pub image_url: Option<&'a str>,
    /// More, merged into the metadata by key.
    pub metadata: serde_json::Value,
}

const UPDATE_DETAILS: &str = "
    UPDATE artists
    SET followers = COALESCE($2, followers), popularity = COALESCE($3, popularity), image_url = COALESCE($4, image_url), metadata = metadata || $5
    WHERE id = $1
      AND (followers, popularity, image_url, metadata)
          IS DISTINCT FROM (COALESCE($2, followers), COALESCE($3, popularity), COALESCE($4, image_url), metadata || $5)";

/// Keeps what Spotify says of an artist.
///
/// # Errors
/// The database's.
pub async fn update_details(
    client: &Client<'_>,
    id: ArtistId,
    details: &Details<'_>,
) -> Result<u64, tokio_postgres::Error> {
    client
        .execute(
            UPDATE_DETAILS,
            &[
                &id.0,
                &details.followers,
                &details.popularity,
                &details.image_url,
                &details.metadata,
            ],
        )
        .await
}

const MARK_REQUESTED: &str =
    "UPDATE artists SET requested_at = now() WHERE id = $1 AND requested_at IS NULL";

/// Marks an artist as one that a person asked for.
///
/// # Errors
/// The database's.
pub async fn mark_requested(
    client: &Client<'_>,
    id: ArtistId,
) -> Result<(), tokio_postgres::Error> {
    client.execute(MARK_REQUESTED, &[&id.0]).await.map(drop)
}

/// An artist that a name may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Our id.
    pub id: ArtistId,
    /// The name.
    pub name: String,
    /// The Spotify id.
    pub spotify_artist_id: SpotifyArtistId,
}

const LIST_NAMED: &str = "
    SELECT id, name, spotify_id FROM artists
    WHERE left(lower(name), 200) = left(lower($1::text), 200) AND lower(name) = lower($1::text) AND spotify_id IS NOT NULL
    ORDER BY spotify_id";

/// The artists known to Spotify whose name is this one but for upper and lower case.
///
/// # Errors
/// The database's.
pub async fn list_named(
    client: &Client<'_>,
    name: &str,
) -> Result<Vec<Named>, tokio_postgres::Error> {
    let rows = client.query(LIST_NAMED, &[&name]).await?;
    Ok(rows
        .iter()
        .filter_map(|row| {
            Some(Named {
                id: ArtistId(row.get(0)),
                name: row.get(1),
                spotify_artist_id: row.get::<_, &str>(2).parse().ok()?,
            })
        })
        .collect())
}

const INSERT_IDENTITY: &str = "
    INSERT INTO artist_identities (source, source_id, artist_id) VALUES ($1::text::source, $2, $3) ON CONFLICT DO NOTHING";

const FIND_BY_IDENTITY: &str =
    "SELECT artist_id FROM artist_identities WHERE source = $1::text::source AND source_id = $2";

/// The artist that a source knows by an id.
///
/// # Errors
/// The database's.
pub async fn find_by_identity(
    client: &Client<'_>,
    source: Source,
    source_id: &str,
) -> Result<Option<ArtistId>, tokio_postgres::Error> {
    let row = client
        .query_opt(FIND_BY_IDENTITY, &[&source.as_str(), &source_id])
        .await?;
    Ok(row.map(|row| ArtistId(row.get(0))))
}

/// Joins an artist to an id that a source states for it. Where the id is another artist's already, the two are one and
/// are merged; the id of the artist that is left is returned. Where that is news, the statistics of its producers must
/// be marked stale by the caller.
///
/// # Errors
/// The database's.
pub async fn link(
    client: &Client<'_>,
    id: ArtistId,
    source: Source,
    source_id: &str,
) -> Result<ArtistId, tokio_postgres::Error> {
    client
        .execute(INSERT_IDENTITY, &[&source.as_str(), &source_id, &id.0])
        .await?;
    let other = ArtistId(
        client
            .query_one(FIND_BY_IDENTITY, &[&source.as_str(), &source_id])
            .await?
            .get(0),
    );
    if other == id {
        return Ok(id);
    }
    let (kept, gone) = (id.min(other), id.max(other));
    merge(client, kept, gone).await?;
    Ok(kept)
}

const LOCK: &str = "SELECT id FROM artists WHERE id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE";

const MOVE_ALBUMS: &str = "UPDATE albums SET artist_id = $1 WHERE artist_id = $2";

// A song that both artists have becomes one; its tracks follow.
const MOVE_TRACKS_OF_SONGS: &str = "
    UPDATE tracks t
    SET normalized_track_id = kept.id
    FROM normalized_tracks gone
    JOIN normalized_tracks kept ON kept.artist_id = $1 AND kept.normalized_name = gone.normalized_name
    WHERE gone.artist_id = $2 AND t.normalized_track_id = gone.id";

const MOVE_OVERRIDES: &str = "
    INSERT INTO credit_overrides (normalized_track_id, producer_identity_id, verdict, decided_by, reason, created_at)
    SELECT kept.id, o.producer_identity_id, o.verdict, o.decided_by, o.reason, o.created_at
    FROM credit_overrides o
    JOIN normalized_tracks gone ON gone.id = o.normalized_track_id AND gone.artist_id = $2
    JOIN normalized_tracks kept ON kept.artist_id = $1 AND kept.normalized_name = gone.normalized_name
    ON CONFLICT DO NOTHING";

const DELETE_DOUBLE_SONGS: &str = "
    DELETE FROM normalized_tracks gone
    USING normalized_tracks kept
    WHERE gone.artist_id = $2 AND kept.artist_id = $1 AND kept.normalized_name = gone.normalized_name";

const MOVE_SONGS: &str = "UPDATE normalized_tracks SET artist_id = $1 WHERE artist_id = $2";

// Who is named twice is named where he came first.
const DELETE_DOUBLE_PARTS: &str = "
    DELETE FROM track_artists later
    USING track_artists first
    WHERE first.track_id = later.track_id AND first.position < later.position
      AND first.artist_id IN ($1, $2) AND later.artist_id IN ($1, $2)";

const MOVE_TRACK_ARTISTS: &str = "UPDATE track_artists SET artist_id = $1 WHERE artist_id = $2";

const MOVE_IDENTITIES: &str = "UPDATE artist_identities SET artist_id = $1 WHERE artist_id = $2";

const DELETE: &str = "
    DELETE FROM artists WHERE id = $1
    RETURNING name, spotify_id, followers, popularity, image_url, metadata, requested_at";

// The smaller Spotify id says the name and the rest; what it leaves out is taken from the other.
const TAKE_OVER: &str = "
    UPDATE artists a
    SET name = CASE WHEN gone.leads THEN gone.name ELSE a.name END,
        spotify_id = LEAST(a.spotify_id, gone.spotify_id),
        followers = CASE WHEN gone.leads THEN COALESCE(gone.followers, a.followers) ELSE COALESCE(a.followers, gone.followers) END,
        popularity = CASE WHEN gone.leads THEN COALESCE(gone.popularity, a.popularity) ELSE COALESCE(a.popularity, gone.popularity) END,
        image_url = CASE WHEN gone.leads THEN COALESCE(gone.image_url, a.image_url) ELSE COALESCE(a.image_url, gone.image_url) END,
        metadata = CASE WHEN gone.leads THEN a.metadata || gone.metadata ELSE gone.metadata || a.metadata END,
        requested_at = LEAST(a.requested_at, gone.requested_at)
    FROM (
        SELECT n.*, COALESCE(n.spotify_id < b.spotify_id COLLATE \"C\", n.spotify_id IS NOT NULL AND b.spotify_id IS NULL) AS leads
        FROM (SELECT $2::text AS name, $3::text AS spotify_id, $4::bigint AS followers, $5::smallint AS popularity,
                     $6::text AS image_url, $7::jsonb AS metadata, $8::timestamptz AS requested_at) n
        JOIN artists b ON b.id = $1
    ) gone
    WHERE a.id = $1";

const LIST_SONGS: &str = "SELECT id FROM normalized_tracks WHERE artist_id = $1 ORDER BY id";

/// Makes one artist of two: what was `gone`'s becomes `kept`'s. The statistics of their producers must be marked stale
/// by the caller.
///
/// # Errors
/// The database's.
pub async fn merge(
    client: &Client<'_>,
    kept: ArtistId,
    gone: ArtistId,
) -> Result<(), tokio_postgres::Error> {
    client.query(LOCK, &[&vec![kept.0, gone.0]]).await?;
    for statement in [
        MOVE_ALBUMS,
        MOVE_OVERRIDES,
        MOVE_TRACKS_OF_SONGS,
        DELETE_DOUBLE_SONGS,
        MOVE_SONGS,
        DELETE_DOUBLE_PARTS,
        MOVE_TRACK_ARTISTS,
        MOVE_IDENTITIES,
    ] {
        client.execute(statement, &[&kept.0, &gone.0]).await?;
    }
    let Some(row) = client.query_opt(DELETE, &[&gone.0]).await? else {
        return Ok(());
    };
    client
        .execute(
            TAKE_OVER,
            &[
                &kept.0,
                &row.get::<_, String>(0),
                &row.get::<_, Option<String>>(1),
                &row.get::<_, Option<i64>>(2),
                &row.get::<_, Option<i16>>(3),
                &row.get::<_, Option<String>>(4),
                &row.get::<_, serde_json::Value>(5),
                &row.get::<_, Option<chrono::DateTime<chrono::Utc>>>(6),
            ],
        )
        .await?;
    let songs = client.query(LIST_SONGS, &[&kept.0]).await?;
    let songs: Vec<_> = songs
        .iter()
        .map(|row| NormalizedTrackId(row.get(0)))
        .collect();
    normalized_tracks::refresh(client, &songs).await.map(drop)
}

pub(super) const STATEMENTS: &[&str] = &[
    INSERT_SPOTIFY,
    INSERT_SPOTIFY_IDENTITIES,
    RENAME_SPOTIFY,
    LIST_BY_IDENTITY,
    UPDATE_DETAILS,
    MARK_REQUESTED,
    LIST_NAMED,
    INSERT_IDENTITY,
    FIND_BY_IDENTITY,
    LOCK,
    MOVE_ALBUMS,
    MOVE_TRACKS_OF_SONGS,
    MOVE_OVERRIDES,
    DELETE_DOUBLE_SONGS,
    MOVE_SONGS,
    DELETE_DOUBLE_PARTS,
    MOVE_TRACK_ARTISTS,
    MOVE_IDENTITIES,
    LIST_SONGS,
    DELETE,
    TAKE_OVER,
];
