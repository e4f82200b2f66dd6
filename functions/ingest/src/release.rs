//! Imports a MusicBrainz release as an album. One request returns its tracks and its credits; both are
//! written.

use chrono::{DateTime, Utc};
use shared::catalog::album_import::{self, ArrivingAlbum};
use shared::catalog::identification;
use shared::domain::buckets::Bucket;
use shared::domain::credits::Source;
use shared::domain::ids::{AlbumId, ReleaseMbid};
use shared::domain::messages::{Message, Outcome};
use shared::store::catalog::album_links;
use shared::store::work::lookups::{self, Lookup, LookupOutcome};
use shared::store::work::outgoing_messages::OutgoingMessage;
use shared::upstreams::musicbrainz::Release;
use shared::work::outbox::{self, FinishedStep};

use crate::context::Job;

pub(crate) async fn handle(job: &Job<'_>, id: &ReleaseMbid) -> anyhow::Result<Outcome> {
    let musicbrainz = job.musicbrainz()?;
    let (fresh, known) = {
        let client = job.context.pool.client().await?;
        let fresh = job.find_fresh(&client, Source::MusicBrainz).await?;
        let known = album_links::find_album(&client, Source::MusicBrainz, id.as_str()).await?;
        (fresh, known)
    };
    if let Some(lookup) = fresh {
        return job.finish(&finished_step(&lookup, known)).await;
    }
    let now = job.budgets.now();
    let release = job
        .budgets
        .spend(Bucket::MusicBrainz, || musicbrainz.fetch_release(id))
        .await?;
    let Some(release) = release else {
        let reason = format!(
            "MusicBrainz has no release {id}: \
             copy the link of the page of an artist, release or release group again"
        );
        return fail(job, &reason, now).await;
    };
    let album = ArrivingAlbum::from_musicbrainz(&release);
    if let Some(reason) = rejection(id, &album) {
        return fail(job, &reason, now).await;
    }
    let (album_id, written) = write_album(job, id, &album, now).await?;
    write_credits(job, album_id, &release, now).await?;
    job.send(&written).await
}

/// Why a release cannot become an album; `None` if it can.
fn rejection(id: &ReleaseMbid, album: &ArrivingAlbum) -> Option<String> {
    if album.tracks.is_empty() {
        return Some(format!(
            "MusicBrainz lists no audio tracks on release {id}, only videos or nothing: \
             tracks can be added at https://musicbrainz.org/release/{id}"
        ));
    }
    album.first_artist().is_none().then(|| {
        format!(
            "MusicBrainz names no artist of release {id}: one can be added at \
             https://musicbrainz.org/release/{id}"
        )
    })
}

/// Stores the reason why there is no album, and finishes the message.
async fn fail(job: &Job<'_>, reason: &str, looked_up_at: DateTime<Utc>) -> anyhow::Result<Outcome> {
    let mut lookup = job.lookup(Source::MusicBrainz, LookupOutcome::NotFound, looked_up_at);
    lookup.answer = serde_json::json!({ "reason": reason });
    let step = finished_step(&lookup, None);
    job.fail(lookup, &step).await
}

/// Writes the album and its tracks, and finishes the message. Returns the follow-up messages to send.
async fn write_album(
    job: &Job<'_>,
    requested_id: &ReleaseMbid,
    album: &ArrivingAlbum,
    looked_up_at: DateTime<Utc>,
) -> anyhow::Result<(AlbumId, Vec<OutgoingMessage>)> {
    let mut client = job.context.pool.client().await?;
    let transaction = client.transaction().await?;
    let album_id = album_import::write(&transaction, requested_id.as_str(), album)
        .await?
        .id;
    let lookup = job.lookup(Source::MusicBrainz, LookupOutcome::Found, looked_up_at);
    let step = finished_step(&lookup, Some(album_id));
    lookups::upsert(&transaction, &[lookup]).await?;
    let written = outbox::finish(&transaction, job.envelope, &step).await?;
    transaction.commit().await?;
    Ok((album_id, written))
}

/// Writes the credits of the same response, so that they are not fetched again. This is a transaction of its
/// own, because only one transaction at a time creates producers. If it is not reached, the follow-up message
/// fetches the credits.
async fn write_credits(
    job: &Job<'_>,
    album_id: AlbumId,
    release: &Release,
    looked_up_at: DateTime<Utc>,
) -> anyhow::Result<()> {
    let mut client = job.context.pool.client().await?;
    let transaction = client.transaction().await?;
    let fetched_at = Some(looked_up_at);
    let written = identification::write_own_release(&transaction, album_id, release, fetched_at).await?;
    if written.is_some() {
        transaction.commit().await?;
    }
    Ok(())
}

/// The step that follows from the lookup of a release, whether it was made now or before.
fn finished_step(lookup: &Lookup, known: Option<AlbumId>) -> FinishedStep {
    match known.filter(|_| lookup.outcome == LookupOutcome::Found) {
        Some(album_id) => FinishedStep::done(lookup.looked_up_at, vec![Message::IdentifyAlbum { album_id }]),
        None => {
            let reason = lookup.answer["reason"].as_str();
            FinishedStep::failed(lookup.looked_up_at, reason.unwrap_or("the album was removed"))
        }
    }
}
