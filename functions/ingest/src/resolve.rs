//! Resolves what a person asked for into a Spotify artist or album: by an artist name that only one artist
//! has, by an ISRC, by a UPC or by a track.

use chrono::{DateTime, Utc};
use shared::domain::albums::AlbumType;
use shared::domain::buckets::Bucket;
use shared::domain::ids::{Isrc, RequestedItem, SpotifyArtistId, SpotifyTrackId, Upc};
use shared::domain::messages::{Message, Outcome};
use shared::domain::names;
use shared::store::catalog::artists;
use shared::store::work::ingestions::TaskOutcome;
use shared::upstreams::spotify::{self, SimpleAlbum, Spotify, Track};
use shared::work::outbox::FinishedStep;

use crate::job::{Job, discard};

pub(crate) async fn handle(
    job: &Job<'_, Spotify>,
    item: &RequestedItem,
    appears_on: bool,
) -> anyhow::Result<Outcome> {
    let step = match item {
        RequestedItem::Artist(id) => FinishedStep::done(Utc::now(), vec![ingest_artist(id, appears_on)]),
        RequestedItem::Album(id) => {
            let spotify_album_id = id.clone();
            FinishedStep::done(Utc::now(), vec![Message::IngestAlbum { spotify_album_id }])
        }
        RequestedItem::Name(name) => resolve_name(job, name, appears_on).await?,
        RequestedItem::Track(id) => resolve_track(job, id).await?,
        RequestedItem::Isrc(isrc) => resolve_isrc(job, isrc).await?,
        RequestedItem::Upc(upc) => resolve_upc(job, upc).await?,
        RequestedItem::MusicBrainzArtist(_)
        | RequestedItem::Release(_)
        | RequestedItem::ReleaseGroup(_)
        | RequestedItem::Mbid(_) => return Ok(discard(&job.envelope.message)),
    };
    job.finish(&step).await
}

fn ingest_artist(id: &SpotifyArtistId, appears_on: bool) -> Message {
    Message::IngestArtist {
        spotify_artist_id: id.clone(),
        offset: 0,
        appears_on,
    }
}

/// Resolves an artist name among the stored artists, otherwise among Spotify's. If several artists have the
/// name, the person must choose: the first search result is never taken.
async fn resolve_name(job: &Job<'_, Spotify>, name: &str, appears_on: bool) -> anyhow::Result<FinishedStep> {
    let now = Utc::now();
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
        .request(Bucket::SpotifySearch, || job.upstream.search_artists(name))
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
        return FinishedStep::done(now, vec![ingest_artist(id, appears_on)]);
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

async fn resolve_track(job: &Job<'_, Spotify>, id: &SpotifyTrackId) -> anyhow::Result<FinishedStep> {
    let now = Utc::now();
    let track = job
        .request(Bucket::SpotifyTracks, || job.upstream.fetch_track(id))
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
async fn resolve_isrc(job: &Job<'_, Spotify>, isrc: &Isrc) -> anyhow::Result<FinishedStep> {
    let now = Utc::now();
    let tracks = job
        .request(Bucket::SpotifySearch, || job.upstream.search_tracks_by_isrc(isrc))
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

async fn resolve_upc(job: &Job<'_, Spotify>, upc: &Upc) -> anyhow::Result<FinishedStep> {
    let now = Utc::now();
    let mut album = None;
    for form in spotify::upc_forms(upc) {
        let albums = job
            .request(Bucket::SpotifySearch, || job.upstream.search_albums_by_upc(&form))
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
