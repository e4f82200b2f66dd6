//! Takes the artists, albums and producers whose sources are due to be asked again, for artists that people
//! requested. Whoever takes a subject sends its message. The subject is then due again only after a back-off,
//! so that a message that fails or is lost is not sent again and again. A subject whose message waits or is
//! tried again is not taken.

use std::collections::BTreeSet;

use tokio_postgres::{Error, Row};

use crate::domain::credits::Source;
use crate::domain::ids::{AlbumId, ProducerId};
use crate::domain::params::Param;
use crate::platform::db::Client;
use crate::store::work::lookups;

/// Runs a query for due lookups of one source and kind, and backs off from the subjects in its rows.
async fn take(
    client: &Client<'_>,
    query: &str,
    params: &[&dyn Param],
    source: Source,
    kind: &str,
) -> Result<Vec<Row>, Error> {
    let rows = client.query(query, params).await?;
    let subjects: Vec<String> = rows.iter().map(|row| row.get("subject")).collect();
    if !subjects.is_empty() {
        lookups::put_off(client, source, kind, &subjects).await?;
    }
    Ok(rows)
}

const LIST_DUE_ARTISTS: &str = "
    SELECT l.subject, a.spotify_id
    FROM artists a
    JOIN lookups l ON l.source = 'spotify' AND l.kind = 'ingest_artist' AND l.subject = a.spotify_id || ':0'
                  AND l.look_again_at <= now()
    WHERE a.requested_at IS NOT NULL AND NOT is_message_waiting('catalog', 'ingest_artist:' || l.subject)
    ORDER BY l.look_again_at
    LIMIT $1::bigint";

/// Takes artists whose album lists are due. Returns their Spotify ids.
pub async fn take_due_artists(client: &Client<'_>, limit: i64) -> Result<Vec<String>, Error> {
    let (source, kind) = (Source::Spotify, "ingest_artist");
    let rows = take(client, LIST_DUE_ARTISTS, &[&limit], source, kind).await?;
    Ok(rows.iter().map(|row| row.get("spotify_id")).collect())
}

const LIST_DUE_ARTISTS_OF_MUSICBRAINZ: &str = "
    SELECT l.subject, i.source_id
    FROM artists a
    JOIN artist_identities i ON i.artist_id = a.id AND i.source = 'musicbrainz'
    JOIN lookups l ON l.source = 'musicbrainz' AND l.kind = 'ingest_artist'
                  AND l.subject = i.source_id || ':0' AND l.look_again_at <= now()
    WHERE a.requested_at IS NOT NULL AND NOT is_message_waiting('catalog', 'ingest_artist:' || l.subject)
    ORDER BY l.look_again_at
    LIMIT $1::bigint";

/// Takes artists whose release lists are due. Returns their MBIDs.
pub async fn take_due_artists_of_musicbrainz(client: &Client<'_>, limit: i64) -> Result<Vec<String>, Error> {
    let (source, kind) = (Source::MusicBrainz, "ingest_artist");
    let rows = take(client, LIST_DUE_ARTISTS_OF_MUSICBRAINZ, &[&limit], source, kind).await?;
    Ok(rows.iter().map(|row| row.get("source_id")).collect())
}

const LIST_DUE_ALBUMS: &str = "
    SELECT l.subject, al.id
    FROM lookups l
    JOIN albums al ON al.id = l.subject::bigint
    JOIN artists a ON a.id = al.artist_id AND a.requested_at IS NOT NULL
    WHERE l.source = 'musicbrainz' AND l.kind = 'album' AND l.look_again_at <= now()
      AND NOT is_message_waiting('identification', 'identify_album:' || l.subject)
    ORDER BY l.look_again_at
    LIMIT $1::bigint";

/// Takes albums whose identification is due.
pub async fn take_due_albums(client: &Client<'_>, limit: i64) -> Result<Vec<AlbumId>, Error> {
    let rows = take(client, LIST_DUE_ALBUMS, &[&limit], Source::MusicBrainz, "album").await?;
    Ok(rows.iter().map(|row| row.get("id")).collect())
}

const LIST_DUE_PRODUCERS: &str = "
    SELECT l.subject, i.producer_id
    FROM lookups l
    JOIN producer_identities i ON i.source = l.source AND md5(i.source_id) = md5(l.subject)
    WHERE l.source = $2::text::source AND l.kind = 'artist' AND l.look_again_at <= now()
      AND is_producer_of_requested(i.producer_id)
      AND NOT is_message_waiting('enrichment', 'enrich_producer:' || i.producer_id)
    ORDER BY l.look_again_at
    LIMIT $1::bigint";

const LIST_DUE_PROFILES: &str = "
    SELECT l.subject, p.id AS producer_id
    FROM lookups l
    JOIN producers p ON lower(p.instagram_handle) = l.subject
    WHERE l.source = 'instagram' AND l.kind = 'profile' AND l.look_again_at <= now()
      AND is_producer_of_requested(p.id)
      AND NOT is_message_waiting('enrichment', 'enrich_producer:' || p.id)
    ORDER BY l.look_again_at
    LIMIT $1::bigint";

/// Takes producers whose contacts at a source are due. For [`Source::Instagram`] these are the producers
/// whose account is due, which also happens when the link to its picture expires.
pub async fn take_due_producers(
    client: &Client<'_>,
    source: Source,
    limit: i64,
) -> Result<Vec<ProducerId>, Error> {
    let rows = match source {
        Source::Instagram => take(client, LIST_DUE_PROFILES, &[&limit], source, "profile").await?,
        _ => take(client, LIST_DUE_PRODUCERS, &[&limit, &source], source, "artist").await?,
    };
    let ids: BTreeSet<ProducerId> = rows.iter().map(|row| row.get("producer_id")).collect();
    Ok(ids.into_iter().collect())
}

const TRY_LOCK: &str =
    "SELECT pg_try_advisory_xact_lock(hashtextextended('schedule:' || $1, 0)) AS is_locked";

/// Tries to lock a schedule until the transaction ends. Returns false if another transaction holds the lock.
pub async fn try_lock_schedule(client: &Client<'_>, name: &str) -> Result<bool, Error> {
    Ok(client.query_one(TRY_LOCK, &[&name]).await?.get("is_locked"))
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    LIST_DUE_ARTISTS,
    LIST_DUE_ARTISTS_OF_MUSICBRAINZ,
    LIST_DUE_ALBUMS,
    LIST_DUE_PRODUCERS,
    LIST_DUE_PROFILES,
    TRY_LOCK,
];
