//! Finds the contact details of a producer: asks every source that knows the producer for names and links,
//! each within its budget, then asks Instagram for the profile of the account whose handle is best supported.
//! Contact details that no source states are never guessed.
//!
//! A source that is switched off, blocked or down does not hold up the others: the results of the others are
//! stored, and the message is retried for the rest. Each source has a module. [`shared::domain::contacts`]
//! decides which values are shown first.

mod context;
mod discogs;
mod genius;
mod instagram;
mod musicbrainz;
mod source_lookup;
mod storing;

use chrono::{DateTime, Utc};
use shared::curation;
use shared::domain::buckets::Bucket;
use shared::domain::ids::ProducerId;
use shared::domain::messages::{Envelope, Message, Outcome};
use shared::store::producers::{self, producer_merges};
use shared::work::budgets;
use shared::work::outbox::{self, FinishedStep};
use tokio::time::Instant;

pub use crate::context::{Context, SETTINGS};
use crate::instagram::ProfileLookup;
use crate::source_lookup::{SourceQuery, SourceResult};

/// Handles a message of the enrichment queue, until `deadline`. After an error the message must be delivered
/// again.
pub async fn handle(context: &Context, envelope: Envelope, deadline: Instant) -> anyhow::Result<Outcome> {
    let Message::EnrichProducer { producer_id } = envelope.message else {
        return Ok(Outcome::misdirected(&envelope.message, "enrich"));
    };
    // Producers that the sources declare to be one are enriched as one, whichever of them comes first.
    let current = find_current(context, producer_id).await?.unwrap_or(producer_id);
    let mut producer_id = curation::merge_automatically(&context.pool, current).await?;
    let fresh_after = envelope.fresh_after;
    let Some(mut answers) = ask_sources(context, producer_id, fresh_after, deadline).await? else {
        let failed = FinishedStep::failed(context.pool.now(), &format!("there is no producer {producer_id}"));
        outbox::finish_alone(&context.pool, &envelope, &failed).await?;
        return Ok(Outcome::Done);
    };
    if !answers.results.is_empty() {
        if !storing::store_results(context, producer_id, &answers.results).await? {
            return Ok(retry_after_merge(producer_id));
        }
        // The new links may show that two producers are one. If this fails, the message is delivered again.
        producer_id = curation::merge_automatically(&context.pool, producer_id).await?;
    }
    let mut profile = instagram::look_up_profile(context, producer_id, fresh_after, deadline).await?;
    answers
        .retry_causes
        .extend(profile.as_mut().and_then(|profile| profile.retry_cause.take()));
    finish(context, &envelope, producer_id, answers, profile.as_ref()).await
}

/// The answers of the sources of names and links.
struct SourceAnswers {
    /// The results of the sources that were asked.
    results: Vec<SourceResult>,
    /// The errors because of which the message must be retried.
    retry_causes: Vec<budgets::BudgetError>,
    /// For each source that did not need to be asked, the time of its oldest stored result.
    known_since: Vec<DateTime<Utc>>,
}

/// Asks every source that is switched on and whose stored results are not fresh. `None` if the producer does
/// not exist.
async fn ask_sources(
    context: &Context,
    producer_id: ProducerId,
    fresh_after: Option<DateTime<Utc>>,
    deadline: Instant,
) -> anyhow::Result<Option<SourceAnswers>> {
    let mut answers = SourceAnswers {
        results: Vec::new(),
        retry_causes: Vec::new(),
        known_since: Vec::new(),
    };
    for bucket in [Bucket::MusicBrainz, Bucket::Discogs, Bucket::Genius] {
        let loaded = SourceQuery::load(context, bucket, producer_id, fresh_after, deadline).await?;
        let Some(query) = loaded else {
            return Ok(None);
        };
        answers.known_since.extend(query.known_since);
        if let Some((result, error)) = ask_source(context, &query).await
            && !result.lookups.is_empty()
        {
            answers.results.push(result);
            answers.retry_causes.extend(error);
        }
    }
    Ok(Some(answers))
}

/// Asks one source; `None` if it is switched off.
async fn ask_source(
    context: &Context,
    query: &SourceQuery<'_>,
) -> Option<(SourceResult, Option<budgets::BudgetError>)> {
    Some(match query.bucket {
        Bucket::MusicBrainz => musicbrainz::ask(query, context.musicbrainz.as_deref()?).await,
        Bucket::Discogs => discogs::ask(query, context.discogs.as_deref()?).await,
        Bucket::Genius => genius::ask(query, context.genius.as_deref()?).await,
        Bucket::Instagram
        | Bucket::SpotifyArtists
        | Bucket::SpotifyArtistAlbums
        | Bucket::SpotifyAlbums
        | Bucket::SpotifyTracks
        | Bucket::SpotifySearch => return None,
    })
}

/// Stores the profile and the contact details to show first. Marks the message as finished unless it must be
/// retried.
async fn finish(
    context: &Context,
    envelope: &Envelope,
    producer_id: ProducerId,
    answers: SourceAnswers,
    profile: Option<&ProfileLookup>,
) -> anyhow::Result<Outcome> {
    let mut client = context.pool.client().await?;
    let transaction = client.transaction().await?;
    if !producers::lock(&transaction, producer_id).await? {
        return Ok(retry_after_merge(producer_id));
    }
    instagram::store_profile(&transaction, producer_id, profile).await?;
    let give_up_reason = profile.and_then(|profile| profile.give_up_reason.as_deref());
    if let Some((profile, reason)) = profile.zip(give_up_reason) {
        storing::raise_issue(&transaction, profile.lookup.source, reason).await?;
    }
    if answers.retry_causes.is_empty() {
        let asked = answers.results.iter().flat_map(|result| &result.lookups);
        let asked: Vec<_> = asked.map(|lookup| lookup.looked_up_at).collect();
        let looked_up_at = (answers.known_since.iter().chain(&asked).copied())
            .chain(profile.map(|profile| profile.lookup.looked_up_at));
        let failed = give_up_reason.is_some()
            || (answers.results.iter()).any(|result| result.give_up_reason.is_some());
        let is_asked = !asked.is_empty() || profile.is_some_and(|profile| profile.is_asked);
        let enriched_at = if is_asked {
            Some(context.pool.now())
        } else {
            looked_up_at.clone().max()
        };
        producers::finish_enrichment(&transaction, producer_id, enriched_at, failed).await?;
        let looked_up_at = looked_up_at.min().unwrap_or_else(|| context.pool.now());
        let finished = FinishedStep::done(looked_up_at, Vec::new());
        outbox::finish(&transaction, envelope, &finished).await?;
    }
    transaction.commit().await?;
    Ok(budgets::outcome_of_errors(answers.retry_causes)?.unwrap_or(Outcome::Done))
}

fn retry_after_merge(producer_id: ProducerId) -> Outcome {
    Outcome::Retry {
        cause: format!("producer {producer_id} was merged into another during the lookup"),
        after_seconds: Some(0),
    }
}

/// The producer that this one was merged into, or itself; `None` if it does not exist.
async fn find_current(context: &Context, id: ProducerId) -> anyhow::Result<Option<ProducerId>> {
    let client = context.pool.client().await?;
    let current = producer_merges::find_current(&client, id).await?;
    Ok(current.map(|(id, _)| id))
}
