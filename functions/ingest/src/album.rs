//! An album of Spotify's with all its tracks, fetched whole, and the ISRCs of its tracks where they tell which album of ours it
//! is. How an album is written is in [`shared::catalog::album_import`], whatever
//! source it is from.

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

use crate::Work;

pub(crate) async fn handle(work: &Work<'_, Spotify>, id: &SpotifyAlbumId) -> anyhow::Result<Outcome> {
    let kind = work.envelope.message.kind();
    let (fresh, known) = {
        let client = work.context.pool.client().await?;
        let fresh = lookups::find_fresh(
            &client,
            Source::Spotify,
            kind,
            id.as_str(),
            work.envelope.fresh_after,
        )
        .await?;
        (
            fresh,
            album_links::find_album(&client, Source::Spotify, id.as_str()).await?,
        )
    };
    if let Some(lookup) = fresh {
        let known = known.filter(|_| lookup.outcome == LookupOutcome::Found);
        return work.finish(&finished(lookup.looked_up_at, id, known)).await;
    }

    let looked_up_at = Utc::now();
    let Some(album) = fetch(work, id).await? else {
        let lookup = Lookup::new(Source::Spotify, kind, id, LookupOutcome::NotFound, looked_up_at);
        {
            let client = work.context.pool.client().await?;
            lookups::upsert(&client, &[lookup]).await?;
        }
        return work.finish(&finished(looked_up_at, id, None)).await;
    };

    let isrcs = match known {
        Some(_) => BTreeMap::new(),
        None => fetch_isrcs(work, &album).await?,
    };
    let mut client = work.context.pool.client().await?;
    let transaction = client.transaction().await?;
    let envelope = work.envelope;
    let written = write(&transaction, envelope, id, &album, &isrcs, looked_up_at).await?;
    transaction.commit().await?;
    drop(client);
    work.context
        .queues
        .send_written(&work.context.pool, &written)
        .await?;
    Ok(Outcome::Done)
}

/// Writes an album as Spotify has it, with what comes next; the messages are to be sent after the commit. The same album
/// again changes nothing but the work tables. `asked_id` is the id it was asked by, which can be another than its own;
/// `isrcs` are those of its tracks that were asked for.
///
/// # Errors
/// The database's, and an album without any artist.
pub async fn write(
    transaction: &Client<'_>,
    envelope: &Envelope,
    asked_id: &SpotifyAlbumId,
    album: &Album,
    isrcs: &BTreeMap<SpotifyTrackId, Isrc>,
    looked_up_at: DateTime<Utc>,
) -> anyhow::Result<Vec<OutgoingMessage>> {
    let arriving = ArrivingAlbum::from_spotify(album).with_isrcs(isrcs);
    let album_id = album_import::write(transaction, asked_id.as_str(), &arriving).await?;
    let lookup = Lookup::new(
        Source::Spotify,
        envelope.message.kind(),
        asked_id,
        LookupOutcome::Found,
        looked_up_at,
    );
    lookups::upsert(transaction, &[lookup]).await?;
    let finished = finished(looked_up_at, asked_id, Some(album_id));
    Ok(outbox::finish(transaction, envelope, &finished).await?)
}

/// The album with all its pages of tracks.
async fn fetch(work: &Work<'_, Spotify>, id: &SpotifyAlbumId) -> anyhow::Result<Option<Album>> {
    let (budgets, deadline) = (&work.context.budgets, work.deadline);
    let bucket = Bucket::SpotifyAlbums;
    let fetched = budgets
        .spend(bucket, deadline, || work.source.fetch_album(id))
        .await?;
    let Some(mut album) = fetched else {
        return Ok(None);
    };
    while let Some(offset) = album.next_track_offset {
        let page = budgets
            .spend(bucket, deadline, || work.source.fetch_album_tracks(id, offset))
            .await?
            .with_context(|| format!("album {id} has no page of tracks at {offset}"))?;
        album.tracks.extend(page.tracks);
        album.next_track_offset = page.next_offset;
    }
    Ok(Some(album))
}

/// The ISRCs that tell whether the album is one that a dump brought, a request each; mostly none.
async fn fetch_isrcs(
    work: &Work<'_, Spotify>,
    album: &Album,
) -> anyhow::Result<BTreeMap<SpotifyTrackId, Isrc>> {
    let mut alike = {
        let client = work.context.pool.client().await?;
        IsrcCandidates::find(&client, album).await?
    };
    while let Some(id) = alike.next_track() {
        let (budgets, bucket) = (&work.context.budgets, Bucket::SpotifyTracks);
        let track = budgets
            .spend(bucket, work.deadline, || work.source.fetch_track(&id))
            .await?;
        alike.record_isrc(id, track.and_then(|track| track.isrc));
    }
    Ok(alike.into_isrcs())
}

fn finished(looked_up_at: DateTime<Utc>, id: &SpotifyAlbumId, known: Option<AlbumId>) -> FinishedStep {
    match known {
        Some(album_id) => FinishedStep::done(looked_up_at, vec![Message::IdentifyAlbum { album_id }]),
        None => FinishedStep::failed(
            looked_up_at,
            &format!("Spotify knows no album {id} in this market: check the link, or SPOTIFY_MARKET"),
        ),
    }
}
