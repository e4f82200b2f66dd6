//! Credits that a person enters by hand. They are only added; no later file removes one.

use crate::domain::credits::Role;
use crate::domain::ids::{ArtistId, Isrc, ProducerId, TrackId};
use crate::domain::names;
use crate::platform::db::Client;

/// A credit that a person enters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManualCredit {
    /// The track.
    pub track_id: TrackId,
    /// The producer's identity; null if the role makes nobody a producer.
    pub producer_identity_id: Option<i64>,
    /// The credited name.
    pub credited_as: String,
    /// The role as the person wrote it.
    pub raw_role: String,
    /// The role.
    pub role: Role,
    /// Why the person added the credit, or where it is printed.
    pub note: Option<String>,
}

const LOCK_ALBUMS: &str = "
    SELECT id FROM albums
    WHERE id IN (SELECT album_id FROM tracks WHERE id = ANY ($1::bigint[]))
    ORDER BY id
    FOR NO KEY UPDATE";

const UPDATE_NOTES: &str = "
    UPDATE credits c
    SET note = n.note
    FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[])
         AS n (track_id, identity, credited_as, role, note)
    LEFT JOIN producer_identities mine ON mine.id = n.identity
    WHERE c.track_id = n.track_id AND c.source = 'manual' AND c.role::text = n.role
      AND c.credited_as = n.credited_as
      AND (SELECT i.producer_id FROM producer_identities i WHERE i.id = c.producer_identity_id)
          IS NOT DISTINCT FROM mine.producer_id
      AND n.note IS NOT NULL AND c.note IS DISTINCT FROM n.note";

const INSERT: &str = "
    INSERT INTO credits (album_id, track_id, source, source_record_kind, source_record_id, credited_as,
                         raw_role, role, producer_identity_id, matched_by, match_score, note)
    SELECT t.album_id, t.id, 'manual', 'file', $7, n.credited_as, n.raw_role, n.role::credit_role,
           n.identity, 'manual', 1, n.note
    FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[]) WITH ORDINALITY
         AS n (track_id, identity, credited_as, role, note, raw_role, place)
    JOIN tracks t ON t.id = n.track_id
    LEFT JOIN producer_identities mine ON mine.id = n.identity
    WHERE NOT EXISTS (
        SELECT FROM credits c
        WHERE c.track_id = t.id AND c.source = 'manual' AND c.role::text = n.role
          AND c.credited_as = n.credited_as
          AND (SELECT i.producer_id FROM producer_identities i WHERE i.id = c.producer_identity_id)
              IS NOT DISTINCT FROM mine.producer_id)
    ORDER BY n.place";

/// Adds the credits of a file that are not stored yet, and updates the notes of those that are. No credit may
/// be given twice. Returns the number of credits added.
pub async fn insert(
    client: &Client<'_>,
    file: &str,
    credits: &[ManualCredit],
) -> Result<u64, tokio_postgres::Error> {
    let tracks: Vec<TrackId> = credits.iter().map(|credit| credit.track_id).collect();
    let identities: Vec<Option<i64>> = credits.iter().map(|credit| credit.producer_identity_id).collect();
    let names: Vec<&str> = credits.iter().map(|credit| credit.credited_as.as_str()).collect();
    let roles: Vec<Role> = credits.iter().map(|credit| credit.role).collect();
    let notes: Vec<Option<&str>> = credits.iter().map(|credit| credit.note.as_deref()).collect();
    let raw_roles: Vec<&str> = credits.iter().map(|credit| credit.raw_role.as_str()).collect();
    client.query(LOCK_ALBUMS, &[&tracks]).await?;
    client
        .execute(UPDATE_NOTES, &[&tracks, &identities, &names, &roles, &notes])
        .await?;
    client
        .execute(
            INSERT,
            &[&tracks, &identities, &names, &roles, &notes, &raw_roles, &file],
        )
        .await
}

const LIST_BY_ISRC: &str = "SELECT id FROM tracks WHERE isrc IS NOT NULL AND isrc = $1 ORDER BY id";

/// The tracks with an ISRC.
pub async fn list_tracks_by_isrc(
    client: &Client<'_>,
    isrc: &Isrc,
) -> Result<Vec<TrackId>, tokio_postgres::Error> {
    let rows = client.query(LIST_BY_ISRC, &[isrc]).await?;
    Ok(rows.iter().map(|row| row.get("id")).collect())
}

const FIND_MAIN_ARTIST: &str = "
    SELECT artist_id FROM artists_of_tracks WHERE track_id = $1 ORDER BY position LIMIT 1";

/// A track's first artist, or its album's artist if the track names none.
pub async fn find_main_artist(
    client: &Client<'_>,
    id: TrackId,
) -> Result<Option<ArtistId>, tokio_postgres::Error> {
    let row = client.query_opt(FIND_MAIN_ARTIST, &[&id]).await?;
    Ok(row.map(|row| row.get("artist_id")))
}

// A leading "the" distinguishes no names.
const LIST_NAMESAKES: &str = "
    SELECT p.id, p.name,
           (SELECT count(*) FROM track_producers tp WHERE tp.producer_id = p.id) AS track_count
    FROM (
        SELECT DISTINCT n.producer_id
        FROM (SELECT left(replace($1, ' ', ''), 200) AS whole,
                     left(replace(regexp_replace($1, '^the (?=.)', ''), ' ', ''), 200) AS bare) AS key
        JOIN producer_names n ON n.search_key IN (key.whole, key.bare, left('the' || key.whole, 200))
    ) AS namesakes
    JOIN producers p ON p.id = namesakes.producer_id
    ORDER BY track_count DESC, p.id
    LIMIT 5";

/// The producers who have this name, each with the number of tracks they produced, the most tracks first; at
/// most 5.
pub async fn list_namesakes(
    client: &Client<'_>,
    name: &str,
) -> Result<Vec<(ProducerId, String, i64)>, tokio_postgres::Error> {
    let rows = client.query(LIST_NAMESAKES, &[&names::fold(name)]).await?;
    Ok(rows
        .iter()
        .map(|row| (row.get("id"), row.get("name"), row.get("track_count")))
        .collect())
}

const FIND_IDENTITY: &str = "
    SELECT id FROM producer_identities WHERE producer_id = $1 ORDER BY source, source_id LIMIT 1";

/// The identity that manual credits of a producer refer to: the one that gives the producer's name.
pub async fn find_identity(
    client: &Client<'_>,
    id: ProducerId,
) -> Result<Option<i64>, tokio_postgres::Error> {
    let row = client.query_opt(FIND_IDENTITY, &[&id]).await?;
    Ok(row.map(|row| row.get("id")))
}

pub(in crate::store) const STATEMENTS: &[&str] = &[
    LOCK_ALBUMS,
    UPDATE_NOTES,
    INSERT,
    LIST_BY_ISRC,
    FIND_MAIN_ARTIST,
    LIST_NAMESAKES,
    FIND_IDENTITY,
];
