//! What the sources were asked about a track and its album, and which of their records are linked to it.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::domain::credits::Source;
use crate::domain::ids::TrackId;
use crate::platform::db::Client;

/// A lookup of a track or its album in a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrackLookup {
    /// The source.
    pub source: String,
    /// `track` or `album`.
    pub about: String,
    /// `found`, `not_found`, `blocked` or `failed`.
    pub outcome: String,
    /// When the source was asked.
    pub looked_up_at: DateTime<Utc>,
    /// When it will be asked again.
    pub look_again_at: DateTime<Utc>,
    /// The record that the source answered with and what was compared, if it had one.
    pub answer: serde_json::Value,
}

// A lookup names a track by our id or by Spotify's. The join lists every source, because the key starts with
// the source.
const LIST_LOOKUPS: &str = "
    SELECT l.source::text AS source, l.kind, l.outcome::text AS outcome, l.looked_up_at, l.look_again_at,
           l.answer
    FROM tracks t
    CROSS JOIN unnest(enum_range(NULL::source)) AS s (source)
    CROSS JOIN LATERAL (
        VALUES ('album', t.album_id::text), ('track', t.id::text), ('track', t.spotify_id)
    ) AS asked (kind, subject)
    JOIN lookups l ON l.source = s.source AND l.kind = asked.kind AND l.subject = asked.subject
    WHERE t.id = $1
    ORDER BY l.source, l.kind";

/// The lookups of the track and its album, by source.
pub async fn list_lookups(
    client: &Client<'_>,
    id: TrackId,
) -> Result<Vec<TrackLookup>, tokio_postgres::Error> {
    let rows = client.query(LIST_LOOKUPS, &[&id]).await?;
    Ok(rows
        .iter()
        .map(|row| TrackLookup {
            source: row.get("source"),
            about: row.get("kind"),
            outcome: row.get("outcome"),
            looked_up_at: row.get("looked_up_at"),
            look_again_at: row.get("look_again_at"),
            answer: row.get("answer"),
        })
        .collect())
}

/// A link of a track or its album to a record of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordLink {
    /// The source.
    pub source: Source,
    /// `track` or `album`.
    pub about: String,
    /// The record's id.
    pub source_id: String,
}

const LIST_LINKS: &str = "
    SELECT source::text AS source, 'track' AS about, source_id FROM track_links WHERE track_id = $1
    UNION ALL
    SELECT l.source::text, 'album', l.source_id
    FROM tracks t
    JOIN album_links l ON l.album_id = t.album_id
    WHERE t.id = $1
    ORDER BY 1, 2, 3";

/// The links of a track and its album.
pub async fn list_links(client: &Client<'_>, id: TrackId) -> Result<Vec<RecordLink>, tokio_postgres::Error> {
    let rows = client.query(LIST_LINKS, &[&id]).await?;
    Ok(rows
        .iter()
        .map(|row| RecordLink {
            source: row.get("source"),
            about: row.get("about"),
            source_id: row.get("source_id"),
        })
        .collect())
}

/// A pending identification of a track's album.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PendingIdentification {
    /// Until when it is snoozed; null if it is not.
    pub snoozed_until: Option<DateTime<Utc>>,
    /// Why it is snoozed.
    pub snoozed_reason: Option<String>,
}

const FIND_PENDING_IDENTIFICATION: &str = "
    SELECT o.not_before, o.snooze_reason
    FROM (SELECT album_id::text AS subject FROM tracks WHERE id = $1) AS album
    LEFT JOIN outgoing_messages o
           ON o.queue = 'identification'
              AND md5(o.message_key) = md5('identify_album:' || album.subject) AND o.snooze_count > 0
    WHERE o.id IS NOT NULL
       OR EXISTS (
           SELECT FROM ingestion_tasks t
           WHERE t.kind = 'identify_album' AND md5(t.subject) = md5(album.subject) AND t.outcome IS NULL
       )";

/// The pending identification of the track's album, if an ingestion waits for it or it is snoozed.
pub async fn find_pending_identification(
    client: &Client<'_>,
    id: TrackId,
) -> Result<Option<PendingIdentification>, tokio_postgres::Error> {
    let row = client.query_opt(FIND_PENDING_IDENTIFICATION, &[&id]).await?;
    Ok(row.map(|row| PendingIdentification {
        snoozed_until: row.get("not_before"),
        snoozed_reason: row.get("snooze_reason"),
    }))
}

pub(in crate::store) const STATEMENTS: &[&str] = &[LIST_LOOKUPS, LIST_LINKS, FIND_PENDING_IDENTIFICATION];
