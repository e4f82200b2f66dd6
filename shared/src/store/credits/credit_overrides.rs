//! Verdicts of people on who produced a song. A verdict holds for all versions of the song, whatever the
//! sources say; [`super::track_producers`] applies it to the tracks.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::domain::ids::{AlbumId, NormalizedTrackId, ProducerId, TrackId};
use crate::domain::text_enums::text_enum;
use crate::platform::db::Client;

text_enum! {
    /// What a person decided about a producer and a song.
    OverrideVerdict {
        /// The producer produced the song.
        Confirmed = "confirmed",
        /// The producer did not produce the song.
        Rejected = "rejected",
    }
}

/// A person's verdict on a producer and a song, as answers show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CreditOverride {
    /// `confirmed` or `rejected`.
    pub verdict: OverrideVerdict,
    /// The reason the person gave.
    pub reason: String,
    /// Who gave the verdict.
    pub decided_by: String,
    /// When it was given.
    pub decided_at: DateTime<Utc>,
}

const LIST_ALBUMS: &str = "SELECT DISTINCT album_id FROM tracks WHERE normalized_track_id = $1 ORDER BY 1";

const LOCK_ALBUMS: &str = "SELECT id FROM albums WHERE id = ANY ($1::bigint[]) ORDER BY id FOR NO KEY UPDATE";

const LOCK_SONG: &str = "SELECT id FROM normalized_tracks WHERE id = $1 FOR NO KEY UPDATE";

/// Locks a song and the albums of its versions until the transaction ends. Returns false if a version was
/// added or the song was deleted meanwhile; the caller must then start the transaction again.
pub async fn lock(client: &Client<'_>, song: NormalizedTrackId) -> Result<bool, tokio_postgres::Error> {
    let albums = list_albums(client, song).await?;
    client.query(LOCK_ALBUMS, &[&albums]).await?;
    let exists = client.query_opt(LOCK_SONG, &[&song]).await?.is_some();
    Ok(exists && list_albums(client, song).await? == albums)
}

async fn list_albums(
    client: &Client<'_>,
    song: NormalizedTrackId,
) -> Result<Vec<AlbumId>, tokio_postgres::Error> {
    let rows = client.query(LIST_ALBUMS, &[&song]).await?;
    Ok(rows.iter().map(|row| row.get("album_id")).collect())
}

const LIST_VERSIONS: &str = "SELECT id FROM tracks WHERE normalized_track_id = $1 ORDER BY id";

/// The tracks that are versions of a song.
pub async fn list_versions(
    client: &Client<'_>,
    song: NormalizedTrackId,
) -> Result<Vec<TrackId>, tokio_postgres::Error> {
    let rows = client.query(LIST_VERSIONS, &[&song]).await?;
    Ok(rows.iter().map(|row| row.get("id")).collect())
}

const DELETE: &str = "
    DELETE FROM credit_overrides o
    USING producer_identities i
    WHERE o.normalized_track_id = $1 AND i.id = o.producer_identity_id AND i.producer_id = $2";

// The verdict is stored for the identities that are credited on the song, so that it follows the right person
// if the producer is split later. If none is credited, it is stored for the identity that gives the
// producer's name.
const INSERT: &str = "
    WITH credited AS (
        SELECT DISTINCT i.id
        FROM tracks t
        JOIN credits c ON c.album_id = t.album_id AND (c.track_id IS NULL OR c.track_id = t.id)
        JOIN producer_identities i ON i.id = c.producer_identity_id AND i.producer_id = $2
        WHERE t.normalized_track_id = $1
    )
    INSERT INTO credit_overrides (normalized_track_id, producer_identity_id, verdict, decided_by, reason)
    SELECT $1, id, $3::text::override_verdict, $4, $5
    FROM (
        SELECT id FROM credited
        UNION ALL
        (SELECT id
         FROM producer_identities
         WHERE producer_id = $2 AND NOT EXISTS (SELECT FROM credited)
         ORDER BY source, source_id
         LIMIT 1)
    ) AS decided (id)
    ORDER BY id";

/// Stores a verdict on a song and a producer in place of any earlier one. Returns the number of identities it
/// was stored for, which is 0 if the producer has no identity.
pub async fn replace(
    client: &Client<'_>,
    song: NormalizedTrackId,
    producer: ProducerId,
    verdict: OverrideVerdict,
    decided_by: &str,
    reason: &str,
) -> Result<u64, tokio_postgres::Error> {
    client.execute(DELETE, &[&song, &producer]).await?;
    client
        .execute(INSERT, &[&song, &producer, &verdict, &decided_by, &reason])
        .await
}

/// Deletes the verdict on a song and a producer. Returns the number of rows deleted.
pub async fn delete(
    client: &Client<'_>,
    song: NormalizedTrackId,
    producer: ProducerId,
) -> Result<u64, tokio_postgres::Error> {
    client.execute(DELETE, &[&song, &producer]).await
}

const HAS_ANY: &str = "
    SELECT EXISTS (SELECT FROM credit_overrides WHERE normalized_track_id = ANY ($1::bigint[])) AS has_any";

/// Whether one of these songs has a verdict. If so, the producers of its versions must be recomputed when
/// versions are added or removed.
pub async fn has_any(
    client: &Client<'_>,
    songs: &[NormalizedTrackId],
) -> Result<bool, tokio_postgres::Error> {
    let row = client.query_one(HAS_ANY, &[&songs]).await?;
    Ok(row.get("has_any"))
}

const LIST_OF_TRACKS: &str = "
    SELECT DISTINCT ON (t.id, i.producer_id)
           t.id AS track_id, i.producer_id, o.verdict::text AS verdict, o.reason, o.decided_by, o.created_at
    FROM tracks t
    JOIN credit_overrides o ON o.normalized_track_id = t.normalized_track_id
    JOIN producer_identities i ON i.id = o.producer_identity_id
    WHERE t.id = ANY ($1::bigint[])
    ORDER BY t.id, i.producer_id, o.created_at DESC, o.verdict DESC, i.id DESC";

/// The verdicts that hold for these tracks, each with its track and producer.
pub async fn list_of_tracks(
    client: &Client<'_>,
    tracks: &[TrackId],
) -> Result<Vec<(TrackId, ProducerId, CreditOverride)>, tokio_postgres::Error> {
    let rows = client.query(LIST_OF_TRACKS, &[&tracks]).await?;
    Ok(rows
        .iter()
        .map(|row| {
            let verdict = CreditOverride {
                verdict: row.get("verdict"),
                reason: row.get("reason"),
                decided_by: row.get("decided_by"),
                decided_at: row.get("created_at"),
            };
            (row.get("track_id"), row.get("producer_id"), verdict)
        })
        .collect())
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    LIST_ALBUMS,
    LOCK_ALBUMS,
    LOCK_SONG,
    LIST_VERSIONS,
    DELETE,
    INSERT,
    HAS_ANY,
    LIST_OF_TRACKS,
];
