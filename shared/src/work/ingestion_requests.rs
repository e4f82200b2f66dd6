//! Accepts requests to import music: stores an ingestion with its first steps and sends their messages.
//! Cancels what is not done.

use std::collections::HashSet;

use anyhow::Context as _;
use chrono::{DateTime, Utc};

use crate::domain::ids::{ArtistMbid, IngestionId, RequestedItem};
use crate::domain::messages::{Envelope, Message};
use crate::platform::db::Pool;
use crate::store::work::ingestions::{self, InsertedIngestion, NewIngestion};
use crate::store::work::operator_decisions::{self, Decision, OperatorAction};
use crate::store::work::outgoing_messages::{self, OutgoingMessage};
use crate::store::work::{cancellations, message_attempts};
use crate::work::queue::Queues;

/// A request to import artists, albums or tracks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestionRequest {
    /// The requested items. Duplicates count once.
    pub what: Vec<RequestedItem>,
    /// Whether albums that an artist only appears on are imported too.
    pub appears_on: bool,
    /// Lookups made before this time are repeated; `None` accepts all known data.
    pub fresh_after: Option<DateTime<Utc>>,
    /// The API key of the request.
    pub api_key_id: Option<i64>,
    /// A repeated request with the same key and content returns the same ingestion.
    pub idempotency_key: Option<String>,
}

/// Stores the ingestion, its steps and their messages in one transaction, then sends the messages. A repeated
/// request sends nothing.
///
/// # Errors
/// If the database fails, or belongs to the other kind of queues. A message that cannot be sent is only
/// logged: its row remains, and the function sweep sends it.
pub async fn submit(
    pool: &Pool,
    queues: &Queues,
    request: &IngestionRequest,
) -> anyhow::Result<InsertedIngestion> {
    let (inserted, written) = write(pool, queues, request).await?;
    queues.send_written(pool, &written).await;
    Ok(inserted)
}

async fn write(
    pool: &Pool,
    queues: &Queues,
    request: &IngestionRequest,
) -> anyhow::Result<(InsertedIngestion, Vec<OutgoingMessage>)> {
    let mut seen = HashSet::new();
    let mut what: Vec<String> = request.what.iter().map(RequestedItem::to_string).collect();
    what.retain(|what| seen.insert(what.clone()));
    let asked = NewIngestion {
        what: &what,
        appears_on: request.appears_on,
        fresh_after: request.fresh_after,
        api_key_id: request.api_key_id,
        idempotency_key: request.idempotency_key.as_deref(),
    };
    let mut client = pool.client().await.context("connect to the database")?;
    let transaction = client.transaction().await.context("begin")?;
    queues.claim_database(&transaction).await?;
    let inserted = ingestions::insert(&transaction, &asked)
        .await
        .context("store the ingestion")?;
    let InsertedIngestion::New(id) = inserted else {
        return Ok((inserted, Vec::new()));
    };
    let messages = first_messages(request);
    ingestions::insert_tasks(&transaction, id, &messages)
        .await
        .context("store its steps")?;
    let envelopes: Vec<Envelope> = messages
        .into_iter()
        .map(|message| Envelope::requested(message, request.fresh_after).awaited_by(&[id]))
        .collect();
    let written = outgoing_messages::upsert(&transaction, &envelopes)
        .await
        .context("write its messages")?;
    transaction.commit().await.context("commit")?;
    Ok((inserted, written))
}

/// Cancels the steps of an ingestion that are not done. Those under way still store what they find, and
/// nothing follows from them. What another ingestion waits for is done for that one. Returns how many steps
/// are cancelled by this call, or `None` if there is no such ingestion. An ingestion that has ended stays as
/// it is; otherwise the decision is recorded.
///
/// # Errors
/// If the database fails.
pub async fn cancel(pool: &Pool, id: IngestionId, decision: Decision<'_>) -> anyhow::Result<Option<i64>> {
    let mut client = pool.client().await.context("connect to the database")?;
    let transaction = client.transaction().await.context("begin")?;
    let steps = cancellations::cancel(&transaction, id)
        .await
        .context("cancel the ingestion")?;
    let unsent = cancellations::delete_unsent(&transaction, id)
        .await
        .context("delete its messages")?;
    let unsent: Vec<_> = unsent.iter().map(|(queue, key)| (*queue, key.as_str())).collect();
    message_attempts::delete(&transaction, &unsent)
        .await
        .context("forget their failures")?;
    if let Some(steps @ 1..) = steps {
        let subject = (id.to_string(), serde_json::json!({ "steps": steps }));
        operator_decisions::insert(
            &transaction,
            OperatorAction::CancelIngestion,
            decision,
            &[subject],
        )
        .await
        .context("record the decision")?;
    }
    transaction.commit().await.context("commit")?;
    Ok(steps)
}

/// One message for each requested item, ordered by key: two concurrent requests for the same items then lock
/// rows in the same order.
fn first_messages(request: &IngestionRequest) -> Vec<Message> {
    let mut messages: Vec<Message> = request
        .what
        .iter()
        .flat_map(|what| messages_for(what, request.appears_on))
        .collect();
    messages.sort_by_cached_key(Message::key);
    messages.dedup();
    messages
}

/// The messages for a requested item: the one that imports it, if its id says which, otherwise one that
/// resolves it.
#[must_use]
pub fn messages_for(what: &RequestedItem, appears_on: bool) -> Vec<Message> {
    match what {
        RequestedItem::Artist(id) => vec![Message::IngestArtist {
            spotify_artist_id: id.clone(),
            offset: 0,
            appears_on,
        }],
        RequestedItem::Album(id) => vec![Message::IngestAlbum {
            spotify_album_id: id.clone(),
        }],
        RequestedItem::MusicBrainzArtist(id) => release_list_messages(id, appears_on),
        RequestedItem::Release(id) => vec![Message::IngestRelease {
            release_mbid: id.clone(),
        }],
        RequestedItem::Track(_)
        | RequestedItem::Isrc(_)
        | RequestedItem::Upc(_)
        | RequestedItem::Name(_)
        | RequestedItem::ReleaseGroup(_)
        | RequestedItem::Mbid(_) => vec![Message::Resolve {
            what: what.clone(),
            appears_on,
        }],
    }
}

/// The messages for the first page of the artist's own releases and, with `appears_on`, of those the artist
/// only appears on: MusicBrainz lists them separately.
#[must_use]
pub fn release_list_messages(artist_mbid: &ArtistMbid, appears_on: bool) -> Vec<Message> {
    [false, true]
        .into_iter()
        .filter(|is_appearance| appears_on || !is_appearance)
        .map(|appears_on| Message::ListReleases {
            artist_mbid: artist_mbid.clone(),
            offset: 0,
            appears_on,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_requested_item_is_one_message() {
        let request = IngestionRequest {
            what: [
                "Radiohead",
                "spotify:album:32nryzA6XBCX9ZUspVc1yz",
                "6rs1KAoQnFalSqSU4LTh8g",
                " Radiohead",
                "00602475093060",
                "upc:602475093060",
                "https://musicbrainz.org/artist/5b11f4ce-a62d-471e-81fc-a69a8278c7da",
                "https://musicbrainz.org/release/5b11f4ce-a62d-471e-81fc-a69a8278c7da",
                "mbid:5b11f4ce-a62d-471e-81fc-a69a8278c7da",
            ]
            .map(|text| text.parse().unwrap())
            .to_vec(),
            appears_on: true,
            fresh_after: None,
            api_key_id: None,
            idempotency_key: None,
        };
        let keys: Vec<String> = first_messages(&request).iter().map(Message::key).collect();
        assert_eq!(
            keys,
            [
                "ingest_album:32nryzA6XBCX9ZUspVc1yz",
                "ingest_album:5b11f4ce-a62d-471e-81fc-a69a8278c7da",
                "ingest_artist:5b11f4ce-a62d-471e-81fc-a69a8278c7da:0",
                "ingest_artist:5b11f4ce-a62d-471e-81fc-a69a8278c7da:0+appears_on",
                "ingest_artist:6rs1KAoQnFalSqSU4LTh8g:0+appears_on",
                "resolve:mbid:5b11f4ce-a62d-471e-81fc-a69a8278c7da +appears_on",
                "resolve:name:Radiohead +appears_on",
                "resolve:upc:602475093060 +appears_on",
            ]
        );
    }
}
