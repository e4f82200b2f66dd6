//! Who produced a track: what its credits and a person's verdicts add up to, computed anew and compared whenever they
//! change.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::confidence::{self, ClaimLevel, CreditClaim};
use crate::domain::credits::{MatchMethod, Role, Source};
use crate::domain::ids::{ProducerId, TrackId};
use crate::platform::db::Client;
use crate::store::producers::statistics;

// A credit of some tracks counts for those whose positions it has; one whose range nobody could resolve has none.
// The identities are held, so that what is computed here is not of another producer by the time it is written.
const LIST_CLAIMS: &str = "
    SELECT t.id, i.producer_id, c.source::text, c.role::text, c.track_id IS NULL, c.matched_by::text, c.match_score, c.track_range IS NOT NULL
    FROM tracks t
    JOIN credits c ON c.album_id = t.album_id
     AND (c.track_id = t.id
          OR (c.track_id IS NULL AND c.track_positions IS NULL AND c.track_range IS NULL)
          OR (t.disc_number || '-' || t.track_number = ANY (c.track_positions) AND t.removed_at IS NULL))
    JOIN producer_identities i ON i.id = c.producer_identity_id
    WHERE t.id = ANY ($1::bigint[])
    ORDER BY i.id
    FOR SHARE OF i";

// The latest decision stands where identities of one producer were decided on apart.
const LIST_VERDICTS: &str = "
    SELECT t.id, i.producer_id, o.verdict = 'confirmed'
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
    FROM unnest($1::bigint[], $2::bigint[], $3::real[], $4::text[], $5::text[]) AS n (track_id, producer_id, confidence, source, role)
    ORDER BY track_id, producer_id
    ON CONFLICT (track_id, producer_id) DO UPDATE SET confidence = EXCLUDED.confidence, source = EXCLUDED.source, role = EXCLUDED.role
    WHERE (tp.confidence, tp.source, tp.role) IS DISTINCT FROM (EXCLUDED.confidence, EXCLUDED.source, EXCLUDED.role)
    RETURNING tp.producer_id";

/// Computes who produced these tracks anew, in the transaction that changed their credits; marks the statistics of those
/// who gained or lost something. Gives how many rows were written.
///
/// # Errors
/// The database's.
pub async fn refresh(client: &Client<'_>, tracks: &[TrackId]) -> Result<usize, tokio_postgres::Error> {
    let ids: Vec<i64> = tracks.iter().map(|id| id.0).collect();
    let mut claims = list_claims(client, &ids).await?;
    let mut decided = BTreeMap::<_, bool>::new();
    for row in client.query(LIST_VERDICTS, &[&ids]).await? {
        let key = (TrackId(row.get(0)), ProducerId(row.get(1)));
        decided.insert(key, row.get(2));
    }
    for (key, is_confirmed) in decided {
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
    let verdicts: Vec<_> = claims
        .iter()
        .filter_map(|(key, claims)| Some((*key, confidence::assess(claims)?)))
        .collect();
    let track_ids: Vec<i64> = verdicts.iter().map(|((track, _), _)| track.0).collect();
    let producers: Vec<i64> = verdicts.iter().map(|((_, producer), _)| producer.0).collect();
    let confidences: Vec<f32> = verdicts.iter().map(|(_, verdict)| verdict.confidence).collect();
    let sources: Vec<&str> = verdicts
        .iter()
        .map(|(_, verdict)| verdict.source.as_str())
        .collect();
    let roles: Vec<&str> = verdicts
        .iter()
        .map(|(_, verdict)| verdict.role.as_str())
        .collect();
    let mut changed = client
        .query(DELETE_OTHERS, &[&ids, &track_ids, &producers])
        .await?;
    changed.extend(
        client
            .query(UPSERT, &[&track_ids, &producers, &confidences, &sources, &roles])
            .await?,
    );
    let stale: BTreeSet<ProducerId> = changed.iter().map(|row| ProducerId(row.get(0))).collect();
    statistics::mark_stale(client, &stale.into_iter().collect::<Vec<_>>()).await?;
    Ok(changed.len())
}

async fn list_claims(
    client: &Client<'_>,
    ids: &[i64],
) -> Result<BTreeMap<(TrackId, ProducerId), Vec<CreditClaim>>, tokio_postgres::Error> {
    let mut claims = BTreeMap::<_, Vec<CreditClaim>>::new();
    for row in client.query(LIST_CLAIMS, &[&ids]).await? {
        claims
            .entry((TrackId(row.get(0)), ProducerId(row.get(1))))
            .or_default()
            .push(CreditClaim {
                source: row.get::<_, &str>(2).parse().expect("the enum of the schema"),
                role: row.get::<_, &str>(3).parse().expect("the enum of the schema"),
                level: match (row.get(4), row.get(7)) {
                    (false, _) => ClaimLevel::Track,
                    (true, true) => ClaimLevel::Range,
                    (true, false) => ClaimLevel::Album,
                },
                matched_by: row.get::<_, &str>(5).parse().expect("the enum of the schema"),
                match_score: row.get(6),
            });
    }
    Ok(claims)
}

pub(in crate::store) const STATEMENTS: &[&str] = &[LIST_CLAIMS, LIST_VERDICTS, DELETE_OTHERS, UPSERT];
