//! Imports a MusicBrainz release as an album. One request returns its tracks and its credits; both are
//! written.

use chrono::{DateTime, Utc};
use shared::catalog::album_import::{self, ArrivingAlbum};
use shared::catalog::credit_matching::{self, AlbumSnapshot, musicbrainz};
use shared::domain::buckets::Bucket;
use shared::domain::credits::Source;
use shared::domain::ids::{AlbumId, ReleaseMbid};
use shared::domain::messages::{Message, Outcome};
use shared::store::catalog::album_links;
use shared::store::work::lookups::{self, Lookup, LookupOutcome};
use shared::store::work::outgoing_messages::OutgoingMessage;
use shared::upstreams::musicbrainz::{MusicBrainz, Release};
use shared::work::outbox::{self, FinishedStep};

use crate::job::Job;

pub(crate) async fn handle(job: &Job<'_, MusicBrainz>, id: &ReleaseMbid) -> anyhow::Result<Outcome> {
    let (fresh, known) = {
        let client = job.context.pool.client().await?;
        let (kind, after) = (job.envelope.message.kind(), job.envelope.fresh_after);
        let fresh = lookups::find_fresh(&client, Source::MusicBrainz, kind, id.as_str(), after).await?;
        let known = album_links::find_album(&client, Source::MusicBrainz, id.as_str()).await?;
        (fresh, known)
    };
    if let Some(lookup) = fresh {
        return job.finish(&finished_step(&lookup, known)).await;
    }
    let now = Utc::now();
    let release = job
        .request(Bucket::MusicBrainz, || job.upstream.fetch_release(id))
        .await?;
    let Some(release) = release else {
        let reason = format!(
            "MusicBrainz has no release {id}: \
             copy the link of the page of an artist, release or release group again"
        );
        return fail(job, id, &reason, now).await;
    };
    let album = ArrivingAlbum::from_musicbrainz(&release);
    if let Some(reason) = rejection(id, &album) {
        return fail(job, id, &reason, now).await;
    }
    let (album_id, written) = write_album(job, id, &album, now).await?;
    write_credits(job, album_id, &release, now).await?;
    let queues = &job.context.queues;
    queues.send_written(&job.context.pool, &written).await?;
    Ok(Outcome::Done)
}

/// Why a release cannot become an album; `None` if it can.
fn rejection(id: &ReleaseMbid, album: &ArrivingAlbum<'_>) -> Option<String> {
    if album.has_no_tracks() {
        return Some(format!(
            "MusicBrainz lists no audio tracks on release {id}, only videos or nothing: \
             tracks can be added at https://musicbrainz.org/release/{id}"
        ));
    }
    album.has_no_artist().then(|| {
        format!(
            "MusicBrainz names no artist of release {id}: one can be added at \
             https://musicbrainz.org/release/{id}"
        )
    })
}

/// Stores the reason why there is no album, so that a repeated request needs no call.
async fn fail(
    job: &Job<'_, MusicBrainz>,
    id: &ReleaseMbid,
    reason: &str,
    looked_up_at: DateTime<Utc>,
) -> anyhow::Result<Outcome> {
    let mut lookup = release_lookup(job, id, LookupOutcome::NotFound, looked_up_at);
    lookup.answer = serde_json::json!({ "reason": reason });
    {
        let client = job.context.pool.client().await?;
        lookups::upsert(&client, std::slice::from_ref(&lookup)).await?;
    }
    job.finish(&finished_step(&lookup, None)).await
}

fn release_lookup(
    job: &Job<'_, MusicBrainz>,
    id: &ReleaseMbid,
    outcome: LookupOutcome,
    looked_up_at: DateTime<Utc>,
) -> Lookup {
    let kind = job.envelope.message.kind();
    Lookup::new(Source::MusicBrainz, kind, id, outcome, looked_up_at)
}

/// Writes the album and its tracks, and finishes the message. Returns the follow-up messages to send.
async fn write_album(
    job: &Job<'_, MusicBrainz>,
    requested_id: &ReleaseMbid,
    album: &ArrivingAlbum<'_>,
    looked_up_at: DateTime<Utc>,
) -> anyhow::Result<(AlbumId, Vec<OutgoingMessage>)> {
    let mut client = job.context.pool.client().await?;
    let transaction = client.transaction().await?;
    let album_id = album_import::write(&transaction, requested_id.as_str(), album).await?;
    let lookup = release_lookup(job, requested_id, LookupOutcome::Found, looked_up_at);
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
    job: &Job<'_, MusicBrainz>,
    album_id: AlbumId,
    release: &Release,
    looked_up_at: DateTime<Utc>,
) -> anyhow::Result<()> {
    let mut client = job.context.pool.client().await?;
    let transaction = client.transaction().await?;
    let own = musicbrainz::findings_from_own_release(&transaction, album_id, release, looked_up_at).await?;
    let Some(own) = own else { return Ok(()) };
    let snapshot = AlbumSnapshot {
        album: &own.album,
        tracks: &own.tracks,
        own_release: Some(&release.id),
    };
    let written = credit_matching::write(&transaction, &snapshot, &[], &[own.findings]).await?;
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
