//! Writes the findings of the sources about an album in the caller's transaction: links, ISRCs, credits as
//! stated, and the track producers that follow. Repeated findings change only the work tables.

use std::collections::{BTreeMap, BTreeSet};

use super::findings::{CreditScope, MatchedCredit, SourceFindings};
use crate::domain::credits::Source;
use crate::domain::ids::{ArtistId, Isrc, ProducerId, ReleaseMbid, TrackId};
use crate::platform::db::Client;
use crate::store::catalog::albums::{self, Album};
use crate::store::catalog::track_links::{self, TrackLink};
use crate::store::catalog::tracks::{self, Track};
use crate::store::catalog::{album_links, artist_identities};
use crate::store::credits::track_producers;
use crate::store::credits::{self, CreditRow};
use crate::store::producers::{self, NameKind, ProducerIdentity, ProducerName};
use crate::store::work::lookups;
use crate::store::work::lookups::Lookup;

/// An album as it was when the sources were asked about it.
pub struct AlbumSnapshot<'a> {
    /// The album.
    pub album: &'a Album,
    /// Its tracks.
    pub tracks: &'a [Track],
    /// The MusicBrainz release that the album was imported from, if any.
    pub own_release: Option<&'a ReleaseMbid>,
}

/// Writes the findings about an album and its tracks, with the lookups that our own tables answered. Returns
/// the producers of the album's tracks, or `None` if the album changed meanwhile; the caller must then roll
/// back.
pub async fn write(
    transaction: &Client<'_>,
    snapshot: &AlbumSnapshot<'_>,
    own_lookups: &[Lookup],
    findings: &[SourceFindings],
) -> Result<Option<Vec<ProducerId>>, tokio_postgres::Error> {
    if !write_credits(transaction, snapshot, !own_lookups.is_empty(), findings).await? {
        return Ok(None);
    }
    let answers = findings.iter().flat_map(|findings| &findings.lookups);
    let lookups: Vec<Lookup> = own_lookups.iter().chain(answers).cloned().collect();
    lookups::upsert(transaction, &lookups).await?;
    track_producers::list_of_album(transaction, snapshot.album.id)
        .await
        .map(Some)
}

/// Writes the findings without their lookups, because a dump loader asks no source. Returns false if the
/// album changed meanwhile; the caller must then roll back. The producers of all tracks are recomputed with
/// `every_track` or if the album is settled, otherwise those of the settled tracks.
pub async fn write_credits(
    transaction: &Client<'_>,
    snapshot: &AlbumSnapshot<'_>,
    every_track: bool,
    findings: &[SourceFindings],
) -> Result<bool, tokio_postgres::Error> {
    let album = snapshot.album;
    // Comes first, because only one transaction at a time creates producers: waiting for that must not hold
    // row locks.
    let mut identities = Vec::new();
    for findings in findings {
        identities.push(upsert_identities(transaction, findings).await?);
    }
    let mut artist_id = album.artist_id;
    for findings in findings {
        if let Some(artist) = &findings.artist {
            artist_id = artist_identities::link(transaction, artist_id, findings.source, artist).await?;
        }
    }
    albums::lock(transaction, album.id).await?;
    if is_changed(transaction, snapshot, artist_id).await? {
        return Ok(false);
    }
    tracks::fill_gaps(transaction, &first_facts(findings)).await?;
    for (findings, identities) in findings.iter().zip(&identities) {
        write_source(transaction, snapshot, findings, identities).await?;
    }
    // Credits of the album count for every track, including removed ones.
    let changed: Vec<TrackId> = if every_track || findings.iter().any(SourceFindings::is_album_settled) {
        let every = tracks::list_known(transaction, &[album.id], &[]).await?;
        every.iter().map(|track| track.id).collect()
    } else {
        let settled: BTreeSet<TrackId> = findings.iter().flat_map(SourceFindings::settled_tracks).collect();
        settled.into_iter().collect()
    };
    track_producers::refresh(transaction, &changed).await?;
    Ok(true)
}

/// Replaces the links of the album and its settled tracks to records of one source, and the credits of those
/// records.
async fn write_source(
    transaction: &Client<'_>,
    snapshot: &AlbumSnapshot<'_>,
    findings: &SourceFindings,
    identities: &BTreeMap<String, ProducerIdentity>,
) -> Result<(), tokio_postgres::Error> {
    let (album_id, source) = (snapshot.album.id, findings.source);
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
        .map(|credit| credit_row(credit, snapshot.tracks, identities))
        .collect();
    let records: Vec<String> = records.into_iter().collect();
    credits::replace(transaction, album_id, source, &records, &rows).await?;
    Ok(())
}

/// Whether the album's name, barcode, artist or tracks differ from those that were looked up, or whether it
/// was imported from another release meanwhile. Findings about the former album would undo what the change
/// brought.
async fn is_changed(
    transaction: &Client<'_>,
    snapshot: &AlbumSnapshot<'_>,
    artist_id: ArtistId,
) -> Result<bool, tokio_postgres::Error> {
    let before = snapshot.album;
    let Some(album) = albums::find(transaction, before.id).await? else {
        return Ok(true);
    };
    let tracks = tracks::list_by_album(transaction, album.id).await?;
    let own_release = album_links::find_own(transaction, album.id, Source::MusicBrainz).await?;
    fn names(tracks: &[Track]) -> Vec<(TrackId, &str)> {
        tracks
            .iter()
            .map(|track| (track.id, track.name.as_str()))
            .collect()
    }
    Ok(
        (&album.name, &album.upc, album.artist_id) != (&before.name, &before.upc, artist_id)
            || names(&tracks) != names(snapshot.tracks)
            || own_release.as_deref() != snapshot.own_release.map(ReleaseMbid::as_str),
    )
}

/// The ISRC and duration of each track, from the first source that states them.
fn first_facts(findings: &[SourceFindings]) -> Vec<(TrackId, Option<Isrc>, Option<i32>)> {
    let mut facts = BTreeMap::<TrackId, (Option<Isrc>, Option<i32>)>::new();
    for (track_id, (isrc, duration_ms)) in findings.iter().flat_map(|findings| &findings.facts) {
        let known = facts.entry(*track_id).or_default();
        known.0 = known.0.take().or_else(|| isrc.clone());
        known.1 = known.1.or(*duration_ms);
    }
    facts
        .into_iter()
        .map(|(track_id, (isrc, duration_ms))| (track_id, isrc, duration_ms))
        .collect()
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
