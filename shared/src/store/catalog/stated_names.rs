//! The name that holds when a source's records give one id several names: the name on the artist's own page
//! if there is one, otherwise the name that most records give, and of equally frequent names the first in
//! byte order. The name that each record gives is stored with its credits and artists.

use std::collections::BTreeSet;

use crate::domain::credits::Source;
use crate::domain::ids::AlbumId;
use crate::domain::names;
use crate::platform::db::Client;
use crate::store::catalog::artist_pages;

/// How many ids one statement settles.
const BATCH_SIZE: i64 = 1_000;

// An artist with a Spotify id has Spotify's name, not this source's.
const LIST_STORED_NAMES: &str = "
    SELECT i.source_id, a.name
    FROM artist_identities i
    JOIN artists a ON a.id = i.artist_id
    WHERE i.source = $1::text::source AND i.source_id = ANY ($2::text[]) AND a.spotify_id IS NULL
    UNION
    SELECT i.source_id, i.name
    FROM unnest($2::text[]) AS n (id)
    JOIN producer_identities i ON i.source = $1::text::source AND md5(i.source_id) = md5(n.id)";

/// The stored names of the artists and producers with these ids, each with the id.
pub async fn list_stored_names(
    client: &Client<'_>,
    source: Source,
    ids: &[&str],
) -> Result<Vec<(String, String)>, tokio_postgres::Error> {
    let rows = client.query(LIST_STORED_NAMES, &[&source, &ids]).await?;
    Ok(rows
        .iter()
        .map(|row| (row.get("source_id"), row.get("name")))
        .collect())
}

const LIST_CONTESTED_IDS: &str = "
    SELECT i.source_id
    FROM credits c
    JOIN producer_identities i ON i.id = c.producer_identity_id
    WHERE c.album_id = $1 AND c.source = $2::text::source AND c.source_record_id = $3
      AND (SELECT count(*)
           FROM producer_names p
           WHERE p.producer_id = i.producer_id AND p.source = $2::text::source AND p.kind = 'primary') > 1
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

/// The ids that a record of an album names and to which the source's records give several names.
pub async fn list_contested_ids(
    client: &Client<'_>,
    source: Source,
    record: &str,
    album: AlbumId,
) -> Result<BTreeSet<String>, tokio_postgres::Error> {
    let rows = client
        .query(LIST_CONTESTED_IDS, &[&album, &source, &record])
        .await?;
    Ok(rows.iter().map(|row| row.get("source_id")).collect())
}

const LIST_CHOSEN: &str = include_str!("stated_names.sql");

/// Renames the artists and producers with these ids to the name that holds. Returns the number of rows
/// written.
pub async fn settle(
    client: &Client<'_>,
    source: Source,
    ids: &[String],
) -> Result<u64, tokio_postgres::Error> {
    if ids.is_empty() {
        return Ok(0);
    }
    let rows = client.query(LIST_CHOSEN, &[&source, &ids]).await?;
    let mut chosen = artist_pages::PageLines::default();
    for row in &rows {
        let name: String = row.get("name");
        let folded = names::fold(&name);
        chosen.push(row.get("id"), name, folded);
    }
    artist_pages::rename(client, source, &chosen).await
}

const INSERT_UNSETTLED: &str = "
    INSERT INTO unsettled_names (source, source_id)
    SELECT $1::text::source, id FROM unnest($2::text[]) AS n (id)";

/// Stores ids whose names [`settle_next`] will settle later.
pub async fn insert_unsettled(
    client: &Client<'_>,
    source: Source,
    ids: &[String],
) -> Result<u64, tokio_postgres::Error> {
    if ids.is_empty() {
        return Ok(0);
    }
    client.execute(INSERT_UNSETTLED, &[&source, &ids]).await
}

const LIST_UNSETTLED: &str = "
    SELECT DISTINCT source_id
    FROM unsettled_names
    WHERE source = $1::text::source
    ORDER BY source_id
    LIMIT $2::bigint";

const DELETE_UNSETTLED: &str =
    "DELETE FROM unsettled_names WHERE source = $1::text::source AND source_id = ANY ($2::text[])";

/// Settles the names of the next unsettled ids. Returns false if there are none left.
pub async fn settle_next(client: &Client<'_>, source: Source) -> Result<bool, tokio_postgres::Error> {
    let rows = client.query(LIST_UNSETTLED, &[&source, &BATCH_SIZE]).await?;
    let ids: Vec<String> = rows.iter().map(|row| row.get("source_id")).collect();
    settle(client, source, &ids).await?;
    client.execute(DELETE_UNSETTLED, &[&source, &ids]).await?;
    Ok(!ids.is_empty())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    LIST_STORED_NAMES,
    LIST_CONTESTED_IDS,
    LIST_CHOSEN,
    INSERT_UNSETTLED,
    LIST_UNSETTLED,
    DELETE_UNSETTLED,
];
