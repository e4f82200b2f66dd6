//! Imports a Spotify album with all its tracks. The ISRCs of its tracks are fetched only if they decide which
//! known album it is.

use std::collections::BTreeMap;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use shared::catalog::album_import::{self, ArrivingAlbum, IsrcCandidates};
use shared::domain::buckets::Bucket;
use shared::domain::credits::Source;
use shared::domain::ids::{AlbumId, Isrc, SpotifyAlbumId, SpotifyTrackId};
use shared::domain::messages::{Envelope, Message, Outcome};
use shared::platform::db::Client;
use shared::store::catalog::album_links;
use shared::store::work::lookups::{self, Lookup, LookupOutcome};
use shared::store::work::outgoing_messages::OutgoingMessage;
use shared::upstreams::spotify::{Album, Spotify};
use shared::work::outbox::{self, FinishedStep};

use crate::context::Job;

pub(crate) async fn handle(job: &Job<'_>, id: &SpotifyAlbumId) -> anyhow::Result<Outcome> {
    let spotify = job.spotify()?;
    let (fresh, known) = {
        let client = job.context.pool.client().await?;
        let fresh = job.find_fresh(&client, Source::Spotify).await?;
        let known = album_links::find_album(&client, Source::Spotify, id.as_str()).await?;
        (fresh, known)
    };
    if let Some(lookup) = fresh {
        let known = known.filter(|_| lookup.outcome == LookupOutcome::Found);
        return job.finish(&finished_step(lookup.looked_up_at, id, known)).await;
    }

    let looked_up_at = job.budgets.now();
    let Some(album) = fetch_album(job, spotify, id).await? else {
        let lookup = job.lookup(Source::Spotify, LookupOutcome::NotFound, looked_up_at);
        return job.fail(lookup, &finished_step(looked_up_at, id, None)).await;
    };

    let isrcs = match known {
        Some(_) => BTreeMap::new(),
        None => fetch_isrcs(job, spotify, &album).await?,
    };
    let mut client = job.context.pool.client().await?;
    let transaction = client.transaction().await?;
    let written = write(&transaction, job.envelope, id, &album, &isrcs, looked_up_at).await?;
    transaction.commit().await?;
    drop(client);
    job.send(&written).await
}

/// Writes a Spotify album and finishes its message. Returns the follow-up messages, which must be sent after
/// the commit. An unchanged album changes only the work tables. `requested_id` is the id that was asked for,
/// which can differ from the album's own id. `isrcs` are the fetched ISRCs of its tracks.
///
/// # Errors
/// Fails if neither the album nor a track names an artist with an id.
pub async fn write(
    transaction: &Client<'_>,
    envelope: &Envelope,
    requested_id: &SpotifyAlbumId,
    album: &Album,
    isrcs: &BTreeMap<SpotifyTrackId, Isrc>,
    looked_up_at: DateTime<Utc>,
) -> anyhow::Result<Vec<OutgoingMessage>> {
    let arriving = ArrivingAlbum::from_spotify(album, isrcs);
    let album_id = album_import::write(transaction, requested_id.as_str(), &arriving)
        .await?
        .id;
    let kind = envelope.message.kind();
    let outcome = LookupOutcome::Found;
    let lookup = Lookup::new(Source::Spotify, kind, requested_id, outcome, looked_up_at);
    lookups::upsert(transaction, &[lookup]).await?;
    let step = finished_step(looked_up_at, requested_id, Some(album_id));
    Ok(outbox::finish(transaction, envelope, &step).await?)
}

/// Fetches the album with all pages of its tracks.
async fn fetch_album(job: &Job<'_>, spotify: &Spotify, id: &SpotifyAlbumId) -> anyhow::Result<Option<Album>> {
    let bucket = Bucket::SpotifyAlbums;
    let fetched = job.budgets.spend(bucket, || spotify.fetch_album(id)).await?;
    let Some(mut album) = fetched else {
        return Ok(None);
    };
    while let Some(offset) = album.next_track_offset {
        let page = job
            .budgets
            .spend(bucket, || spotify.fetch_album_tracks(id, offset))
            .await?
            .with_context(|| format!("album {id} has no page of tracks at offset {offset}"))?;
        album.tracks.extend(page.tracks);
        album.next_track_offset = page.next_offset;
    }
    Ok(Some(album))
}

/// Fetches the ISRCs that decide whether the album is one from a dump, one request each. Mostly there are
/// none.
async fn fetch_isrcs(
    job: &Job<'_>,
    spotify: &Spotify,
    album: &Album,
) -> anyhow::Result<BTreeMap<SpotifyTrackId, Isrc>> {
    let mut candidates = {
        let client = job.context.pool.client().await?;
        IsrcCandidates::find(&client, album).await?
    };
    while let Some(id) = candidates.next_track() {
        let track = job
            .budgets
            .spend(Bucket::SpotifyTracks, || spotify.fetch_track(&id))
            .await?;
        candidates.record_isrc(id, track.and_then(|track| track.isrc));
    }
    Ok(candidates.into_isrcs())
}

fn finished_step(looked_up_at: DateTime<Utc>, id: &SpotifyAlbumId, known: Option<AlbumId>) -> FinishedStep {
    match known {
        Some(album_id) => FinishedStep::done(looked_up_at, vec![Message::IdentifyAlbum { album_id }]),
        None => FinishedStep::failed(
            looked_up_at,
            &format!("Spotify has no album {id} in this market: check the link or SPOTIFY_MARKET"),
        ),
    }
}
