//! Schedules refreshes of artists, albums and producers whose results are old.

use std::collections::BTreeSet;

use shared::domain::credits::Source;
use shared::domain::messages::{Envelope, Message};
use shared::platform::db::Client;
use shared::store::work::{outgoing_messages, refreshes, upstream_budgets};
use shared::work::ingestion_requests;

use crate::context::Context;

/// The most refreshes of each kind that one sweep schedules.
const MOST_REFRESHES: i64 = 10;
/// The sources that give contact details of producers.
const CONTACT_SOURCES: [Source; 4] = [
    Source::MusicBrainz,
    Source::Discogs,
    Source::Genius,
    Source::Instagram,
];

/// Writes and sends messages that refresh what is due, only at sources that have nothing else to do. Returns
/// the number of messages.
pub(crate) async fn schedule_refreshes(context: &Context) -> anyhow::Result<usize> {
    let mut client = context.pool.client().await?;
    let transaction = client.transaction().await?;
    if !refreshes::try_lock_schedule(&transaction, "refresh").await? {
        return Ok(0);
    }
    let mut messages = Vec::new();
    if is_idle(context, &transaction, Source::Spotify).await? {
        for id in refreshes::take_due_artists(&transaction, MOST_REFRESHES).await? {
            messages.push(Message::IngestArtist {
                spotify_artist_id: id.parse()?,
                offset: 0,
                appears_on: false,
            });
        }
    }
    if is_idle(context, &transaction, Source::MusicBrainz).await? {
        for mbid in refreshes::take_due_artists_of_musicbrainz(&transaction, MOST_REFRESHES).await? {
            messages.extend(ingestion_requests::release_list_messages(&mbid.parse()?, false));
        }
        let albums = refreshes::take_due_albums(&transaction, MOST_REFRESHES).await?;
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
    context.queues.send_written(&context.pool, &written).await;
    Ok(written.len())
}

/// The messages for the producers that are due at any idle source of contact details, each producer once.
async fn due_producers(context: &Context, client: &Client<'_>) -> anyhow::Result<Vec<Message>> {
    let mut due = BTreeSet::new();
    for source in CONTACT_SOURCES {
        if is_idle(context, client, source).await? {
            due.extend(refreshes::take_due_producers(client, source, MOST_REFRESHES).await?);
        }
    }
    let producers = due.into_iter();
    Ok(producers
        .map(|producer_id| Message::EnrichProducer { producer_id })
        .collect())
}

/// Whether a source is switched on and has nothing else to do.
async fn is_idle(context: &Context, client: &Client<'_>, source: Source) -> anyhow::Result<bool> {
    Ok(context.sources.contains(&source) && upstream_budgets::is_idle(client, source.as_str()).await?)
}
