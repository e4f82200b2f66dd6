//! What the sweep function works with.

use shared::domain::credits::Source;
use shared::platform::config::{DisabledSource, Variable, variables};
use shared::platform::db::{Client, Pool};
use shared::store::work::source_states;
use shared::store::work::work_state::{self, WorkState};
use shared::work::bootstrap::Bootstrap;
use shared::work::queue::Queues;

/// The settings that the function reads. The credentials of the sources only show which ones are switched on.
pub const SETTINGS: &[Variable] = &[
    variables::DATABASE_URL,
    variables::DATABASE_STATEMENTS,
    variables::SPOTIFY_CLIENT_ID,
    variables::SPOTIFY_CLIENT_SECRET,
    variables::DISCOGS_TOKEN,
    variables::GENIUS_TOKEN,
    variables::INSTAGRAM_TOKEN,
    variables::INSTAGRAM_USER_ID,
    variables::CONTACT,
    variables::CATALOG_QUEUE_URL,
    variables::CATALOG_DEAD_LETTER_QUEUE_URL,
    variables::IDENTIFICATION_QUEUE_URL,
    variables::IDENTIFICATION_DEAD_LETTER_QUEUE_URL,
    variables::ENRICHMENT_QUEUE_URL,
    variables::ENRICHMENT_DEAD_LETTER_QUEUE_URL,
    variables::AWS_ENDPOINT_URL,
    variables::LOG,
    variables::LOG_FORMAT,
];

/// The database, the queues and the sources that are switched on.
pub struct Context {
    /// The database.
    pub(crate) pool: Pool,
    /// The queues that receive due messages.
    pub(crate) queues: Queues,
    /// The sources that are switched on. A refresh at any other source would do nothing and be due again at
    /// once.
    pub(crate) sources: Vec<Source>,
    /// The sources that are switched off.
    disabled: Vec<DisabledSource>,
}

impl Context {
    /// The context of a function with these settings.
    #[must_use]
    pub fn new(bootstrap: &Bootstrap) -> Self {
        Self {
            pool: bootstrap.pool.clone(),
            queues: bootstrap.queues.clone(),
            sources: bootstrap.config.enabled_sources(),
            disabled: bootstrap.config.disabled_sources(),
        }
    }

    /// Logs the state of the work. The template makes alarms of these fields.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn log_state(&self) -> anyhow::Result<()> {
        let WorkState {
            open_issues,
            refused_credentials,
            put_off_messages,
        } = work_state::read(&self.pool.client().await?).await?;
        tracing::info!(open_issues, refused_credentials, put_off_messages, "the work");
        Ok(())
    }

    /// Stores which sources are switched on, for the API, which has no credentials.
    pub async fn report_sources(&self, client: &Client<'_>) -> Result<(), tokio_postgres::Error> {
        source_states::replace(client, &self.sources, &self.disabled).await
    }
}
