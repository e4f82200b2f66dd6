//! Removes stored releases that are gone from the dump with their whole group.

use shared::domain::credits::Source;
use shared::domain::ids::AlbumId;
use shared::store::loads::loaded_releases::{self, LoadedRelease};
use xxhash_rust::xxh3::xxh3_64;

use super::MusicBrainzReleaseLoad;
use crate::removal::{find_keep_reason, remove_record};

/// Stored releases that are checked at a time.
const PAGE: i64 = 5_000;

impl MusicBrainzReleaseLoad<'_> {
    /// Removes vanished releases if the dump is one that may remove them, and counts them otherwise; false if
    /// it was asked to stop.
    pub(super) async fn remove_vanished(&mut self) -> anyhow::Result<bool> {
        let (mut gone, mut after) = (Vec::new(), String::new());
        loop {
            let client = self.pool.client().await?;
            let page = loaded_releases::list_after(&client, &after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.release_mbid);
            let is_gone =
                |release: &LoadedRelease| !self.seen.contains(&xxh3_64(release.release_mbid.as_bytes()));
            gone.extend(page.into_iter().filter(is_gone));
        }
        let client = self.pool.client().await?;
        let counts = &mut self.done.counts;
        counts.not_removed_because =
            find_keep_reason(&client, self.load_id, self.options, gone.len() as u64).await?;
        if counts.not_removed_because.is_some() {
            counts.not_removed = gone.len() as u64;
            return Ok(true);
        }
        drop(client);
        for release in gone {
            if self.control.is_stopping() {
                return Ok(false);
            }
            let group = xxh3_64(release.group_mbid.as_bytes());
            if self.passed_over.contains(&group) {
                // Without a candidate, the next load replaces it with another release of its group.
                let client = self.pool.client().await?;
                self.done.rows += loaded_releases::clear_candidate(&client, &release.release_mbid).await?;
                continue;
            }
            self.remove(&release.release_mbid, release.album_id).await?;
            self.done.counts.vanished += 1;
        }
        Ok(true)
    }

    pub(super) async fn remove(&mut self, id: &str, album: AlbumId) -> anyhow::Result<()> {
        let mut client = self.pool.client().await?;
        if remove_record(&mut client, Source::MusicBrainz, id, album).await? {
            self.done.counts.kept += 1;
        }
        self.done.rows += 1;
        Ok(())
    }
}
