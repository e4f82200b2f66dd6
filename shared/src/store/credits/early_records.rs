//! The table `early_records`: which records state an early date, so that their supervisors count as
//! producers. A date that becomes known later changes the producers of every album that it concerns.
//!
//! The date of a record and that of its Discogs master are stored apart, because a dump knows only the first
//! one.

use tokio_postgres::Error;

use super::track_producers;
use crate::domain::credits::Source;
use crate::domain::ids::{AlbumId, TrackId};
use crate::platform::db::Client;

const REPLACE: &str = "
    WITH gone AS (
        DELETE FROM early_records
        WHERE source = $1::text::source AND source_id = $2 AND is_of_master = $3 AND NOT $4
        RETURNING source_id
    ), added AS (
        INSERT INTO early_records (source, source_id, is_of_master)
        SELECT $1::text::source, $2, $3
        WHERE $4 AND NOT EXISTS (
            SELECT FROM early_records
            WHERE source = $1::text::source AND source_id = $2 AND is_of_master = $3)
        RETURNING source_id
    )
    SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM added) > 0 AS is_changed";

/// Which date of a record is early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatedRecord {
    /// That of the record itself, or of its release group.
    Itself,
    /// That of its Discogs master.
    Master,
}

/// Stores whether a date of a record is early. Returns whether that changed; then [`refresh_producers`] has
/// to follow.
pub async fn replace(
    client: &Client<'_>,
    source: Source,
    source_id: &str,
    dated: DatedRecord,
    is_early: bool,
) -> Result<bool, Error> {
    let is_of_master = dated == DatedRecord::Master;
    let row = client
        .query_one(REPLACE, &[&source, &source_id, &is_of_master, &is_early])
        .await?;
    Ok(row.get("is_changed"))
}

const DELETE: &str = "DELETE FROM early_records WHERE source = $1::text::source AND source_id = $2";

/// Deletes what is stored about the dates of a record that is gone.
pub async fn delete(client: &Client<'_>, source: Source, source_id: &str) -> Result<u64, Error> {
    client.execute(DELETE, &[&source, &source_id]).await
}

// Of two transactions, one that writes an early record and one that writes a credit of a supervisor, the
// later one has to see what the earlier one wrote.
const LOCK_CREDITS: &str = "SELECT pg_advisory_xact_lock(hashtextextended('early_records', 0))";
const LOCK_RECORDS: &str = "SELECT pg_advisory_xact_lock_shared(hashtextextended('early_records', 0))";

/// Waits for transactions that write early records, and keeps others from it until this one ends. Call it
/// before the producers are computed from new credits of supervisors.
pub async fn lock(client: &Client<'_>) -> Result<(), Error> {
    client.run(LOCK_CREDITS).await
}

const LIST_TRACKS: &str = "
    WITH given AS (
        SELECT $1::text::source AS source, source_id FROM unnest($2::text[]) AS n (source_id)
    ), records AS (
        SELECT source, source_id FROM given
        UNION
        SELECT other.source, other.source_id
        FROM given
        JOIN loaded_records one USING (source, source_id)
        JOIN loaded_records other ON other.source = one.source AND other.master_id = one.master_id
    ), supervised AS (
        SELECT c.album_id
        FROM records
        JOIN album_links l USING (source, source_id)
        JOIN credits c ON c.album_id = l.album_id AND is_supervision(c.role)
        UNION
        SELECT c.album_id
        FROM records r
        JOIN credits c ON c.source = r.source AND c.source_record_id = r.source_id AND is_supervision(c.role)
    )
    SELECT t.id FROM supervised JOIN tracks t USING (album_id) ORDER BY t.id";

/// The tracks on albums with supervisors for whom the dates of these records matter: those of the same
/// albums, and of albums of the same masters. Also waits for transactions that write credits of supervisors,
/// and keeps others from it until this one ends.
pub async fn list_tracks(client: &Client<'_>, source: Source, ids: &[String]) -> Result<Vec<TrackId>, Error> {
    client.run(LOCK_RECORDS).await?;
    let rows = client.query(LIST_TRACKS, &[&source, &ids]).await?;
    Ok(rows.iter().map(|row| row.get("id")).collect())
}

/// Recomputes the producers for whom the dates of these records matter. Call it in the transaction that
/// wrote the records or their links.
pub async fn refresh_producers(client: &Client<'_>, source: Source, ids: &[String]) -> Result<(), Error> {
    let tracks = list_tracks(client, source, ids).await?;
    track_producers::refresh(client, &tracks).await.map(drop)
}

const LIST_NEXT: &str = "
    SELECT t.album_id, t.id
    FROM (
        SELECT DISTINCT album_id
        FROM credits c
        WHERE is_supervision(c.role) AND album_id > $1
        ORDER BY album_id
        LIMIT $2::bigint
    ) supervised
    JOIN tracks t USING (album_id)
    ORDER BY t.album_id, t.id";

/// The tracks of the next `albums` albums after `after` that have supervisors, each as album and track.
pub async fn list_next_tracks(
    client: &Client<'_>,
    after: AlbumId,
    albums: i64,
) -> Result<Vec<(AlbumId, TrackId)>, Error> {
    let rows = client.query(LIST_NEXT, &[&after, &albums]).await?;
    Ok(rows
        .iter()
        .map(|row| (row.get("album_id"), row.get("id")))
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    REPLACE,
    DELETE,
    LOCK_CREDITS,
    LOCK_RECORDS,
    LIST_TRACKS,
    LIST_NEXT,
];
