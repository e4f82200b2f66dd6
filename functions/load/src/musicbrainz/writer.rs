//! Writes new releases together if each is a new album, and removes the releases that they replace. Releases
//! that may be a stored album are left to be written singly, by the rules of an online import.

use std::collections::{BTreeMap, HashSet};

use shared::domain::credits::Source;
use shared::domain::ids::AlbumId;
use shared::platform::db::{Client, Pool};
use shared::store::catalog::album_candidates::{self, SourceRecord};
use shared::store::catalog::artist_identities;
use shared::store::catalog::artists;
use shared::store::loads::loaded_releases::{self, LoadedRelease};
use shared::store::loads::loading;
use shared::store::producers;

use crate::batch::lookup::KeyLookup;
use crate::batch::planned_batch::AlbumPlacement;
use crate::batch::planning;
use crate::batch::prepared_album::PreparedAlbum;
use crate::batch::rows::BatchTables;
use crate::musicbrainz::dump_release::MusicBrainzRelease;
use crate::musicbrainz::single_release::remove_release;

const SOURCE: Source = Source::MusicBrainz;

/// A new release to write.
pub(crate) struct ChosenRelease {
    pub(crate) release: MusicBrainzRelease,
    /// The stored release of its group that it replaces.
    pub(crate) replaced: Option<LoadedRelease>,
}

/// The result of [`write_chosen`].
pub(crate) struct WrittenReleases {
    /// What was stored of each release; `None` for those that may be a stored album.
    pub(crate) releases: Vec<Option<LoadedRelease>>,
    pub(crate) rows: u64,
    pub(crate) credits: u64,
}

/// Writes releases, no two of one group. Returns `None` and writes nothing if a release that replaces another
/// may be a third album: otherwise its group would be without an album for a while.
pub(crate) async fn write_chosen(
    pool: &Pool,
    batch: &[ChosenRelease],
    load_id: i64,
) -> anyhow::Result<Option<WrittenReleases>> {
    let prepared: Vec<PreparedAlbum> = batch.iter().map(|chosen| chosen.release.prepare()).collect();
    let albums: Vec<&PreparedAlbum> = prepared.iter().collect();
    let mut client = pool.client().await?;
    let transaction = client.transaction().await?;
    loading::begin_batch(&transaction, false).await?;
    artist_identities::lock_source(&transaction, SOURCE).await?;
    producers::lock_source(&transaction, SOURCE).await?;
    for replaced in batch.iter().filter_map(|chosen| chosen.replaced.as_ref()) {
        remove_release(&transaction, &replaced.release_mbid, replaced.album_id).await?;
    }
    let placements = place_releases(&transaction, &albums).await?;
    let mut releases = batch.iter().zip(&placements);
    if releases
        .any(|(chosen, placement)| chosen.replaced.is_some() && *placement == AlbumPlacement::WriteSingly)
    {
        return Ok(None);
    }
    let lookup = KeyLookup::Tables(&transaction, SOURCE);
    let mut planned = planning::plan(lookup, &albums, &placements, BatchTables::new(SOURCE)).await?;
    let (rows, credits) = (planned.tables.row_count(), planned.tables.credit_count());
    planned.tables.copy_in(&transaction).await?;
    planned.insert_known_names(&transaction).await?;
    planned.refresh(&transaction).await?;
    rename_artists(&transaction, &albums, &placements).await?;
    let releases = batch.iter().zip(&planned.albums).map(|(chosen, album)| {
        let id = album.as_ref().map(|album| AlbumId(album.id));
        id.map(|id| chosen.release.loaded_release(id, load_id))
            .transpose()
    });
    let releases: Vec<Option<LoadedRelease>> = releases.collect::<anyhow::Result<_>>()?;
    let stored: Vec<LoadedRelease> = releases.iter().flatten().cloned().collect();
    loaded_releases::upsert(&transaction, &stored).await?;
    transaction.commit().await?;
    Ok(Some(WrittenReleases {
        releases,
        rows,
        credits,
    }))
}

/// A release is a new album if no stored album and no earlier release of the batch can be the same one.
async fn place_releases(
    client: &Client<'_>,
    batch: &[&PreparedAlbum],
) -> Result<Vec<AlbumPlacement>, tokio_postgres::Error> {
    let records = batch.iter().map(|release| SourceRecord {
        source_id: &release.id,
        spotify_ids: &release.spotify_ids,
        upc: release.upc.as_ref(),
        total_tracks: release.track_count(),
    });
    let records: Vec<SourceRecord<'_>> = records.collect();
    let may_be_stored = album_candidates::list_matching_records(client, SOURCE, &records).await?;
    let mut barcodes = HashSet::new();
    let placements = records.iter().enumerate().map(|(index, record)| {
        let barcode = record.upc.map(|upc| (upc, record.total_tracks));
        let is_first = barcode.is_none_or(|barcode| barcodes.insert(barcode));
        if is_first && !may_be_stored.contains(&index) {
            AlbumPlacement::New
        } else {
            AlbumPlacement::WriteSingly
        }
    });
    Ok(placements.collect())
}

/// Gives stored artists the names that these releases state.
async fn rename_artists(
    client: &Client<'_>,
    batch: &[&PreparedAlbum],
    placements: &[AlbumPlacement],
) -> Result<(), tokio_postgres::Error> {
    let new = batch.iter().zip(placements);
    let new = new.filter(|(_, placement)| **placement == AlbumPlacement::New);
    let artists = new.flat_map(|(release, _)| release.artists_with_ids());
    let names: BTreeMap<&str, &str> = artists.map(|(id, artist)| (id, artist.name.as_str())).collect();
    let (ids, names): (Vec<&str>, Vec<&str>) = names.into_iter().unzip();
    artists::rename_musicbrainz(client, &ids, &names).await.map(drop)
}
