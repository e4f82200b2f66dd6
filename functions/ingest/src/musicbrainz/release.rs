//! A release of MusicBrainz's as an album: one call tells the tracks and who produced them, and both are kept.

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

use crate::Work;

pub(crate) async fn handle(work: &Work<'_, MusicBrainz>, id: &ReleaseMbid) -> anyhow::Result<Outcome> {
    let (fresh, known) = {
        let client = work.context.pool.client().await?;
        let kind = work.envelope.message.kind();
        let after = work.envelope.fresh_after;
        let fresh = lookups::find_fresh(&client, Source::MusicBrainz, kind, id.as_str(), after).await?;
        let known = album_links::find_album(&client, Source::MusicBrainz, id.as_str()).await?;
        (fresh, known)
    };
    if let Some(lookup) = fresh {
        return work.finish(&finished(&lookup, known)).await;
    }
    let now = Utc::now();
    let budgets = &work.context.budgets;
    let release = budgets
        .spend(Bucket::MusicBrainz, work.deadline, || {
            work.source.fetch_release(id)
        })
        .await?;
    let Some(release) = release else {
        let reason = format!(
            "MusicBrainz knows no release {id}: copy the link of the page of an artist, release or release group anew"
        );
        return fail(work, id, &reason, now).await;
    };
    let album = ArrivingAlbum::from_musicbrainz(&release);
    if let Some(reason) = objection(id, &album) {
        return fail(work, id, &reason, now).await;
    }
    let (album_id, written) = keep(work, id, &album, now).await?;
    identify(work, album_id, &release, now).await?;
    let queues = &work.context.queues;
    queues.send_written(&work.context.pool, &written).await?;
    Ok(Outcome::Done)
}

/// Why a release is no album.
fn objection(id: &ReleaseMbid, album: &ArrivingAlbum<'_>) -> Option<String> {
    if album.has_no_tracks() {
        return Some(format!(
            "MusicBrainz lists nothing to be heard on release {id}, only videos or no tracks yet: they can be added at https://musicbrainz.org/release/{id}"
        ));
    }
    album.has_no_artist().then(|| {
        format!("MusicBrainz names no artist of release {id}: one can be added at https://musicbrainz.org/release/{id}")
    })
}

/// Keeps why there is no album, so that it is known when it is asked for again.
async fn fail(
    work: &Work<'_, MusicBrainz>,
    id: &ReleaseMbid,
    reason: &str,
    looked_up_at: DateTime<Utc>,
) -> anyhow::Result<Outcome> {
    let mut lookup = lookup(work, id, LookupOutcome::NotFound, looked_up_at);
    lookup.answer = serde_json::json!({ "reason": reason });
    {
        let client = work.context.pool.client().await?;
        lookups::upsert(&client, std::slice::from_ref(&lookup)).await?;
    }
    work.finish(&finished(&lookup, None)).await
}

fn lookup(
    work: &Work<'_, MusicBrainz>,
    id: &ReleaseMbid,
    outcome: LookupOutcome,
    looked_up_at: DateTime<Utc>,
) -> Lookup {
    let kind = work.envelope.message.kind();
    Lookup::new(Source::MusicBrainz, kind, id, outcome, looked_up_at)
}

/// Keeps the album and its tracks, with what comes next.
async fn keep(
    work: &Work<'_, MusicBrainz>,
    asked_id: &ReleaseMbid,
    album: &ArrivingAlbum<'_>,
    looked_up_at: DateTime<Utc>,
) -> anyhow::Result<(AlbumId, Vec<OutgoingMessage>)> {
    let mut client = work.context.pool.client().await?;
    let transaction = client.transaction().await?;
    let album_id = album_import::write(&transaction, asked_id.as_str(), album).await?;
    let lookup = lookup(work, asked_id, LookupOutcome::Found, looked_up_at);
    let finished = finished(&lookup, Some(album_id));
    lookups::upsert(&transaction, &[lookup]).await?;
    let written = outbox::finish(&transaction, work.envelope, &finished).await?;
    transaction.commit().await?;
    Ok((album_id, written))
}

/// Keeps the credits that the same answer tells, so that nobody asks for them again. In a transaction of its own, as new
/// producers are made by one at a time; what it does not come to is asked for by the message that comes next.
async fn identify(
    work: &Work<'_, MusicBrainz>,
    album_id: AlbumId,
    release: &Release,
    looked_up_at: DateTime<Utc>,
) -> anyhow::Result<()> {
    let mut client = work.context.pool.client().await?;
    let transaction = client.transaction().await?;
    let own = musicbrainz::findings_from_own_release(&transaction, album_id, release, looked_up_at).await?;
    let Some(own) = own else { return Ok(()) };
    let asked = AlbumSnapshot {
        album: &own.album,
        tracks: &own.tracks,
        own_release: Some(&release.id),
    };
    let written = credit_matching::write(&transaction, &asked, &[], &[own.findings]).await?;
    if written.is_some() {
        transaction.commit().await?;
    }
    Ok(())
}

/// What a release's lookup means, whether it was made now or before.
fn finished(lookup: &Lookup, known: Option<AlbumId>) -> FinishedStep {
    match known.filter(|_| lookup.outcome == LookupOutcome::Found) {
        Some(album_id) => FinishedStep::done(lookup.looked_up_at, vec![Message::IdentifyAlbum { album_id }]),
        None => {
            let reason = lookup.answer["reason"].as_str();
            FinishedStep::failed(lookup.looked_up_at, reason.unwrap_or("the album is gone"))
        }
    }
}
