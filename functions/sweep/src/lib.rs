//! Every minute (every few seconds on one machine): sends the messages that are due, computes statistics that no longer
//! hold, and looks again at what people asked for while the sources are idle.

use std::collections::BTreeSet;
use std::time::Duration;

use shared::credits::Source;
use shared::db::{Client, Pool};
use shared::ingesting;
use shared::messages::{Envelope, Message};
use shared::queue::Queues;
use shared::store::{outgoing_messages, refreshes, statistics, upstream_budgets};

/// What sweeping is done with.
#[derive(Clone)]
pub struct Context {
    /// The database.
    pub pool: Pool,
    /// Where due messages are sent.
    pub queues: Queues,
    /// The sources that are switched on: a message to look again at any other would ask nobody, and be due again.
    pub sources: Vec<Source>,
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Swept {
    /// Messages sent.
    pub sent: usize,
    /// Producers whose statistics were computed.
    pub statistics: u64,
    /// Messages written to look again at what was due.
    pub refreshed: usize,
}

/// The most messages that one sweep sends, so that it ends before the next begins.
const MOST_MESSAGES: i64 = 1_000;
/// A sender that was not killed has sent its messages by now.
const LEFT_BEHIND_SECONDS: f64 = 10.0;
/// Producers per transaction: their statistics are locked for as long as it takes.
const STATISTICS_AT_ONCE: i64 = 500;
/// Of each kind, what is looked at again by one sweep.
const REFRESHES: i64 = 10;
/// Who is asked how to reach producers.
const CONTACT_SOURCES: [Source; 4] = [
    Source::MusicBrainz,
    Source::Discogs,
    Source::Genius,
    Source::Instagram,
];

/// Sweeps. `period` is the time until the next sweep: what is let go fits into it.
///
/// # Errors
/// The database's and the queue's; nothing is lost, and the next sweep goes on.
pub async fn handle(context: &Context, period: Duration) -> anyhow::Result<Swept> {
    Ok(Swept {
        sent: send_due(context, period).await?,
        statistics: compute_statistics(context).await?,
        refreshed: refresh(context).await?,
    })
}

/// Rows stay locked until they are sent and deleted: a sweep that is killed in between sends them twice, never not at all.
async fn send_due(context: &Context, period: Duration) -> anyhow::Result<usize> {
    let mut client = context.pool.client().await?;
    let transaction = client.transaction().await?;
    if !refreshes::try_lock_schedule(&transaction, "sweep").await? {
        return Ok(0);
    }
    let due = outgoing_messages::lock_due(
        &transaction,
        MOST_MESSAGES,
        period.as_secs_f64(),
        LEFT_BEHIND_SECONDS,
    )
    .await?;
    if !due.is_empty() {
        context.queues.send_all(&due).await?;
        outgoing_messages::delete(&transaction, &due).await?;
    }
    transaction.commit().await?;
    Ok(due.len())
}

/// Computes every statistic that no longer holds.
///
/// # Errors
/// The database's.
pub async fn compute_statistics(context: &Context) -> anyhow::Result<u64> {
    let mut client = context.pool.client().await?;
    let mut computed = 0;
    loop {
        let transaction = client.transaction().await?;
        let stale = statistics::compute_stale(&transaction, STATISTICS_AT_ONCE).await?;
        transaction.commit().await?;
        computed += stale as u64;
        if stale < STATISTICS_AT_ONCE as usize {
            return Ok(computed);
        }
    }
}

/// Whether a source can be asked and has nothing else to do.
async fn is_idle(context: &Context, client: &Client<'_>, source: Source) -> anyhow::Result<bool> {
    Ok(context.sources.contains(&source) && upstream_budgets::is_idle(client, source.as_str()).await?)
}

/// The producers due at any source of contacts that is idle, each once.
async fn due_producers(context: &Context, client: &Client<'_>) -> anyhow::Result<Vec<Message>> {
    let mut due = BTreeSet::new();
    for source in CONTACT_SOURCES {
        if is_idle(context, client, source).await? {
            due.extend(refreshes::list_due_producers(client, source, REFRESHES).await?);
        }
    }
    let producers = due.into_iter();
    Ok(producers
        .map(|producer_id| Message::EnrichProducer { producer_id })
        .collect())
}

/// Writes messages to look again at what is due, and only where the source has nothing else to do.
async fn refresh(context: &Context) -> anyhow::Result<usize> {
    let mut client = context.pool.client().await?;
    let transaction = client.transaction().await?;
    if !refreshes::try_lock_schedule(&transaction, "refresh").await? {
        return Ok(0);
    }
    let mut messages = Vec::new();
    if is_idle(context, &transaction, Source::Spotify).await? {
        for id in refreshes::list_due_artists(&transaction, REFRESHES).await? {
            messages.push(Message::IngestArtist {
                spotify_artist_id: id.parse()?,
                offset: 0,
                appears_on: false,
            });
        }
    }
    if is_idle(context, &transaction, Source::MusicBrainz).await? {
        for mbid in refreshes::list_due_artists_of_musicbrainz(&transaction, REFRESHES).await? {
            messages.extend(ingesting::lists_of_releases(&mbid.parse()?, false));
        }
        let albums = refreshes::list_due_albums(&transaction, REFRESHES).await?;
        messages.extend(
            albums
                .into_iter()
                .map(|album_id| Message::IdentifyAlbum { album_id }),
        );
    }
    messages.extend(due_producers(context, &transaction).await?);
    let envelopes: Vec<_> = messages.into_iter().map(Envelope::background).collect();
    let written = outgoing_messages::upsert(&transaction, &envelopes).await?;
    transaction.commit().await?;
    drop(client);
    context.queues.send_written(&context.pool, &written).await?;
    Ok(written.len())
}
