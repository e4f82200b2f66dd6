//! The table `artist_identities`: the ids that the sources have for an artist.

use std::collections::BTreeMap;

use tokio_postgres::Error;

use crate::domain::credits::Source;
use crate::domain::ids::ArtistId;
use crate::platform::db::Client;
use crate::store::catalog::artist_merges;

const LOCK_SOURCE: &str = "SELECT pg_advisory_xact_lock(hashtextextended('artist_identities:' || $1, 0))";

/// Keeps other transactions from inserting artists of a source until this transaction ends.
pub async fn lock_source(client: &Client<'_>, source: Source) -> Result<(), Error> {
    client.execute(LOCK_SOURCE, &[&source]).await.map(drop)
}

const LIST_BY_IDENTITY: &str = "
    SELECT source_id, artist_id FROM artist_identities
    WHERE source = $1::text::source AND source_id = ANY ($2::text[])";

/// Our ids of the known artists among these `ids` of a source.
pub async fn list_by_identity(
    client: &Client<'_>,
    source: Source,
    ids: &[&str],
) -> Result<BTreeMap<String, ArtistId>, Error> {
    let rows = client.query(LIST_BY_IDENTITY, &[&source, &ids]).await?;
    Ok(rows
        .iter()
        .map(|row| (row.get("source_id"), row.get("artist_id")))
        .collect())
}

const FIND: &str = "
    SELECT artist_id FROM artist_identities WHERE source = $1::text::source AND source_id = $2";

const INSERT: &str = "
    INSERT INTO artist_identities (source, source_id, artist_id)
    VALUES ($1::text::source, $2, $3)
    ON CONFLICT DO NOTHING";

// A producer with the same id at the source is this artist. Work on one's own songs does not count as a
// collaboration, so the statistics of that producer change.
const MARK_STALE: &str = "
    INSERT INTO producer_statistics_stale (producer_id)
    SELECT producer_id FROM producer_identities WHERE source = $1::text::source AND md5(source_id) = md5($2)
    ON CONFLICT (producer_id) DO UPDATE SET marked_at = now()";

/// Adds an id that a source states for an artist. If another artist already has it, the two are merged.
/// Returns the id of the artist that remains.
pub async fn link(
    client: &Client<'_>,
    id: ArtistId,
    source: Source,
    source_id: &str,
) -> Result<ArtistId, Error> {
    if client.query_opt(FIND, &[&source, &source_id]).await?.is_none() {
        lock_source(client, source).await?;
    }
    if client.execute(INSERT, &[&source, &source_id, &id]).await? > 0 {
        client.execute(MARK_STALE, &[&source, &source_id]).await?;
        return Ok(id);
    }
    let row = client.query_one(FIND, &[&source, &source_id]).await?;
    let other: ArtistId = row.get("artist_id");
    if other == id {
        return Ok(id);
    }
    let (kept, gone) = (id.min(other), id.max(other));
    artist_merges::merge(client, kept, gone).await?;
    Ok(kept)
}

const ARE_DISTINCT: &str = "
    SELECT EXISTS (
        SELECT FROM artist_identities x
        JOIN artist_identities y ON y.source = x.source
        WHERE x.artist_id = $1 AND y.artist_id = $2) AS are_distinct";

/// Whether at least one source has an id for each of two artists, which means that it lists them as different
/// artists.
pub async fn are_distinct(client: &Client<'_>, first: ArtistId, second: ArtistId) -> Result<bool, Error> {
    let row = client.query_one(ARE_DISTINCT, &[&first, &second]).await?;
    Ok(row.get("are_distinct"))
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    LOCK_SOURCE,
    LIST_BY_IDENTITY,
    FIND,
    INSERT,
    MARK_STALE,
    ARE_DISTINCT,
];
