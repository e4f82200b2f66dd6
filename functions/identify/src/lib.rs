//! Finds who produced the tracks of an album: queries the credit sources within their rate limits, and stores
//! their credits and the track producers that follow. [`shared::catalog::credit_matching`] matches the
//! responses with the tracks.
//!
//! Our own tables come first, then MusicBrainz, Discogs and Genius. A source that is switched off, blocked or
//! down does not hold up the others: the findings of the others are stored, and the message is retried for
//! the rest.

mod album_state;
mod context;
mod discogs;
mod genius;
mod musicbrainz;
mod own_tables;
mod query;

use std::collections::BTreeSet;

use chrono::Utc;
use shared::catalog::credit_matching::{self, AlbumSnapshot, SourceFindings};
use shared::curation;
use shared::domain::credits::Source;
use shared::domain::ids::{AlbumId, ProducerId, TrackId};
use shared::domain::messages::{Envelope, Message, Outcome};
use shared::platform::config::CreditSources;
use shared::store::credits::track_producers;
use shared::work::budgets;
use shared::work::outbox::{self, FinishedStep};
use tokio::time::Instant;

use crate::album_state::{AlbumState, SOURCE_ORDER};
pub use crate::context::Context;
use crate::own_tables::StoredFindings;
use crate::query::AlbumQuery;

/// Handles a message of the identification queue, until `deadline`. After an error the message must be
/// delivered again.
pub async fn handle(context: &Context, envelope: Envelope, deadline: Instant) -> anyhow::Result<Outcome> {
    let Message::IdentifyAlbum { album_id } = envelope.message else {
        return Ok(Outcome::Discard {
            reason: format!("{} is not for the identify function", envelope.message.kind()),
        });
    };
    let client = context.pool.client().await?;
    let state = AlbumState::load(&client, album_id, envelope.fresh_after).await?;
    let Some(mut state) = state else {
        drop(client);
        let reason = format!("there is no album {album_id}");
        let failed = FinishedStep::failed(Utc::now(), &reason);
        return finish_unqueried(context, &envelope, album_id, Some(failed)).await;
    };
    let stored = StoredFindings::load(&client, &mut state).await?;
    drop(client);
    let (findings, unfinished) = query_sources(context, &state, &stored, deadline).await;
    if findings.iter().all(SourceFindings::is_empty) && stored.lookups.is_empty() {
        return finish_unqueried(context, &envelope, album_id, None).await;
    }
    let mut client = context.pool.client().await?;
    let transaction = client.transaction().await?;
    let snapshot = AlbumSnapshot {
        album: &state.album,
        tracks: &state.tracks,
        own_release: state.own_release.as_ref(),
    };
    let written = credit_matching::write(&transaction, &snapshot, &stored.lookups, &findings).await?;
    let Some(producers) = written else {
        return Ok(Outcome::Retry {
            cause: format!("album {album_id} changed while it was looked up"),
            after_seconds: Some(0),
        });
    };
    let follow_ups = enrich_messages(&producers);
    let written = match &unfinished {
        None => {
            let step = FinishedStep::done(state.looked_up_at(&findings), follow_ups);
            outbox::finish(&transaction, &envelope, &step).await?
        }
        Some(_) => outbox::write_follow_ups(&transaction, &envelope, &follow_ups).await?,
    };
    transaction.commit().await?;
    drop(client);
    merge_producers(context, &producers).await?;
    context.queues.send_written(&context.pool, &written).await?;
    Ok(unfinished.unwrap_or(Outcome::Done))
}

/// Queries every source that is switched on and can add something. Returns the findings, and the outcome of
/// the message if a source left something open.
async fn query_sources(
    context: &Context,
    state: &AlbumState,
    stored: &StoredFindings,
    deadline: Instant,
) -> (Vec<SourceFindings>, Option<Outcome>) {
    let mut findings = Vec::new();
    let mut errors = Vec::new();
    for source in SOURCE_ORDER {
        let wanted = wanted_tracks(context.credit_sources, source, state, &findings);
        let query = AlbumQuery {
            context,
            state,
            stored,
            wanted: &wanted,
            deadline,
        };
        let answer = match source {
            Source::MusicBrainz => match &context.musicbrainz {
                Some(musicbrainz) => Some(musicbrainz::look_up(query, musicbrainz).await),
                None => None,
            },
            Source::Discogs => match &context.discogs {
                Some(discogs) => Some(discogs::look_up(query, discogs).await),
                None => None,
            },
            Source::Genius => match &context.genius {
                Some(genius) => Some(genius::look_up(query, genius).await),
                None => None,
            },
            Source::Spotify | Source::Instagram | Source::Wikidata | Source::Manual => None,
        };
        if let Some((answer, error)) = answer {
            errors.extend(error.filter(|_| answer.is_open()));
            findings.push(answer);
        }
    }
    (findings, budgets::outcome_of_errors(errors))
}

/// The tracks that a source may be asked about: all of them, or those without a producer from an earlier
/// source.
fn wanted_tracks(
    credit_sources: CreditSources,
    source: Source,
    state: &AlbumState,
    findings: &[SourceFindings],
) -> BTreeSet<TrackId> {
    let produced = match credit_sources {
        CreditSources::All => BTreeSet::new(),
        CreditSources::First => state.produced_before(source, findings),
    };
    let tracks = state.tracks.iter().map(|track| track.id);
    tracks.filter(|id| !produced.contains(id)).collect()
}

fn enrich_messages(producers: &[ProducerId]) -> Vec<Message> {
    producers
        .iter()
        .map(|producer_id| Message::EnrichProducer {
            producer_id: *producer_id,
        })
        .collect()
}

/// Merges producers that several sources name alike for one track. If this fails, the message is delivered
/// again.
async fn merge_producers(context: &Context, producers: &[ProducerId]) -> anyhow::Result<()> {
    for producer_id in producers {
        curation::merge_automatically(&context.pool, *producer_id).await?;
    }
    Ok(())
}

/// Finishes a message for which no source was queried: with `failed`, otherwise with the producers that are
/// stored already.
async fn finish_unqueried(
    context: &Context,
    envelope: &Envelope,
    album_id: AlbumId,
    failed: Option<FinishedStep>,
) -> anyhow::Result<Outcome> {
    let mut client = context.pool.client().await?;
    let transaction = client.transaction().await?;
    let mut producers = Vec::new();
    let step = match failed {
        Some(failed) => failed,
        None => {
            producers = track_producers::list_of_album(&transaction, album_id).await?;
            FinishedStep::done(Utc::now(), enrich_messages(&producers))
        }
    };
    let written = outbox::finish(&transaction, envelope, &step).await?;
    transaction.commit().await?;
    drop(client);
    merge_producers(context, &producers).await?;
    context.queues.send_written(&context.pool, &written).await?;
    Ok(Outcome::Done)
}
