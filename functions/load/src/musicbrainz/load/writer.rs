//! Writes the chosen releases of a chunk, and keeps the chunk's map of stored releases up to date.

use std::collections::HashMap;

use anyhow::Context as _;
use shared::platform::db::retry_conflicts;
use shared::store::loads::loaded_releases::LoadedRelease;

use super::MusicBrainzReleaseLoad;
use crate::counts::SkipReason;
use crate::musicbrainz::dump_release::MusicBrainzRelease;
use crate::musicbrainz::single_release;
use crate::musicbrainz::writer::{self, ChosenRelease};
use crate::progress::{TRIES, is_load_conflict};

impl MusicBrainzReleaseLoad<'_> {
    /// Writes new releases together; returns those that may be a stored album.
    pub(super) async fn write_chosen(
        &mut self,
        mut chosen: Vec<ChosenRelease>,
        stored: &mut HashMap<String, LoadedRelease>,
    ) -> anyhow::Result<Vec<MusicBrainzRelease>> {
        let (pool, load_id) = (self.pool, self.load_id);
        let mut undecided = Vec::new();
        let written = loop {
            let write = || writer::write_chosen(pool, &chosen, load_id);
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
        self.done.rows += written.rows;
        self.done.counts.credits += written.credits;
        for (chosen, loaded) in chosen.into_iter().zip(written.releases) {
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
        stored.retain(|id, _| {
            replaced
                .as_ref()
                .is_none_or(|replaced| replaced.release_mbid != *id)
        });
        stored.insert(id.to_owned(), written);
        Ok(())
    }

    async fn write_with_retries(
        &mut self,
        release: &MusicBrainzRelease,
        replaced: Option<&LoadedRelease>,
    ) -> anyhow::Result<LoadedRelease> {
        let (pool, load_id, id) = (self.pool, self.load_id, release.id());
        let write = || single_release::write_release(pool, release, replaced, load_id);
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
