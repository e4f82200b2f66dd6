//! Resolves what a person asked for into an artist or album. Spotify knows artist names, ISRCs, UPCs and its
//! tracks; for MusicBrainz ids see [`crate::resolve_mbid`].

use chrono::{DateTime, Utc};
use shared::domain::albums::AlbumType;
use shared::domain::buckets::Bucket;
use shared::domain::ids::{Isrc, RequestedItem, SpotifyArtistId, SpotifyTrackId, Upc};
use shared::domain::messages::{Message, Outcome};
use shared::domain::names;
use shared::store::catalog::artists;
use shared::store::work::ingestions::TaskOutcome;
use shared::upstreams::spotify::{SimpleAlbum, Track, upc_forms};
use shared::work::ingestion_requests::messages_for;
use shared::work::outbox::FinishedStep;

use crate::context::Job;
use crate::resolve_mbid::{resolve_mbid, resolve_release_group};

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
        | RequestedItem::Release(_) => FinishedStep::done(Utc::now(), messages_for(item, appears_on)),
    };
    job.finish(&step).await
}

/// Resolves an artist name among the stored artists, otherwise among Spotify's. If several artists have the
/// name, the person must choose: the first search result is never taken.
async fn resolve_name(job: &Job<'_>, name: &str, appears_on: bool) -> anyhow::Result<FinishedStep> {
    let (spotify, now) = (job.spotify()?, Utc::now());
    let stored = {
        let client = job.context.pool.client().await?;
        artists::list_named(&client, name).await?
    };
    if !stored.is_empty() {
        let candidates = stored
            .iter()
            .map(|artist| (&artist.spotify_artist_id, artist.name.as_str(), &[][..]))
            .collect();
        return Ok(one_artist(now, name, candidates, appears_on));
    }
    let hits = job
        .budgets
        .spend(Bucket::SpotifySearch, || spotify.search_artists(name))
        .await?;
    let same: Vec<_> = hits
        .iter()
        .filter(|hit| names::is_same_name(&hit.name, name))
        .map(|hit| (&hit.id, hit.name.as_str(), hit.genres.as_slice()))
        .collect();
    if same.is_empty() {
        let nearest: Vec<&str> = hits.iter().take(3).map(|hit| hit.name.as_str()).collect();
        let nearest = if nearest.is_empty() {
            String::new()
        } else {
            format!(" (nearest: {})", nearest.join(", "))
        };
        return Ok(FinishedStep::failed(
            now,
            &format!("Spotify has no artist named {name}{nearest}: give the link of the artist's page"),
        ));
    }
    Ok(one_artist(now, name, same, appears_on))
}

/// Continues with the only candidate, or ends as ambiguous with the list of candidates.
fn one_artist(
    now: DateTime<Utc>,
    name: &str,
    candidates: Vec<(&SpotifyArtistId, &str, &[String])>,
    appears_on: bool,
) -> FinishedStep {
    if let [(id, _, _)] = candidates[..] {
        let artist = RequestedItem::Artist(id.clone());
        return FinishedStep::done(now, messages_for(&artist, appears_on));
    }
    let candidates: Vec<_> = candidates
        .iter()
        .map(|(id, name, genres)| {
            let url = format!("https://open.spotify.com/artist/{id}");
            serde_json::json!({ "spotify_artist_id": id, "name": name, "genres": genres, "url": url })
        })
        .collect();
    let reason = format!(
        "{} artists are named {name}: give the id or link of the one you mean",
        candidates.len()
    );
    FinishedStep {
        outcome: TaskOutcome::Ambiguous,
        detail: serde_json::json!({ "reason": reason, "candidates": candidates }),
        looked_up_at: now,
        follow_ups: Vec::new(),
    }
}

async fn resolve_track(job: &Job<'_>, id: &SpotifyTrackId) -> anyhow::Result<FinishedStep> {
    let (spotify, now) = (job.spotify()?, Utc::now());
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
    let (spotify, now) = (job.spotify()?, Utc::now());
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

async fn resolve_upc(job: &Job<'_>, upc: &Upc) -> anyhow::Result<FinishedStep> {
    let (spotify, now) = (job.spotify()?, Utc::now());
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
