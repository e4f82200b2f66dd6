//! Credits: what the sources claim, one row per claim as the source states it.

use std::collections::HashSet;

use crate::credits::{Credit, MatchMethod, Source};
use crate::db::Client;
use crate::ids::{AlbumId, TrackId};

/// A claim about an album or one track of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// The track; null for the whole album.
    pub track_id: Option<TrackId>,
    /// What kind of record states it, in the source's word.
    pub source_record_kind: &'static str,
    /// Which record states it.
    pub source_record_id: String,
    /// What it states.
    pub credit: Credit,
    /// The producer it names; null where it makes none.
    pub producer_identity_id: Option<i64>,
    /// How the record was found to be ours.
    pub matched_by: MatchMethod,
    /// How well it fits, 0 to 1.
    pub match_score: f32,
}

impl Claim {
    /// What makes it the same claim when the source is asked again.
    fn key(&self) -> (Option<TrackId>, &str, Option<&str>, &str, &str) {
        let credit = &self.credit;
        (
            self.track_id,
            &self.source_record_id,
            credit.source_artist_id.as_deref(),
            &credit.credited_as,
            &credit.raw_role,
        )
    }
}

const DELETE_OTHERS: &str = "
    DELETE FROM credits c
    WHERE c.album_id = $1 AND c.source = $2::text::source AND c.source_record_id = ANY ($3::text[])
      AND NOT EXISTS (
          SELECT FROM unnest($4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[]) AS n (track_id, record, artist, credited_as, raw_role)
          WHERE n.record = c.source_record_id AND n.credited_as = c.credited_as AND n.raw_role = c.raw_role
            AND n.track_id IS NOT DISTINCT FROM c.track_id AND n.artist IS NOT DISTINCT FROM c.source_artist_id)";

const UPDATE: &str = "
    UPDATE credits c
    SET role = n.role::credit_role, producer_identity_id = n.identity, matched_by = n.matched_by::match_method, match_score = n.match_score
    FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::text[], $11::real[])
         AS n (track_id, record, artist, credited_as, raw_role, role, identity, matched_by, match_score)
    WHERE c.album_id = $1 AND c.source = $2::text::source
      AND n.record = c.source_record_id AND n.credited_as = c.credited_as AND n.raw_role = c.raw_role
      AND n.track_id IS NOT DISTINCT FROM c.track_id AND n.artist IS NOT DISTINCT FROM c.source_artist_id
      AND (c.role::text, c.producer_identity_id, c.matched_by::text, c.match_score) IS DISTINCT FROM (n.role, n.identity, n.matched_by, n.match_score)";

const INSERT: &str = "
    INSERT INTO credits (album_id, track_id, source, source_record_kind, source_record_id, source_artist_id, credited_as, raw_role, role,
                         producer_identity_id, matched_by, match_score)
    SELECT $1, n.track_id, $2::text::source, n.record_kind, n.record, n.artist, n.credited_as, n.raw_role, n.role::credit_role,
           n.identity, n.matched_by::match_method, n.match_score
    FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::text[], $11::real[], $12::text[]) WITH ORDINALITY
         AS n (track_id, record, artist, credited_as, raw_role, role, identity, matched_by, match_score, record_kind, place)
    WHERE NOT EXISTS (
        SELECT FROM credits c
        WHERE c.album_id = $1 AND c.source = $2::text::source
          AND n.record = c.source_record_id AND n.credited_as = c.credited_as AND n.raw_role = c.raw_role
          AND n.track_id IS NOT DISTINCT FROM c.track_id AND n.artist IS NOT DISTINCT FROM c.source_artist_id)
    ORDER BY n.place";

/// Makes the claims of these records of a source about an album be exactly these; gives how many rows were written. A
/// claim that stays keeps when it was first seen.
///
/// # Errors
/// The database's.
pub async fn replace(
    client: &Client<'_>,
    album: AlbumId,
    source: Source,
    records: &[String],
    claims: &[Claim],
) -> Result<u64, tokio_postgres::Error> {
    let mut keys = HashSet::new();
    let claims: Vec<&Claim> = claims
        .iter()
        .filter(|claim| keys.insert(claim.key()))
        .collect();
    let tracks: Vec<Option<i64>> = claims
        .iter()
        .map(|claim| claim.track_id.map(|id| id.0))
        .collect();
    let claimed_by: Vec<&str> = claims
        .iter()
        .map(|claim| claim.source_record_id.as_str())
        .collect();
    let artists: Vec<Option<&str>> = claims
        .iter()
        .map(|claim| claim.credit.source_artist_id.as_deref())
        .collect();
    let names: Vec<&str> = claims
        .iter()
        .map(|claim| claim.credit.credited_as.as_str())
        .collect();
    let raw_roles: Vec<&str> = claims
        .iter()
        .map(|claim| claim.credit.raw_role.as_str())
        .collect();
    let roles: Vec<&str> = claims
        .iter()
        .map(|claim| claim.credit.role.as_str())
        .collect();
    let identities: Vec<Option<i64>> = claims
        .iter()
        .map(|claim| claim.producer_identity_id)
        .collect();
    let methods: Vec<&str> = claims
        .iter()
        .map(|claim| claim.matched_by.as_str())
        .collect();
    let scores: Vec<f32> = claims.iter().map(|claim| claim.match_score).collect();
    let kinds: Vec<&str> = claims
        .iter()
        .map(|claim| claim.source_record_kind)
        .collect();
    let (album, source) = (album.0, source.as_str());

    let mut written = client
        .execute(
            DELETE_OTHERS,
            &[
                &album,
                &source,
                &records,
                &tracks,
                &claimed_by,
                &artists,
                &names,
                &raw_roles,
            ],
        )
        .await?;
    written += client
        .execute(
            UPDATE,
            &[
                &album,
                &source,
                &tracks,
                &claimed_by,
                &artists,
                &names,
                &raw_roles,
                &roles,
                &identities,
                &methods,
                &scores,
            ],
        )
        .await?;
    written += client
        .execute(
            INSERT,
            &[
                &album,
                &source,
                &tracks,
                &claimed_by,
                &artists,
                &names,
                &raw_roles,
                &roles,
                &identities,
                &methods,
                &scores,
                &kinds,
            ],
        )
        .await?;
    Ok(written)
}

pub(super) const STATEMENTS: &[&str] = &[DELETE_OTHERS, UPDATE, INSERT];
