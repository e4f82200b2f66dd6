//! Imports music from Spotify or MusicBrainz: resolves what a person asked for, lists an artist's albums page
//! by page, and imports albums. A MusicBrainz release also states credits, which are written at once. All
//! other credits are found by the identify function.

pub mod album;
mod artist;
mod context;
mod job;
mod musicbrainz;
mod resolve;

use chrono::{Duration, Utc};
use shared::domain::buckets::Bucket;
use shared::domain::ids::RequestedItem;
use shared::domain::messages::{Envelope, Message, Outcome};
use shared::upstreams::musicbrainz::MusicBrainz;
use shared::upstreams::spotify::Spotify;
use tokio::time::Instant;

pub use crate::context::Context;
use crate::job::{Job, discard};

const NO_CREDENTIALS: &str = "SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET are not set (mbid:… and links of \
    musicbrainz.org work without)";
const NO_CONTACT: &str = "CONTACT is not set, which MusicBrainz requires";
/// Delay of messages whose source is switched off.
const WAIT_FOR_SETTINGS: Duration = Duration::minutes(10);

/// Handles a message of the catalog queue, until `deadline`. After an error the message must be delivered
/// again.
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
            Some(upstream) => {
                handle_with_musicbrainz(&Job {
                    context,
                    upstream,
                    envelope: &envelope,
                    deadline,
                })
                .await
            }
            None => Ok(snooze(Bucket::MusicBrainz.as_str(), NO_CONTACT)),
        },
        Message::Resolve { .. } | Message::IngestArtist { .. } | Message::IngestAlbum { .. } => {
            match context.spotify.as_deref() {
                Some(upstream) => {
                    handle_with_spotify(&Job {
                        context,
                        upstream,
                        envelope: &envelope,
                        deadline,
                    })
                    .await
                }
                None => Ok(snooze("spotify", NO_CREDENTIALS)),
            }
        }
        Message::IdentifyAlbum { .. } | Message::EnrichProducer { .. } => Ok(discard(&envelope.message)),
    }
}

async fn handle_with_spotify(job: &Job<'_, Spotify>) -> anyhow::Result<Outcome> {
    match &job.envelope.message {
        Message::Resolve { what, appears_on } => resolve::handle(job, what, *appears_on).await,
        Message::IngestArtist {
            spotify_artist_id,
            offset,
            appears_on,
        } => artist::handle(job, spotify_artist_id, *offset, *appears_on).await,
        Message::IngestAlbum { spotify_album_id } => album::handle(job, spotify_album_id).await,
        other => Ok(discard(other)),
    }
}

async fn handle_with_musicbrainz(job: &Job<'_, MusicBrainz>) -> anyhow::Result<Outcome> {
    match &job.envelope.message {
        Message::Resolve { what, appears_on } => musicbrainz::resolve::handle(job, what, *appears_on).await,
        Message::ListReleases {
            artist_mbid,
            offset,
            appears_on,
        } => musicbrainz::artist::handle(job, artist_mbid, *offset, *appears_on).await,
        Message::IngestRelease { release_mbid } => musicbrainz::release::handle(job, release_mbid).await,
        other => Ok(discard(other)),
    }
}

fn snooze(bucket: &'static str, reason: &str) -> Outcome {
    Outcome::Snooze {
        until: Utc::now() + WAIT_FOR_SETTINGS,
        bucket,
        reason: reason.to_owned(),
    }
}
