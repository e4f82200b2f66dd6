//! Removes stored releases that are gone from the dump.

use shared::domain::credits::Source;
use shared::store::loads::loaded_records;

use super::DiscogsReleaseLoad;
use crate::record_set::NumberSet;
use crate::removal::{find_keep_reason, remove_record};

/// Stored releases that are checked at a time.
const PAGE: i64 = 20_000;

impl DiscogsReleaseLoad<'_> {
    /// Removes stored releases whose numbers are missing from the dump if the dump is one that may remove
    /// them, and counts them otherwise. False if it was asked to stop.
    pub(super) async fn remove_vanished(&mut self, seen: &NumberSet) -> anyhow::Result<bool> {
        if self.memory.is_some() {
            return Ok(true);
        }
        let (mut gone_count, mut after) = (0, String::new());
        while let Some(gone) = self.list_vanished(seen, &mut after).await? {
            gone_count += gone.len() as u64;
        }
        let reason = find_keep_reason(&self.client, self.load_id, self.options, gone_count).await?;
        self.done.counts.not_removed_because = reason;
        if reason.is_some() {
            self.done.counts.not_removed = gone_count;
        }
        if reason.is_some() || gone_count == 0 {
            return Ok(true);
        }
        self.restore_indexes().await?;
        after.clear();
        while let Some(gone) = self.list_vanished(seen, &mut after).await? {
            let stored = loaded_records::list(&self.client, Source::Discogs, &gone).await?;
            for (id, loaded) in stored {
                if self.control.is_stopping() {
                    return Ok(false);
                }
                if remove_record(&mut self.client, Source::Discogs, &id, loaded.album_id).await? {
                    self.done.counts.kept += 1;
                }
                self.done.counts.vanished += 1;
                self.done.rows += 1;
            }
        }
        Ok(true)
    }

    /// The numbers on the next page of stored releases that are missing from the dump. Moves `after` to the
    /// end of the page; `None` if there are no more pages.
    async fn list_vanished(
        &self,
        seen: &NumberSet,
        after: &mut String,
    ) -> anyhow::Result<Option<Vec<String>>> {
        let mut ids = loaded_records::list_ids(&self.client, Source::Discogs, after, PAGE).await?;
        let Some(last) = ids.last() else {
            return Ok(None);
        };
        after.clone_from(last);
        ids.retain(|id| id.parse().is_ok_and(|number| !seen.contains(number)));
        Ok(Some(ids))
    }
}
