//! Finds how to reach a producer: asks every source by which he is known for names and links, each within its budget, then
//! Instagram for what the account with the best handle shows. What no source states is never guessed.
//!
//! One that is switched off, blocked or down holds up none of the others: what was found is kept, and the message comes back
//! for what is left. Each source has a room; what is shown first is decided in [`shared::contacts`].

mod asking;
mod discogs;
mod genius;
mod instagram;
mod keeping;
mod musicbrainz;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use shared::buckets::Bucket;
use shared::budgets::{self, Budgets};
use shared::db::Pool;
use shared::deciding;
use shared::ids::ProducerId;
use shared::messages::{Envelope, Message, Outcome};
use shared::outgoing::{self, Finished};
use shared::queue::Queues;
use shared::store::{producer_merges, producers};
use shared::upstreams::discogs::Discogs;
use shared::upstreams::genius::Genius;
use shared::upstreams::instagram::Instagram;
use shared::upstreams::musicbrainz::MusicBrainz;
use tokio::time::Instant;

use crate::asking::{Answers, Asking};
use crate::instagram::Account;

/// What enriching is done with.
#[derive(Clone)]
pub struct Context {
    /// The database.
    pub pool: Pool,
    /// Where what comes next is sent.
    pub queues: Queues,
    /// The budgets of the upstreams.
    pub budgets: Budgets,
    /// MusicBrainz.
    pub musicbrainz: Option<Arc<MusicBrainz>>,
    /// Discogs.
    pub discogs: Option<Arc<Discogs>>,
    /// Genius.
    pub genius: Option<Arc<Genius>>,
    /// Instagram.
    pub instagram: Option<Arc<Instagram>>,
}

/// Does what a message of the enrichment queue asks for, until `deadline`.
///
/// # Errors
/// What did not work now; the message is to be received again.
pub async fn handle(context: &Context, envelope: Envelope, deadline: Instant) -> anyhow::Result<Outcome> {
    let Message::EnrichProducer { producer_id } = envelope.message else {
        return Ok(Outcome::Discard {
            reason: format!("{} is not for the enrich function", envelope.message.kind()),
        });
    };
    // Whom the sources make one with another is enriched as that one, whoever comes first.
    let current = current(context, producer_id).await?.unwrap_or(producer_id);
    let mut producer_id = deciding::merge_automatically(&context.pool, current).await?;
    let fresh_after = envelope.fresh_after;
    let Some(mut gathered) = gather(context, producer_id, fresh_after, deadline).await? else {
        let reason = format!("there is no producer {producer_id}");
        return fail(context, &envelope, &reason).await;
    };
    if !gathered.answers.is_empty() {
        if !keeping::keep(context, producer_id, &gathered.answers).await? {
            return Ok(again(producer_id));
        }
        // What was stated just now may say who is one; where this fails, the message comes again.
        producer_id = deciding::merge_automatically(&context.pool, producer_id).await?;
    }
    let mut account = instagram::look(context, producer_id, fresh_after, deadline).await?;
    gathered
        .stopped
        .extend(account.as_mut().and_then(|account| account.stopped.take()));
    finish(context, &envelope, producer_id, gathered, account.as_ref()).await
}

/// What the sources of names and links said.
struct Gathered {
    /// Of those that were asked.
    answers: Vec<Answers>,
    /// What the message is to come back for.
    stopped: Vec<budgets::Error>,
    /// Since when it is known what those say that need not be asked.
    known_since: Vec<DateTime<Utc>>,
}

/// Asks every source that is switched on and has something to say; None where there is no such producer.
async fn gather(
    context: &Context,
    producer_id: ProducerId,
    fresh_after: Option<DateTime<Utc>>,
    deadline: Instant,
) -> anyhow::Result<Option<Gathered>> {
    let mut gathered = Gathered {
        answers: Vec::new(),
        stopped: Vec::new(),
        known_since: Vec::new(),
    };
    for bucket in [Bucket::MusicBrainz, Bucket::Discogs, Bucket::Genius] {
        let loaded = Asking::load(context, bucket, producer_id, fresh_after, deadline).await?;
        let Some(asking) = loaded else {
            return Ok(None);
        };
        gathered.known_since.extend(asking.known_since);
        if let Some((answers, error)) = ask(context, &asking).await
            && !answers.lookups.is_empty()
        {
            gathered.answers.push(answers);
            gathered.stopped.extend(error);
        }
    }
    Ok(Some(gathered))
}

/// Asks a source, where it is switched on.
async fn ask(context: &Context, asking: &Asking<'_>) -> Option<(Answers, Option<budgets::Error>)> {
    Some(match asking.bucket {
        Bucket::MusicBrainz => musicbrainz::ask(asking, context.musicbrainz.as_deref()?).await,
        Bucket::Discogs => discogs::ask(asking, context.discogs.as_deref()?).await,
        Bucket::Genius => genius::ask(asking, context.genius.as_deref()?).await,
        Bucket::Instagram
        | Bucket::SpotifyArtists
        | Bucket::SpotifyArtistAlbums
        | Bucket::SpotifyAlbums
        | Bucket::SpotifyTracks
        | Bucket::SpotifySearch => return None,
    })
}

/// Keeps what the account shows and what is shown first; ends the message, where there is nothing to come back for.
async fn finish(
    context: &Context,
    envelope: &Envelope,
    producer_id: ProducerId,
    gathered: Gathered,
    account: Option<&Account>,
) -> anyhow::Result<Outcome> {
    let mut client = context.pool.client().await?;
    let transaction = client.transaction().await?;
    if !producers::lock(&transaction, producer_id).await? {
        return Ok(again(producer_id));
    }
    instagram::keep(&transaction, producer_id, account).await?;
    let given_up = account.and_then(|account| account.given_up.as_deref());
    if let Some((account, reason)) = account.zip(given_up) {
        keeping::raise(&transaction, account.lookup.source, reason).await?;
    }
    if gathered.stopped.is_empty() {
        let asked = gathered.answers.iter().flat_map(|answers| &answers.lookups);
        let asked: Vec<_> = asked.map(|lookup| lookup.looked_up_at).collect();
        let looked_up_at = (gathered.known_since.iter().chain(&asked).copied())
            .chain(account.map(|account| account.lookup.looked_up_at));
        let failed =
            given_up.is_some() || (gathered.answers.iter()).any(|answers| answers.given_up.is_some());
        let is_asked = !asked.is_empty() || account.is_some_and(|account| account.is_asked);
        let at = if is_asked {
            Some(Utc::now())
        } else {
            looked_up_at.clone().max()
        };
        producers::finish_enrichment(&transaction, producer_id, at, failed).await?;
        let looked_up_at = looked_up_at.min().unwrap_or_else(Utc::now);
        let finished = Finished::done(looked_up_at, Vec::new());
        outgoing::finish(&transaction, envelope, &finished).await?;
    }
    transaction.commit().await?;
    Ok(budgets::first_to_act_on(gathered.stopped).unwrap_or(Outcome::Done))
}

/// Ends a message about a producer who is not there.
async fn fail(context: &Context, envelope: &Envelope, reason: &str) -> anyhow::Result<Outcome> {
    let mut client = context.pool.client().await?;
    let transaction = client.transaction().await?;
    let failed = Finished::failed(Utc::now(), reason);
    outgoing::finish(&transaction, envelope, &failed).await?;
    transaction.commit().await?;
    Ok(Outcome::Done)
}

fn again(producer_id: ProducerId) -> Outcome {
    Outcome::Retry {
        cause: format!("producer {producer_id} became part of another while he was looked up"),
        after_seconds: Some(0),
    }
}

async fn current(context: &Context, id: ProducerId) -> anyhow::Result<Option<ProducerId>> {
    let client = context.pool.client().await?;
    let current = producer_merges::find_current(&client, id).await?;
    Ok(current.map(|(id, _)| id))
}
