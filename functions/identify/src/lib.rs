//! Finds who produced an album's tracks: asks the sources of credits, each within its budget, keeps what each claims, and
//! what the claims add up to. What becomes of the answers is in [`shared::catalog::credit_matching`]; each source has a room.
//!
//! Our own tables come first, then MusicBrainz, Discogs and Genius. One that is switched off, blocked or down holds up none
//! of the others: what was found is kept, and the message comes back for what is left.

mod discogs;
mod genius;
mod musicbrainz;
mod own;
mod state;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::Utc;
use shared::catalog::credit_matching::{self, AlbumSnapshot, SourceFindings};
use shared::curation;
use shared::domain::credits::Source;
use shared::domain::ids::{AlbumId, ProducerId, TrackId};
use shared::domain::messages::{Envelope, Message, Outcome};
use shared::platform::config::CreditSources;
use shared::platform::db::Pool;
use shared::store::producers;
use shared::upstreams::discogs::Discogs;
use shared::upstreams::genius::Genius;
use shared::upstreams::musicbrainz::MusicBrainz;
use shared::upstreams::spotify::Spotify;
use shared::work::budgets::{self, Budgets};
use shared::work::outbox::{self, FinishedStep};
use shared::work::queue::Queues;
use tokio::time::Instant;

use crate::own::Own;
use crate::state::State;

/// What identifying is done with.
#[derive(Clone)]
pub struct Context {
    /// The database.
    pub pool: Pool,
    /// Where what comes next is sent.
    pub queues: Queues,
    /// The budgets of the upstreams.
    pub budgets: Budgets,
    /// Whether one source that names producers is enough.
    pub credit_sources: CreditSources,
    /// Spotify, for the ISRCs of tracks whose album no source knows.
    pub spotify: Option<Arc<Spotify>>,
    /// MusicBrainz.
    pub musicbrainz: Option<Arc<MusicBrainz>>,
    /// Discogs.
    pub discogs: Option<Arc<Discogs>>,
    /// Genius.
    pub genius: Option<Arc<Genius>>,
}

/// The sources of credits in the order in which they are asked: by how much one call tells, and how sure it is.
const ORDER: [Source; 3] = [Source::MusicBrainz, Source::Discogs, Source::Genius];

/// Does what a message of the identification queue asks for, until `deadline`.
///
/// # Errors
/// What did not work now; the message is to be received again.
pub async fn handle(context: &Context, envelope: Envelope, deadline: Instant) -> anyhow::Result<Outcome> {
    let Message::IdentifyAlbum { album_id } = envelope.message else {
        return Ok(Outcome::Discard {
            reason: format!("{} is not for the identify function", envelope.message.kind()),
        });
    };
    let client = context.pool.client().await?;
    let state = state::load(&client, album_id, envelope.fresh_after).await?;
    let Some(mut state) = state else {
        drop(client);
        let reason = format!("there is no album {album_id}");
        let failed = FinishedStep::failed(Utc::now(), &reason);
        return finish(context, &envelope, album_id, Some(failed)).await;
    };
    let own = own::look(&client, &mut state).await?;
    drop(client);
    let (found, stopped) = gather(context, &state, &own, deadline).await;
    if found.iter().all(SourceFindings::is_empty) && own.lookups.is_empty() {
        return finish(context, &envelope, album_id, None).await;
    }
    let mut client = context.pool.client().await?;
    let transaction = client.transaction().await?;
    let asked = AlbumSnapshot {
        album: &state.album,
        tracks: &state.tracks,
        own_release: state.own_release.as_ref(),
    };
    let written = credit_matching::write(&transaction, &asked, &own.lookups, &found).await?;
    let Some(producers) = written else {
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
            let finished = FinishedStep::done(state.looked_up_at(&found), follow_ups);
            outbox::finish(&transaction, &envelope, &finished).await?
        }
        Some(_) => outbox::write_follow_ups(&transaction, &envelope, &follow_ups).await?,
    };
    transaction.commit().await?;
    drop(client);
    join(context, &producers).await?;
    context.queues.send_written(&context.pool, &written).await?;
    Ok(stopped.unwrap_or(Outcome::Done))
}

/// Asks every source that is switched on and can add something; with what comes of the message where one of them left
/// something open.
async fn gather(
    context: &Context,
    state: &State,
    own: &Own,
    deadline: Instant,
) -> (Vec<SourceFindings>, Option<Outcome>) {
    let mut found = Vec::new();
    let mut stopped = Vec::new();
    for source in ORDER {
        let wanted = wanted(context.credit_sources, source, state, &found);
        let asking = Asking {
            context,
            state,
            own,
            wanted: &wanted,
            deadline,
        };
        let answer = match source {
            Source::MusicBrainz => match &context.musicbrainz {
                Some(musicbrainz) => Some(musicbrainz::ask(asking, musicbrainz).await),
                None => None,
            },
            Source::Discogs => match &context.discogs {
                Some(discogs) => Some(discogs::ask(asking, discogs).await),
                None => None,
            },
            Source::Genius => match &context.genius {
                Some(genius) => Some(genius::ask(asking, genius).await),
                None => None,
            },
            Source::Spotify | Source::Instagram | Source::Wikidata | Source::Manual => None,
        };
        if let Some((answer, error)) = answer {
            stopped.extend(error.filter(|_| answer.is_open()));
            found.push(answer);
        }
    }
    (found, budgets::outcome_of_errors(stopped))
}

/// The tracks that a source may be asked about: all, or those for which nobody before it names a producer.
fn wanted(
    credit_sources: CreditSources,
    source: Source,
    state: &State,
    found: &[SourceFindings],
) -> BTreeSet<TrackId> {
    let produced = match credit_sources {
        CreditSources::All => BTreeSet::new(),
        CreditSources::First => state.produced_before(source, found),
    };
    let tracks = state.tracks.iter().map(|track| track.id);
    tracks.filter(|id| !produced.contains(id)).collect()
}

/// What every source is asked with.
#[derive(Clone, Copy)]
struct Asking<'a> {
    context: &'a Context,
    state: &'a State,
    own: &'a Own,
    /// The tracks that the source may be asked about.
    wanted: &'a BTreeSet<TrackId>,
    deadline: Instant,
}

/// Makes one of producers whom sources name alike for one track. Whoever is delivered the message again does it then.
async fn join(context: &Context, producers: &[ProducerId]) -> anyhow::Result<()> {
    for producer_id in producers {
        curation::merge_automatically(&context.pool, *producer_id).await?;
    }
    Ok(())
}

/// Ends a message that asked no source.
async fn finish(
    context: &Context,
    envelope: &Envelope,
    album_id: AlbumId,
    finished: Option<FinishedStep>,
) -> anyhow::Result<Outcome> {
    let mut client = context.pool.client().await?;
    let transaction = client.transaction().await?;
    let mut producers = Vec::new();
    let finished = match finished {
        Some(finished) => finished,
        None => {
            producers = producers::list_of_album(&transaction, album_id).await?;
            FinishedStep::done(
                Utc::now(),
                producers
                    .iter()
                    .map(|producer_id| Message::EnrichProducer {
                        producer_id: *producer_id,
                    })
                    .collect(),
            )
        }
    };
    let written = outbox::finish(&transaction, envelope, &finished).await?;
    transaction.commit().await?;
    drop(client);
    join(context, &producers).await?;
    context.queues.send_written(&context.pool, &written).await?;
    Ok(Outcome::Done)
}
