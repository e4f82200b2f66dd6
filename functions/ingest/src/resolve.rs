//! Resolves what a person asked for into an artist or album. Spotify knows ISRCs, UPCs and its tracks; for
//! names see [`crate::resolve_name`], for MusicBrainz ids [`crate::resolve_mbid`].

use chrono::{DateTime, Utc};
use shared::domain::albums::AlbumType;
use shared::domain::buckets::Bucket;
use shared::domain::ids::{Isrc, RequestedItem, SpotifyTrackId, Upc};
use shared::domain::messages::{Message, Outcome};
use shared::upstreams::spotify::{SimpleAlbum, Track, upc_forms};
use shared::work::ingestion_requests::messages_for;
use shared::work::outbox::FinishedStep;

use crate::context::Job;
use crate::resolve_mbid::{resolve_mbid, resolve_release_group};
use crate::resolve_name::resolve_name;

pub(crate) async fn handle(job: &Job<'_>, item: &RequestedItem, appears_on: bool) -> anyhow::Result<Outcome> {
    let step = match item {
        RequestedItem::Name(name) => resolve_name(job, name, appears_on).await?,
        RequestedItem::Track(id) => resolve_track(job, id).await?,
        RequestedItem::Isrc(isrc) => resolve_isrc(job, isrc).await?,
        RequestedItem::Upc(upc) => resolve_upc(job, upc).await?,
        RequestedItem::ReleaseGroup(id) => resolve_release_group(job, id).await?,
        RequestedItem::Mbid(id) => resolve_mbid(job, id, appears_on).await?,
        RequestedItem::Artist(_)
        | RequestedItem::Album(_)
        | RequestedItem::MusicBrainzArtist(_)
        | RequestedItem::Release(_) => FinishedStep::done(job.budgets.now(), messages_for(item, appears_on)),
    };
    job.finish(&step).await
}

async fn resolve_track(job: &Job<'_>, id: &SpotifyTrackId) -> anyhow::Result<FinishedStep> {
    let (spotify, now) = (job.spotify()?, job.budgets.now());
    let track = job
        .budgets
        .spend(Bucket::SpotifyTracks, || spotify.fetch_track(id))
        .await?;
    let album = track.and_then(|track| track.album);
    Ok(album_step(now, album, || {
        format!("Spotify has no track {id}: copy the link of the track again")
    }))
}

fn album_step(now: DateTime<Utc>, album: Option<SimpleAlbum>, reason: impl Fn() -> String) -> FinishedStep {
    match album.map(|album| album.id) {
        Some(spotify_album_id) => FinishedStep::done(now, vec![Message::IngestAlbum { spotify_album_id }]),
        None => FinishedStep::failed(now, &reason()),
    }
}

/// Resolves a recording, which can be on many albums, into the earliest album that is not a compilation.
async fn resolve_isrc(job: &Job<'_>, isrc: &Isrc) -> anyhow::Result<FinishedStep> {
    let (spotify, now) = (job.spotify()?, job.budgets.now());
    let tracks = job
        .budgets
        .spend(Bucket::SpotifySearch, || spotify.search_tracks_by_isrc(isrc))
        .await?;
    let has_isrc = |track: &Track| track.isrc.as_ref().is_none_or(|found| found == isrc);
    let album = tracks
        .into_iter()
        .filter(has_isrc)
        .filter_map(|track| track.album)
        .min_by_key(|album| {
            (
                album.album_type == Some(AlbumType::Compilation),
                album.release_date.is_none(),
                album.release_date.map(|date| date.date),
                album.id.clone(),
            )
        });
    Ok(album_step(now, album, || {
        format!("Spotify has no recording {isrc}: give the link of the track or its album")
    }))
}

/// Resolves a barcode at Spotify, or at MusicBrainz if that alone is switched on.
async fn resolve_upc(job: &Job<'_>, upc: &Upc) -> anyhow::Result<FinishedStep> {
    if job.context.spotify.is_none() && job.context.musicbrainz.is_some() {
        return resolve_upc_at_musicbrainz(job, upc).await;
    }
    let (spotify, now) = (job.spotify()?, job.budgets.now());
    let mut album = None;
    for form in upc_forms(upc) {
        let albums = job
            .budgets
            .spend(Bucket::SpotifySearch, || spotify.search_albums_by_upc(&form))
            .await?;
        album = albums.into_iter().next();
        if album.is_some() {
            break;
        }
    }
    Ok(album_step(now, album, || {
        format!("Spotify has no album {upc}: give the link of the album")
    }))
}

/// Resolves a barcode into the earliest official release that has it.
async fn resolve_upc_at_musicbrainz(job: &Job<'_>, upc: &Upc) -> anyhow::Result<FinishedStep> {
    let (musicbrainz, now) = (job.musicbrainz()?, job.budgets.now());
    let found = job
        .budgets
        .spend(Bucket::MusicBrainz, || {
            musicbrainz.search_releases_by_barcode(upc)
        })
        .await?;
    let releases = found
        .into_iter()
        .filter(|release| release.barcode.as_ref() == Some(upc));
    let earliest = releases.min_by_key(|release| {
        let is_official = release.status.as_deref() == Some("Official");
        (
            !is_official,
            release.date.is_none(),
            release.date.clone(),
            release.id.clone(),
        )
    });
    Ok(match earliest {
        Some(release) => {
            let release_mbid = release.id;
            FinishedStep::done(now, vec![Message::IngestRelease { release_mbid }])
        }
        None => FinishedStep::failed(
            now,
            &format!("MusicBrainz has no release with the barcode {upc}: give the link of its page there"),
        ),
    })
}
