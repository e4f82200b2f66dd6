//! Writes single releases, each in its own transaction and by the code of an online import: releases that
//! change a stored album, and changed releases. This is slow, but never blocks others for long.

use std::collections::{BTreeMap, HashMap};

use anyhow::Context as _;
use shared::catalog::album_import::{self, track_positions};
use shared::catalog::credit_matching;
use shared::catalog::credit_matching::discogs::{credits_from_release, match_tracklist};
use shared::catalog::identification;
use shared::domain::credits::Source;
use shared::domain::ids::TrackId;
use shared::domain::titles;
use shared::platform::db::{Client, Pool};
use shared::store::catalog::tracks::Track;
use shared::store::catalog::{albums, pressings, stated_names, tracks};
use shared::store::credits::track_producers;
use shared::store::loads::loaded_records;

use crate::batch::dumped_album::release_record;
use crate::discogs::dump_release::DiscogsRelease;
use crate::removal::detach_record;

const SOURCE: Source = Source::Discogs;

/// Writes a release that changes a stored album, or that an earlier load stored.
pub(crate) async fn write_release(pool: &Pool, release: &DiscogsRelease, load_id: i64) -> anyhow::Result<()> {
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
    let written = album_import::write(transaction, id, &dumped.album).await?;
    if let Some(former) = written.former_album {
        detach_record(transaction, SOURCE, id, former).await?;
    }
    albums::lock(transaction, written.id).await?;
    let stored = tracks::list_by_album(transaction, written.id).await?;
    let places = match_tracks(release, &stored);
    let matched = credits_from_release(&release.release, &release_record(id), &places, stored.len());
    let track_places: Vec<_> = stored.iter().map(Track::place).collect();
    let plan = credit_matching::plan(&matched, &track_places);
    let records = [id.to_owned()];
    identification::replace_credits(transaction, written.id, SOURCE, &records, &plan, &identities).await?;
    track_producers::refresh(transaction, &tracks::list_ids(transaction, written.id).await?).await?;
    loaded_records::upsert(transaction, SOURCE, &release.loaded_record(written.id, load_id))
        .await
        .context("write the loaded record")?;
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
