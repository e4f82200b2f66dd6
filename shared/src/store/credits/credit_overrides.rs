//! A person's verdicts on who produced a song: they hold for all its versions, whatever the sources say. What they make
//! of a track's credits is computed in [`super::track_producers`].

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::domain::ids::{NormalizedTrackId, ProducerId, TrackId};
use crate::domain::text_enums::text_enum;
use crate::platform::db::Client;

text_enum! {
    /// What a person decided.
    OverrideVerdict {
        /// The producer did produce the song.
        Confirmed = "confirmed",
        /// The producer did not.
        Rejected = "rejected",
    }
}

/// A verdict as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CreditOverride {
    /// `confirmed` or `rejected`.
    pub verdict: OverrideVerdict,
    /// Why.
    pub reason: String,
    /// Who decided it.
    pub decided_by: String,
    /// When.
    pub decided_at: DateTime<Utc>,
}

const LIST_ALBUMS: &str = "SELECT DISTINCT album_id FROM tracks WHERE normalized_track_id = $1 ORDER BY 1";

const LOCK_ALBUMS: &str = "SELECT id FROM albums WHERE id = ANY ($1::bigint[]) ORDER BY id FOR NO KEY UPDATE";

const LOCK_SONG: &str = "SELECT id FROM normalized_tracks WHERE id = $1 FOR NO KEY UPDATE";

/// Lets nobody else write what is known of a song until the transaction ends. False where a version came, or the song
/// went, in the meantime: then the transaction is to be begun again.
///
/// # Errors
/// The database's.
pub async fn lock(client: &Client<'_>, song: NormalizedTrackId) -> Result<bool, tokio_postgres::Error> {
    let albums = list_albums(client, song).await?;
    client.query(LOCK_ALBUMS, &[&albums]).await?;
    let is_there = client.query_opt(LOCK_SONG, &[&song.0]).await?.is_some();
    Ok(is_there && list_albums(client, song).await? == albums)
}

async fn list_albums(
    client: &Client<'_>,
    song: NormalizedTrackId,
) -> Result<Vec<i64>, tokio_postgres::Error> {
    let rows = client.query(LIST_ALBUMS, &[&song.0]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

const LIST_VERSIONS: &str = "SELECT id FROM tracks WHERE normalized_track_id = $1 ORDER BY id";

/// The tracks that are versions of a song.
///
/// # Errors
/// The database's.
pub async fn list_versions(
    client: &Client<'_>,
    song: NormalizedTrackId,
) -> Result<Vec<TrackId>, tokio_postgres::Error> {
    let rows = client.query(LIST_VERSIONS, &[&song.0]).await?;
    Ok(rows.iter().map(|row| TrackId(row.get(0))).collect())
}

const DELETE: &str = "
    DELETE FROM credit_overrides o
    USING producer_identities i
    WHERE o.normalized_track_id = $1 AND i.id = o.producer_identity_id AND i.producer_id = $2";

// The verdict is kept with those identities that are credited, so that after a split it is about whom it was about.
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
        (SELECT id FROM producer_identities WHERE producer_id = $2 AND NOT EXISTS (SELECT FROM credited) ORDER BY source, source_id LIMIT 1)
    ) AS decided (id)
    ORDER BY id";

/// Keeps a verdict on a song and a producer instead of the one there was; gives how many identities it is kept with:
/// none where the producer has none.
///
/// # Errors
/// The database's.
pub async fn replace(
    client: &Client<'_>,
    song: NormalizedTrackId,
    producer: ProducerId,
    verdict: OverrideVerdict,
    decided_by: &str,
    reason: &str,
) -> Result<u64, tokio_postgres::Error> {
    client.execute(DELETE, &[&song.0, &producer.0]).await?;
    client
        .execute(
            INSERT,
            &[&song.0, &producer.0, &verdict.as_str(), &decided_by, &reason],
        )
        .await
}

/// Takes back the verdict on a song and a producer; gives how many rows that were.
///
/// # Errors
/// The database's.
pub async fn delete(
    client: &Client<'_>,
    song: NormalizedTrackId,
    producer: ProducerId,
) -> Result<u64, tokio_postgres::Error> {
    client.execute(DELETE, &[&song.0, &producer.0]).await
}

const IS_ANY_DECIDED: &str = "
    SELECT EXISTS (SELECT FROM credit_overrides WHERE normalized_track_id = ANY ($1::bigint[]))";

/// Whether a person decided something on one of these songs: then versions that come and go are to be computed anew.
///
/// # Errors
/// The database's.
pub async fn has_any(
    client: &Client<'_>,
    songs: &[NormalizedTrackId],
) -> Result<bool, tokio_postgres::Error> {
    let ids: Vec<i64> = songs.iter().map(|id| id.0).collect();
    Ok(client.query_one(IS_ANY_DECIDED, &[&ids]).await?.get(0))
}

const LIST_OF_TRACKS: &str = "
    SELECT DISTINCT ON (t.id, i.producer_id) t.id, i.producer_id, o.verdict::text, o.reason, o.decided_by, o.created_at
    FROM tracks t
    JOIN credit_overrides o ON o.normalized_track_id = t.normalized_track_id
    JOIN producer_identities i ON i.id = o.producer_identity_id
    WHERE t.id = ANY ($1::bigint[])
    ORDER BY t.id, i.producer_id, o.created_at DESC, o.verdict DESC, i.id DESC";

/// The verdicts that hold for tracks, each with its track and producer.
///
/// # Errors
/// The database's.
pub async fn list_of_tracks(
    client: &Client<'_>,
    tracks: &[TrackId],
) -> Result<Vec<(TrackId, ProducerId, CreditOverride)>, tokio_postgres::Error> {
    let ids: Vec<i64> = tracks.iter().map(|id| id.0).collect();
    let rows = client.query(LIST_OF_TRACKS, &[&ids]).await?;
    Ok(rows
        .iter()
        .map(|row| {
            let verdict = CreditOverride {
                verdict: row.get::<_, &str>(2).parse().expect("the enum of the schema"),
                reason: row.get(3),
                decided_by: row.get(4),
                decided_at: row.get(5),
            };
            (TrackId(row.get(0)), ProducerId(row.get(1)), verdict)
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
    IS_ANY_DECIDED,
    LIST_OF_TRACKS,
];
