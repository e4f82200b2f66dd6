//! Brings music in from Spotify or MusicBrainz: finds what a person asked for, an artist's albums page by page, and albums
//! whole. Who produced them is the identify function's to find, but for what a release of MusicBrainz's tells by itself.

pub mod album;
mod artist;
mod musicbrainz;
mod resolve;

use std::sync::Arc;

use chrono::{Duration, Utc};
use shared::domain::buckets::Bucket;
use shared::domain::ids::RequestedItem;
use shared::domain::messages::{Envelope, Message, Outcome};
use shared::platform::db::Pool;
use shared::upstreams::musicbrainz::MusicBrainz;
use shared::upstreams::spotify::Spotify;
use shared::work::budgets::Budgets;
use shared::work::outbox::{self, FinishedStep};
use shared::work::queue::Queues;
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
    /// MusicBrainz, where there is a contact to give it.
    pub musicbrainz: Option<Arc<MusicBrainz>>,
}

/// Why a message waits whose source is switched off, and for how long.
const NO_CREDENTIALS: &str = "SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET are not set (mbid:… and links of musicbrainz.org work without)";
const NO_CONTACT: &str = "CONTACT is not set, and MusicBrainz wants to know who asks";
const WAIT_FOR_SETTINGS: Duration = Duration::minutes(10);

/// Does what a message of the catalog queue asks for, until `deadline`.
///
/// # Errors
/// What did not work now; the message is to be received again.
pub async fn handle(context: &Context, envelope: Envelope, deadline: Instant) -> anyhow::Result<Outcome> {
    match &envelope.message {
        Message::Resolve {
            what:
                RequestedItem::MusicBrainzArtist(_)
                | RequestedItem::Release(_)
                | RequestedItem::ReleaseGroup(_)
                | RequestedItem::Mbid(_),
            ..
        }
        | Message::ListReleases { .. }
        | Message::IngestRelease { .. } => match context.musicbrainz.as_deref() {
            Some(source) => from_musicbrainz(&Work::new(context, source, &envelope, deadline)).await,
            None => Ok(switched_off(Bucket::MusicBrainz.as_str(), NO_CONTACT)),
        },
        Message::Resolve { .. } | Message::IngestArtist { .. } | Message::IngestAlbum { .. } => {
            match context.spotify.as_deref() {
                Some(source) => from_spotify(&Work::new(context, source, &envelope, deadline)).await,
                None => Ok(switched_off("spotify", NO_CREDENTIALS)),
            }
        }
        Message::IdentifyAlbum { .. } | Message::EnrichProducer { .. } => Ok(not_ours(&envelope.message)),
    }
}

async fn from_spotify(work: &Work<'_, Spotify>) -> anyhow::Result<Outcome> {
    match &work.envelope.message {
        Message::Resolve { what, appears_on } => resolve::handle(work, what, *appears_on).await,
        Message::IngestArtist {
            spotify_artist_id,
            offset,
            appears_on,
        } => artist::handle(work, spotify_artist_id, *offset, *appears_on).await,
        Message::IngestAlbum { spotify_album_id } => album::handle(work, spotify_album_id).await,
        other => Ok(not_ours(other)),
    }
}

async fn from_musicbrainz(work: &Work<'_, MusicBrainz>) -> anyhow::Result<Outcome> {
    match &work.envelope.message {
        Message::Resolve { what, appears_on } => musicbrainz::resolve::handle(work, what, *appears_on).await,
        Message::ListReleases {
            artist_mbid,
            offset,
            appears_on,
        } => musicbrainz::artist::handle(work, artist_mbid, *offset, *appears_on).await,
        Message::IngestRelease { release_mbid } => musicbrainz::release::handle(work, release_mbid).await,
        other => Ok(not_ours(other)),
    }
}

fn not_ours(message: &Message) -> Outcome {
    Outcome::Discard {
        reason: format!("{} is not for the ingest function", message.kind()),
    }
}

fn switched_off(bucket: &'static str, reason: &str) -> Outcome {
    Outcome::Snooze {
        until: Utc::now() + WAIT_FOR_SETTINGS,
        bucket,
        reason: reason.to_owned(),
    }
}

/// One message under way, and the source that it needs.
struct Work<'a, S> {
    context: &'a Context,
    source: &'a S,
    envelope: &'a Envelope,
    deadline: Instant,
}

impl<'a, S> Work<'a, S> {
    fn new(context: &'a Context, source: &'a S, envelope: &'a Envelope, deadline: Instant) -> Self {
        Self {
            context,
            source,
            envelope,
            deadline,
        }
    }

    /// Ends a message that wrote no data of its own.
    async fn finish(&self, finished: &FinishedStep) -> anyhow::Result<Outcome> {
        let mut client = self.context.pool.client().await?;
        let transaction = client.transaction().await?;
        let written = outbox::finish(&transaction, self.envelope, finished).await?;
        transaction.commit().await?;
        drop(client);
        self.context
            .queues
            .send_written(&self.context.pool, &written)
            .await?;
        Ok(Outcome::Done)
    }
}
