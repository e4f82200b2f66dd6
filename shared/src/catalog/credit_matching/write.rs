//! Writes what one source says about an album, in the caller's transaction: the links, the producers that it
//! names, and its credits as stated.

use std::collections::{BTreeMap, BTreeSet};

use super::findings::{MatchedCredit, SourceFindings};
use super::plan::CreditPlan;
use crate::domain::credits::Source;
use crate::domain::ids::{AlbumId, TrackId};
use crate::platform::db::Client;
use crate::store::catalog::album_links;
use crate::store::catalog::track_links::{self, TrackLink};
use crate::store::credits;
use crate::store::producers::{self, ProducerIdentity, ProducerName};

/// The identities of producers by their ids in a source.
pub type Identities = BTreeMap<String, ProducerIdentity>;

/// Replaces the links of the album and its settled tracks to records of one source, and the credits of those
/// records.
pub(crate) async fn write_source(
    transaction: &Client<'_>,
    album_id: AlbumId,
    findings: &SourceFindings,
    plan: &CreditPlan<'_>,
    identities: &Identities,
) -> Result<(), tokio_postgres::Error> {
    let source = findings.source;
    let mut records = findings.record_ids();
    if findings.is_album_settled() {
        records.extend(album_links::list(transaction, album_id, source).await?);
        let kept: Vec<String> = findings.album.iter().map(|record| record.id.clone()).collect();
        album_links::delete_others(transaction, album_id, source, &kept).await?;
        if let Some(record) = &findings.album {
            let (matched_by, score) = (record.matched_by, record.score);
            album_links::upsert(transaction, album_id, source, &record.id, matched_by, score).await?;
        }
    }
    let settled: Vec<TrackId> = findings.settled_tracks().into_iter().collect();
    let links: Vec<TrackLink> = findings
        .tracks
        .iter()
        .map(|(track_id, record)| TrackLink {
            track_id: *track_id,
            source_id: record.id.clone(),
            matched_by: record.matched_by,
            match_score: record.score,
        })
        .collect();
    records.extend(track_links::delete_others(transaction, source, &settled, &links).await?);
    track_links::upsert(transaction, source, &links).await?;
    let records: Vec<String> = records.into_iter().collect();
    replace_credits(transaction, album_id, source, &records, plan, identities).await
}

/// Writes the producers whom the credits of a source name, with the names they are credited by. Returns their
/// identities by their ids in the source.
pub async fn upsert_identities(
    transaction: &Client<'_>,
    source: Source,
    plan: &CreditPlan<'_>,
) -> Result<Identities, tokio_postgres::Error> {
    let identities = producers::upsert_identities(transaction, source, &plan.identities()).await?;
    let names = plan.names().into_iter().filter_map(|(id, name, kind)| {
        Some(ProducerName {
            producer_id: identities.get(id)?.producer_id,
            name: name.to_owned(),
            kind,
        })
    });
    let names: BTreeSet<ProducerName> = names.collect();
    producers::insert_names(transaction, source, &Vec::from_iter(names)).await?;
    Ok(identities)
}

/// Replaces the credits that these records of a source state for an album.
pub async fn replace_credits(
    transaction: &Client<'_>,
    album: AlbumId,
    source: Source,
    records: &[String],
    plan: &CreditPlan<'_>,
    identities: &Identities,
) -> Result<(), tokio_postgres::Error> {
    let identity = |matched: &MatchedCredit| Some(identities.get(matched.producer.as_ref()?)?.id);
    let rows = plan
        .credits
        .iter()
        .map(|credit| credit.row(identity(credit.matched)));
    credits::replace(transaction, album, source, records, &Vec::from_iter(rows))
        .await
        .map(drop)
}
