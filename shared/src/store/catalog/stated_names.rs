//! Of several names under one id of a source's, which holds: that of the artist's own page, else the one that most records
//! give, of as many the bytewise smallest. What each record says stands beside its credits and artists.

use std::collections::BTreeSet;

use crate::domain::credits::Source;
use crate::domain::ids::AlbumId;
use crate::domain::names;
use crate::platform::db::Client;
use crate::store::catalog::artist_pages;

/// Ids that are settled in one statement.
const AT_ONCE: i64 = 1_000;

// Where another source says an artist's name, it is not told from it.
const LIST_KEPT: &str = "
    SELECT i.source_id, a.name
    FROM artist_identities i
    JOIN artists a ON a.id = i.artist_id
    WHERE i.source = $1::text::source AND i.source_id = ANY ($2::text[]) AND a.spotify_id IS NULL
    UNION
    SELECT i.source_id, i.name
    FROM unnest($2::text[]) AS n (id)
    JOIN producer_identities i ON i.source = $1::text::source AND md5(i.source_id) = md5(n.id)";

/// What artists and producers are called who are here, by their ids.
///
/// # Errors
/// The database's.
pub async fn list_stored_names(
    client: &Client<'_>,
    source: Source,
    ids: &[&str],
) -> Result<Vec<(String, String)>, tokio_postgres::Error> {
    let rows = client.query(LIST_KEPT, &[&source.as_str(), &ids]).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

const LIST_OF_RECORD: &str = "
    SELECT i.source_id
    FROM credits c
    JOIN producer_identities i ON i.id = c.producer_identity_id
    WHERE c.album_id = $1 AND c.source = $2::text::source AND c.source_record_id = $3
      AND (SELECT count(*) FROM producer_names p WHERE p.producer_id = i.producer_id AND p.source = $2::text::source AND p.kind = 'primary') > 1
    UNION
    SELECT i.source_id
    FROM (
        SELECT ta.artist_id FROM tracks t JOIN track_artists ta ON ta.track_id = t.id WHERE t.album_id = $1
        UNION
        SELECT artist_id FROM albums WHERE id = $1
    ) named
    JOIN artists a ON a.id = named.artist_id
    JOIN artist_identities i ON i.artist_id = a.id AND i.source = $2::text::source
    WHERE EXISTS (SELECT FROM track_artists o WHERE o.artist_id = a.id AND o.stated_name <> a.name)
       OR EXISTS (SELECT FROM albums o WHERE o.artist_id = a.id AND o.stated_artist_name <> a.name)";

/// The ids of those whom a record of an album names and records call by several names.
///
/// # Errors
/// The database's.
pub async fn list_contested_ids(
    client: &Client<'_>,
    source: Source,
    record: &str,
    album: AlbumId,
) -> Result<BTreeSet<String>, tokio_postgres::Error> {
    let rows = client
        .query(LIST_OF_RECORD, &[&album.0, &source.as_str(), &record])
        .await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

// The artists of an album are those that its leading record names.
const LIST_CHOSEN: &str = "
    WITH ids AS (
        SELECT DISTINCT n.id FROM unnest($2::text[]) AS n (id)
        WHERE NOT EXISTS (SELECT FROM artist_pages p WHERE p.source = $1::text::source AND p.source_id = n.id)
    ),
    stated AS (
        SELECT ids.id, COALESCE(c.stated_name, c.credited_as) AS name, c.source_record_id AS record
        FROM ids
        JOIN producer_identities i ON i.source = $1::text::source AND md5(i.source_id) = md5(ids.id)
        JOIN credits c ON c.producer_identity_id = i.id
        UNION
        SELECT named.id, named.name, first.source_id
        FROM (
            SELECT ids.id, ta.stated_name AS name, t.album_id
            FROM ids
            JOIN artist_identities i ON i.source = $1::text::source AND i.source_id = ids.id
            JOIN track_artists ta ON ta.artist_id = i.artist_id AND ta.stated_name IS NOT NULL
            JOIN tracks t ON t.id = ta.track_id
            UNION
            SELECT ids.id, a.stated_artist_name, a.id
            FROM ids
            JOIN artist_identities i ON i.source = $1::text::source AND i.source_id = ids.id
            JOIN albums a ON a.artist_id = i.artist_id AND a.stated_artist_name IS NOT NULL
        ) named
        CROSS JOIN LATERAL (
            SELECT l.source_id FROM album_links l
            WHERE l.album_id = named.album_id AND l.source = $1::text::source AND l.matched_by = 'own'
            ORDER BY length(l.source_id), l.source_id
            LIMIT 1
        ) first
    )
    SELECT DISTINCT ON (id) id, name
    FROM (SELECT id, name, count(*) AS records FROM stated GROUP BY id, name) counted
    ORDER BY id, records DESC, name COLLATE \"C\"";

/// Calls those with these ids what most records do; gives how many rows were written.
///
/// # Errors
/// The database's.
pub async fn settle(
    client: &Client<'_>,
    source: Source,
    ids: &[String],
) -> Result<u64, tokio_postgres::Error> {
    if ids.is_empty() {
        return Ok(0);
    }
    let rows = client
        .query(LIST_CHOSEN, &[&source.as_str(), &ids.to_vec()])
        .await?;
    let mut chosen = artist_pages::PageLines::default();
    for row in &rows {
        let name: String = row.get(1);
        let folded = names::fold(&name);
        chosen.push(row.get(0), name, folded);
    }
    artist_pages::rename(client, source, &chosen).await
}

const INSERT_UNSETTLED: &str = "
    INSERT INTO unsettled_names (source, source_id) SELECT $1::text::source, id FROM unnest($2::text[]) AS n (id)";

/// Leaves ids to be settled by [`settle_next`].
///
/// # Errors
/// The database's.
pub async fn insert_unsettled(
    client: &Client<'_>,
    source: Source,
    ids: &[String],
) -> Result<u64, tokio_postgres::Error> {
    if ids.is_empty() {
        return Ok(0);
    }
    client
        .execute(INSERT_UNSETTLED, &[&source.as_str(), &ids.to_vec()])
        .await
}

const LIST_UNSETTLED: &str = "
    SELECT DISTINCT source_id FROM unsettled_names WHERE source = $1::text::source ORDER BY source_id LIMIT $2::bigint";

const DELETE_UNSETTLED: &str =
    "DELETE FROM unsettled_names WHERE source = $1::text::source AND source_id = ANY ($2::text[])";

/// Settles the next of the ids that were left; false where there are none.
///
/// # Errors
/// The database's.
pub async fn settle_next(client: &Client<'_>, source: Source) -> Result<bool, tokio_postgres::Error> {
    let rows = client
        .query(LIST_UNSETTLED, &[&source.as_str(), &AT_ONCE])
        .await?;
    let ids: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    settle(client, source, &ids).await?;
    client
        .execute(DELETE_UNSETTLED, &[&source.as_str(), &ids])
        .await?;
    Ok(!ids.is_empty())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    LIST_KEPT,
    LIST_OF_RECORD,
    LIST_CHOSEN,
    INSERT_UNSETTLED,
    LIST_UNSETTLED,
    DELETE_UNSETTLED,
];
