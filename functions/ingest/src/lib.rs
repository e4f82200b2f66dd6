//! Brings music in from Spotify: finds what a person asked for, an artist's albums page by page, and albums whole.
//! Who produced them is the identify function's to find.

pub mod album;
mod artist;
mod resolve;

use std::sync::Arc;

use chrono::{Duration, Utc};
use shared::budgets::Budgets;
use shared::db::Pool;
use shared::messages::{Envelope, Message, Outcome};
use shared::outgoing::{self, Finished};
use shared::queue::Queues;
use shared::upstreams::spotify::Spotify;
use tokio::time::Instant;

/// What ingesting is done with.
#[derive(Clone)]
pub struct Context {
    /// The database.
    pub pool: Pool,
    /// Where what comes next is sent.
    pub queues: Queues,
    /// The budgets of the upstreams.
    pub budgets: Budgets,
    /// Spotify, where there are credentials.
    pub spotify: Option<Arc<Spotify>>,
}

/// Why a message waits that needs Spotify where there are no credentials, and for how long.
const NO_CREDENTIALS: &str = "SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET are not set";
const WAIT_FOR_CREDENTIALS: Duration = Duration::minutes(10);

/// Does what a message of the catalog queue asks for, until `deadline`.
///
/// # Errors
/// What did not work now; the message is to be received again.
pub async fn handle(
    context: &Context,
    envelope: Envelope,
    deadline: Instant,
) -> anyhow::Result<Outcome> {
    let Some(spotify) = context.spotify.as_deref() else {
        return Ok(Outcome::Snooze {
            until: Utc::now() + WAIT_FOR_CREDENTIALS,
            bucket: "spotify",
            reason: NO_CREDENTIALS.to_owned(),
        });
    };
    let work = Work {
        context,
        spotify,
        envelope: &envelope,
        deadline,
    };
    match &envelope.message {
        Message::Resolve { what, appears_on } => resolve::handle(&work, what, *appears_on).await,
        Message::IngestArtist {
            spotify_artist_id,
            offset,
            appears_on,
        } => artist::handle(&work, spotify_artist_id, *offset, *appears_on).await,
        Message::IngestAlbum { spotify_album_id } => album::handle(&work, spotify_album_id).await,
        Message::IdentifyAlbum { .. } | Message::EnrichProducer { .. } => Ok(Outcome::Discard {
            reason: format!("{} is not for the ingest function", envelope.message.kind()),
        }),
    }
}

/// One message under way.
struct Work<'a> {
    context: &'a Context,
    spotify: &'a Spotify,
    envelope: &'a Envelope,
    deadline: Instant,
}

impl Work<'_> {
    /// Ends a message that wrote no data of its own.
    async fn finish(&self, finished: &Finished) -> anyhow::Result<Outcome> {
        let mut client = self.context.pool.client().await?;
        let transaction = client.transaction().await?;
        let written = outgoing::finish(&transaction, self.envelope, finished).await?;
        transaction.commit().await?;
        drop(client);
        self.context
            .queues
            .send_written(&self.context.pool, &written)
            .await?;
        Ok(Outcome::Done)
    }
}
