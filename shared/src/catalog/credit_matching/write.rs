//! Writes what one source says about an album, in the caller's transaction: the links, the producers that it
//! names, and its credits as stated.

use std::collections::{BTreeMap, BTreeSet};

use super::findings::{CreditScope, MatchedCredit, SourceFindings};
use crate::domain::ids::{AlbumId, TrackId};
use crate::platform::db::Client;
use crate::store::catalog::album_links;
use crate::store::catalog::track_links::{self, TrackLink};
use crate::store::catalog::tracks::Track;
use crate::store::credits::{self, CreditRow};
use crate::store::producers::{self, NameKind, ProducerIdentity, ProducerName};

/// Replaces the links of the album and its settled tracks to records of one source, and the credits of those
/// records.
pub(crate) async fn write_source(
    transaction: &Client<'_>,
    album_id: AlbumId,
    tracks: &[Track],
    findings: &SourceFindings,
    identities: &BTreeMap<String, ProducerIdentity>,
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
    let rows: Vec<CreditRow> = findings
        .credits
        .iter()
        .map(|credit| credit_row(credit, tracks, identities))
        .collect();
    let records: Vec<String> = records.into_iter().collect();
    credits::replace(transaction, album_id, source, &records, &rows).await?;
    Ok(())
}

/// Writes the producers that the credits of a source name, with the names they are credited by. Returns their
/// identities by their ids in the source.
pub async fn upsert_identities(
    transaction: &Client<'_>,
    findings: &SourceFindings,
) -> Result<BTreeMap<String, ProducerIdentity>, tokio_postgres::Error> {
    let named: BTreeMap<String, String> = findings
        .credits
        .iter()
        .filter_map(|matched| Some((matched.producer.clone()?, matched.credit.name.clone())))
        .collect();
    let identities = producers::upsert_identities(transaction, findings.source, &named).await?;
    let mut names = BTreeSet::new();
    for MatchedCredit { producer, credit, .. } in &findings.credits {
        let Some(identity) = producer.as_ref().and_then(|id| identities.get(id)) else {
            continue;
        };
        let name = |name: &str, kind| ProducerName {
            producer_id: identity.producer_id,
            name: name.to_owned(),
            kind,
        };
        names.insert(name(&credit.name, NameKind::Primary));
        if credit.credited_as != credit.name {
            names.insert(name(&credit.credited_as, NameKind::CreditedAs));
        }
    }
    let names: Vec<ProducerName> = names.into_iter().collect();
    producers::insert_names(transaction, findings.source, &names).await?;
    Ok(identities)
}

/// The row of a matched credit, given the album's tracks and the identities of the credited producers.
pub fn credit_row(
    matched: &MatchedCredit,
    tracks: &[Track],
    identities: &BTreeMap<String, ProducerIdentity>,
) -> CreditRow {
    let positions = |ids: &[TrackId]| -> Vec<String> {
        let ours = tracks.iter().filter(|track| ids.contains(&track.id));
        ours.map(|track| credits::position(track.disc_number, track.track_number))
            .collect()
    };
    let (track_id, track_positions, track_range) = match &matched.scope {
        CreditScope::Track(id) => (Some(*id), None, None),
        CreditScope::Album => (None, None, None),
        CreditScope::Tracks(ids, range) => (None, Some(positions(ids)), range.clone()),
        CreditScope::Unresolved(range) => (None, None, Some(range.clone())),
    };
    let identity = matched.producer.as_ref().and_then(|id| identities.get(id));
    CreditRow {
        track_id,
        track_positions,
        track_range,
        source_record_kind: matched.record.kind.clone(),
        source_record_id: matched.record.id.clone(),
        credit: matched.credit.clone(),
        producer_identity_id: identity.map(|identity| identity.id),
        matched_by: matched.record.matched_by,
        match_score: matched.record.score,
    }
}
