//! The table `artists`: reads and writes artists as the sources name them.

use std::collections::BTreeMap;

use tokio_postgres::Error;

use crate::domain::credits::Source;
use crate::domain::ids::{AlbumId, ArtistId, ArtistMbid, SpotifyArtistId};
use crate::platform::db::Client;
use crate::store::catalog::artist_identities::{list_by_identity, lock_source};

const INSERT_SPOTIFY: &str = "
    INSERT INTO artists (name, spotify_id)
    SELECT n.name, n.spotify_id
    FROM unnest($1::text[], $2::text[]) AS n (spotify_id, name)
    WHERE NOT EXISTS (
        SELECT FROM artist_identities i WHERE i.source = 'spotify' AND i.source_id = n.spotify_id)
    ORDER BY n.spotify_id COLLATE \"C\"
    ON CONFLICT (spotify_id) WHERE spotify_id IS NOT NULL DO NOTHING";

const INSERT_SPOTIFY_IDENTITIES: &str = "
    INSERT INTO artist_identities (source, source_id, artist_id)
    SELECT 'spotify', a.spotify_id, a.id
    FROM artists a
    WHERE a.spotify_id IS NOT NULL AND a.spotify_id = ANY ($1::text[])
    ORDER BY a.spotify_id
    ON CONFLICT DO NOTHING";

// If an artist has several Spotify ids, the name comes from the smallest.
const RENAME_SPOTIFY: &str = "
    UPDATE artists a
    SET name = n.name
    FROM unnest($1::text[], $2::text[]) AS n (spotify_id, name)
    WHERE a.spotify_id = n.spotify_id AND a.name IS DISTINCT FROM n.name";

/// Inserts or renames artists from Spotify, given as names by Spotify id, with three statements that write.
/// Returns our id of each.
pub async fn upsert_spotify(
    client: &Client<'_>,
    artists: &BTreeMap<SpotifyArtistId, String>,
) -> Result<BTreeMap<SpotifyArtistId, ArtistId>, Error> {
    let ids: Vec<&str> = artists.keys().map(SpotifyArtistId::as_str).collect();
    let names: Vec<&String> = artists.values().collect();
    client.execute(INSERT_SPOTIFY, &[&ids, &names]).await?;
    client.execute(INSERT_SPOTIFY_IDENTITIES, &[&ids]).await?;
    client.execute(RENAME_SPOTIFY, &[&ids, &names]).await?;
    let known = list_by_identity(client, Source::Spotify, &ids).await?;
    Ok(artists
        .keys()
        .filter_map(|id| known.get(id.as_str()).map(|known| (id.clone(), *known)))
        .collect())
}

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

// A name from Spotify takes precedence. If an artist has several MBIDs, the name comes from the smallest.
const RENAME_MUSICBRAINZ: &str = "
    UPDATE artists a
    SET name = n.name
    FROM unnest($1::text[], $2::text[]) AS n (mbid, name)
    JOIN artist_identities i ON i.source = 'musicbrainz' AND i.source_id = n.mbid
    WHERE a.id = i.artist_id AND a.spotify_id IS NULL AND a.name IS DISTINCT FROM n.name
      AND NOT EXISTS (
          SELECT FROM artist_identities o
          WHERE o.artist_id = a.id AND o.source = 'musicbrainz' AND o.source_id < n.mbid)";

/// Inserts or renames artists from MusicBrainz, given as names by MBID, with three statements that write.
/// Returns our id of each. Only one transaction at a time inserts artists, so that none is inserted twice.
pub async fn upsert_musicbrainz(
    client: &Client<'_>,
    artists: &BTreeMap<ArtistMbid, String>,
) -> Result<BTreeMap<ArtistMbid, ArtistId>, Error> {
    let mbids: Vec<&str> = artists.keys().map(ArtistMbid::as_str).collect();
    let names: Vec<&str> = artists.values().map(String::as_str).collect();
    let by_mbid: BTreeMap<&str, &str> = mbids.iter().copied().zip(names.iter().copied()).collect();
    let known = insert_missing(client, Source::MusicBrainz, &by_mbid).await?;
    rename_musicbrainz(client, &mbids, &names).await?;
    Ok(known
        .into_iter()
        .filter_map(|(id, artist)| Some((id.parse().ok()?, artist)))
        .collect())
}

/// Renames the artists with these MBIDs whose name comes from that MBID.
pub async fn rename_musicbrainz(client: &Client<'_>, mbids: &[&str], names: &[&str]) -> Result<u64, Error> {
    client.execute(RENAME_MUSICBRAINZ, &[&mbids, &names]).await
}

/// Inserts artists that a Discogs release names, given as names by Discogs number. Returns our id of each. An
/// artist whom Discogs lists under another name keeps the given name until [`super::stated_names`] decides
/// which one applies.
pub async fn upsert_discogs(
    client: &Client<'_>,
    artists: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, ArtistId>, Error> {
    let by_id = artists.iter().map(|(id, name)| (id.as_str(), name.as_str()));
    insert_missing(client, Source::Discogs, &by_id.collect()).await
}

async fn insert_missing(
    client: &Client<'_>,
    source: Source,
    names: &BTreeMap<&str, &str>,
) -> Result<BTreeMap<String, ArtistId>, Error> {
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
    let artists: Vec<ArtistId> = rows.iter().map(|row| row.get("id")).collect();
    client
        .execute(INSERT_IDENTITIES, &[&source, &new_ids, &artists])
        .await?;
    list_by_identity(client, source, &ids).await
}

/// The details that Spotify states for one artist. A field that it leaves out does not overwrite what is
/// stored.
#[derive(Debug, Clone, PartialEq)]
pub struct ArtistDetails<'a> {
    /// The number of followers.
    pub followers: Option<i64>,
    /// The popularity, 0 to 100.
    pub popularity: Option<i16>,
    /// The URL of a picture.
    pub image_url: Option<&'a str>,
    /// Other details, merged into the stored metadata by key.
    pub metadata: serde_json::Value,
}

const UPDATE_DETAILS: &str = "
    UPDATE artists
    SET followers = COALESCE($2, followers), popularity = COALESCE($3, popularity),
        image_url = COALESCE($4, image_url), metadata = metadata || $5
    WHERE id = $1
      AND (followers, popularity, image_url, metadata)
          IS DISTINCT FROM (COALESCE($2, followers), COALESCE($3, popularity), COALESCE($4, image_url),
                            metadata || $5)";

/// Stores the details that Spotify states for an artist.
pub async fn update_details(
    client: &Client<'_>,
    id: ArtistId,
    details: &ArtistDetails<'_>,
) -> Result<u64, Error> {
    client
        .execute(
            UPDATE_DETAILS,
            &[
                &id,
                &details.followers,
                &details.popularity,
                &details.image_url,
                &details.metadata,
            ],
        )
        .await
}

const MARK_REQUESTED: &str = "UPDATE artists SET requested_at = now() WHERE id = $1 AND requested_at IS NULL";

/// Marks an artist as requested by a person.
pub async fn mark_requested(client: &Client<'_>, id: ArtistId) -> Result<(), Error> {
    client.execute(MARK_REQUESTED, &[&id]).await.map(drop)
}

/// An artist on Spotify, found by name.
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
    WHERE left(lower(name), 200) = left(lower($1::text), 200) AND lower(name) = lower($1::text)
      AND spotify_id IS NOT NULL
    ORDER BY spotify_id";

/// The artists on Spotify with this name, ignoring case.
pub async fn list_named(client: &Client<'_>, name: &str) -> Result<Vec<NamedArtist>, Error> {
    let rows = client.query(LIST_NAMED, &[&name]).await?;
    Ok(rows
        .iter()
        .filter_map(|row| {
            Some(NamedArtist {
                id: row.get("id"),
                name: row.get("name"),
                spotify_artist_id: row.get::<_, &str>("spotify_id").parse().ok()?,
            })
        })
        .collect())
}

const LIST_ON_ALBUM: &str = "
    SELECT a.id, a.name
    FROM artists a
    WHERE a.id IN (
        SELECT artist_id FROM albums WHERE id = $1
        UNION
        SELECT ta.artist_id FROM tracks t JOIN track_artists ta ON ta.track_id = t.id WHERE t.album_id = $1)
    ORDER BY a.id";

/// The artists of an album and of its tracks, with their names.
pub async fn list_on_album(client: &Client<'_>, album: AlbumId) -> Result<Vec<(ArtistId, String)>, Error> {
    let rows = client.query(LIST_ON_ALBUM, &[&album]).await?;
    Ok(rows.iter().map(|row| (row.get("id"), row.get("name"))).collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    INSERT_SPOTIFY,
    INSERT_SPOTIFY_IDENTITIES,
    RENAME_SPOTIFY,
    INSERT,
    INSERT_IDENTITIES,
    RENAME_MUSICBRAINZ,
    UPDATE_DETAILS,
    MARK_REQUESTED,
    LIST_NAMED,
    LIST_ON_ALBUM,
];
