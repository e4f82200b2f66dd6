//! Writes new releases together if each is a new album, and removes the releases that they replace. Releases
//! that may be a stored album are left to be written singly, by the rules of an online import.

use std::collections::BTreeMap;

use shared::domain::credits::Source;
use shared::domain::ids::AlbumId;
use shared::platform::db::{Client, Pool};
use shared::store::catalog::artist_identities;
use shared::store::catalog::artists;
use shared::store::loads::loaded_releases::{self, LoadedRelease};
use shared::store::loads::loading;
use shared::store::producers;

use crate::batch::dumped_album::DumpedAlbum;
use crate::batch::lookup::KeyLookup;
use crate::batch::placement::PlacedAlbum;
use crate::batch::planning;
use crate::batch::rows::BatchTables;
use crate::musicbrainz::dump_release::MusicBrainzRelease;
use crate::removal::detach_record;

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
    let prepared: Vec<DumpedAlbum> = batch.iter().map(|chosen| chosen.release.prepare()).collect();
    let albums: Vec<&DumpedAlbum> = prepared.iter().collect();
    let mut client = pool.client().await?;
    let transaction = client.transaction().await?;
    loading::begin_batch(&transaction, false).await?;
    artist_identities::lock_source(&transaction, SOURCE).await?;
    producers::lock_source(&transaction, SOURCE).await?;
    for replaced in batch.iter().filter_map(|chosen| chosen.replaced.as_ref()) {
        detach_record(&transaction, SOURCE, &replaced.release_mbid, replaced.album_id).await?;
    }
    let lookup = KeyLookup::Tables(&transaction, SOURCE);
    let mut planned = planning::plan(lookup, &albums, BatchTables::new(SOURCE)).await?;
    let mut releases = batch.iter().zip(&planned.placed);
    if releases.any(|(chosen, placed)| chosen.replaced.is_some() && !placed.is_in_batch()) {
        return Ok(None);
    }
    let (rows, credits) = (planned.tables.row_count(), planned.tables.credit_count());
    planned.tables.copy_in(&transaction).await?;
    planned.insert_known_names(&transaction).await?;
    planned.refresh(&transaction).await?;
    rename_artists(&transaction, &albums, &planned.placed).await?;
    let releases = batch.iter().zip(&planned.placed).map(|(chosen, placed)| {
        let id = placed.is_in_batch().then_some(AlbumId(placed.id));
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

/// Gives stored artists the names that these releases state.
async fn rename_artists(
    client: &Client<'_>,
    batch: &[&DumpedAlbum],
    placed: &[PlacedAlbum],
) -> Result<(), tokio_postgres::Error> {
    let written = batch
        .iter()
        .zip(placed)
        .filter(|(_, placed)| placed.is_in_batch());
    let artists = written.flat_map(|(release, _)| release.album.artists_with_ids());
    let names: BTreeMap<&str, &str> = artists.map(|(id, artist)| (id, artist.name.as_str())).collect();
    let (ids, names): (Vec<&str>, Vec<&str>) = names.into_iter().unzip();
    artists::rename_musicbrainz(client, &ids, &names).await.map(drop)
}
