//! Lists the artists, albums and producers whose sources are due to be asked again, for artists that people
//! requested.

use std::collections::BTreeSet;

use tokio_postgres::Error;

use crate::domain::credits::Source;
use crate::domain::ids::{AlbumId, ProducerId};
use crate::platform::db::Client;

const LIST_DUE_ARTISTS: &str = "
    SELECT a.spotify_id
    FROM artists a
    JOIN lookups l ON l.source = 'spotify' AND l.kind = 'ingest_artist' AND l.subject = a.spotify_id || ':0'
                  AND l.look_again_at <= now()
    WHERE a.requested_at IS NOT NULL
    ORDER BY l.look_again_at
    LIMIT $1::bigint";

/// The Spotify ids of artists whose album lists are due.
pub async fn list_due_artists(client: &Client<'_>, limit: i64) -> Result<Vec<String>, Error> {
    let rows = client.query(LIST_DUE_ARTISTS, &[&limit]).await?;
    Ok(rows.iter().map(|row| row.get("spotify_id")).collect())
}

const LIST_DUE_ARTISTS_OF_MUSICBRAINZ: &str = "
    SELECT i.source_id
    FROM artists a
    JOIN artist_identities i ON i.artist_id = a.id AND i.source = 'musicbrainz'
    JOIN lookups l ON l.source = 'musicbrainz' AND l.kind = 'ingest_artist'
                  AND l.subject = i.source_id || ':0' AND l.look_again_at <= now()
    WHERE a.requested_at IS NOT NULL
    ORDER BY l.look_again_at
    LIMIT $1::bigint";

/// The MBIDs of artists whose release lists are due.
pub async fn list_due_artists_of_musicbrainz(client: &Client<'_>, limit: i64) -> Result<Vec<String>, Error> {
    let rows = client.query(LIST_DUE_ARTISTS_OF_MUSICBRAINZ, &[&limit]).await?;
    Ok(rows.iter().map(|row| row.get("source_id")).collect())
}

const LIST_DUE_ALBUMS: &str = "
    SELECT al.id
    FROM lookups l
    JOIN albums al ON al.id = l.subject::bigint
    JOIN artists a ON a.id = al.artist_id AND a.requested_at IS NOT NULL
    WHERE l.source = 'musicbrainz' AND l.kind = 'album' AND l.look_again_at <= now()
    ORDER BY l.look_again_at
    LIMIT $1::bigint";

/// The albums whose identification is due.
pub async fn list_due_albums(client: &Client<'_>, limit: i64) -> Result<Vec<AlbumId>, Error> {
    let rows = client.query(LIST_DUE_ALBUMS, &[&limit]).await?;
    Ok(rows.iter().map(|row| row.get("id")).collect())
}

// A lookup that was refused or failed is retried by its own message. After a day that message has given up.
const LIST_DUE_PRODUCERS: &str = "
    SELECT i.producer_id
    FROM lookups l
    JOIN producer_identities i ON i.source = l.source AND md5(i.source_id) = md5(l.subject)
    WHERE l.source = $2::text::source AND l.kind = 'artist' AND l.look_again_at <= now()
      AND (l.outcome IN ('found', 'not_found') OR l.looked_up_at < now() - interval '1 day')
      AND is_producer_of_requested(i.producer_id)
    ORDER BY l.look_again_at
    LIMIT $1::bigint";

const LIST_DUE_PROFILES: &str = "
    SELECT p.id AS producer_id
    FROM lookups l
    JOIN producers p ON lower(p.instagram_handle) = l.subject
    WHERE l.source = 'instagram' AND l.kind = 'profile' AND l.look_again_at <= now()
      AND (l.outcome IN ('found', 'not_found') OR l.looked_up_at < now() - interval '1 day')
      AND is_producer_of_requested(p.id)
    ORDER BY l.look_again_at
    LIMIT $1::bigint";

/// The producers whose contacts at a source are due. For [`Source::Instagram`] these are the producers whose
/// account is due, which also happens when the link to its picture expires.
pub async fn list_due_producers(
    client: &Client<'_>,
    source: Source,
    limit: i64,
) -> Result<Vec<ProducerId>, Error> {
    let rows = match source {
        Source::Instagram => client.query(LIST_DUE_PROFILES, &[&limit]).await?,
        _ => client.query(LIST_DUE_PRODUCERS, &[&limit, &source]).await?,
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
