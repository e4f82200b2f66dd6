//! Releases that are first here, written together where they are albums of their own, and those taken off whose place they
//! take. What may be another album of ours is left to be decided one by one, as if it had been asked for online.

use std::collections::{BTreeMap, HashSet};

use super::load::Chosen;
use super::{SOURCE, single};
use crate::db::{Client, Pool};
use crate::dumps::batch::known::Known;
use crate::dumps::batch::prepared::Prepared;
use crate::dumps::batch::{self, Place, Tables};
use crate::ids::AlbumId;
use crate::store::alike_albums::{self, SourceRecord};
use crate::store::loaded_releases::{self, LoadedRelease};
use crate::store::{artists, loading, producers};

/// What was written.
pub(super) struct Written {
    /// Of each release what is kept of it; None where it may be an album of ours.
    pub(super) releases: Vec<Option<LoadedRelease>>,
    pub(super) rows: u64,
    pub(super) credits: u64,
}

/// Writes releases, no two of one group. None where one that takes another's place may be a third album: nothing is written
/// then, for no group is to be without an album meanwhile.
///
/// # Errors
/// The database's.
pub(super) async fn write_chosen(
    pool: &Pool,
    batch: &[Chosen],
    load_id: i64,
) -> anyhow::Result<Option<Written>> {
    let prepared = batch.iter().map(|one| one.release.prepared());
    let prepared: Vec<Prepared> = prepared.collect();
    let albums: Vec<&Prepared> = prepared.iter().collect();
    let mut client = pool.client().await?;
    let transaction = client.transaction().await?;
    loading::begin_batch(&transaction, false).await?;
    artists::lock_source(&transaction, SOURCE).await?;
    producers::lock_source(&transaction, SOURCE).await?;
    for rival in batch.iter().filter_map(|one| one.rival.as_ref()) {
        single::detach(&transaction, &rival.release_mbid, rival.album_id).await?;
    }
    let places = find_places(&transaction, &albums).await?;
    let mut of_rivals = batch.iter().zip(&places);
    if of_rivals.any(|(one, place)| one.rival.is_some() && *place == Place::Aside) {
        return Ok(None);
    }
    let known = Known::Tables(&transaction, SOURCE);
    let mut planned = batch::plan(known, &albums, &places, Tables::of(SOURCE)).await?;
    let (rows, credits) = (planned.tables.count(), planned.tables.credits());
    planned.tables.send(&transaction).await?;
    planned.keep_names(&transaction).await?;
    planned.follow_up(&transaction).await?;
    rename(&transaction, &albums, &places).await?;
    let releases = batch.iter().zip(&planned.albums);
    let releases = releases.map(|(one, album)| {
        let id = album.as_ref().map(|album| AlbumId(album.id));
        id.map(|id| one.release.loaded(id, load_id)).transpose()
    });
    let releases: Vec<Option<LoadedRelease>> = releases.collect::<anyhow::Result<_>>()?;
    let here: Vec<LoadedRelease> = releases.iter().flatten().cloned().collect();
    loaded_releases::upsert(&transaction, &here).await?;
    transaction.commit().await?;
    Ok(Some(Written {
        releases,
        rows,
        credits,
    }))
}

/// Which releases are albums of their own: those that no album of ours can be, and none before them in the batch.
async fn find_places(client: &Client<'_>, batch: &[&Prepared]) -> Result<Vec<Place>, tokio_postgres::Error> {
    let records = batch.iter().map(|release| SourceRecord {
        source_id: &release.id,
        spotify_ids: &release.spotify_ids,
        upc: release.upc.as_ref(),
        total_tracks: release.total(),
    });
    let records: Vec<SourceRecord<'_>> = records.collect();
    let perhaps_here = alike_albums::list_matching_records(client, SOURCE, &records).await?;
    let mut barcodes = HashSet::new();
    let places = records.iter().enumerate().map(|(at, record)| {
        let barcode = record.upc.map(|upc| (upc, record.total_tracks));
        let is_first = barcode.is_none_or(|barcode| barcodes.insert(barcode));
        if is_first && !perhaps_here.contains(&at) {
            Place::Own
        } else {
            Place::Aside
        }
    });
    Ok(places.collect())
}

/// Calls artists who were here before what these releases call them.
async fn rename(
    client: &Client<'_>,
    batch: &[&Prepared],
    places: &[Place],
) -> Result<(), tokio_postgres::Error> {
    let own = batch.iter().zip(places);
    let own = own.filter(|(_, place)| **place == Place::Own);
    let named = own.flat_map(|(release, _)| release.named());
    let named: BTreeMap<&str, &str> = named.map(|(id, artist)| (id, artist.name.as_str())).collect();
    let (ids, names): (Vec<&str>, Vec<&str>) = named.into_iter().unzip();
    artists::rename_musicbrainz(client, &ids, &names).await.map(drop)
}
