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

use std::collections::BTreeSet;

use shared::catalog::credit_matching::SourceFindings;
use shared::catalog::identification;
use shared::curation;
use shared::domain::credits::Source;
use shared::domain::ids::{ProducerId, TrackId};
use shared::domain::messages::{Envelope, Message, Outcome};
use shared::platform::config::CreditSources;
use shared::store::credits::track_producers;
use shared::store::work::lookups::Lookup;
use shared::store::work::outgoing_messages::OutgoingMessage;
use shared::work::budgets::{self, BudgetError};
use shared::work::outbox::{self, FinishedStep};
use tokio::time::Instant;

use crate::album_state::{AlbumState, SOURCE_ORDER};
use crate::context::AlbumQuery;
pub use crate::context::{Context, SETTINGS};
use crate::own_tables::StoredFindings;

/// Handles a message of the identification queue, until `deadline`. After an error the message must be
/// delivered again.
pub async fn handle(context: &Context, envelope: Envelope, deadline: Instant) -> anyhow::Result<Outcome> {
    let Message::IdentifyAlbum { album_id } = envelope.message else {
        return Ok(Outcome::misdirected(&envelope.message, "identify"));
    };
    let client = context.pool.client().await?;
    let state = AlbumState::load(&client, album_id, envelope.fresh_after).await?;
    let Some(mut state) = state else {
        drop(client);
        let failed = FinishedStep::failed(context.pool.now(), &format!("there is no album {album_id}"));
        outbox::finish_alone(&context.pool, &envelope, &failed).await?;
        return Ok(Outcome::Done);
    };
    let stored = StoredFindings::load(&client, &mut state).await?;
    drop(client);
    let (findings, errors) = query_sources(context, &state, &stored, deadline).await;
    let is_finished = errors.is_empty();
    let written = write(
        context,
        &envelope,
        &state,
        &stored.lookups,
        &findings,
        is_finished,
    )
    .await?;
    let Some((producers, follow_ups)) = written else {
        return Ok(Outcome::Retry {
            cause: format!("album {album_id} changed while it was looked up"),
            after_seconds: Some(0),
        });
    };
    // Producers that several sources name alike for one track are one. If merging them fails, the message is
    // delivered again.
    for producer_id in producers {
        curation::merge_automatically(&context.pool, producer_id).await?;
    }
    context.queues.send_written(&context.pool, &follow_ups).await;
    Ok(budgets::outcome_of_errors(errors)?.unwrap_or(Outcome::Done))
}

/// Writes the findings with the follow-up messages, and finishes the message if no source left something
/// open. If no source was queried, the stored producers are followed up. Returns the producers and the
/// messages to send, or `None` if the album changed meanwhile.
async fn write(
    context: &Context,
    envelope: &Envelope,
    state: &AlbumState,
    own_lookups: &[Lookup],
    findings: &[SourceFindings],
    is_finished: bool,
) -> anyhow::Result<Option<(Vec<ProducerId>, Vec<OutgoingMessage>)>> {
    let mut client = context.pool.client().await?;
    let transaction = client.transaction().await?;
    let has_answers = !findings.iter().all(SourceFindings::is_empty) || !own_lookups.is_empty();
    let (producers, looked_up_at) = if has_answers {
        let written = identification::write(&transaction, &state.snapshot, own_lookups, findings).await?;
        (written, state.looked_up_at(findings))
    } else {
        let stored = track_producers::list_of_album(&transaction, state.snapshot.album.id).await?;
        (Some(stored), state.loaded_at)
    };
    let Some(producers) = producers else {
        return Ok(None);
    };
    let follow_ups = producers.iter().map(|producer_id| Message::EnrichProducer {
        producer_id: *producer_id,
    });
    let step = FinishedStep::done(looked_up_at, follow_ups.collect());
    let written = if is_finished {
        outbox::finish(&transaction, envelope, &step).await?
    } else {
        outbox::write_follow_ups(&transaction, envelope, &step.follow_ups).await?
    };
    transaction.commit().await?;
    Ok(Some((producers, written)))
}

/// Queries every source that is switched on and can add something. Returns the findings, and the errors of
/// the sources that left something open.
async fn query_sources(
    context: &Context,
    state: &AlbumState,
    stored: &StoredFindings,
    deadline: Instant,
) -> (Vec<SourceFindings>, Vec<BudgetError>) {
    let mut findings = Vec::new();
    let mut errors = Vec::new();
    for source in SOURCE_ORDER {
        let wanted = wanted_tracks(context.credit_sources, source, state, &findings);
        let query = AlbumQuery {
            state,
            stored,
            wanted: &wanted,
            budgets: context.budgets.until(deadline),
            spotify: context.spotify.as_deref(),
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
    (findings, errors)
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
    let tracks = state.snapshot.tracks.iter().map(|track| track.id);
    tracks.filter(|id| !produced.contains(id)).collect()
}
