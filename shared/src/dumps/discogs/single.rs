//! Releases that are decided one by one, in a transaction each and by the rules of what is asked for online: those that may
//! be an album another source brought in, that changed, or that are gone. It is slow, and waits for nobody for long.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::Context as _;

use super::SOURCE;
use super::dumped::Dumped;
use super::places;
use crate::arriving::{self, ArrivingAlbum, track_positions};
use crate::credits::{MatchMethod, Source};
use crate::db::Client;
use crate::dumps::batch::prepared::record;
use crate::dumps::removal::refresh_or_delete_album;
use crate::identifying::discogs::{credits_from_release, match_tracklist as places_online};
use crate::identifying::{self, SourceFindings};
use crate::ids::{AlbumId, TrackId};
use crate::store::credits::CreditRow;
use crate::store::loaded_records::{self, LoadedRecord, LoadedRecordRow};
use crate::store::tracks::Track;
use crate::store::{albums, credits, pressings, stated_names, statistics, track_producers, tracks};
use crate::titles;

/// Writes a release that may be an album of ours already, or was it when it was loaded `before`.
///
/// # Errors
/// The database's.
pub(super) async fn write(
    transaction: &Client<'_>,
    release: &Dumped,
    before: Option<LoadedRecord>,
    load_id: i64,
) -> anyhow::Result<()> {
    let mut found = SourceFindings::new(SOURCE);
    found.credits.clone_from(&release.album.claims);
    // First, because new producers are made by one transaction at a time.
    let identities = identifying::upsert_identities(transaction, &found).await?;
    let mut known = before.map(|before| before.album_id);
    if before.is_none_or(|before| before.tracklist_hash != release.tracklist_hash) {
        let pressed = places::pressed_album(transaction, release).await?;
        if let Some(before) = before
            && (pressed.is_some() || is_shared(transaction, before.album_id, release.id()).await?)
        {
            // It is that album no more.
            detach(transaction, release.id(), before.album_id).await?;
            known = None;
        }
        known = pressed.or(known);
    }
    let mut arriving = ArrivingAlbum::from_discogs(&release.release, release.id());
    if let Some(album) = known {
        // What its other records say is kept before this one says otherwise.
        pressings::insert_single_records(transaction, &[album]).await?;
        let own = MatchMethod::Own;
        albums::upsert_link(transaction, album, SOURCE, release.id(), own, 1.0).await?;
        let first = albums::find_own(transaction, album, SOURCE).await?;
        if first.is_some_and(|first| first != release.id()) {
            arriving = arriving.without_details();
        }
    }
    let mut named = BTreeSet::new();
    if let Some(album) = known {
        named = stated_names::list_contested_ids(transaction, SOURCE, release.id(), album).await?;
    }
    let album_id = arriving::write(transaction, release.id(), &arriving).await?;
    albums::lock(transaction, album_id).await?;
    let ours = tracks::list_by_album(transaction, album_id).await?;
    let places = places_of(release, &ours);
    found.credits = credits_from_release(&release.release, &record(release.id()), &places, ours.len());
    let claims: Vec<CreditRow> = found
        .credits
        .iter()
        .map(|stated| identifying::credit_row(stated, &ours, &identities))
        .collect();
    let records = [release.id().to_owned()];
    credits::replace(transaction, album_id, SOURCE, &records, &claims).await?;
    let every = tracks::list_known(transaction, &[album_id], &[]).await?;
    let every: Vec<TrackId> = every.iter().map(|track| track.id).collect();
    track_producers::refresh(transaction, &every).await?;
    let record = LoadedRecordRow {
        source_id: release.id(),
        loaded: LoadedRecord {
            content_hash: release.content_hash,
            album_id,
            tracklist_hash: release.tracklist_hash,
        },
        master_id: release.release.master_id,
        load_id,
    };
    loaded_records::upsert(transaction, SOURCE, &record)
        .await
        .context("keep the release")?;
    pressings::replace(transaction, SOURCE, album_id, &release.album.pressing()).await?;
    pressings::refresh(transaction, &[album_id]).await?;
    named.extend(stated_names::list_contested_ids(transaction, SOURCE, release.id(), album_id).await?);
    stated_names::settle(transaction, SOURCE, &Vec::from_iter(named)).await?;
    Ok(())
}

/// Where our tracks stand in the tracklist: the same song in the same place is the same; the rest is told as online.
fn places_of(release: &Dumped, ours: &[Track]) -> BTreeMap<TrackId, (usize, f32)> {
    let by_place: HashMap<(i16, i32), (usize, &str)> = track_positions(&release.release)
        .into_iter()
        .zip(&release.album.tracks)
        .map(|((index, disc, number), (_, title))| ((disc, number), (index, title.key.as_str())))
        .collect();
    let same: BTreeMap<TrackId, (usize, f32)> = ours
        .iter()
        .filter_map(|track| {
            let (index, key) = by_place.get(&(track.disc_number, track.track_number))?;
            (titles::read(&track.name).key == *key).then_some((track.id, (*index, 1.0)))
        })
        .collect();
    if same.len() == ours.len() {
        return same;
    }
    let mut found = places_online(&release.release, ours);
    found.retain(|id, (index, _)| !same.contains_key(id) && !same.values().any(|(taken, _)| taken == index));
    found.extend(same);
    found
}

/// Whether an album is also another record than this release.
async fn is_shared(client: &Client<'_>, album: AlbumId, id: &str) -> Result<bool, tokio_postgres::Error> {
    for source in [SOURCE, Source::Spotify, Source::MusicBrainz] {
        let links = albums::list_links(client, album, source).await?;
        if links.iter().any(|link| source != SOURCE || link != id) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Takes a release off the album that it was: its claims, its link, and the album where nobody else knows it.
///
/// # Errors
/// The database's.
pub(super) async fn detach(
    transaction: &Client<'_>,
    id: &str,
    album: AlbumId,
) -> Result<(), tokio_postgres::Error> {
    albums::lock(transaction, album).await?;
    let known = tracks::list_known(transaction, &[album], &[]).await?;
    let ids: Vec<TrackId> = known.iter().map(|track| track.id).collect();
    statistics::mark_stale_of_tracks(transaction, &ids).await?;
    let named = stated_names::list_contested_ids(transaction, SOURCE, id, album).await?;
    credits::replace(transaction, album, SOURCE, &[id.to_owned()], &[]).await?;
    loaded_records::detach(transaction, SOURCE, id, album).await?;
    refresh_or_delete_album(transaction, album, &ids).await?;
    pressings::refresh(transaction, &[album]).await?;
    stated_names::settle(transaction, SOURCE, &Vec::from_iter(named))
        .await
        .map(drop)
}
