//! Artists and who they are to each source.

pub(in crate::store) mod merge;

use std::collections::BTreeMap;

use crate::domain::credits::Source;
use crate::domain::ids::{AlbumId, ArtistId, ArtistMbid, SpotifyArtistId};
use crate::platform::db::Client;

pub use merge::merge;

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
    WHERE a.spotify_id IS NOT NULL AND a.spotify_id = ANY ($1::text[])
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
        .filter_map(|id| found.get(id.as_str()).map(|found| (id.clone(), ArtistId(*found))))
        .collect())
}

const LOCK_SOURCE: &str = "SELECT pg_advisory_xact_lock(hashtextextended('artist_identities:' || $1, 0))";

const INSERT: &str = "
    INSERT INTO artists (name)
    SELECT name FROM unnest($1::text[]) WITH ORDINALITY AS n (name, place)
    ORDER BY place
    RETURNING id";

const INSERT_IDENTITIES: &str = "
    INSERT INTO artist_identities (source, source_id, artist_id)
    SELECT $1::text::source, source_id, artist_id
    FROM unnest($2::text[], $3::bigint[]) AS n (source_id, artist_id)
    ORDER BY source_id";

// Spotify's name goes before; of several MBIDs of an artist, the smallest says it.
const RENAME_MUSICBRAINZ: &str = "
    UPDATE artists a
    SET name = n.name
    FROM unnest($1::text[], $2::text[]) AS n (mbid, name)
    JOIN artist_identities i ON i.source = 'musicbrainz' AND i.source_id = n.mbid
    WHERE a.id = i.artist_id AND a.spotify_id IS NULL AND a.name IS DISTINCT FROM n.name
      AND NOT EXISTS (SELECT FROM artist_identities o WHERE o.artist_id = a.id AND o.source = 'musicbrainz' AND o.source_id < n.mbid)";

/// Keeps artists that MusicBrainz named, by MBID; gives our id of each. New ones are made by one transaction at a time, so
/// that nobody is made twice; three statements that write, however many.
///
/// # Errors
/// The database's.
pub async fn upsert_musicbrainz(
    client: &Client<'_>,
    artists: &BTreeMap<ArtistMbid, String>,
) -> Result<BTreeMap<ArtistMbid, ArtistId>, tokio_postgres::Error> {
    let mbids: Vec<&str> = artists.keys().map(ArtistMbid::as_str).collect();
    let names: Vec<&str> = artists.values().map(String::as_str).collect();
    let by_id: BTreeMap<&str, &str> = mbids.iter().copied().zip(names.iter().copied()).collect();
    let known = upsert_named(client, Source::MusicBrainz, &by_id).await?;
    rename_musicbrainz(client, &mbids, &names).await?;
    Ok(known
        .into_iter()
        .filter_map(|(id, artist)| Some((id.parse().ok()?, artist)))
        .collect())
}

/// Gives artists with these MBIDs the names that MusicBrainz has for them now, where it is the one that says them.
///
/// # Errors
/// The database's.
pub async fn rename_musicbrainz(
    client: &Client<'_>,
    mbids: &[&str],
    names: &[&str],
) -> Result<u64, tokio_postgres::Error> {
    client.execute(RENAME_MUSICBRAINZ, &[&mbids, &names]).await
}

/// Keeps artists that a release of Discogs' named, by their numbers there; gives our id of each. Whom it files under another
/// name elsewhere keeps the name until [`super::stated_names`] says which holds.
///
/// # Errors
/// The database's.
pub async fn upsert_discogs(
    client: &Client<'_>,
    artists: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, ArtistId>, tokio_postgres::Error> {
    let by_id = artists.iter().map(|(id, name)| (id.as_str(), name.as_str()));
    upsert_named(client, Source::Discogs, &by_id.collect()).await
}

async fn upsert_named(
    client: &Client<'_>,
    source: Source,
    names: &BTreeMap<&str, &str>,
) -> Result<BTreeMap<String, ArtistId>, tokio_postgres::Error> {
    let ids: Vec<&str> = names.keys().copied().collect();
    let known = list_by_identity(client, source, &ids).await?;
    if known.len() == names.len() {
        return Ok(known);
    }
    lock_source(client, source).await?;
    let known = list_by_identity(client, source, &ids).await?;
    let (new_ids, new_names): (Vec<&str>, Vec<&str>) = names
        .iter()
        .filter(|(id, _)| !known.contains_key(**id))
        .map(|(id, name)| (*id, *name))
        .unzip();
    let rows = client.query(INSERT, &[&new_names]).await?;
    let artists: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
    client
        .execute(INSERT_IDENTITIES, &[&source.as_str(), &new_ids, &artists])
        .await?;
    list_by_identity(client, source, &ids).await
}

/// Lets nobody else make artists of a source until the transaction ends.
///
/// # Errors
/// The database's.
pub async fn lock_source(client: &Client<'_>, source: Source) -> Result<(), tokio_postgres::Error> {
    client.execute(LOCK_SOURCE, &[&source.as_str()]).await.map(drop)
}

/// Our ids of those of these artists that a source's ids are known of.
///
/// # Errors
/// The database's.
pub async fn list_by_identity(
    client: &Client<'_>,
    source: Source,
    ids: &[&str],
) -> Result<BTreeMap<String, ArtistId>, tokio_postgres::Error> {
    let rows = client.query(LIST_BY_IDENTITY, &[&source.as_str(), &ids]).await?;
    Ok(rows
        .iter()
        .map(|row| (row.get(0), ArtistId(row.get(1))))
        .collect())
}

/// What Spotify says of one artist. What it leaves out stays as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct ArtistDetails<'a> {
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
    details: &ArtistDetails<'_>,
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

const MARK_REQUESTED: &str = "UPDATE artists SET requested_at = now() WHERE id = $1 AND requested_at IS NULL";

/// Marks an artist as one that a person asked for.
///
/// # Errors
/// The database's.
pub async fn mark_requested(client: &Client<'_>, id: ArtistId) -> Result<(), tokio_postgres::Error> {
    client.execute(MARK_REQUESTED, &[&id.0]).await.map(drop)
}

/// An artist that a name may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedArtist {
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
pub async fn list_named(client: &Client<'_>, name: &str) -> Result<Vec<NamedArtist>, tokio_postgres::Error> {
    let rows = client.query(LIST_NAMED, &[&name]).await?;
    Ok(rows
        .iter()
        .filter_map(|row| {
            Some(NamedArtist {
                id: ArtistId(row.get(0)),
                name: row.get(1),
                spotify_artist_id: row.get::<_, &str>(2).parse().ok()?,
            })
        })
        .collect())
}

const INSERT_IDENTITY: &str = "
    INSERT INTO artist_identities (source, source_id, artist_id) VALUES ($1::text::source, $2, $3) ON CONFLICT DO NOTHING";

// A producer whom the source knows by the same id is that artist, and to produce oneself is no collaboration.
const MARK_STALE: &str = "
    INSERT INTO producer_statistics_stale (producer_id)
    SELECT producer_id FROM producer_identities WHERE source = $1::text::source AND md5(source_id) = md5($2)
    ON CONFLICT (producer_id) DO UPDATE SET marked_at = now()";

const FIND_BY_IDENTITY: &str =
    "SELECT artist_id FROM artist_identities WHERE source = $1::text::source AND source_id = $2";

/// Joins an artist to an id that a source states for it. Where the id is another artist's already, the two are one and
/// are merged; the id of the artist that is left is returned.
///
/// # Errors
/// The database's.
pub async fn link(
    client: &Client<'_>,
    id: ArtistId,
    source: Source,
    source_id: &str,
) -> Result<ArtistId, tokio_postgres::Error> {
    let known = client
        .query_opt(FIND_BY_IDENTITY, &[&source.as_str(), &source_id])
        .await?;
    if known.is_none() {
        client.execute(LOCK_SOURCE, &[&source.as_str()]).await?;
    }
    let inserted = client
        .execute(INSERT_IDENTITY, &[&source.as_str(), &source_id, &id.0])
        .await?;
    if inserted > 0 {
        client
            .execute(MARK_STALE, &[&source.as_str(), &source_id])
            .await?;
        return Ok(id);
    }
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

const LIST_ON_ALBUM: &str = "
    SELECT a.id, a.name
    FROM artists a
    WHERE a.id IN (SELECT artist_id FROM albums WHERE id = $1
                   UNION SELECT ta.artist_id FROM tracks t JOIN track_artists ta ON ta.track_id = t.id WHERE t.album_id = $1)
    ORDER BY a.id";

/// The artists of an album and of its tracks, with their names.
///
/// # Errors
/// The database's.
pub async fn list_on_album(
    client: &Client<'_>,
    album: AlbumId,
) -> Result<Vec<(ArtistId, String)>, tokio_postgres::Error> {
    let rows = client.query(LIST_ON_ALBUM, &[&album.0]).await?;
    Ok(rows
        .iter()
        .map(|row| (ArtistId(row.get(0)), row.get(1)))
        .collect())
}

const ARE_APART: &str = "
    SELECT EXISTS (SELECT FROM artist_identities x JOIN artist_identities y ON y.source = x.source WHERE x.artist_id = $1 AND y.artist_id = $2)";

/// Whether some source knows two artists by an id each.
///
/// # Errors
/// The database's.
pub async fn are_distinct(
    client: &Client<'_>,
    one: ArtistId,
    other: ArtistId,
) -> Result<bool, tokio_postgres::Error> {
    Ok(client.query_one(ARE_APART, &[&one.0, &other.0]).await?.get(0))
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    INSERT_SPOTIFY,
    INSERT_SPOTIFY_IDENTITIES,
    RENAME_SPOTIFY,
    LIST_BY_IDENTITY,
    LOCK_SOURCE,
    INSERT,
    INSERT_IDENTITIES,
    RENAME_MUSICBRAINZ,
    UPDATE_DETAILS,
    MARK_REQUESTED,
    LIST_NAMED,
    INSERT_IDENTITY,
    MARK_STALE,
    FIND_BY_IDENTITY,
    LIST_ON_ALBUM,
    ARE_APART,
];
