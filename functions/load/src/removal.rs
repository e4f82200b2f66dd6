//! Decides whether a load may remove the stored records that its dump lacks, and removes a record from its
//! album, because the dump or the album no longer has it.

use std::collections::BTreeSet;

use anyhow::Context as _;
use shared::catalog::album_import::{has_stated_names, pressings};
use shared::domain::credits::Source;
use shared::domain::ids::AlbumId;
use shared::platform::db::Client;
use shared::store::catalog::{album_links, albums, normalized_tracks, stated_names, track_links, tracks};
use shared::store::credits::{self, early_records, track_producers};
use shared::store::loads::{self, LoadAge, loaded_records, loaded_releases, removed_albums};
use shared::store::producers::statistics;

use crate::counts::KeepReason;

/// How a dump of releases is loaded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReleaseOptions {
    /// Also load releases without a production credit.
    pub everything: bool,
    /// Remove the stored releases that the dump lacks, whatever its date and however many there are.
    pub remove: bool,
}

/// Why a load must keep the `gone` stored records that its dump lacks; `None` if it may remove them.
pub(crate) async fn find_keep_reason(
    client: &Client<'_>,
    load_id: i64,
    options: ReleaseOptions,
    gone: u64,
) -> Result<Option<KeepReason>, tokio_postgres::Error> {
    if options.remove || gone == 0 {
        return Ok(None);
    }
    Ok(keep_reason(loads::find_age(client, load_id).await?, gone))
}

fn keep_reason(age: LoadAge, gone: u64) -> Option<KeepReason> {
    // At least 98 % are there if at most one of 50 is gone.
    if gone * 50 > age.stored_before.unsigned_abs() {
        Some(KeepReason::IncompleteDump)
    } else if !age.is_dated {
        Some(KeepReason::UnknownDate)
    } else if !age.is_newer {
        Some(KeepReason::NotNewer)
    } else {
        None
    }
}

/// Whether the source still has a record that is detached from its album.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DetachedRecord {
    /// It is another album now.
    Moved,
    /// Another record of its group replaces it.
    Replaced,
    /// The dump no longer has it.
    Vanished,
}

/// Removes a vanished record of a source in a transaction of its own. Returns whether tracks stay because
/// of own credits or verdicts.
pub(crate) async fn remove_record(
    client: &mut Client<'_>,
    source: Source,
    id: &str,
    album: AlbumId,
) -> anyhow::Result<bool> {
    let transaction = client.transaction().await?;
    let is_kept = detach_record(&transaction, source, id, album, DetachedRecord::Vanished)
        .await
        .with_context(|| format!("remove release {id}"))?;
    transaction.commit().await?;
    Ok(is_kept)
}

/// Removes a record of a source from its album: its credits, its links, and the album itself if no other
/// record is that album. Tracks with credits or verdicts of people stay, with their album, and are marked as
/// removed; true if there are any. The album of a vanished record then stays linked to it, so that it is
/// found if the record returns.
pub(crate) async fn detach_record(
    transaction: &Client<'_>,
    source: Source,
    id: &str,
    album: AlbumId,
    record: DetachedRecord,
) -> Result<bool, tokio_postgres::Error> {
    albums::lock(transaction, album).await?;
    let track_ids = tracks::list_ids(transaction, album).await?;
    statistics::mark_stale_of_tracks(transaction, &track_ids).await?;
    let mut renamed = BTreeSet::new();
    if has_stated_names(source) {
        renamed = stated_names::list_contested_ids(transaction, source, id, album).await?;
    }
    let mut records = vec![id.to_owned()];
    if source == Source::MusicBrainz {
        let own_release = album_links::find_own(transaction, album, source).await?;
        if own_release.as_deref() == Some(id) {
            // The recordings were matched through this release, so their credits go too.
            records.extend(track_links::delete_others(transaction, source, &track_ids, &[]).await?);
        }
        loaded_releases::delete(transaction, id).await?;
    }
    let mut affected = early_records::list_tracks(transaction, source, &[id.to_owned()]).await?;
    credits::replace(transaction, album, source, &records, &[]).await?;
    loaded_records::delete(transaction, source, id).await?;
    if record != DetachedRecord::Moved {
        early_records::delete(transaction, source, id).await?;
    }
    let has_others = loaded_records::has_other_links(transaction, source, id, album).await?;
    let kept = if has_others {
        Vec::new()
    } else {
        removed_albums::mark_kept(transaction, album).await?
    };
    if kept.is_empty() || record != DetachedRecord::Vanished {
        loaded_records::delete_link(transaction, source, id, album).await?;
    }
    if has_others {
        affected.extend(track_ids);
    } else {
        let songs = removed_albums::delete(transaction, album, &kept).await?;
        normalized_tracks::refresh(transaction, &songs).await?;
        affected.extend(&kept);
    }
    track_producers::refresh(transaction, &affected).await?;
    if has_others && source == Source::Discogs {
        pressings::refresh(transaction, &[album]).await?;
    }
    stated_names::settle(transaction, source, &Vec::from_iter(renamed)).await?;
    Ok(!kept.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_removes_records_only_if_it_is_newer_and_nearly_complete() {
        let newer = LoadAge {
            is_dated: true,
            is_newer: true,
            stored_before: 1_000,
        };
        let older = LoadAge {
            is_newer: false,
            ..newer
        };
        let undated = LoadAge {
            is_dated: false,
            ..newer
        };
        for (age, gone, reason) in [
            (newer, 20, None),
            (newer, 21, Some(KeepReason::IncompleteDump)),
            (older, 1, Some(KeepReason::NotNewer)),
            (older, 21, Some(KeepReason::IncompleteDump)),
            (undated, 1, Some(KeepReason::UnknownDate)),
        ] {
            assert_eq!(keep_reason(age, gone), reason, "{age:?} {gone}");
        }
    }
}
