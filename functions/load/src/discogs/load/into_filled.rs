//! Writes releases into a catalog in use: new ones in batches, changed ones and those that change a stored
//! album singly, each in its own transaction and by the code of an online import. The latter is slow, but
//! never blocks others for long.

use std::collections::{BTreeMap, HashMap};

use anyhow::Context as _;
use shared::catalog::album_import::{self, track_positions};
use shared::catalog::credit_matching;
use shared::catalog::credit_matching::discogs::{credits_from_release, match_tracklist};
use shared::catalog::identification;
use shared::domain::credits::Source;
use shared::domain::ids::TrackId;
use shared::domain::titles;
use shared::platform::db::{Client, Pool, retry_conflicts};
use shared::store::catalog::tracks::Track;
use shared::store::catalog::{albums, pressings, stated_names, tracks};
use shared::store::credits::{early_records, track_producers};
use shared::store::loads::{loaded_records, loading};

use super::DiscogsReleaseLoad;
use crate::batch::dumped_album::release_record;
use crate::batch::lookup::KeyLookup;
use crate::batch::planned_batch::PlannedBatch;
use crate::batch::rows::BatchTables;
use crate::discogs::dump_release::{DiscogsRelease, plan_batch};
use crate::discogs::reader::ReadReleases;
use crate::progress::{TRIES, is_load_conflict};
use crate::removal::{DetachedRecord, detach_record};

const SOURCE: Source = Source::Discogs;

/// Releases per transaction, at least. It takes half a second.
const BATCH_RELEASES: usize = 1_000;
/// Tracks and credits per transaction, at least, if the releases have unusually many.
const BATCH_ROWS: usize = 100_000;

impl DiscogsReleaseLoad<'_> {
    /// Collects releases, and writes them once there are enough for a transaction, one of them changed, or
    /// none is left to write.
    pub(super) async fn write_into_filled(&mut self, releases: ReadReleases) -> anyhow::Result<()> {
        self.waiting.append(releases);
        let wanted = &self.waiting.wanted;
        let is_changed = wanted.iter().any(|(_, is_stored)| *is_stored);
        let is_full = wanted.len() >= BATCH_RELEASES || self.waiting.wanted_rows >= BATCH_ROWS;
        if wanted.is_empty() || is_full || is_changed {
            self.write_waiting().await?;
        }
        Ok(())
    }

    pub(super) async fn write_waiting(&mut self) -> anyhow::Result<()> {
        let mut releases = std::mem::take(&mut self.waiting);
        releases.sort();
        self.done.position_bytes = releases.position_bytes;
        self.done.counts.add(&releases.counts);
        let changed: Vec<_> = releases
            .wanted
            .extract_if(.., |(_, is_stored)| *is_stored)
            .collect();
        let new = releases.wanted.into_iter();
        let new: Vec<DiscogsRelease> = new.map(|(release, _)| release).collect();
        if !new.is_empty() {
            self.write_new(&new).await?;
        }
        if !changed.is_empty() {
            self.restore_indexes().await?;
        }
        for (release, _) in changed {
            self.write_singly(&release).await?;
            self.done.counts.changed += 1;
        }
        self.done.save(&self.client, self.load_id).await
    }

    /// Writes releases that are not stored yet.
    async fn write_new(&mut self, batch: &[DiscogsRelease]) -> anyhow::Result<()> {
        let (pool, load_id, is_only_writer) = (self.pool, self.load_id, self.is_only_writer);
        let write = || write_batch(pool, batch, load_id, is_only_writer);
        let planned = retry_conflicts(TRIES, is_load_conflict, write)
            .await
            .context("write releases")?;
        let placed = batch.iter().zip(&planned.placed);
        let undecided = placed.filter(|(_, placed)| !placed.is_in_batch());
        let undecided: Vec<&DiscogsRelease> = undecided.map(|(release, _)| release).collect();
        self.done.counts.loaded += (batch.len() - undecided.len()) as u64;
        self.done.counts.credits += planned.tables.credit_count();
        self.done.rows += planned.tables.row_count();
        if !undecided.is_empty() {
            self.restore_indexes().await?;
        }
        for release in undecided {
            self.write_singly(release).await?;
            self.done.counts.loaded += 1;
        }
        Ok(())
    }

    async fn write_singly(&mut self, release: &DiscogsRelease) -> anyhow::Result<()> {
        let (pool, load_id) = (self.pool, self.load_id);
        let write = || write_release(pool, release, load_id);
        let written = retry_conflicts(TRIES, is_load_conflict, write).await;
        written.with_context(|| format!("write release {}", release.id()))?;
        self.done.rows += 1;
        self.done.counts.credits += release.dumped.credits.len() as u64;
        Ok(())
    }
}

/// Plans and writes a batch into a catalog in use. If `is_only_writer`, nobody else writes into these tables,
/// and the end of the load recomputes what depends on the rows.
async fn write_batch(
    pool: &Pool,
    batch: &[DiscogsRelease],
    load_id: i64,
    is_only_writer: bool,
) -> anyhow::Result<PlannedBatch> {
    let mut client = pool.client().await?;
    let transaction = client.transaction().await?;
    loading::begin_batch(&transaction, is_only_writer).await?;
    let lookup = KeyLookup::in_tables(&transaction, SOURCE).await?;
    let mut planned = plan_batch(lookup, batch, load_id, BatchTables::new(SOURCE)).await?;
    planned.write(&transaction, is_only_writer).await?;
    transaction.commit().await?;
    Ok(planned)
}

/// Writes a release that changes a stored album, or that an earlier load stored.
async fn write_release(pool: &Pool, release: &DiscogsRelease, load_id: i64) -> anyhow::Result<()> {
    let mut client = pool.client().await?;
    let transaction = client.transaction().await?;
    write(&transaction, release, load_id).await?;
    transaction.commit().await?;
    Ok(())
}

async fn write(transaction: &Client<'_>, release: &DiscogsRelease, load_id: i64) -> anyhow::Result<()> {
    let (id, dumped) = (release.id(), &release.dumped);
    // Done first, because only one transaction at a time creates producers: waiting for that must not hold
    // row locks.
    let named = credit_matching::plan(&dumped.credits, &[]);
    let identities = identification::upsert_identities(transaction, SOURCE, &named).await?;
    let records = [id.to_owned()];
    let mut affected = early_records::list_tracks(transaction, SOURCE, &records).await?;
    let written = album_import::write(transaction, id, &dumped.album).await?;
    if let Some(former) = written.former_album {
        detach_record(transaction, SOURCE, id, former, DetachedRecord::Moved).await?;
    }
    albums::lock(transaction, written.id).await?;
    let stored = tracks::list_by_album(transaction, written.id).await?;
    let places = match_tracks(release, &stored);
    let matched = credits_from_release(&release.release, &release_record(id), &places, stored.len());
    let track_places: Vec<_> = stored.iter().map(Track::place).collect();
    let plan = credit_matching::plan(&matched, &track_places);
    identification::replace_credits(transaction, written.id, SOURCE, &records, &plan, &identities).await?;
    loaded_records::upsert(transaction, SOURCE, &release.loaded_record(written.id, load_id))
        .await
        .context("write the loaded record")?;
    // Of the master before and of that after.
    affected.extend(early_records::list_tracks(transaction, SOURCE, &records).await?);
    affected.extend(tracks::list_ids(transaction, written.id).await?);
    track_producers::refresh(transaction, &affected).await?;
    pressings::replace(transaction, SOURCE, written.id, &dumped.pressing()).await?;
    album_import::pressings::refresh(transaction, &[written.id]).await?;
    let mut contested = written.contested_ids;
    contested.extend(stated_names::list_contested_ids(transaction, SOURCE, id, written.id).await?);
    stated_names::settle(transaction, SOURCE, &Vec::from_iter(contested)).await?;
    Ok(())
}

/// The positions of the stored tracks in the release's tracklist, each with a score. Tracks with the same
/// song in the same position match exactly; the others are matched as by credit matching.
fn match_tracks(release: &DiscogsRelease, stored: &[Track]) -> BTreeMap<TrackId, (usize, f32)> {
    let arriving = track_positions(&release.release)
        .into_iter()
        .zip(&release.dumped.album.tracks);
    let by_place: HashMap<(i16, i32), (usize, &str)> = arriving
        .map(|((index, ..), track)| (track.place(), (index, track.title.key.as_str())))
        .collect();
    let exact: BTreeMap<TrackId, (usize, f32)> = stored
        .iter()
        .filter_map(|track| {
            let (index, key) = by_place.get(&(track.disc_number, track.track_number))?;
            (titles::read(&track.name).key == *key).then_some((track.id, (*index, 1.0)))
        })
        .collect();
    if exact.len() == stored.len() {
        return exact;
    }
    let mut matched = match_tracklist(&release.release, stored);
    matched
        .retain(|id, (index, _)| !exact.contains_key(id) && !exact.values().any(|(taken, _)| taken == index));
    matched.extend(exact);
    matched
}
