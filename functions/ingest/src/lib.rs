//! Imports music from Spotify or MusicBrainz: resolves what a person asked for, lists an artist's albums page
//! by page, and imports albums. A MusicBrainz release also states credits, which are written at once. All
//! other credits are found by the identify function.

pub mod album;
mod artist;
mod context;
mod release;
mod release_list;
mod resolve;
mod resolve_mbid;
mod resolve_name;

use shared::domain::messages::{Envelope, Message, Outcome};
use tokio::time::Instant;

use crate::context::Job;
pub use crate::context::{Context, SETTINGS};

/// Handles a message of the catalog queue, until `deadline`. After an error the message must be delivered
/// again.
pub async fn handle(context: &Context, envelope: Envelope, deadline: Instant) -> anyhow::Result<Outcome> {
    let job = &Job {
        context,
        envelope: &envelope,
        budgets: context.budgets.until(deadline),
    };
    match &envelope.message {
        Message::Resolve { what, appears_on } => resolve::handle(job, what, *appears_on).await,
        Message::IngestArtist {
            spotify_artist_id,
            offset,
            appears_on,
        } => artist::handle(job, spotify_artist_id, *offset, *appears_on).await,
        Message::IngestAlbum { spotify_album_id } => album::handle(job, spotify_album_id).await,
        Message::ListReleases {
            artist_mbid,
            offset,
            appears_on,
        } => release_list::handle(job, artist_mbid, *offset, *appears_on).await,
        Message::IngestRelease { release_mbid } => release::handle(job, release_mbid).await,
        Message::IdentifyAlbum { .. } | Message::EnrichProducer { .. } => {
            Ok(Outcome::misdirected(&envelope.message, "ingest"))
        }
    }
}
