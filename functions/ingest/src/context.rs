//! What the ingest function works with, and what the handling of every message needs.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use shared::domain::credits::Source;
use shared::domain::messages::{Envelope, Outcome};
use shared::platform::config::{Variable, variables};
use shared::platform::db::{Client, Pool};
use shared::store::work::lookups::{self, Lookup, LookupOutcome};
use shared::store::work::outgoing_messages::OutgoingMessage;
use shared::upstreams::Clients;
use shared::upstreams::musicbrainz::MusicBrainz;
use shared::upstreams::spotify::Spotify;
use shared::work::bootstrap::Bootstrap;
use shared::work::budgets::{BudgetError, Budgets, MessageBudgets};
use shared::work::outbox::{self, FinishedStep};
use shared::work::queue::Queues;

/// The settings that the function reads.
pub const SETTINGS: &[Variable] = &[
    variables::DATABASE_URL,
    variables::DATABASE_STATEMENTS,
    variables::SPOTIFY_CLIENT_ID,
    variables::SPOTIFY_CLIENT_SECRET,
    variables::SPOTIFY_MARKET,
    variables::SPOTIFY_URL,
    variables::SPOTIFY_TOKEN_URL,
    variables::SPOTIFY_PER_SECOND,
    variables::MUSICBRAINZ_URL,
    variables::MUSICBRAINZ_PER_SECOND,
    variables::CONTACT,
    variables::CATALOG_QUEUE_URL,
    variables::CATALOG_DEAD_LETTER_QUEUE_URL,
    variables::IDENTIFICATION_QUEUE_URL,
    variables::IDENTIFICATION_DEAD_LETTER_QUEUE_URL,
    variables::AWS_ENDPOINT_URL,
    variables::LOG,
    variables::LOG_FORMAT,
];

/// The database, the queues, and a client for each source that is switched on.
pub struct Context {
    /// The database.
    pub(crate) pool: Pool,
    /// The queues that receive follow-up messages.
    pub(crate) queues: Queues,
    /// The rate limits of the sources.
    pub(crate) budgets: Budgets,
    /// Spotify, if credentials are set.
    pub(crate) spotify: Option<Arc<Spotify>>,
    /// MusicBrainz, if a contact address is set.
    pub(crate) musicbrainz: Option<Arc<MusicBrainz>>,
}

impl Context {
    /// The context with these clients, which the functions of one process share.
    #[must_use]
    pub fn new(bootstrap: &Bootstrap, clients: &Clients) -> Self {
        Self {
            pool: bootstrap.pool.clone(),
            queues: bootstrap.queues.clone(),
            budgets: bootstrap.budgets(),
            spotify: clients.spotify.clone(),
            musicbrainz: clients.musicbrainz.clone(),
        }
    }
}

/// A message that is being handled.
pub(crate) struct Job<'a> {
    pub(crate) context: &'a Context,
    pub(crate) envelope: &'a Envelope,
    pub(crate) budgets: MessageBudgets<'a>,
}

impl<'a> Job<'a> {
    /// Spotify, if it is switched on.
    pub(crate) fn spotify(&self) -> Result<&'a Spotify, BudgetError> {
        let reason = "SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET are not set (names, UPCs, mbid:… \
            and links of musicbrainz.org work without)";
        let spotify = self.context.spotify.as_deref();
        spotify.ok_or(BudgetError::SwitchedOff(Source::Spotify, reason))
    }

    /// MusicBrainz, if it is switched on.
    pub(crate) fn musicbrainz(&self) -> Result<&'a MusicBrainz, BudgetError> {
        let reason = "CONTACT is not set, which MusicBrainz requires";
        let musicbrainz = self.context.musicbrainz.as_deref();
        musicbrainz.ok_or(BudgetError::SwitchedOff(Source::MusicBrainz, reason))
    }

    /// The lookup of the message's subject at a source.
    pub(crate) fn lookup(&self, source: Source, outcome: LookupOutcome, at: DateTime<Utc>) -> Lookup {
        let message = &self.envelope.message;
        Lookup::new(source, message.kind(), message.subject(), outcome, at)
    }

    /// The stored lookup of the message's subject, if it is fresh.
    pub(crate) async fn find_fresh(
        &self,
        client: &Client<'_>,
        source: Source,
    ) -> Result<Option<Lookup>, tokio_postgres::Error> {
        let (kind, subject) = (self.envelope.message.kind(), self.envelope.message.subject());
        lookups::find_fresh(client, source, kind, &subject, self.envelope.fresh_after).await
    }

    /// Finishes a message that wrote nothing else.
    pub(crate) async fn finish(&self, step: &FinishedStep) -> anyhow::Result<Outcome> {
        let written = outbox::finish_alone(&self.context.pool, self.envelope, step).await?;
        self.send(&written).await
    }

    /// Stores a lookup that found nothing and finishes the message. A repeated request needs no call then.
    pub(crate) async fn fail(&self, lookup: Lookup, step: &FinishedStep) -> anyhow::Result<Outcome> {
        lookups::upsert(&self.context.pool.client().await?, &[lookup]).await?;
        self.finish(step).await
    }

    /// Sends the follow-up messages after their transaction is committed.
    pub(crate) async fn send(&self, written: &[OutgoingMessage]) -> anyhow::Result<Outcome> {
        let Context { pool, queues, .. } = self.context;
        queues.send_written(pool, written).await;
        Ok(Outcome::Done)
    }
}
