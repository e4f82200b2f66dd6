//! From what a person asked for to an artist or an album: by a name that means one artist only, by the record of an
//! ISRC, a UPC or a track.

use chrono::Utc;
use shared::domain::albums::AlbumType;
use shared::domain::buckets::Bucket;
use shared::domain::ids::{Isrc, RequestedItem, SpotifyArtistId, SpotifyTrackId, Upc};
use shared::domain::messages::{Message, Outcome};
use shared::domain::names;
use shared::store::catalog::artists;
use shared::store::work::ingestions::TaskOutcome;
use shared::upstreams::spotify::{self, SimpleAlbum, Spotify, Track};
use shared::work::outbox::FinishedStep;

use crate::{Work, not_ours};

pub(crate) async fn handle(
    work: &Work<'_, Spotify>,
    what: &RequestedItem,
    appears_on: bool,
) -> anyhow::Result<Outcome> {
    let finished = match what {
        RequestedItem::Artist(id) => FinishedStep::done(Utc::now(), vec![artist(id, appears_on)]),
        RequestedItem::Album(id) => FinishedStep::done(
            Utc::now(),
            vec![Message::IngestAlbum {
                spotify_album_id: id.clone(),
            }],
        ),
        RequestedItem::Name(name) => by_name(work, name, appears_on).await?,
        RequestedItem::Track(id) => by_track(work, id).await?,
        RequestedItem::Isrc(isrc) => by_isrc(work, isrc).await?,
        RequestedItem::Upc(upc) => by_upc(work, upc).await?,
        RequestedItem::MusicBrainzArtist(_)
        | RequestedItem::Release(_)
        | RequestedItem::ReleaseGroup(_)
        | RequestedItem::Mbid(_) => {
            return Ok(not_ours(&work.envelope.message));
        }
    };
    work.finish(&finished).await
}

fn artist(id: &SpotifyArtistId, appears_on: bool) -> Message {
    Message::IngestArtist {
        spotify_artist_id: id.clone(),
        offset: 0,
        appears_on,
    }
}

/// One artist of that name among ours, else among Spotify's; several are left to the person, never the first hit.
async fn by_name(work: &Work<'_, Spotify>, name: &str, appears_on: bool) -> anyhow::Result<FinishedStep> {
    let now = Utc::now();
    let ours = {
        let client = work.context.pool.client().await?;
        artists::list_named(&client, name).await?
    };
    if !ours.is_empty() {
        let candidates = ours
            .iter()
            .map(|artist| (&artist.spotify_artist_id, artist.name.as_str(), &[][..]))
            .collect();
        return Ok(one_of(now, name, candidates, appears_on));
    }
    let hits = work
        .context
        .budgets
        .spend(Bucket::SpotifySearch, work.deadline, || {
            work.source.search_artists(name)
        })
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
            &format!("Spotify knows no artist named {name}{nearest}: give the link of the artist's page"),
        ));
    }
    Ok(one_of(now, name, same, appears_on))
}

fn one_of(
    now: chrono::DateTime<Utc>,
    name: &str,
    candidates: Vec<(&SpotifyArtistId, &str, &[String])>,
    appears_on: bool,
) -> FinishedStep {
    if let [(id, _, _)] = candidates[..] {
        return FinishedStep::done(now, vec![artist(id, appears_on)]);
    }
    let candidates: Vec<_> = candidates
        .iter()
        .map(|(id, name, genres)| serde_json::json!({ "spotify_artist_id": id, "name": name, "genres": genres, "url": format!("https://open.spotify.com/artist/{id}") }))
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

async fn by_track(work: &Work<'_, Spotify>, id: &SpotifyTrackId) -> anyhow::Result<FinishedStep> {
    let now = Utc::now();
    let track = work
        .context
        .budgets
        .spend(Bucket::SpotifyTracks, work.deadline, || {
            work.source.fetch_track(id)
        })
        .await?;
    Ok(match track.and_then(|track| track.album) {
        Some(album) => album_found(now, album),
        None => FinishedStep::failed(
            now,
            &format!("Spotify knows no track {id}: copy the link of the track anew"),
        ),
    })
}

fn album_found(now: chrono::DateTime<Utc>, album: SimpleAlbum) -> FinishedStep {
    let spotify_album_id = album.id;
    FinishedStep::done(now, vec![Message::IngestAlbum { spotify_album_id }])
}

/// One recording is on many albums; the earliest that is no compilation is where it belongs.
async fn by_isrc(work: &Work<'_, Spotify>, isrc: &Isrc) -> anyhow::Result<FinishedStep> {
    let now = Utc::now();
    let tracks = work
        .context
        .budgets
        .spend(Bucket::SpotifySearch, work.deadline, || {
            work.source.search_tracks_by_isrc(isrc)
        })
        .await?;
    let is_it = |track: &Track| track.isrc.as_ref().is_none_or(|found| found == isrc);
    let album = tracks
        .into_iter()
        .filter(is_it)
        .filter_map(|track| track.album)
        .min_by_key(|album| {
            (
                album.album_type == Some(AlbumType::Compilation),
                album.release_date.is_none(),
                album.release_date.map(|date| date.date),
                album.id.clone(),
            )
        });
    Ok(match album {
        Some(album) => album_found(now, album),
        None => FinishedStep::failed(
            now,
            &format!("Spotify knows no recording {isrc}: give the link of the track or its album"),
        ),
    })
}

async fn by_upc(work: &Work<'_, Spotify>, upc: &Upc) -> anyhow::Result<FinishedStep> {
    let now = Utc::now();
    for form in spotify::upc_forms(upc) {
        let albums = work
            .context
            .budgets
            .spend(Bucket::SpotifySearch, work.deadline, || {
                work.source.search_albums_by_upc(&form)
            })
            .await?;
        if let Some(album) = albums.into_iter().next() {
            return Ok(album_found(now, album));
        }
    }
    Ok(FinishedStep::failed(
        now,
        &format!("Spotify knows no album {upc}: give the link of the album"),
    ))
}
