//! The producers of each track: computed from its credits and the verdicts on its song whenever they change.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::confidence::{self, ClaimLevel, CreditClaim};
use crate::domain::credits::{MatchMethod, Role, Source};
use crate::domain::ids::{AlbumId, ProducerId, TrackId};
use crate::domain::roles;
use crate::platform::db::Client;
use crate::store::producers::statistics;

// The identities are locked, so that no merge moves them before the result is written.
const LIST_CLAIMS: &str = "
    SELECT t.id AS track_id, i.producer_id, c.source::text AS source, c.role::text AS role,
           coverage(c, t)::text AS level, c.matched_by::text AS matched_by, c.match_score, c.raw_role
    FROM tracks t
    JOIN credits c ON c.album_id = t.album_id AND counts(c, t)
    JOIN producer_identities i ON i.id = c.producer_identity_id
    WHERE t.id = ANY ($1::bigint[])
    ORDER BY i.id
    FOR SHARE OF i";

// If identities of one producer have different verdicts, the latest one holds.
const LIST_VERDICTS: &str = "
    SELECT t.id AS track_id, i.producer_id, o.verdict = 'confirmed' AS is_confirmed
    FROM tracks t
    JOIN credit_overrides o ON o.normalized_track_id = t.normalized_track_id
    JOIN producer_identities i ON i.id = o.producer_identity_id
    WHERE t.id = ANY ($1::bigint[])
    ORDER BY o.created_at, o.verdict, i.id
    FOR SHARE OF i";

const DELETE_OTHERS: &str = "
    DELETE FROM track_producers tp
    WHERE tp.track_id = ANY ($1::bigint[])
      AND NOT EXISTS (SELECT FROM unnest($2::bigint[], $3::bigint[]) AS n (track_id, producer_id)
                      WHERE n.track_id = tp.track_id AND n.producer_id = tp.producer_id)
    RETURNING tp.producer_id";

const UPSERT: &str = "
    INSERT INTO track_producers AS tp (track_id, producer_id, confidence, source, role)
    SELECT track_id, producer_id, confidence, source::source, role::credit_role
    FROM unnest($1::bigint[], $2::bigint[], $3::real[], $4::text[], $5::text[])
         AS n (track_id, producer_id, confidence, source, role)
    ORDER BY track_id, producer_id
    ON CONFLICT (track_id, producer_id) DO UPDATE
    SET confidence = EXCLUDED.confidence, source = EXCLUDED.source, role = EXCLUDED.role
    WHERE (tp.confidence, tp.source, tp.role)
      IS DISTINCT FROM (EXCLUDED.confidence, EXCLUDED.source, EXCLUDED.role)
    RETURNING tp.producer_id";

/// Recomputes the producers of these tracks and marks the statistics of producers whose rows changed as
/// stale. Call it in the transaction that changed the credits or verdicts. Returns the number of rows written
/// or deleted.
pub async fn refresh(client: &Client<'_>, tracks: &[TrackId]) -> Result<usize, tokio_postgres::Error> {
    if tracks.is_empty() {
        return Ok(0);
    }
    let mut claims = list_claims(client, tracks).await?;
    let mut verdicts = BTreeMap::<(TrackId, ProducerId), bool>::new();
    for row in client.query(LIST_VERDICTS, &[&tracks]).await? {
        let key = (row.get("track_id"), row.get("producer_id"));
        verdicts.insert(key, row.get("is_confirmed"));
    }
    for (key, is_confirmed) in verdicts {
        if is_confirmed {
            let confirmed = CreditClaim {
                source: Source::Manual,
                role: Role::Producer,
                level: ClaimLevel::Track,
                matched_by: MatchMethod::Manual,
                match_score: 1.0,
            };
            claims.entry(key).or_default().push(confirmed);
        } else {
            claims.remove(&key);
        }
    }
    let assessed: Vec<_> = claims
        .iter()
        .filter_map(|(key, claims)| Some((*key, confidence::assess(claims)?)))
        .collect();
    let (track_ids, producers): (Vec<TrackId>, Vec<ProducerId>) =
        assessed.iter().map(|(key, _)| *key).unzip();
    let confidences: Vec<f32> = assessed.iter().map(|(_, result)| result.confidence).collect();
    let sources: Vec<Source> = assessed.iter().map(|(_, result)| result.source).collect();
    let roles: Vec<Role> = assessed.iter().map(|(_, result)| result.role).collect();
    let mut changed = client
        .query(DELETE_OTHERS, &[&tracks, &track_ids, &producers])
        .await?;
    let written = client
        .query(UPSERT, &[&track_ids, &producers, &confidences, &sources, &roles])
        .await?;
    changed.extend(written);
    let stale: BTreeSet<ProducerId> = changed.iter().map(|row| row.get("producer_id")).collect();
    statistics::mark_stale(client, &Vec::from_iter(stale)).await?;
    Ok(changed.len())
}

async fn list_claims(
    client: &Client<'_>,
    tracks: &[TrackId],
) -> Result<BTreeMap<(TrackId, ProducerId), Vec<CreditClaim>>, tokio_postgres::Error> {
    let mut claims = BTreeMap::<_, Vec<CreditClaim>>::new();
    for row in client.query(LIST_CLAIMS, &[&tracks]).await? {
        let match_score: f32 = row.get("match_score");
        let claim = CreditClaim {
            source: row.get("source"),
            role: row.get("role"),
            level: row.get("level"),
            matched_by: row.get("matched_by"),
            match_score: match_score * roles::certainty(row.get("raw_role")),
        };
        let key = (row.get("track_id"), row.get("producer_id"));
        claims.entry(key).or_default().push(claim);
    }
    Ok(claims)
}

const LIST_OF_ALBUM: &str = "
    SELECT DISTINCT tp.producer_id
    FROM track_producers tp
    JOIN tracks t ON t.id = tp.track_id
    WHERE t.album_id = $1
    ORDER BY 1";

/// The producers of an album's tracks.
pub async fn list_of_album(
    client: &Client<'_>,
    id: AlbumId,
) -> Result<Vec<ProducerId>, tokio_postgres::Error> {
    let rows = client.query(LIST_OF_ALBUM, &[&id]).await?;
    Ok(rows.iter().map(|row| row.get("producer_id")).collect())
}

pub(in crate::store) const STATEMENTS: &[&str] =
    &[LIST_CLAIMS, LIST_VERDICTS, DELETE_OTHERS, UPSERT, LIST_OF_ALBUM];
