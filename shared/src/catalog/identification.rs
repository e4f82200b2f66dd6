//! Identifies the producers of an album: reads the album before the sources are asked about it, and writes
//! their findings in the caller's transaction unless the album changed meanwhile. A MusicBrainz release that
//! is at hand needs no request. All others are made by the functions.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use chrono::{DateTime, Utc};

use super::credit_matching::musicbrainz::findings_from_own_release;
use super::credit_matching::{self, CreditPlan, MatchedCredit, SourceFindings, TrackPlace};
use crate::domain::credits::Source;
use crate::domain::ids::{AlbumId, ArtistId, Isrc, ProducerId, ReleaseMbid, TrackId};
use crate::platform::db::Client;
use crate::store::catalog::albums::{self, Album};
use crate::store::catalog::track_links::{self, TrackLink};
use crate::store::catalog::tracks::{self, Track};
use crate::store::catalog::{album_links, artist_identities};
use crate::store::credits::{self, early_records, track_producers};
use crate::store::producers::{self, ProducerIdentity, ProducerName};
use crate::store::work::lookups::{self, Lookup};
use crate::upstreams::musicbrainz::Release;

/// The identities of producers by their ids in a source.
pub type Identities = BTreeMap<String, ProducerIdentity>;

/// An album as it is when the sources are asked about it.
pub struct AlbumSnapshot {
    /// The album.
    pub album: Album,
    /// Its tracks.
    pub tracks: Vec<Track>,
    /// The MusicBrainz release that the album was imported from, if any.
    pub own_release: Option<ReleaseMbid>,
}

impl AlbumSnapshot {
    /// Reads an album; `None` if there is no such album.
    pub async fn load(client: &Client<'_>, album_id: AlbumId) -> anyhow::Result<Option<Self>> {
        let Some(album) = albums::find(client, album_id).await? else {
            return Ok(None);
        };
        let tracks = tracks::list_by_album(client, album_id).await?;
        let own_release = album_links::find_own(client, album_id, Source::MusicBrainz).await?;
        let own_release = own_release
            .map(|id| id.parse())
            .transpose()
            .with_context(|| format!("read the MusicBrainz release of album {album_id}"))?;
        Ok(Some(Self {
            album,
            tracks,
            own_release,
        }))
    }

    /// Whether the name, barcode, artist, tracks or own release of the album are no longer these. Findings
    /// about the former album would undo what the change brought. `artist_id` is the artist that the findings
    /// give the album.
    async fn is_outdated(&self, transaction: &Client<'_>, artist_id: ArtistId) -> anyhow::Result<bool> {
        let Some(now) = Self::load(transaction, self.album.id).await? else {
            return Ok(true);
        };
        let names = |snapshot: &Self| -> Vec<(TrackId, String)> {
            let tracks = snapshot.tracks.iter();
            tracks.map(|track| (track.id, track.name.clone())).collect()
        };
        let (before, album) = (&self.album, &now.album);
        Ok(
            (&album.name, &album.upc, album.artist_id) != (&before.name, &before.upc, artist_id)
                || names(&now) != names(self)
                || now.own_release != self.own_release,
        )
    }
}

/// Writes what a MusicBrainz release says about the album that is imported from it. `fetched_at` is the time
/// of its request. A dump states no time, and no lookup is stored then, because no source was asked. Returns
/// the number of credits, which is 0 if the album is gone or another release leads it. Returns `None` if the
/// album changed meanwhile; the caller must then roll back.
pub async fn write_own_release(
    transaction: &Client<'_>,
    album_id: AlbumId,
    release: &Release,
    fetched_at: Option<DateTime<Utc>>,
) -> anyhow::Result<Option<u64>> {
    let Some(snapshot) = AlbumSnapshot::load(transaction, album_id).await? else {
        return Ok(Some(0));
    };
    let AlbumSnapshot { album, tracks, .. } = &snapshot;
    if snapshot.own_release.as_ref() != Some(&release.id) {
        return Ok(Some(0));
    }
    // A lookup from before the album was written would count as outdated.
    let looked_up_at = fetched_at.map_or(album.updated_at, |at| at.max(album.updated_at));
    let findings = [findings_from_own_release(release, album, tracks, looked_up_at)];
    let is_written = match fetched_at {
        Some(_) => write(transaction, &snapshot, &[], &findings).await?.is_some(),
        None => write_credits(transaction, &snapshot, false, &findings).await?,
    };
    Ok(is_written.then_some(findings[0].credits.len() as u64))
}

/// Writes the findings about an album and its tracks, with the lookups that our own tables answered. Repeated
/// findings change only the work tables. Returns the producers of the album's tracks, or `None` if the album
/// changed meanwhile; the caller must then roll back.
pub async fn write(
    transaction: &Client<'_>,
    snapshot: &AlbumSnapshot,
    own_lookups: &[Lookup],
    findings: &[SourceFindings],
) -> anyhow::Result<Option<Vec<ProducerId>>> {
    if !write_credits(transaction, snapshot, !own_lookups.is_empty(), findings).await? {
        return Ok(None);
    }
    let answers = findings.iter().flat_map(|findings| &findings.lookups);
    let lookups: Vec<Lookup> = own_lookups.iter().chain(answers).cloned().collect();
    lookups::upsert(transaction, &lookups).await?;
    let producers = track_producers::list_of_album(transaction, snapshot.album.id).await?;
    Ok(Some(producers))
}

/// Writes the findings without their lookups. Returns false if the album changed meanwhile. The producers of
/// all tracks are recomputed with `every_track` or if the album is settled, otherwise those of the settled
/// tracks.
async fn write_credits(
    transaction: &Client<'_>,
    snapshot: &AlbumSnapshot,
    every_track: bool,
    findings: &[SourceFindings],
) -> anyhow::Result<bool> {
    let AlbumSnapshot { album, tracks, .. } = snapshot;
    // Comes first, because only one transaction at a time creates producers: waiting for that must not hold
    // row locks.
    let places: Vec<TrackPlace> = tracks.iter().map(Track::place).collect();
    let mut planned = Vec::new();
    for findings in findings {
        let plan = credit_matching::plan(&findings.credits, &places);
        let identities = upsert_identities(transaction, findings.source, &plan).await?;
        planned.push((plan, identities));
    }
    let mut artist_id = album.artist_id;
    for findings in findings {
        if let Some(artist) = &findings.artist {
            artist_id = artist_identities::link(transaction, artist_id, findings.source, artist).await?;
        }
    }
    albums::lock(transaction, album.id).await?;
    if snapshot.is_outdated(transaction, artist_id).await? {
        return Ok(false);
    }
    tracks::fill_gaps(transaction, &first_facts(findings)).await?;
    for (findings, (plan, identities)) in findings.iter().zip(&planned) {
        write_source(transaction, album.id, findings, plan, identities).await?;
    }
    // Credits of the album count for every track, including removed ones.
    let mut changed: Vec<TrackId> = if every_track || findings.iter().any(SourceFindings::is_album_settled) {
        tracks::list_ids(transaction, album.id).await?
    } else {
        let settled: BTreeSet<TrackId> = findings.iter().flat_map(SourceFindings::settled_tracks).collect();
        settled.into_iter().collect()
    };
    for findings in findings
        .iter()
        .filter(|findings| findings.known_ages().next().is_some())
    {
        let records: Vec<String> = findings.album.iter().map(|record| record.id.clone()).collect();
        changed.extend(early_records::list_tracks(transaction, findings.source, &records).await?);
    }
    track_producers::refresh(transaction, &changed).await?;
    Ok(true)
}

/// Replaces the links of the album and its settled tracks to records of one source, and the credits of those
/// records.
async fn write_source(
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
            for (dated, is_early) in findings.known_ages() {
                early_records::replace(transaction, source, &record.id, dated, is_early).await?;
            }
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
