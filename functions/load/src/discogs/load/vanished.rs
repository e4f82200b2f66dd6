//! Removes stored releases that are gone from the dump.

use shared::domain::credits::Source;
use shared::store::loads::loaded_records;

use super::DiscogsReleaseLoad;
use crate::record_set::NumberSet;
use crate::removal::remove_record;

/// Stored releases that are checked at a time.
const PAGE: i64 = 20_000;

impl DiscogsReleaseLoad<'_> {
    /// Removes stored releases whose numbers are missing from the dump, although the dump has smaller and
    /// larger ones. False if it was asked to stop.
    pub(super) async fn remove_vanished(&mut self, seen: &NumberSet) -> anyhow::Result<bool> {
        if self.memory.is_some() {
            return Ok(true);
        }
        self.restore_indexes().await?;
        let mut after = String::new();
        loop {
            let ids = loaded_records::list_ids(&self.client, Source::Discogs, &after, PAGE).await?;
            let Some(last) = ids.last() else {
                return Ok(true);
            };
            after.clone_from(last);
            let is_gone = |id: &&String| {
                let number = id.parse::<i64>();
                number.is_ok_and(|id| seen.spans(id) && !seen.contains(id))
            };
            let gone: Vec<String> = ids.iter().filter(is_gone).cloned().collect();
            let stored = loaded_records::list(&self.client, Source::Discogs, &gone).await?;
            for (id, loaded) in stored {
                if self.control.is_stopping() {
                    return Ok(false);
                }
                remove_record(&mut self.client, Source::Discogs, &id, loaded.album_id).await?;
                self.done.counts.vanished += 1;
                self.done.rows += 1;
            }
        }
    }
}
