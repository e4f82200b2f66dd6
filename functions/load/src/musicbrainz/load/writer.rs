//! Writes the chosen releases of a chunk, and keeps the chunk's map of stored releases up to date. New
//! releases are written together. Those that may be a stored album, and changed ones, are written singly by
//! the rules of an online import: the album in one transaction, its credits in another.

use std::collections::{BTreeMap, HashMap};

use anyhow::Context as _;
use shared::catalog::album_import::{self, ArrivingAlbum};
use shared::catalog::identification;
use shared::domain::credits::Source;
use shared::domain::ids::AlbumId;
use shared::platform::db::{Client, Pool, retry_conflicts};
use shared::store::catalog::artists;
use shared::store::loads::loaded_releases::{self, LoadedRelease};
use shared::store::loads::loading;

use super::MusicBrainzReleaseLoad;
use crate::batch::dumped_album::DumpedAlbum;
use crate::batch::lookup::KeyLookup;
use crate::batch::planned_batch::PlannedBatch;
use crate::batch::planning;
use crate::batch::rows::BatchTables;
use crate::counts::SkipReason;
use crate::musicbrainz::dump_release::{ChosenRelease, MusicBrainzRelease};
use crate::progress::{TRIES, is_load_conflict};
use crate::removal::{DetachedRecord, detach_record};

const SOURCE: Source = Source::MusicBrainz;

impl MusicBrainzReleaseLoad<'_> {
    /// Writes new releases together; returns those that may be a stored album.
    pub(super) async fn write_chosen(
        &mut self,
        mut chosen: Vec<ChosenRelease>,
        stored: &mut HashMap<String, LoadedRelease>,
    ) -> anyhow::Result<Vec<MusicBrainzRelease>> {
        let (pool, load_id) = (self.pool, self.load_id);
        let mut undecided = Vec::new();
        let (planned, releases) = loop {
            let write = || write_together(pool, &chosen, load_id);
            match retry_conflicts(TRIES, is_load_conflict, write)
                .await
                .context("write releases")?
            {
                Some(written) => break written,
                None => {
                    let replacing = chosen.extract_if(.., |chosen| chosen.replaced.is_some());
                    undecided.extend(replacing.map(|chosen| chosen.release));
                }
            }
        };
        self.done.rows += planned.tables.row_count();
        self.done.counts.credits += planned.tables.credit_count();
        for (chosen, loaded) in chosen.into_iter().zip(releases) {
            let Some(loaded) = loaded else {
                undecided.push(chosen.release);
                continue;
            };
            self.count_written(chosen.replaced.as_ref(), false);
            if let Some(replaced) = &chosen.replaced {
                stored.remove(&replaced.release_mbid);
            }
            stored.insert(loaded.release_mbid.clone(), loaded);
        }
        Ok(undecided)
    }

    fn count_written(&mut self, replaced: Option<&LoadedRelease>, is_changed: bool) {
        match replaced {
            // The replaced release was counted as loaded earlier in this load.
            Some(replaced) if replaced.load_id == self.load_id => {
                self.done.counts.skip(SkipReason::OtherOfGroup, None);
            }
            Some(_) => self.done.counts.changed += 1,
            None if is_changed => self.done.counts.changed += 1,
            None => self.done.counts.loaded += 1,
        }
    }

    /// Compares a release with the stored one of its group, and writes it if it is better.
    pub(super) async fn write_singly(
        &mut self,
        release: &MusicBrainzRelease,
        stored: &mut HashMap<String, LoadedRelease>,
    ) -> anyhow::Result<()> {
        let (id, group) = (release.id(), release.group());
        let before = stored.get(id);
        let mut others = stored.values();
        let other = others.find(|other| other.group_mbid == group && other.release_mbid != id);
        if other.is_some_and(|other| !release.is_better_than_stored(other)) {
            self.pass_over(group);
            if let Some(album) = before.map(|before| before.album_id) {
                // The release moved to this group since the last load.
                self.remove(id, album).await?;
                stored.remove(id);
            }
            return Ok(());
        }
        let (replaced, is_changed) = (other.cloned(), before.is_some());
        let written = self.write_with_retries(release, replaced.as_ref()).await?;
        self.count_written(replaced.as_ref(), is_changed);
        if let Some(replaced) = &replaced {
            stored.remove(&replaced.release_mbid);
        }
        stored.insert(id.to_owned(), written);
        Ok(())
    }

    async fn write_with_retries(
        &mut self,
        release: &MusicBrainzRelease,
        replaced: Option<&LoadedRelease>,
    ) -> anyhow::Result<LoadedRelease> {
        let (pool, load_id, id) = (self.pool, self.load_id, release.id());
        let write = || write_alone(pool, release, replaced, load_id);
        for _ in 0..TRIES {
            let written = retry_conflicts(TRIES, is_load_conflict, write).await;
            if let Some((credits, written)) = written.with_context(|| format!("write release {id}"))? {
                self.done.rows += 1;
                self.done.counts.credits += credits;
                return Ok(written);
            }
        }
        anyhow::bail!("release {id} cannot be written: its album was changed during each of {TRIES} tries")
    }
}

/// Writes releases, no two of one group. Returns the batch with what was stored of each release, `None` for
/// those that may be a stored album. Returns `None` and writes nothing if a release that replaces another may
/// be a third album: otherwise its group would be without an album for a while.
async fn write_together(
    pool: &Pool,
    batch: &[ChosenRelease],
    load_id: i64,
) -> anyhow::Result<Option<(PlannedBatch, Vec<Option<LoadedRelease>>)>> {
    let prepared: Vec<DumpedAlbum> = batch.iter().map(|chosen| chosen.release.prepare()).collect();
    let albums: Vec<&DumpedAlbum> = prepared.iter().collect();
    let mut client = pool.client().await?;
    let transaction = client.transaction().await?;
    loading::begin_batch(&transaction, false).await?;
    let lookup = KeyLookup::in_tables(&transaction, SOURCE).await?;
    for replaced in batch.iter().filter_map(|chosen| chosen.replaced.as_ref()) {
        detach_replaced(&transaction, replaced).await?;
    }
    let mut planned = planning::plan(lookup, &albums, BatchTables::new(SOURCE)).await?;
    let mut releases = batch.iter().zip(&planned.placed);
    if releases.any(|(chosen, placed)| chosen.replaced.is_some() && !placed.is_in_batch()) {
        return Ok(None);
    }
    planned.write(&transaction, false).await?;
    let (mut names, mut releases) = (BTreeMap::new(), Vec::with_capacity(batch.len()));
    for ((chosen, album), placed) in batch.iter().zip(albums).zip(&planned.placed) {
        if !placed.is_in_batch() {
            releases.push(None);
            continue;
        }
        let artists = album.album.artists_with_ids();
        names.extend(artists.map(|(id, artist)| (id, artist.name.as_str())));
        releases.push(Some(chosen.release.loaded_release(AlbumId(placed.id), load_id)?));
    }
    let (ids, names): (Vec<&str>, Vec<&str>) = names.into_iter().unzip();
    artists::rename_musicbrainz(&transaction, &ids, &names).await?;
    let stored: Vec<LoadedRelease> = releases.iter().flatten().cloned().collect();
    loaded_releases::upsert(&transaction, &stored).await?;
    transaction.commit().await?;
    Ok(Some((planned, releases)))
}

/// Writes a release and removes `replaced`, another release of its group. Returns the number of credits and
/// the stored release, or `None` if the album was changed meanwhile; then the caller has to try again.
async fn write_alone(
    pool: &Pool,
    dumped: &MusicBrainzRelease,
    replaced: Option<&LoadedRelease>,
    load_id: i64,
) -> anyhow::Result<Option<(u64, LoadedRelease)>> {
    let release = &dumped.release;
    let mut client = pool.client().await?;
    let transaction = client.transaction().await?;
    loading::begin_batch(&transaction, false).await?;
    if let Some(replaced) = replaced {
        detach_replaced(&transaction, replaced).await?;
    }
    let arriving = ArrivingAlbum::from_musicbrainz(release);
    let album = album_import::write(&transaction, dumped.id(), &arriving).await?;
    transaction.commit().await?;
    // A second transaction, as online: only one at a time creates producers, and it must not wait for rows of
    // an album.
    let transaction = client.transaction().await?;
    loading::begin_batch(&transaction, false).await?;
    let written = identification::write_own_release(&transaction, album.id, release, None).await?;
    let Some(credit_count) = written else {
        return Ok(None);
    };
    let loaded = dumped.loaded_release(album.id, load_id)?;
    loaded_releases::upsert(&transaction, std::slice::from_ref(&loaded)).await?;
    transaction.commit().await?;
    Ok(Some((credit_count, loaded)))
}

/// Detaches a release from its album because another one of its group replaces it.
async fn detach_replaced(
    transaction: &Client<'_>,
    replaced: &LoadedRelease,
) -> Result<(), tokio_postgres::Error> {
    let (id, album) = (&replaced.release_mbid, replaced.album_id);
    detach_record(transaction, SOURCE, id, album, DetachedRecord::Replaced).await?;
    Ok(())
}
