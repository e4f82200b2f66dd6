//! Finds who produced an album's tracks: asks the sources of credits, keeps what each claims, and what the claims add up
//! to. How a record of a source is recognised as ours is in `matching`.

mod found;
mod gather;
mod matching;
mod write;

use std::sync::Arc;

use chrono::Utc;
use shared::budgets::Budgets;
use shared::credits::Source;
use shared::db::Pool;
use shared::ids::AlbumId;
use shared::messages::{Envelope, Message, Outcome};
use shared::outgoing::{self, Finished};
use shared::queue::Queues;
use shared::store::lookups::{self, Lookup};
use shared::store::{albums, producers, tracks};
use shared::upstreams::musicbrainz::MusicBrainz;
use shared::upstreams::spotify::Spotify;
use tokio::time::Instant;

/// What identifying is done with.
#[derive(Clone)]
pub struct Context {
    /// The database.
    pub pool: Pool,
    /// Where what comes next is sent.
    pub queues: Queues,
    /// The budgets of the upstreams.
    pub budgets: Budgets,
    /// Spotify, for the ISRCs of tracks whose album no source knows.
    pub spotify: Option<Arc<Spotify>>,
    /// MusicBrainz.
    pub musicbrainz: Option<Arc<MusicBrainz>>,
}

/// The kinds of lookups that say how far an album is.
const ALBUM: &str = "album";
const TRACK: &str = "track";

/// Does what a message of the identification queue asks for, until `deadline`.
///
/// # Errors
/// What did not work now; the message is to be received again.
pub async fn handle(
    context: &Context,
    envelope: Envelope,
    deadline: Instant,
) -> anyhow::Result<Outcome> {
    let Message::IdentifyAlbum { album_id } = envelope.message else {
        return Ok(Outcome::Discard {
            reason: format!(
                "{} is not for the identify function",
                envelope.message.kind()
            ),
        });
    };
    let Some(state) = load(context, &envelope, album_id).await? else {
        return finish(
            context,
            &envelope,
            album_id,
            Some(Finished::failed(
                Utc::now(),
                &format!("there is no album {album_id}"),
            )),
        )
        .await;
    };
    let musicbrainz = context
        .musicbrainz
        .as_deref()
        .filter(|_| !state.is_settled());
    let Some(musicbrainz) = musicbrainz else {
        return finish(context, &envelope, album_id, None).await;
    };
    let (found, stopped) = gather::gather(context, musicbrainz, &state, deadline).await?;
    let mut client = context.pool.client().await?;
    let transaction = client.transaction().await?;
    let Some(producers) = write::write(&transaction, &state, &found).await? else {
        return Ok(Outcome::Retry {
            cause: format!("album {album_id} changed while it was looked up"),
            after_seconds: Some(0),
        });
    };
    let follow_ups: Vec<_> = producers
        .iter()
        .map(|producer_id| Message::EnrichProducer {
            producer_id: *producer_id,
        })
        .collect();
    let written = match &stopped {
        None => {
            outgoing::finish(
                &transaction,
                &envelope,
                &Finished::done(state.looked_up_at(&found), follow_ups),
            )
            .await?
        }
        Some(_) => outgoing::put(&transaction, &envelope, &follow_ups).await?,
    };
    transaction.commit().await?;
    drop(client);
    context.queues.send_written(&context.pool, &written).await?;
    Ok(stopped.map_or(Outcome::Done, |error| error.outcome()))
}

/// Ends a message that asked no source.
async fn finish(
    context: &Context,
    envelope: &Envelope,
    album_id: AlbumId,
    finished: Option<Finished>,
) -> anyhow::Result<Outcome> {
    let mut client = context.pool.client().await?;
    let transaction = client.transaction().await?;
    let finished = match finished {
        Some(finished) => finished,
        None => {
            let producers = producers::list_of_album(&transaction, album_id).await?;
            Finished::done(
                Utc::now(),
                producers
                    .into_iter()
                    .map(|producer_id| Message::EnrichProducer { producer_id })
                    .collect(),
            )
        }
    };
    let written = outgoing::finish(&transaction, envelope, &finished).await?;
    transaction.commit().await?;
    drop(client);
    context.queues.send_written(&context.pool, &written).await?;
    Ok(Outcome::Done)
}

/// An album, its tracks, and what need not be asked again.
struct State {
    album: albums::Album,
    tracks: Vec<tracks::Track>,
    /// The lookup of the album that still holds.
    album_lookup: Option<Lookup>,
    /// The lookups of its tracks that still hold.
    track_lookups: Vec<Lookup>,
    /// Of Spotify's tracks, the lookups that still hold: they had no ISRC, or it is ours already.
    spotify_lookups: Vec<Lookup>,
}

impl State {
    /// The tracks that have to be asked about.
    fn open_tracks(&self) -> impl Iterator<Item = &tracks::Track> {
        self.tracks.iter().filter(|track| {
            !self
                .track_lookups
                .iter()
                .any(|lookup| lookup.subject == track.id.to_string())
        })
    }

    fn is_settled(&self) -> bool {
        self.album_lookup.is_some() && self.open_tracks().next().is_none()
    }

    /// Since when everything that is known of the album holds: the oldest of its lookups.
    fn looked_up_at(&self, found: &found::Found) -> chrono::DateTime<Utc> {
        let kept = self.album_lookup.iter().chain(&self.track_lookups);
        kept.chain(&found.lookups)
            .filter(|lookup| lookup.source == Source::MusicBrainz)
            .map(|lookup| lookup.looked_up_at)
            .min()
            .unwrap_or_else(Utc::now)
    }
}

async fn load(
    context: &Context,
    envelope: &Envelope,
    album_id: AlbumId,
) -> anyhow::Result<Option<State>> {
    let client = context.pool.client().await?;
    let Some(album) = albums::find(&client, album_id).await? else {
        return Ok(None);
    };
    let tracks = tracks::list_of_album(&client, album_id).await?;
    let track_ids: Vec<String> = tracks.iter().map(|track| track.id.to_string()).collect();
    let spotify_ids: Vec<String> = tracks
        .iter()
        .filter_map(|track| track.spotify_track_id.as_ref())
        .map(ToString::to_string)
        .collect();
    let fresh_after = envelope.fresh_after;
    let album_lookup = lookups::find_fresh(
        &client,
        Source::MusicBrainz,
        ALBUM,
        &album_id.to_string(),
        fresh_after,
    )
    .await?;
    // What was looked up of an album that was called otherwise, or had other tracks, holds no more.
    let album_lookup = album_lookup.filter(|lookup| lookup.looked_up_at >= album.updated_at);
    let track_lookups = match album_lookup {
        Some(_) => {
            lookups::list_fresh(&client, Source::MusicBrainz, TRACK, &track_ids, fresh_after)
                .await?
        }
        // A release can know what its tracks alone did not.
        None => Vec::new(),
    };
    let spotify_lookups =
        lookups::list_fresh(&client, Source::Spotify, TRACK, &spotify_ids, fresh_after).await?;
    Ok(Some(State {
        album,
        tracks,
        album_lookup,
        track_lookups,
        spotify_lookups,
    }))
}
