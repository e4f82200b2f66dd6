//! Who made this track, who says so, and where nobody is known: what was asked of whom, and when.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::domain::credits::Source;
use crate::domain::ids::{AlbumId, ArtistId, NormalizedTrackId, ProducerId, SpotifyTrackId, TrackId};
use crate::platform::db::Client;

const FIND_BY_SPOTIFY_ID: &str = "
    SELECT id FROM tracks WHERE spotify_id = $1
    UNION
    SELECT track_id FROM track_links WHERE source = 'spotify' AND source_id = $1
    ORDER BY 1
    LIMIT 1";

/// The track that Spotify calls this, by whichever of its ids there.
///
/// # Errors
/// The database's.
pub async fn find_by_spotify_id(
    client: &Client<'_>,
    id: &SpotifyTrackId,
) -> Result<Option<TrackId>, tokio_postgres::Error> {
    let row = client.query_opt(FIND_BY_SPOTIFY_ID, &[&id.as_str()]).await?;
    Ok(row.map(|row| TrackId(row.get(0))))
}

/// A track with its album.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Track {
    /// The track.
    pub id: TrackId,
    /// Its title.
    pub name: String,
    /// Its Spotify id.
    pub spotify_id: Option<String>,
    /// Its recording's ISRC.
    pub isrc: Option<String>,
    /// The disc it is on.
    pub disc_number: i16,
    /// Its number there.
    pub track_number: i32,
    /// Its length in milliseconds.
    pub duration_ms: Option<i32>,
    /// Its popularity, 0-100.
    pub popularity: Option<i16>,
    /// The song it is a version of; null where it is counted by itself.
    pub normalized_track_id: Option<NormalizedTrackId>,
    /// The main version of the song.
    pub representative_track_id: Option<TrackId>,
    /// What kind of version it is: remix, live, …; null for the song itself.
    pub version_kind: Option<String>,
    /// What the title says of the version.
    pub version_label: Option<String>,
    /// When it was found gone from its album.
    pub removed_at: Option<DateTime<Utc>>,
    /// The album.
    pub album: Album,
}

/// The album of a track.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Album {
    /// The album.
    pub id: AlbumId,
    /// Its title.
    pub name: String,
    /// `album`, `single`, `compilation` or `other`.
    pub album_type: String,
    /// Its Spotify id.
    pub spotify_id: Option<String>,
    /// Its barcode, without leading zeros.
    pub upc: Option<String>,
    /// When it was released, as far as that is known: `1997`, `1997-05` or `1997-05-21`.
    pub release_date: Option<String>,
}

const FIND: &str = "
    SELECT t.id, t.name, t.spotify_id, t.isrc, t.disc_number, t.track_number, t.duration_ms, t.popularity,
           t.normalized_track_id, n.representative_track_id, t.version_kind::text, t.version_label, t.removed_at,
           al.id, al.name, al.album_type::text, al.spotify_id, al.upc,
           to_char(al.release_date, CASE al.release_date_precision WHEN 'year' THEN 'YYYY' WHEN 'month' THEN 'YYYY-MM' ELSE 'YYYY-MM-DD' END)
    FROM tracks t
    JOIN albums al ON al.id = t.album_id
    LEFT JOIN normalized_tracks n ON n.id = t.normalized_track_id
    WHERE t.id = $1";

/// The track with this id.
///
/// # Errors
/// The database's.
pub async fn find(client: &Client<'_>, id: TrackId) -> Result<Option<Track>, tokio_postgres::Error> {
    let row = client.query_opt(FIND, &[&id.0]).await?;
    Ok(row.map(|row| Track {
        id: TrackId(row.get(0)),
        name: row.get(1),
        spotify_id: row.get(2),
        isrc: row.get(3),
        disc_number: row.get(4),
        track_number: row.get(5),
        duration_ms: row.get(6),
        popularity: row.get(7),
        normalized_track_id: row.get::<_, Option<i64>>(8).map(NormalizedTrackId),
        representative_track_id: row.get::<_, Option<i64>>(9).map(TrackId),
        version_kind: row.get(10),
        version_label: row.get(11),
        removed_at: row.get(12),
        album: Album {
            id: AlbumId(row.get(13)),
            name: row.get(14),
            album_type: row.get(15),
            spotify_id: row.get(16),
            upc: row.get(17),
            release_date: row.get(18),
        },
    }))
}

/// An artist of a track.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrackArtist {
    /// The artist.
    pub id: ArtistId,
    /// The artist's name.
    pub name: String,
    /// `main` or `featured`.
    pub part: String,
}

const LIST_ARTISTS: &str = "
    SELECT a.id, a.name, ta.part::text, ta.position
    FROM track_artists ta
    JOIN artists a ON a.id = ta.artist_id
    WHERE ta.track_id = $1
    UNION ALL
    SELECT a.id, a.name, 'main', 1
    FROM tracks t
    JOIN albums al ON al.id = t.album_id
    JOIN artists a ON a.id = al.artist_id
    WHERE t.id = $1 AND NOT EXISTS (SELECT FROM track_artists ta WHERE ta.track_id = t.id)
    ORDER BY 4
    LIMIT 100";

/// The track's artists in order, at most 100; where none are named, its album's.
///
/// # Errors
/// The database's.
pub async fn list_artists(
    client: &Client<'_>,
    id: TrackId,
) -> Result<Vec<TrackArtist>, tokio_postgres::Error> {
    let rows = client.query(LIST_ARTISTS, &[&id.0]).await?;
    Ok(rows
        .iter()
        .map(|row| TrackArtist {
            id: ArtistId(row.get(0)),
            name: row.get(1),
            part: row.get(2),
        })
        .collect())
}

/// A producer of a track: what its credits add up to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrackProducer {
    /// The producer.
    pub id: ProducerId,
    /// The producer's name.
    pub name: String,
    /// What they did: the strongest role.
    pub role: String,
    /// How sure that is, 0-1.
    pub confidence: f32,
    /// The strongest source that says so.
    pub source: String,
}

const LIST_PRODUCERS: &str = "
    SELECT p.id, p.name, tp.role::text, tp.confidence, tp.source::text
    FROM track_producers tp
    JOIN producers p ON p.id = tp.producer_id
    WHERE tp.track_id = $1
    ORDER BY tp.role, tp.confidence DESC, p.name, p.id
    LIMIT 100";

/// The track's producers, the strongest role first, at most 100.
///
/// # Errors
/// The database's.
pub async fn list_producers(
    client: &Client<'_>,
    id: TrackId,
) -> Result<Vec<TrackProducer>, tokio_postgres::Error> {
    let rows = client.query(LIST_PRODUCERS, &[&id.0]).await?;
    Ok(rows
        .iter()
        .map(|row| TrackProducer {
            id: ProducerId(row.get(0)),
            name: row.get(1),
            role: row.get(2),
            confidence: row.get(3),
            source: row.get(4),
        })
        .collect())
}

/// A claim that covers a track.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrackCredit {
    /// `track`, `album` for a claim about the whole album, `range` for one about some tracks of it with this one among them, or
    /// `unresolved` where nobody can tell whether it is among them: such a claim counts for no track.
    pub covers: String,
    /// The source's own words for those tracks; null where it has none.
    pub track_range: Option<String>,
    /// Who claims it.
    pub source: String,
    /// What kind of record of the source claims it, in the source's words.
    pub record_kind: String,
    /// Which one.
    pub record_id: String,
    /// The producer; null where the role, or whom it names, makes none.
    pub producer_id: Option<ProducerId>,
    /// The name as the source prints it.
    pub credited_as: String,
    /// The source's own words for the role.
    pub raw_role: String,
    /// What those words mean.
    pub role: String,
    /// How the track or album was recognised in the source.
    pub matched_by: String,
    /// How sure that recognition is, 0-1.
    pub match_score: f32,
    /// The other track or album of ours from which it is known (`album 12`), where nobody was asked about this one.
    pub known_from: Option<String>,
    /// What the person who stated it noted, for a credit of one's own.
    pub note: Option<String>,
    /// When the claim was first seen.
    pub first_seen_at: DateTime<Utc>,
}

const LIST_CLAIMS: &str = "
    WITH covering AS (
        SELECT c.id, 'track' AS covers FROM credits c WHERE c.track_id = $1
        UNION ALL
        SELECT c.id, CASE WHEN c.track_range IS NULL THEN 'album' WHEN c.track_positions IS NULL THEN 'unresolved' ELSE 'range' END
        FROM tracks t
        JOIN credits c ON c.album_id = t.album_id
        WHERE t.id = $1 AND c.track_id IS NULL
          AND (c.track_positions IS NULL OR (t.disc_number || '-' || t.track_number = ANY (c.track_positions) AND t.removed_at IS NULL))
    )
    SELECT covering.covers, c.source::text, c.source_record_kind, c.source_record_id, i.producer_id, c.credited_as, c.raw_role,
           c.role::text, c.matched_by::text, c.match_score, c.first_seen_at, c.note, c.track_range,
           known_from.what
    FROM covering
    JOIN credits c ON c.id = covering.id
    LEFT JOIN producer_identities i ON i.id = c.producer_identity_id
    LEFT JOIN LATERAL (
        SELECT COALESCE('track ' || (l.answer ->> 'same_as_track'), 'album ' || (l.answer ->> 'same_as_album')) AS what
        FROM lookups l
        WHERE l.source = c.source AND (l.kind, l.subject) IN (('track', $1::text), ('album', c.album_id::text))
          AND l.answer ?| ARRAY['same_as_track', 'same_as_album']
        ORDER BY l.kind DESC
        LIMIT 1
    ) AS known_from ON c.matched_by <> 'manual'
    ORDER BY c.role, c.source, covering.covers DESC, c.credited_as, c.id
    LIMIT 500";

/// The claims about the track and about its whole album, the strongest role first, at most 500.
///
/// # Errors
/// The database's.
pub async fn list_credits(
    client: &Client<'_>,
    id: TrackId,
) -> Result<Vec<TrackCredit>, tokio_postgres::Error> {
    let rows = client.query(LIST_CLAIMS, &[&id.0]).await?;
    Ok(rows.iter().map(claim).collect())
}

const LIST_CLAIMS_OF_PRODUCER: &str = "
    WITH covering AS (
        SELECT c.id, c.track_id, 'track' AS covers
        FROM credits c
        WHERE c.track_id IS NOT NULL AND c.track_id = ANY ($2)
        UNION ALL
        SELECT c.id, t.id, CASE WHEN c.track_range IS NULL THEN 'album' WHEN c.track_positions IS NULL THEN 'unresolved' ELSE 'range' END
        FROM tracks t
        JOIN credits c ON c.album_id = t.album_id
        WHERE t.id = ANY ($2) AND c.track_id IS NULL
          AND (c.track_positions IS NULL OR (t.disc_number || '-' || t.track_number = ANY (c.track_positions) AND t.removed_at IS NULL))
    )
    SELECT covering.covers, c.source::text, c.source_record_kind, c.source_record_id, i.producer_id, c.credited_as, c.raw_role,
           c.role::text, c.matched_by::text, c.match_score, c.first_seen_at, c.note, c.track_range,
           known_from.what, covering.track_id
    FROM covering
    JOIN credits c ON c.id = covering.id
    JOIN producer_identities i ON i.id = c.producer_identity_id
    LEFT JOIN LATERAL (
        SELECT COALESCE('track ' || (l.answer ->> 'same_as_track'), 'album ' || (l.answer ->> 'same_as_album')) AS what
        FROM lookups l
        WHERE l.source = c.source AND (l.kind, l.subject) IN (('track', covering.track_id::text), ('album', c.album_id::text))
          AND l.answer ?| ARRAY['same_as_track', 'same_as_album']
        ORDER BY l.kind DESC
        LIMIT 1
    ) AS known_from ON c.matched_by <> 'manual'
    WHERE i.producer_id = $1
    ORDER BY c.role, c.source, covering.covers DESC, c.credited_as, c.id";

/// The claims that name a producer for these tracks or for their whole albums, each with its track, the strongest role
/// first.
///
/// # Errors
/// The database's.
pub async fn list_credits_of_producer(
    client: &Client<'_>,
    id: ProducerId,
    tracks: &[TrackId],
) -> Result<Vec<(TrackId, TrackCredit)>, tokio_postgres::Error> {
    let tracks: Vec<i64> = tracks.iter().map(|track| track.0).collect();
    let rows = client.query(LIST_CLAIMS_OF_PRODUCER, &[&id.0, &tracks]).await?;
    Ok(rows
        .iter()
        .map(|row| (TrackId(row.get(14)), claim(row)))
        .collect())
}

fn claim(row: &tokio_postgres::Row) -> TrackCredit {
    TrackCredit {
        covers: row.get(0),
        track_range: row.get(12),
        source: row.get(1),
        record_kind: row.get(2),
        record_id: row.get(3),
        producer_id: row.get::<_, Option<i64>>(4).map(ProducerId),
        credited_as: row.get(5),
        raw_role: row.get(6),
        role: row.get(7),
        matched_by: row.get(8),
        match_score: row.get(9),
        known_from: row.get(13),
        first_seen_at: row.get(10),
        note: row.get(11),
    }
}

/// What a source was asked of a track or its album.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrackLookup {
    /// Who was asked.
    pub source: String,
    /// `track` or `album`.
    pub about: String,
    /// `found`, `not_found`, `blocked` or `failed`.
    pub outcome: String,
    /// When.
    pub looked_up_at: DateTime<Utc>,
    /// From when on it is asked again.
    pub look_again_at: DateTime<Utc>,
    /// The record it answered with and what was compared, where it did.
    pub answer: serde_json::Value,
}

// A source knows a track by our id or by Spotify's; every source is named, as the key begins with it.
const LIST_ASKED: &str = "
    SELECT l.source::text, l.kind, l.outcome::text, l.looked_up_at, l.look_again_at, l.answer
    FROM tracks t
    CROSS JOIN unnest(enum_range(NULL::source)) AS s (source)
    CROSS JOIN LATERAL (
        VALUES ('album', t.album_id::text), ('track', t.id::text), ('track', t.spotify_id)
    ) AS asked (kind, subject)
    JOIN lookups l ON l.source = s.source AND l.kind = asked.kind AND l.subject = asked.subject
    WHERE t.id = $1
    ORDER BY l.source, l.kind";

/// What every source was asked of the track and its album.
///
/// # Errors
/// The database's.
pub async fn list_lookups(
    client: &Client<'_>,
    id: TrackId,
) -> Result<Vec<TrackLookup>, tokio_postgres::Error> {
    let rows = client.query(LIST_ASKED, &[&id.0]).await?;
    Ok(rows
        .iter()
        .map(|row| TrackLookup {
            source: row.get(0),
            about: row.get(1),
            outcome: row.get(2),
            looked_up_at: row.get(3),
            look_again_at: row.get(4),
            answer: row.get(5),
        })
        .collect())
}

/// A record of a source that a track or its album is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordLink {
    /// The source.
    pub source: Source,
    /// `track` or `album`.
    pub about: String,
    /// The record.
    pub source_id: String,
}

const LIST_LINKS: &str = "
    SELECT source::text, 'track', source_id FROM track_links WHERE track_id = $1
    UNION ALL
    SELECT l.source::text, 'album', l.source_id
    FROM tracks t
    JOIN album_links l ON l.album_id = t.album_id
    WHERE t.id = $1
    ORDER BY 1, 2, 3";

/// The records that a track and its album are.
///
/// # Errors
/// The database's.
pub async fn list_links(client: &Client<'_>, id: TrackId) -> Result<Vec<RecordLink>, tokio_postgres::Error> {
    let rows = client.query(LIST_LINKS, &[&id.0]).await?;
    Ok(rows
        .iter()
        .map(|row| RecordLink {
            source: row.get::<_, &str>(0).parse().expect("the enum of the schema"),
            about: row.get(1),
            source_id: row.get(2),
        })
        .collect())
}

/// That finding a track's producers is still to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PendingIdentification {
    /// Until when it is put off; null where it is not.
    pub snoozed_until: Option<DateTime<Utc>>,
    /// Why.
    pub snoozed_reason: Option<String>,
}

const FIND_WAITING: &str = "
    SELECT o.not_before, o.snooze_reason
    FROM (SELECT album_id::text AS subject FROM tracks WHERE id = $1) AS album
    LEFT JOIN outgoing_messages o
           ON o.queue = 'identification' AND md5(o.message_key) = md5('identify_album:' || album.subject) AND o.snooze_count > 0
    WHERE o.id IS NOT NULL
       OR EXISTS (
           SELECT FROM ingestion_tasks t
           WHERE t.kind = 'identify_album' AND md5(t.subject) = md5(album.subject) AND t.outcome IS NULL
       )";

/// Whether somebody waits for the track's album to be identified, or it is put off.
///
/// # Errors
/// The database's.
pub async fn find_pending_identification(
    client: &Client<'_>,
    id: TrackId,
) -> Result<Option<PendingIdentification>, tokio_postgres::Error> {
    let row = client.query_opt(FIND_WAITING, &[&id.0]).await?;
    Ok(row.map(|row| PendingIdentification {
        snoozed_until: row.get(0),
        snoozed_reason: row.get(1),
    }))
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    FIND_BY_SPOTIFY_ID,
    FIND,
    LIST_ARTISTS,
    LIST_PRODUCERS,
    LIST_CLAIMS,
    LIST_CLAIMS_OF_PRODUCER,
    LIST_ASKED,
    LIST_LINKS,
    FIND_WAITING,
];
