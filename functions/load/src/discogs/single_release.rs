//! Writes and removes single releases, each in its own transaction and by the rules of an online import:
//! releases that may be an album of another source, changed releases, and releases that are gone. This is
//! slow, but never blocks others for long.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::Context as _;
use shared::catalog::album_import::{self, ArrivingAlbum, track_positions};
use shared::catalog::credit_matching::discogs::{credits_from_release, match_tracklist};
use shared::catalog::credit_matching::{self, SourceFindings};
use shared::domain::credits::{MatchMethod, Source};
use shared::domain::ids::{AlbumId, TrackId};
use shared::domain::titles;
use shared::platform::db::Client;
use shared::store::catalog::album_links;
use shared::store::catalog::tracks::Track;
use shared::store::catalog::{albums, pressings, stated_names, tracks};
use shared::store::credits::CreditRow;
use shared::store::credits::{self, track_producers};
use shared::store::loads::loaded_records::{self, LoadedRecord, LoadedRecordRow};
use shared::store::producers::statistics;

use crate::batch::prepared_album::release_record;
use crate::discogs::dump_release::DiscogsRelease;
use crate::discogs::placement::find_pressed_album;
use crate::removal::refresh_or_delete_album;

const SOURCE: Source = Source::Discogs;

/// Writes a release that may be a stored album. `before` is what an earlier load stored of it.
pub(crate) async fn write_release(
    transaction: &Client<'_>,
    release: &DiscogsRelease,
    before: Option<LoadedRecord>,
    load_id: i64,
) -> anyhow::Result<()> {
    let mut findings = SourceFindings::new(SOURCE);
    findings.credits.clone_from(&release.album.credits);
    // Done first, because only one transaction at a time creates producers: waiting for that must not hold
    // row locks.
    let identities = credit_matching::upsert_identities(transaction, &findings).await?;
    let known_album = find_album(transaction, release, before).await?;
    let mut arriving = ArrivingAlbum::from_discogs(&release.release, release.id());
    let mut renamed = BTreeSet::new();
    if let Some(album) = known_album {
        // The facts of a single release move to `pressings` before those of this release replace them.
        pressings::insert_single_records(transaction, &[album]).await?;
        let own = MatchMethod::Own;
        album_links::upsert(transaction, album, SOURCE, release.id(), own, 1.0).await?;
        let first = album_links::find_own(transaction, album, SOURCE).await?;
        if first.is_some_and(|first| first != release.id()) {
            arriving = arriving.without_details();
        }
        renamed = stated_names::list_contested_ids(transaction, SOURCE, release.id(), album).await?;
    }
    let album_id = album_import::write(transaction, release.id(), &arriving).await?;
    albums::lock(transaction, album_id).await?;
    let stored_tracks = tracks::list_by_album(transaction, album_id).await?;
    let places = match_tracks(release, &stored_tracks);
    let record = release_record(release.id());
    findings.credits = credits_from_release(&release.release, &record, &places, stored_tracks.len());
    let rows: Vec<CreditRow> = findings
        .credits
        .iter()
        .map(|credit| credit_matching::credit_row(credit, &stored_tracks, &identities))
        .collect();
    let records = [release.id().to_owned()];
    credits::replace(transaction, album_id, SOURCE, &records, &rows).await?;
    let all_tracks = tracks::list_known(transaction, &[album_id], &[]).await?;
    let all_tracks: Vec<TrackId> = all_tracks.iter().map(|track| track.id).collect();
    track_producers::refresh(transaction, &all_tracks).await?;
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
        .context("write the loaded record")?;
    pressings::replace(transaction, SOURCE, album_id, &release.album.pressing()).await?;
    pressings::refresh(transaction, &[album_id]).await?;
    renamed.extend(stated_names::list_contested_ids(transaction, SOURCE, release.id(), album_id).await?);
    stated_names::settle(transaction, SOURCE, &Vec::from_iter(renamed)).await?;
    Ok(())
}

/// The stored album of a release: the one it is a pressing of, otherwise the one it was before. If its
/// tracklist changed and the former album has other records, the release is removed from that album first.
async fn find_album(
    transaction: &Client<'_>,
    release: &DiscogsRelease,
    before: Option<LoadedRecord>,
) -> anyhow::Result<Option<AlbumId>> {
    let former_album = before.map(|before| before.album_id);
    if before.is_some_and(|before| before.tracklist_hash == release.tracklist_hash) {
        return Ok(former_album);
    }
    let pressed_album = find_pressed_album(transaction, release).await?;
    if let Some(former_album) = former_album
        && (pressed_album.is_some() || has_other_records(transaction, former_album, release.id()).await?)
    {
        remove_release(transaction, release.id(), former_album).await?;
        return Ok(pressed_album);
    }
    Ok(pressed_album.or(former_album))
}

/// The positions of the stored tracks in the release's tracklist, each with a score. Tracks with the same
/// song in the same position match exactly; the others are matched as by credit matching.
fn match_tracks(release: &DiscogsRelease, stored: &[Track]) -> BTreeMap<TrackId, (usize, f32)> {
    let by_position: HashMap<(i16, i32), (usize, &str)> = track_positions(&release.release)
        .into_iter()
        .zip(&release.album.tracks)
        .map(|((index, disc, number), (_, title))| ((disc, number), (index, title.key.as_str())))
        .collect();
    let exact: BTreeMap<TrackId, (usize, f32)> = stored
        .iter()
        .filter_map(|track| {
            let (index, key) = by_position.get(&(track.disc_number, track.track_number))?;
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

/// Whether an album has records other than this release.
async fn has_other_records(
    client: &Client<'_>,
    album: AlbumId,
    id: &str,
) -> Result<bool, tokio_postgres::Error> {
    for source in [SOURCE, Source::Spotify, Source::MusicBrainz] {
        let links = album_links::list(client, album, source).await?;
        if links.iter().any(|link| source != SOURCE || link != id) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Removes a release from its album: its credits, its link, and the album itself if no other record is that
/// album.
pub(crate) async fn remove_release(
    transaction: &Client<'_>,
    id: &str,
    album: AlbumId,
) -> Result<(), tokio_postgres::Error> {
    albums::lock(transaction, album).await?;
    let tracks = tracks::list_known(transaction, &[album], &[]).await?;
    let track_ids: Vec<TrackId> = tracks.iter().map(|track| track.id).collect();
    statistics::mark_stale_of_tracks(transaction, &track_ids).await?;
    let renamed = stated_names::list_contested_ids(transaction, SOURCE, id, album).await?;
    credits::replace(transaction, album, SOURCE, &[id.to_owned()], &[]).await?;
    loaded_records::detach(transaction, SOURCE, id, album).await?;
    refresh_or_delete_album(transaction, album, &track_ids).await?;
    pressings::refresh(transaction, &[album]).await?;
    stated_names::settle(transaction, SOURCE, &Vec::from_iter(renamed))
        .await
        .map(drop)
}
