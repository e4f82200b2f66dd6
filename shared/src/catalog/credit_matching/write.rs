//! Keeps what the sources said of an album: links, ISRCs, credits as stated, and what they add up to, in the caller's
//! transaction. The same answers again change nothing but the work tables.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::credits::Source;
use crate::domain::ids::{ArtistId, Isrc, ProducerId, ReleaseMbid, TrackId};
use crate::platform::db::Client;
use crate::store::catalog::albums::{self, Album};
use crate::store::catalog::artists;
use crate::store::catalog::tracks::{self, Track, TrackLink};
use crate::store::credits::track_producers;
use crate::store::credits::{self, CreditRow};
use crate::store::producers::{self, NameKind, ProducerIdentity, ProducerName};
use crate::store::work::lookups;
use crate::store::work::lookups::Lookup;

use super::found::{CreditScope, MatchedCredit, SourceFindings};

/// An album as it was when the sources were asked about it.
pub struct AlbumSnapshot<'a> {
    /// The album.
    pub album: &'a Album,
    /// Its tracks.
    pub tracks: &'a [Track],
    /// The release that it was brought in from, if it came from MusicBrainz.
    pub own_release: Option<&'a ReleaseMbid>,
}

/// Writes what was found of an album and its tracks, and what was `known` of them without asking; gives the producers of the album's tracks, or none where the album is another by now than the
/// one that was asked about. Then nothing must be committed.
///
/// # Errors
/// The database's.
pub async fn write(
    transaction: &Client<'_>,
    asked: &AlbumSnapshot<'_>,
    known: &[Lookup],
    found: &[SourceFindings],
) -> Result<Option<Vec<ProducerId>>, tokio_postgres::Error> {
    if !write_credits(transaction, asked, !known.is_empty(), found).await? {
        return Ok(None);
    }
    let answers = found.iter().flat_map(|found| &found.lookups);
    let lookups: Vec<Lookup> = known.iter().chain(answers).cloned().collect();
    lookups::upsert(transaction, &lookups).await?;
    producers::list_of_album(transaction, asked.album.id)
        .await
        .map(Some)
}

/// Writes what was found, but not that anybody asked: nobody did where a dump says it. False where the album is another by
/// now; then nothing must be committed. `every_track`: what is known counts for all of them, too.
///
/// # Errors
/// The database's.
pub async fn write_credits(
    transaction: &Client<'_>,
    asked: &AlbumSnapshot<'_>,
    every_track: bool,
    found: &[SourceFindings],
) -> Result<bool, tokio_postgres::Error> {
    let album = asked.album;
    // First, because new producers are made by one transaction at a time: nobody waits for that with rows locked.
    let mut identities = Vec::new();
    for found in found {
        identities.push(upsert_identities(transaction, found).await?);
    }
    let mut artist_id = album.artist_id;
    for found in found {
        if let Some(artist) = &found.artist {
            artist_id = artists::link(transaction, artist_id, found.source, artist).await?;
        }
    }
    albums::lock(transaction, album.id).await?;
    if is_changed(transaction, asked, artist_id).await? {
        return Ok(false);
    }
    tracks::fill_gaps(transaction, &facts(found)).await?;
    for (found, identities) in found.iter().zip(&identities) {
        write_source(transaction, asked, found, identities).await?;
    }
    // Credits of the album hold for every track, also for those that are gone from it.
    let changed: Vec<TrackId> = if every_track || found.iter().any(SourceFindings::is_album_settled) {
        let every = tracks::list_known(transaction, &[album.id], &[]).await?;
        every.iter().map(|track| track.id).collect()
    } else {
        let settled: BTreeSet<TrackId> = found.iter().flat_map(SourceFindings::settled_tracks).collect();
        settled.into_iter().collect()
    };
    track_producers::refresh(transaction, &changed).await?;
    Ok(true)
}

/// Which records of a source the album and its tracks are now, and what those claim.
async fn write_source(
    transaction: &Client<'_>,
    asked: &AlbumSnapshot<'_>,
    found: &SourceFindings,
    identities: &BTreeMap<String, ProducerIdentity>,
) -> Result<(), tokio_postgres::Error> {
    let (album, source) = (asked.album, found.source);
    let mut records = found.record_ids();
    if found.is_album_settled() {
        records.extend(albums::list_links(transaction, album.id, source).await?);
        let kept: Vec<String> = found.album.iter().map(|record| record.id.clone()).collect();
        albums::delete_other_links(transaction, album.id, source, &kept).await?;
        if let Some(record) = &found.album {
            albums::upsert_link(
                transaction,
                album.id,
                source,
                &record.id,
                record.matched_by,
                record.score,
            )
            .await?;
        }
    }
    let settled: Vec<TrackId> = found.settled_tracks().into_iter().collect();
    let links: Vec<TrackLink> = found
        .tracks
        .iter()
        .map(|(track_id, record)| TrackLink {
            track_id: *track_id,
            source_id: record.id.clone(),
            matched_by: record.matched_by,
            match_score: record.score,
        })
        .collect();
    records.extend(tracks::delete_other_links(transaction, source, &settled, &links).await?);
    tracks::upsert_links(transaction, source, &links).await?;
    let claims: Vec<CreditRow> = found
        .credits
        .iter()
        .map(|stated| credit_row(stated, asked.tracks, identities))
        .collect();
    let records: Vec<String> = records.into_iter().collect();
    credits::replace(transaction, album.id, source, &records, &claims).await?;
    Ok(())
}

/// Whether the album has other names, another barcode, another artist than `artist_id` or other tracks than those that were
/// looked for, or was brought in from another release meanwhile: what was found without that would undo what it told.
async fn is_changed(
    transaction: &Client<'_>,
    asked: &AlbumSnapshot<'_>,
    artist_id: ArtistId,
) -> Result<bool, tokio_postgres::Error> {
    let Some(album) = albums::find(transaction, asked.album.id).await? else {
        return Ok(true);
    };
    let tracks = tracks::list_by_album(transaction, album.id).await?;
    let own = albums::find_own(transaction, album.id, Source::MusicBrainz).await?;
    let named = |tracks: &[Track]| -> Vec<_> {
        tracks
            .iter()
            .map(|track| (track.id, track.name.clone()))
            .collect()
    };
    Ok(
        (&album.name, &album.upc, album.artist_id) != (&asked.album.name, &asked.album.upc, artist_id)
            || named(&tracks) != named(asked.tracks)
            || own.as_deref() != asked.own_release.map(ReleaseMbid::as_str),
    )
}

/// ISRCs and lengths for tracks that have none, of the first source that knows them.
fn facts(found: &[SourceFindings]) -> Vec<(TrackId, Option<Isrc>, Option<i32>)> {
    let mut facts = BTreeMap::<TrackId, (Option<Isrc>, Option<i32>)>::new();
    for (track_id, (isrc, duration_ms)) in found.iter().flat_map(|found| &found.facts) {
        let known = facts.entry(*track_id).or_default();
        known.0 = known.0.take().or_else(|| isrc.clone());
        known.1 = known.1.or(*duration_ms);
    }
    facts
        .into_iter()
        .map(|(track_id, (isrc, duration_ms))| (track_id, isrc, duration_ms))
        .collect()
}

/// The producers whom a source's claims name, with the names they are credited by.
///
/// # Errors
/// The database's.
pub async fn upsert_identities(
    transaction: &Client<'_>,
    found: &SourceFindings,
) -> Result<BTreeMap<String, ProducerIdentity>, tokio_postgres::Error> {
    let named: BTreeMap<String, String> = found
        .credits
        .iter()
        .filter_map(|claim| Some((claim.producer.clone()?, claim.credit.name.clone())))
        .collect();
    let source: Source = found.source;
    let identities = producers::upsert_identities(transaction, source, &named).await?;
    let mut names = BTreeSet::new();
    for claim in &found.credits {
        let Some(identity) = claim.producer.as_ref().and_then(|id| identities.get(id)) else {
            continue;
        };
        let credit = &claim.credit;
        names.insert(ProducerName {
            producer_id: identity.producer_id,
            name: credit.name.clone(),
            kind: NameKind::Primary,
        });
        if credit.credited_as != credit.name {
            names.insert(ProducerName {
                producer_id: identity.producer_id,
                name: credit.credited_as.clone(),
                kind: NameKind::CreditedAs,
            });
        }
    }
    let names: Vec<ProducerName> = names.into_iter().collect();
    producers::insert_names(transaction, source, &names).await?;
    Ok(identities)
}

pub fn credit_row(
    stated: &MatchedCredit,
    tracks: &[Track],
    identities: &BTreeMap<String, ProducerIdentity>,
) -> CreditRow {
    let positions = |ids: &[TrackId]| -> Vec<String> {
        let ours = tracks.iter().filter(|track| ids.contains(&track.id));
        ours.map(|track| credits::position(track.disc_number, track.track_number))
            .collect()
    };
    let (track_id, track_positions, track_range) = match &stated.scope {
        CreditScope::Track(id) => (Some(*id), None, None),
        CreditScope::Album => (None, None, None),
        CreditScope::Tracks(ids, range) => (None, Some(positions(ids)), range.clone()),
        CreditScope::Unresolved(range) => (None, None, Some(range.clone())),
    };
    let identity = stated.producer.as_ref().and_then(|id| identities.get(id));
    CreditRow {
        track_id,
        track_positions,
        track_range,
        source_record_kind: stated.record.kind.clone(),
        source_record_id: stated.record.id.clone(),
        credit: stated.credit.clone(),
        producer_identity_id: identity.map(|identity| identity.id),
        matched_by: stated.record.matched_by,
        match_score: stated.record.score,
    }
}
