//! What is due to be looked at again, of the artists that people asked for.

use std::collections::BTreeSet;

use crate::domain::credits::Source;
use crate::domain::ids::{AlbumId, ProducerId};
use crate::platform::db::Client;

const LIST_DUE_ARTISTS: &str = "
    SELECT a.spotify_id
    FROM artists a
    JOIN lookups l ON l.source = 'spotify' AND l.kind = 'ingest_artist' AND l.subject = a.spotify_id || ':0' AND l.look_again_at <= now()
    WHERE a.requested_at IS NOT NULL
    ORDER BY l.look_again_at
    LIMIT $1::bigint";

/// The Spotify ids of artists whose albums should be listed again.
///
/// # Errors
/// The database's.
pub async fn list_due_artists(client: &Client<'_>, limit: i64) -> Result<Vec<String>, tokio_postgres::Error> {
    Ok(client
        .query(LIST_DUE_ARTISTS, &[&limit])
        .await?
        .iter()
        .map(|row| row.get(0))
        .collect())
}

const LIST_DUE_ARTISTS_OF_MUSICBRAINZ: &str = "
    SELECT i.source_id
    FROM artists a
    JOIN artist_identities i ON i.artist_id = a.id AND i.source = 'musicbrainz'
    JOIN lookups l ON l.source = 'musicbrainz' AND l.kind = 'ingest_artist' AND l.subject = i.source_id || ':0' AND l.look_again_at <= now()
    WHERE a.requested_at IS NOT NULL
    ORDER BY l.look_again_at
    LIMIT $1::bigint";

/// The MBIDs of artists whose releases should be listed again.
///
/// # Errors
/// The database's.
pub async fn list_due_artists_of_musicbrainz(
    client: &Client<'_>,
    limit: i64,
) -> Result<Vec<String>, tokio_postgres::Error> {
    Ok(client
        .query(LIST_DUE_ARTISTS_OF_MUSICBRAINZ, &[&limit])
        .await?
        .iter()
        .map(|row| row.get(0))
        .collect())
}

const LIST_DUE_ALBUMS: &str = "
    SELECT al.id
    FROM lookups l
    JOIN albums al ON al.id = l.subject::bigint
    JOIN artists a ON a.id = al.artist_id AND a.requested_at IS NOT NULL
    WHERE l.source = 'musicbrainz' AND l.kind = 'album' AND l.look_again_at <= now()
    ORDER BY l.look_again_at
    LIMIT $1::bigint";

/// The albums whose producers should be looked for again.
///
/// # Errors
/// The database's.
pub async fn list_due_albums(client: &Client<'_>, limit: i64) -> Result<Vec<AlbumId>, tokio_postgres::Error> {
    Ok(client
        .query(LIST_DUE_ALBUMS, &[&limit])
        .await?
        .iter()
        .map(|row| AlbumId(row.get(0)))
        .collect())
}

// What a source would not or could not answer is asked again by the message that asked; after a day that was given up.
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
    SELECT p.id
    FROM lookups l
    JOIN producers p ON lower(p.instagram_handle) = l.subject
    WHERE l.source = 'instagram' AND l.kind = 'profile' AND l.look_again_at <= now()
      AND (l.outcome IN ('found', 'not_found') OR l.looked_up_at < now() - interval '1 day')
      AND is_producer_of_requested(p.id)
    ORDER BY l.look_again_at
    LIMIT $1::bigint";

/// The producers whose contacts should be looked for again at a source: for [`Source::Instagram`] those whose account
/// should be, for which the end of its picture is a reason, too.
///
/// # Errors
/// The database's.
pub async fn list_due_producers(
    client: &Client<'_>,
    source: Source,
    limit: i64,
) -> Result<Vec<ProducerId>, tokio_postgres::Error> {
    let rows = match source {
        Source::Instagram => client.query(LIST_DUE_PROFILES, &[&limit]).await?,
        _ => {
            client
                .query(LIST_DUE_PRODUCERS, &[&limit, &source.as_str()])
                .await?
        }
    };
    let ids: BTreeSet<i64> = rows.iter().map(|row| row.get(0)).collect();
    Ok(ids.into_iter().map(ProducerId).collect())
}

const TRY_LOCK: &str = "SELECT pg_try_advisory_xact_lock(hashtextextended('schedule:' || $1, 0))";

/// Whether nobody else runs a schedule now; holds until the transaction ends.
///
/// # Errors
/// The database's.
pub async fn try_lock_schedule(client: &Client<'_>, name: &str) -> Result<bool, tokio_postgres::Error> {
    Ok(client.query_one(TRY_LOCK, &[&name]).await?.get(0))
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    LIST_DUE_ARTISTS,
    LIST_DUE_ARTISTS_OF_MUSICBRAINZ,
    LIST_DUE_ALBUMS,
    LIST_DUE_PRODUCERS,
    LIST_DUE_PROFILES,
    TRY_LOCK,
];
